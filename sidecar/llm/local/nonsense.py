"""What looks like words and is none: fists on keys, filler text, program code.

A language detector always finds a likeliest language, in "asdf qwer" as well. What is
cut here has none; a text of nothing else is undetermined.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOP = ("qwertyuiop", "qwertzuiop", "azertyuiop")
_ROWS = (*_TOP, "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm", "wxcvbn")
_RUNS = tuple(row[::step] for row in _ROWS for step in (1, -1))
_LEAST_RUN = 4
_WORDS_ON_A_ROW = frozenset({"wert"})
_FILLERS = frozenset({"foo", "foobar", "baz", "qux", "blah", "xyz", "todo"})
_WORD = re.compile(r"[^\W\d_]+")
# R and l carry syllables ("smrt", "vlk"), so a word with them may go without vowels.
_NO_SYLLABLE = re.compile(r"[bcdfghjkmnpqstvwxz]{4,}")
_ONE_LETTER = re.compile(r"([a-z])\1+")
_LATIN_FILLER = re.compile(r"\blorem ipsum\b[^.!?\n]*", re.IGNORECASE)
_BRACES = re.compile(r"\{[^{}\n]*[:;=][^{}\n]*\}")
_CODE_SIGN = re.compile(r"[{}=<>*;|]")
_CALL = re.compile(r"\b(?:def|function|func|fn) \w+\(|=> ?\{?|\w\(\)\s*;")
_DOTTED = re.compile(r"\b[A-Za-z]\w*(?:\.[A-Za-z]\w*){2,}\b|\b[a-z]+(?:[A-Z][a-z]+)+\b")
_LEAST_SIGNS, _LEAST_KINDS = 3, 2


def without_nonsense(text: str) -> str:
    """Return a text without its code, filler text and words that nobody says."""
    lines = (_BRACES.sub(" ", line) for line in text.split("\n"))
    kept = "\n".join(line for line in lines if not _is_code(line))
    kept = _DOTTED.sub(" ", _LATIN_FILLER.sub(" ", kept))
    return _WORD.sub(lambda word: " " if _is_no_word(word[0]) else word[0], kept)


def _is_code(line: str) -> bool:
    signs = _CODE_SIGN.findall(line)
    many = len(signs) >= _LEAST_SIGNS and len(set(signs)) >= _LEAST_KINDS
    return many or bool(_CALL.search(line))


@lru_cache(8_192)
def _is_no_word(word: str) -> bool:
    small = word.lower()
    if small in _FILLERS or _ONE_LETTER.fullmatch(small):
        return True
    if word.isupper():
        return False  # An abbreviation is no word either, but stands between words.
    return bool(_NO_SYLLABLE.fullmatch(small)) or _is_run(small)


def _is_run(word: str) -> bool:
    """Say whether a word is a walk along one row of a keyboard."""
    if len(word) < _LEAST_RUN or word in _WORDS_ON_A_ROW:
        return False
    return any(word in run for run in _RUNS)
