"""Passages cut into what a reply can quote: steps, sentences and rows of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sidecar.domain.knowledge import Passage
from sidecar.llm.local.tables import Row, table_rows
from sidecar.llm.local.words import sentences

_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+(?P<text>.+)")
_STEP = re.compile(r"[ \t]*(?P<number>\d{1,2})[.)][ \t]+(?P<text>.+)")
_BULLET = re.compile(r"[ \t]*[-*•][ \t]+(?P<text>.+)")
_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)")
_URL = re.compile(r"(?:https?:)?//[^\s<>)\]]+|www\.[^\s<>)\]]+", re.IGNORECASE)
# Emphasis and code marks; "5*2" and "time_entries" are left as they are.
_MARKS = re.compile(r"\*\*|`+|(?<!\d)\*(?=\S)|(?<=\S)\*(?!\d)")
# Known tags only: "<timestamp>.<body>" in an article is text.
_TAG = re.compile(
    r"</?(?:a|b|br|code|div|em|h[1-6]|hr|i|img|kbd|li|ol|p|pre|s|span|strong|sub|sup"
    r"|table|tbody|td|th|thead|tr|u|ul)\b[^>\n]{0,200}>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A quotable piece: ``quote`` is literally in the passage, ``text`` is for readers.

    ``passage`` is the passage's position in the task, ``section`` counts headings in
    it, ``step`` is the number of a numbered step or 0, ``after`` says whether the
    previous unit stands in the same paragraph, ``key`` is the first cell of a table's
    row and '' elsewhere.
    """

    passage: int
    section: int
    heading: str
    order: int
    quote: str
    text: str
    step: int = 0
    is_item: bool = False
    after: bool = False
    key: str = ""


def units(passage: Passage, position: int, allowed_urls: frozenset[str]) -> list[Unit]:
    """Cut one passage; what links elsewhere than to known passages is left out."""
    found: list[Unit] = []
    section, heading = 0, passage.heading or passage.title
    for block, row in _blocks(passage.text):
        if title := _HEADING.match(block):
            section, heading = section + 1, title["text"].strip()
            continue
        step, pieces, is_item = _pieces(block, row)
        for number, piece in enumerate(pieces):
            text = readable(row.sentence() if row else piece)
            if not text or not _links_allowed(piece, allowed_urls):
                continue
            found.append(
                Unit(
                    position,
                    section,
                    heading,
                    len(found),
                    piece,
                    text,
                    step,
                    is_item,
                    number > 0,
                    row.key if row else "",
                )
            )
    return found


def _pieces(block: str, row: Row | None) -> tuple[int, list[str], bool]:
    """Return a block's step number, its quotable pieces, whether it is an item."""
    if row is not None:
        return 0, [block], True
    if numbered := _STEP.match(block):
        return int(numbered["number"]), [numbered["text"].strip()], True
    if bullet := _BULLET.match(block):
        return 0, [bullet["text"].strip()], True
    return 0, [piece.text for piece in sentences(block)], False


def readable(raw: str) -> str:
    """Return a quote without Markdown, as one line that ends like a sentence."""
    text = _LINK.sub(lambda m: m.group(1), raw)
    text = _TAG.sub(" ", _MARKS.sub("", text))
    text = " ".join(text.split()).strip()
    if text and text[-1] not in '.!?:…)”"»。':
        text += "."
    return text


def _links_allowed(raw: str, allowed: frozenset[str]) -> bool:
    links = [m.group(2) for m in _LINK.finditer(raw)]
    links += _URL.findall(_LINK.sub(" ", raw))
    return all(link.rstrip(".,;") in allowed for link in links)


def _blocks(text: str) -> list[tuple[str, Row | None]]:
    """Return headings, list items, rows and paragraphs, each as it literally stands."""
    blocks: list[tuple[str, Row | None]] = []
    current = ""
    lines = text.splitlines(keepends=True)
    rows = table_rows(lines)
    for number, line in enumerate(lines):
        alone = number in rows or bool(_HEADING.match(line))
        special = alone or any(p.match(line) for p in (_STEP, _BULLET))
        if (special or not line.strip()) and current.strip():
            blocks.append((current.rstrip(), None))
            current = ""
        if not alone:
            current += line if line.strip() else ""
        elif number not in rows:
            blocks.append((line.rstrip(), None))
        elif (row := rows[number]) is not None:
            blocks.append((line.strip(), row))
    if current.strip():
        blocks.append((current.rstrip(), None))
    return blocks
