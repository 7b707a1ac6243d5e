"""Cuts a document into passages that can stand alone when one of them is found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

STRETCH = 1.5
"""No chunk's text is longer than this many times the target."""

HEADING_SEPARATOR = " › "
_MAX_HEADING = 200
# Less than this share of the target left over is added to the chunk before it.
_CRUMB = 0.15
# A sentence ends with its mark, closing quotes and a space, unless a small letter
# follows; the marks of Chinese and Japanese need no space. A line end is looked for
# from the first blank before it: from each of many, that would take hours.
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])[\"'”’)\]]*\s++(?![a-z])|(?<=[。！？])|(?<!\s)[^\S\n]*+\n\s*+"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|Mr|Mrs|Ms|Dr|Prof|No|Fig|approx|z\.B|d\.h|bzw"
    r"|Nr|p\.ex|[A-Z])\.\Z"
)
_LONGEST_ABBREVIATION = 12
_WORD = re.compile(r"\S+")


class TextBlock(Protocol):
    """A structural piece of a document; the parser's ``Block`` is one."""

    @property
    def kind(self) -> str:
        """``heading``, ``paragraph``, ``list``, ``table`` or ``code``."""

    @property
    def text(self) -> str:
        """Its text; list items, table rows and code lines are lines."""

    @property
    def level(self) -> int:
        """1..6 for a heading."""

    @property
    def page(self) -> int:
        """From 1 where the format has pages, else 0."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: its place, the headings above it, its text and first page."""

    ordinal: int
    heading: str
    text: str
    page: int


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """Lengths in characters; an overlap over half a target is a ``ValueError``."""

    target: int = 1000
    overlap: int = 200

    def __post_init__(self) -> None:
        if self.target < 20 or not 0 <= self.overlap <= self.target // 2:
            raise ValueError("target must be >= 20 and overlap at most half of it")


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not torn: a sentence, a list, some rows; ``glue`` goes before it."""

    text: str
    glue: str
    page: int
    header: str = ""
    repeats: bool = False


@dataclass(slots=True)
class _Section:
    heading: str
    page: int
    title: str
    blocks: list[TextBlock] = field(default_factory=list)
    has_children: bool = False


def chunk_blocks(
    blocks: Iterable[TextBlock], size: ChunkSize | None = None
) -> tuple[Chunk, ...]:
    """Cut blocks into chunks of about ``size.target`` characters.

    A chunk never spans two headings; lists, tables and code stay whole when they
    fit, and a torn table repeats its first row. Neighbours under one heading share
    up to ``size.overlap`` characters of whole sentences. No word is lost: a heading
    with nothing below it becomes a chunk of its own. The same blocks give the same
    chunks.
    """
    size = size or ChunkSize()
    chunks: list[Chunk] = []
    for section in _sections(blocks):
        if section.blocks:
            for text, page in _packed(section.blocks, size):
                chunks.append(Chunk(len(chunks), section.heading, text, page))
        elif section.title and not section.has_children:
            for unit in _sentences(section.title, "", section.page, size.target):
                heading = section.heading
                chunks.append(Chunk(len(chunks), heading, unit.text, unit.page))
    return tuple(chunks)


def _sections(blocks: Iterable[TextBlock]) -> list[_Section]:
    sections = [_Section("", 0, "")]
    path: list[tuple[int, str, _Section]] = []
    for block in blocks:
        text = " ".join(block.text.split())
        if block.kind != "heading" or len(text) > _MAX_HEADING:
            if text:
                sections[-1].blocks.append(block)
            continue
        if not text:
            continue
        level = max(block.level, 1)
        while path and path[-1][0] >= level:
            path.pop()
        if path:
            path[-1][2].has_children = True
        heading = HEADING_SEPARATOR.join([*(title for _, title, _ in path), text])
        sections.append(_Section(heading, block.page, text))
        path.append((level, text, sections[-1]))
    return sections


def _packed(blocks: Sequence[TextBlock], size: ChunkSize) -> list[tuple[str, int]]:
    units = [unit for block in blocks for unit in _units(block, size.target)]
    groups: list[list[_Unit]] = []
    group: list[_Unit] = []
    carried = 0
    for unit in units:
        if group and _length(group) + _cost(group, unit) > size.target:
            groups.append(group)
            group = _overlap(group, unit, size)
            carried = len(group)
        group.append(unit)
    fresh = group[carried:]
    if groups and _length(fresh) < size.target * _CRUMB:
        last = groups[-1]
        if _length([*last, *fresh]) <= size.target * STRETCH:
            groups[-1], group = [*last, *fresh], []
    if group:
        groups.append(group)
    return [(_text(group), group[0].page) for group in groups]


def _text(units: Sequence[_Unit]) -> str:
    return "".join(_parts(units)).strip("\n")


def _length(units: Sequence[_Unit]) -> int:
    return sum(len(part) for part in _parts(units))


def _parts(units: Sequence[_Unit]) -> Iterator[str]:
    last: _Unit | None = None
    for unit in units:
        if last is not None:
            yield unit.glue
        if unit.header and (last is None or last.header != unit.header):
            yield f"{unit.header}\n"
        yield unit.text
        last = unit


def _cost(group: Sequence[_Unit], unit: _Unit) -> int:
    """Count the characters that ``unit`` adds behind ``group``."""
    new = unit.header and group[-1].header != unit.header
    return len(unit.glue) + len(unit.text) + (len(unit.header) + 1 if new else 0)


def _overlap(group: Sequence[_Unit], unit: _Unit, size: ChunkSize) -> list[_Unit]:
    """Take the last sentences or items of ``group`` that fit before ``unit``."""
    taken: list[_Unit] = []
    room = size.target - len(unit.text) - len(unit.glue) - len(unit.header) - 1
    room = min(room, size.overlap)
    for last in reversed(group):
        if not last.repeats or _length([last, *taken]) > room:
            break
        taken.insert(0, last)
    return taken if len(taken) < len(group) else []


def _units(block: TextBlock, target: int) -> Iterator[_Unit]:
    text = block.text.strip("\n").rstrip()
    if block.kind in ("list", "table", "code"):
        if len(text) <= target:
            yield _Unit(text, "\n\n", block.page)
        elif block.kind == "table":
            yield from _rows(text, block.page, target)
        else:
            yield from _lines(text, block.page, target, repeats=block.kind == "list")
    else:
        yield from _sentences(text, "\n\n", block.page, target)


def _rows(table: str, page: int, target: int) -> Iterator[_Unit]:
    header, _, body = table.partition("\n")
    if len(header) > target // 2 or not body:
        yield from _lines(table, page, target, repeats=False)
        return
    room = target - len(header) - 1
    glue = "\n\n"
    for line in body.split("\n"):
        for piece in _cut(line, room):
            yield _Unit(piece, glue, page, header)
            glue = "\n"


def _lines(text: str, page: int, target: int, *, repeats: bool) -> Iterator[_Unit]:
    glue = "\n\n"
    for line in text.split("\n"):
        if not line.strip():
            continue
        for piece in _cut(line.rstrip(), target):
            yield _Unit(piece, glue, page, repeats=repeats)
            glue = "\n"


def _sentences(text: str, glue: str, page: int, target: int) -> Iterator[_Unit]:
    start = 0
    ends = [*_SENTENCE_END.finditer(text), None]
    for end in ends:
        stop = end.start() if end else len(text)
        quotes = end.group().rstrip() if end else ""
        # Only the last letters: "Dr. Dr. Dr." would be read anew from its beginning.
        tail = text[max(start, stop - _LONGEST_ABBREVIATION) : stop]
        if end and _ABBREVIATION.search(tail) and "\n" not in end.group():
            continue
        sentence = text[start:stop]
        start = end.end() if end else stop
        for piece in _cut((sentence + quotes).strip(), target):
            yield _Unit(piece, glue, page, repeats=True)
            glue = " "
        if end and "\n" in end.group():
            glue = "\n" if glue == " " else glue


def _cut(text: str, target: int) -> Iterator[str]:
    """Cut what is longer than the target between words; a giant word anywhere."""
    if len(text) <= target:
        if text:
            yield text
        return
    start = stop = 0
    for word in _WORD.finditer(text):
        if word.end() - start > target:
            if stop > start:
                yield text[start:stop].rstrip()
            start = word.start()
            while word.end() - start > target:
                yield text[start : start + target]
                start += target
        stop = word.end()
    if stop > start:
        yield text[start:stop]
