"""A word-by-word gloss into English, so that an English model can place the text.

The embedding model knows English only. Replacing the few hundred words that carry a
support request brings a German, French, Spanish, Portuguese or Italian text near the
English examples of a taxonomy; it is never shown to anybody.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sidecar.llm.local.lexicon import LANGUAGES, raw
from sidecar.llm.local.words import fold

_WORD = re.compile(r"\w+(?:-\w+)*")
_STEM = 3


def to_english(text: str, language: str) -> str:
    """Return the text with the words of its language's glossary in English."""
    base = language.split("-", maxsplit=1)[0].lower()
    if base not in LANGUAGES or base == "en":
        return text
    whole, stems = _glossary(base)

    def gloss(match: re.Match[str]) -> str:
        word = fold(match.group())
        if word in whole:
            return whole[word]
        for stem, english in stems.get(word[:_STEM], ()):
            if word.startswith(stem):
                return english
        return match.group()

    return _WORD.sub(gloss, text)


@lru_cache(maxsize=8)
def _glossary(
    language: str,
) -> tuple[dict[str, str], dict[str, list[tuple[str, str]]]]:
    whole: dict[str, str] = {}
    stems: dict[str, list[tuple[str, str]]] = {}
    for word, english in raw(language)["glossary"].items():
        folded = fold(word)
        if folded.endswith("*"):
            stem = folded[:-1]
            stems.setdefault(stem[:_STEM], []).append((stem, english))
        else:
            whole[folded] = english
    for found in stems.values():
        # The longest stem is the most particular one.
        found.sort(key=lambda pair: (-len(pair[0]), pair[0]))
    return whole, stems
