"""Phrase lists per language, found in a text in one pass over its words.

A list entry is words to be met in a row; whole words only, so ``sue`` is never found in
"issue". ``word*`` takes any ending, ``...`` up to three words, ``<n>`` a number from
20 up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any, NamedTuple

from sidecar.llm.local.words import BREAK, Token, tokens

LANGUAGES = ("en", "de", "fr", "es", "pt", "it")
"""The languages with word lists and phrases of their own."""

_GAP = "..."
_NUMBER = "<n>"
_LEAST_NUMBER = 20
_GAP_WORDS = 3
_STEM = 3


class Hit(NamedTuple):
    """A phrase found: its list, its place among the tokens and in the text."""

    kind: str
    first: int
    last: int
    start: int
    end: int


Pattern = tuple[str, tuple[str, ...]]


@cache
def raw(language: str) -> dict[str, Any]:
    """Return the lists of one of ``LANGUAGES`` as they stand in its file."""
    path = files("sidecar.llm.local") / "lexicons" / f"{language}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def speaking(language: str) -> tuple[str, ...]:
    """Return the languages whose lists are tried for a text: its own and English.

    Customers everywhere mix English terms in; for an unknown language all are tried.
    """
    base = language.split("-", maxsplit=1)[0].lower()
    if base == "en":
        return ("en",)
    return (base, "en") if base in LANGUAGES else LANGUAGES


class PhraseBook:
    """Finds all phrases of some languages in one pass."""

    def __init__(self, languages: Iterable[str]) -> None:
        self._by_word: dict[str, _Beginning] = {}
        self._by_stem: dict[str, list[tuple[str, Pattern]]] = {}
        self._numbers: list[Pattern] = []
        for language in languages:
            lists = raw(language)
            plain = (
                "negators",
                "intensifiers",
                "polite",
                "positive",
                "negative",
                "mild_negative",
                "angry",
                "heated",
            )
            for kind in plain:
                self._learn(kind, lists[kind])
            for kind, phrases in lists["cues"].items():
                self._learn(kind, phrases)

    def _learn(self, kind: str, phrases: Iterable[str]) -> None:
        for phrase in phrases:
            pattern = (kind, _parse(phrase))
            first = pattern[1][0]
            if first == _NUMBER:
                self._numbers.append(pattern)
            elif first.endswith("*"):
                begins = (first[:-1], pattern)
                self._by_stem.setdefault(first[:_STEM], []).append(begins)
            else:
                self._by_word.setdefault(first, _Beginning()).learn(pattern)

    def find(self, text_tokens: list[Token]) -> list[Hit]:
        """Return every phrase met, in order of place, then of list name."""
        hits: set[Hit] = set()
        for index, token in enumerate(text_tokens):
            word = token.text
            candidates: list[Pattern] = []
            if (beginning := self._by_word.get(word)) is not None:
                following = text_tokens[index + 1 : index + 2]
                candidates += beginning.before(following[0].text if following else "")
            for start_of_word, pattern in self._by_stem.get(word[:_STEM], ()):
                if word.startswith(start_of_word):
                    candidates.append(pattern)
            if word.isdigit():
                candidates += self._numbers
            for kind, parts in candidates:
                last = _match(text_tokens, index, parts)
                if last >= 0:
                    start, end = token.start, text_tokens[last].end
                    hits.add(Hit(kind, index, last, start, end))
        return sorted(hits, key=lambda h: (h.first, h.last, h.kind))


class _Beginning:
    """The phrases that begin with one word, by the word that must come next."""

    def __init__(self) -> None:
        self._before: dict[str, list[Pattern]] = {}
        self._others: list[Pattern] = []

    def learn(self, pattern: Pattern) -> None:
        second = pattern[1][1:2]
        if second and second[0] not in (_GAP, _NUMBER) and second[0][-1] != "*":
            self._before.setdefault(second[0], []).append(pattern)
        else:
            self._others.append(pattern)

    def before(self, following: str) -> Iterable[Pattern]:
        """Return what may stand here when ``following`` is the next word."""
        return chain(self._others, self._before.get(following, ()))


def _parse(phrase: str) -> tuple[str, ...]:
    parts: list[str] = []
    for word in phrase.split():
        if word in (_GAP, _NUMBER):
            parts.append(word)
            continue
        pieces = [t.text for t in tokens(word.rstrip("*")) if t.text != BREAK]
        if word.endswith("*") and pieces:
            pieces[-1] += "*"
        parts.extend(pieces)
    return tuple(parts)


def _match(text: list[Token], index: int, parts: tuple[str, ...]) -> int:
    """Return the number of the last token of the phrase beginning at index, or -1."""
    position = index
    for number, part in enumerate(parts):
        if part == _GAP:
            for skip in range(_GAP_WORDS + 1):
                here = position + skip
                between = text[position:here]
                if here >= len(text) or any(t.text == BREAK for t in between):
                    return -1
                last = _match(text, here, parts[number + 1 :])
                if last >= 0:
                    return last
            return -1
        if position >= len(text) or not _fits(text[position].text, part):
            return -1
        position += 1
    return position - 1


def _fits(word: str, part: str) -> bool:
    if part.endswith("*"):
        return word.startswith(part[:-1])
    if part == _NUMBER:
        return word.isdigit() and len(word) <= 6 and int(word) >= _LEAST_NUMBER
    return word == part


@lru_cache(maxsize=16)
def phrase_book(languages: tuple[str, ...]) -> PhraseBook:
    """Return the book of these languages, built once."""
    return PhraseBook(languages)


@lru_cache(maxsize=16)
def word_set(language: str, name: str) -> frozenset[str]:
    """Return one list of single words, folded as tokens are."""
    found: set[str] = set()
    for phrase in raw(language)[name]:
        found.update(t.text for t in tokens(phrase) if t.text != BREAK)
    return frozenset(found)
