"""Fits the letter groups by which a text of a few words tells its language.

    .venv/bin/python tests/bench/fit_words.py --packages FOLDER

FOLDER holds unpacked wheels of Django 5.2, Wagtail 8.0, django-oscar 4.2 and
djangorestframework 3.18 (BSD-3-Clause; their ``.mo`` files) and of Home Assistant
2025.1 (Apache-2.0; its ``translations/*.json``). Only counts are kept, no text. Writes
``sidecar/llm/local/weights/words.npz``.
"""

from __future__ import annotations

import argparse
import gettext
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sidecar.llm.local.language import CANDIDATES
from sidecar.llm.local.short_words import BUCKETS, PATH, SPAN, groups_of

_SAME = {"nb": "no", "zh-Hans": "zh", "zh-Hant": "zh", "zh_Hans": "zh"}
_NO_PROSE = re.compile(
    r"%\(\w+\)[sd]|%[sd]|\[%[^%]*%\]|\{[^}]*\}+|<[^>]*>|\[[^\]]*\]\([^)]*\)"
    r"|https?://\S+|`[^`]*`|&\w+;"
)
_WORD = re.compile(r"[^\W\d_]+")
_SMOOTHING = 0.05
_COMMONER_IN_ENGLISH = 0.7


def main() -> int:
    """Count, weigh, round to bytes, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, required=True)
    counts = _words(parser.parse_args().packages)
    table = np.zeros((BUCKETS, len(CANDIDATES)))
    for column, language in enumerate(CANDIDATES):
        for word, number in sorted(counts[language].items()):
            for bucket in groups_of(word):
                table[bucket, column] += 1 + np.log(number)
    odds = np.log((table + _SMOOTHING) / (table.sum(0) + _SMOOTHING * BUCKETS))
    odds = np.clip(odds - odds.mean(1, keepdims=True), -SPAN, SPAN)
    rounded = np.round(odds / SPAN * 127).astype(np.int8)
    PATH.parent.mkdir(exist_ok=True)
    np.savez_compressed(PATH, table=rounded, languages=np.array(CANDIDATES))
    print(PATH, PATH.stat().st_size, {k: len(v) for k, v in counts.items()})
    return 0


def _words(packages: Path) -> dict[str, Counter[str]]:
    texts: dict[str, set[str]] = {language: set() for language in CANDIDATES}
    for language, english, text in (*_catalogs(packages), *_translations(packages)):
        base = re.split("[-_]", _SAME.get(language, language))[0]
        if base in texts and (text != english or base == "en"):
            texts[base].add(_NO_PROSE.sub(" ", text))
    counts = {
        language: Counter(
            word.lower()
            for text in found
            for word in _WORD.findall(text)
            if word[1:] == word[1:].lower() and len(word) <= 25
        )
        for language, found in texts.items()
    }
    total = {language: sum(c.values()) for language, c in counts.items()}
    for language, found in counts.items():
        if language == "en":
            continue
        for word in [w for w in found if w.isascii()]:
            share = counts["en"][word] / total["en"]
            # A word left in English is no word of the translation.
            if share > _COMMONER_IN_ENGLISH * found[word] / total[language]:
                del found[word]
    return counts


def _catalogs(packages: Path) -> Iterator[tuple[str, str, str]]:
    for path in sorted(packages.glob("**/locale/*/LC_MESSAGES/*.mo")):
        with path.open("rb") as file:
            catalog = vars(gettext.GNUTranslations(file))["_catalog"]
        for key, text in catalog.items():
            english = key[0] if isinstance(key, tuple) else key
            if english:
                yield path.parts[-3], english, text
                yield "en", english, english


def _translations(packages: Path) -> Iterator[tuple[str, str, str]]:
    for folder in sorted(packages.glob("**/translations")):
        english = _strings(folder / "en.json")
        for path in sorted(folder.glob("*.json")):
            language = path.stem.rsplit(".", maxsplit=1)[-1]
            for key, text in _strings(path).items():
                yield language, english.get(key, ""), text


def _strings(path: Path, prefix: str = "") -> dict[str, str]:
    if not path.is_file():
        return {}
    return dict(_flat(json.loads(path.read_text(encoding="utf-8")), prefix))


def _flat(node: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield name, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _flat(value, f"{name}/{key}")


if __name__ == "__main__":
    sys.exit(main())
