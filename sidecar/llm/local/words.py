"""Words, stems and sentences, with offsets that stay true to the stored text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"\w+|[.!?…\n]|[^\w\s]")
_BREAKS = frozenset(".!?…\n")
BREAK = "|"
"""The token between two sentences; no phrase reaches across it."""

_ABBREVIATIONS = frozenset(
    [
        "e.g",
        "i.e",
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "st",
        "nr",
        "no",
        "bzw",
        "ca",
        "z.b",
        "d.h",
        "usw",
        "etc",
        "vs",
        "inc",
        "ltd",
        "co",
        "hr",
        "fr",
        "sr",
        "sra",
        "srta",
        "mme",
        "mlle",
        "m",
        "art",
        "abs",
        "tel",
        "approx",
        "resp",
        "incl",
        "evtl",
        "ggf",
        "hd",
        "p.ej",
        "sig",
        "dott",
    ]
)
_SENTENCE_END = re.compile(
    # "People → … → Erase" is a path through menus.
    r"[.!?…。！？]+[\"'”’»)\]]*(?=\s|\Z)(?!\s*[→›])|\n[ \t]*\n"
    r"|\n(?=[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t])"
)
_LIST_LEAD = re.compile(r"[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+")


class Token(NamedTuple):
    """A folded word or sign; a sentence's end is the token ``BREAK``."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    lower = char.lower()
    base = unicodedata.normalize("NFD", lower)[:1] if lower else char
    return base if len(base) == 1 else char


def fold(text: str) -> str:
    """Return the text in lower case without accents, character for character."""
    if text.isascii():
        return text.lower()
    return "".join(map(_fold_char, text))


def tokens(text: str) -> list[Token]:
    """Split into words and signs; apostrophes and hyphens part words and vanish."""
    folded = fold(text)
    found: list[Token] = []
    for match in _TOKEN.finditer(folded):
        word = match.group()
        start, end = match.span()
        if word in _BREAKS:
            # "3.5" and "api.example" are no sentence ends, a wrapped line is none.
            inside = word == "." and folded[end : end + 1].isalnum()
            wrapped = word == "\n" and not _ends_paragraph(folded, end)
            if inside or wrapped:
                continue
            found.append(Token(BREAK, start, end))
        elif word[0].isalnum() or word[0] == "_" or ord(word[0]) > 0x2190:
            found.append(Token(word, start, end))
    return found


def _ends_paragraph(text: str, after: int) -> bool:
    rest = text[after : after + 8].lstrip(" \t>")
    return rest[:1] in ("", "\n", "-", "*", "•")


def words(text: str) -> list[str]:
    """Return the folded words of a text."""
    return [t.text for t in tokens(text) if t.text != BREAK]


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence with its place in the text it was cut from."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Piece]:
    """Cut a text into sentences; list items end one, wrapped lines do not."""
    found: list[Piece] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.group()[0] == "." and _is_abbreviation(text, start, match.start()):
            continue
        _add(found, text, start, match.end())
        start = match.end()
    _add(found, text, start, len(text))
    return found


def _is_abbreviation(text: str, start: int, dot: int) -> bool:
    word = text[max(start, dot - 12) : dot].split()[-1:] or [""]
    bare = word[0].lower().lstrip("(\"'")
    return (
        bare in _ABBREVIATIONS
        or (len(bare) == 1 and bare.isalpha())
        or (
            bare.isdigit()
            and len(bare) <= 2
            and dot + 2 < len(text)
            # "Am 12. Mai": a short number before a dot is an ordinal or a list number.
            and text[dot + 1 : dot + 2] == " "
        )
    )


def _add(found: list[Piece], text: str, start: int, end: int) -> None:
    raw = text[start:end]
    lead = _LIST_LEAD.match(raw.lstrip("\n"))
    stripped = raw.strip()
    if lead:
        stripped = stripped[len(lead.group().strip()) :].strip()
    if not stripped:
        return
    offset = start + raw.index(stripped)
    found.append(Piece(stripped, offset, offset + len(stripped)))
