"""Passages cut into what a reply can quote: steps, sentences and rows of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sidecar.domain.knowledge import Passage
from sidecar.llm.local.words import sentences

_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+(?P<text>.+)")
_STEP = re.compile(r"[ \t]*(?P<number>\d{1,2})[.)][ \t]+(?P<text>.+)")
_BULLET = re.compile(r"[ \t]*[-*•][ \t]+(?P<text>.+)")
_ROW = re.compile(r"[ \t]*\|(?P<cells>.+)\|[ \t]*$")
_RULE = re.compile(r"[\s|:-]+$")
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
    previous unit stands in the same paragraph.
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


def units(passage: Passage, position: int, allowed_urls: frozenset[str]) -> list[Unit]:
    """Cut one passage; what links elsewhere than to known passages is left out."""
    found: list[Unit] = []
    section, heading = 0, passage.heading or passage.title
    for block in _blocks(passage.text):
        if title := _HEADING.match(block):
            section, heading = section + 1, title["text"].strip()
            continue
        step, body, is_item = 0, block, False
        if numbered := _STEP.match(block):
            step, body, is_item = int(numbered["number"]), numbered["text"], True
        elif bullet := _BULLET.match(block):
            body, is_item = bullet["text"], True
        elif row := _ROW.match(block):
            is_item = True
            if _RULE.match(block):
                continue
            body = row["cells"].strip()
        pieces = (
            [body.strip()] if step or is_item else [p.text for p in sentences(body)]
        )
        for number, piece in enumerate(pieces):
            text = readable(piece, is_row="|" in piece and is_item)
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
                )
            )
    return found


def readable(raw: str, *, is_row: bool = False) -> str:
    """Return a quote without Markdown, as one line that ends like a sentence."""
    text = _LINK.sub(lambda m: m.group(1), raw)
    text = _TAG.sub(" ", _MARKS.sub("", text))
    if is_row:
        cells = [cell.strip() for cell in text.split("|") if cell.strip()]
        text = (
            f"{cells[0]}: {'; '.join(cells[1:])}" if len(cells) > 1 else "".join(cells)
        )
    text = " ".join(text.split()).strip()
    if text and text[-1] not in '.!?:…)”"»。':
        text += "."
    return text


def _links_allowed(raw: str, allowed: frozenset[str]) -> bool:
    links = [m.group(2) for m in _LINK.finditer(raw)]
    links += _URL.findall(_LINK.sub(" ", raw))
    return all(link.rstrip(".,;") in allowed for link in links)


def _blocks(text: str) -> list[str]:
    """Return headings, list items, rows and paragraphs, each as it literally stands."""
    blocks: list[str] = []
    current = ""
    for line in text.splitlines(keepends=True):
        special = any(p.match(line) for p in (_HEADING, _STEP, _BULLET, _ROW))
        if not line.strip() or special:
            if current.strip():
                blocks.append(current.rstrip())
            current = ""
        if not line.strip():
            continue
        current += line
        if _HEADING.match(line) or _ROW.match(line):
            blocks.append(current.rstrip())
            current = ""
    if current.strip():
        blocks.append(current.rstrip())
    return blocks
