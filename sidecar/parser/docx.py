"""Word documents to blocks; the package is inspected before anything is unpacked."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import docx
from docx.oxml.ns import qn

from sidecar.domain.text import normalise_spaces, visible_text
from sidecar.errors import Reason
from sidecar.parser.limits import (
    MEBIBYTE,
    ZIP_ENTRIES,
    ZIP_RATIO,
    ZIP_TOTAL_BYTES,
)
from sidecar.parser.port import Block, ParsedDocument
from sidecar.parser.refusal import refused, unreadable

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOTE_HIDDEN = "Text formatted as hidden, white or too small to see was left out."
NOTE_BOXES = "Text boxes were left out."

_ENCRYPTED_FLAG = 0x1
_HEADING = re.compile(r"heading ([1-9])\Z", re.IGNORECASE)
_SMALLEST_HALF_POINTS = 4
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def check_package(content: bytes) -> None:
    """Refuse a package that is a bomb, lies about its names or is not Word's.

    Raises ``MendRequest`` with DOCUMENT_UNREADABLE, DOCUMENT_ENCRYPTED or
    DOCUMENT_TYPE_UNSUPPORTED.
    """
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise unreadable(
            "The file is damaged: no readable DOCX.", repr(error)
        ) from None
    if len(entries) > ZIP_ENTRIES:
        raise unreadable("The file holds more parts than a document may (2,000).")
    if sum(entry.file_size for entry in entries) > ZIP_TOTAL_BYTES:
        raise unreadable("The file unpacks to more than 100 MB.")
    for entry in entries:
        # Below a megabyte a high ratio harms nobody: blank templates reach it.
        if entry.file_size > MEBIBYTE and entry.file_size > ZIP_RATIO * max(
            entry.compress_size, 1
        ):
            raise unreadable("A part of the file is packed more than 100 to 1.")
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise refused(Reason.DOCUMENT_ENCRYPTED, "The file has a password.")
        _check_name(entry.orig_filename)
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or "word/document.xml" not in names:
        raise refused(
            Reason.DOCUMENT_TYPE_UNSUPPORTED,
            "The file is an archive or another Office document, not DOCX.",
        )


def _check_name(name: str) -> None:
    parts = re.split(r"[/\\]", name)
    if ".." in parts or name.startswith(("/", "\\")) or ":" in name or "\0" in name:
        raise unreadable("The file holds a part whose name leads outside of it.")


def parse_docx(content: bytes) -> ParsedDocument:
    """Read headings, paragraphs, lists and tables in the document's order."""
    check_package(content)
    document = docx.Document(io.BytesIO(content))
    reader = _Reader(document)
    blocks = tuple(reader.blocks(document.element.body))
    title = normalise_spaces(visible_text(document.core_properties.title or ""))
    if not title:
        title = next((block.text for block in blocks if block.kind == "heading"), "")
    notes = [NOTE_HIDDEN] if reader.has_hidden else []
    notes += [NOTE_BOXES] if reader.has_boxes else []
    return ParsedDocument(title, _joined_lists(blocks), MEDIA_TYPE, tuple(notes))


class _Reader:
    """Reads a body's XML.

    python-docx opens the package and resolves the styles; its paragraphs leave out
    content controls and accepted insertions, so the runs are walked here.
    """

    def __init__(self, document: Any) -> None:
        self.has_hidden = False
        self.has_boxes = False
        self._levels: dict[str, int] = {}
        self._list_styles: set[str] = set()
        self._hidden_styles: set[str] = set()
        for style in document.styles:
            self._learn(style)

    def _learn(self, style: Any) -> None:
        """Note what a style or the styles it is based on say."""
        seen = 0
        base = style
        while base is not None and seen < 20:
            name, element = base.name or "", base.element
            if (found := _HEADING.match(name)) and style.style_id not in self._levels:
                self._levels[style.style_id] = min(int(found[1]), 6)
            elif name.lower() == "title":
                self._levels.setdefault(style.style_id, 1)
            if element.find(f"{_W}pPr/{_W}numPr") is not None or "List" in name:
                self._list_styles.add(style.style_id)
            if _is_hidden(element.find(f"{_W}rPr"), white_hides=True):
                self._hidden_styles.add(style.style_id)
            base, seen = getattr(base, "base_style", None), seen + 1

    def blocks(self, parent: Any) -> Iterator[Block]:
        for child in parent:
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins")):
                yield from self.blocks(child)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        text = normalise_spaces(self._text(element, on_white=True))
        if not text:
            return
        style = _value(element.find(f"{_W}pPr/{_W}pStyle")) or ""
        level = self._levels.get(style, 0)
        if level:
            yield Block("heading", text.replace("\n", " "), level)
            return
        numbering = element.find(f"{_W}pPr/{_W}numPr")
        if numbering is not None or style in self._list_styles:
            depth = _value(numbering.find(f"{_W}ilvl")) if numbering is not None else ""
            indent = "  " * int(depth) if depth and depth in "12345678" else ""
            yield Block("list", f"{indent}- " + text.replace("\n", " "))
        else:
            yield Block("paragraph", text)

    def _text(self, paragraph: Any, on_white: bool) -> str:
        style = _value(paragraph.find(f"{_W}pPr/{_W}pStyle"))
        if style in self._hidden_styles:
            self.has_hidden = True
            return ""
        runs = paragraph.iter(qn("w:r"))
        found = (self._run_text(run, paragraph, on_white) for run in runs)
        return visible_text("".join(found))

    def _run_text(self, run: Any, paragraph: Any, on_white: bool) -> str:
        for above in run.iterancestors():
            if above is paragraph:
                break
            if above.tag == qn("w:txbxContent"):
                self.has_boxes = True
                return ""
            if above.tag in (qn("w:del"), qn("w:moveFrom")):
                return ""
        text = str(run.text)
        properties = run.find(f"{_W}rPr")
        if properties is None or not text.strip():
            return text
        hidden = _value(properties.find(f"{_W}rStyle")) in self._hidden_styles
        if hidden or _is_hidden(properties, on_white):
            self.has_hidden = True
            return ""
        return text

    def _table(self, table: Any) -> Iterator[Block]:
        rows = [
            [self._cell(cell, place == 0) for cell in _own(row, "w:tc", "w:tr")]
            for place, row in enumerate(_own(table, "w:tr", "w:tbl"))
        ]
        text = "\n".join(" | ".join(row) for row in rows if any(row))
        if text:
            yield Block("table", text)

    def _cell(self, cell: Any, first_row: bool) -> str:
        # White letters are usual in the dark first row of a table style.
        shade = cell.find(f"{_W}tcPr/{_W}shd")
        fill = shade.get(f"{_W}fill", "auto").lower() if shade is not None else "auto"
        on_white = fill in ("ffffff", "auto") and not first_row
        found = (self._text(part, on_white) for part in cell.iter(qn("w:p")))
        return normalise_spaces(" ".join(found).replace("\n", " "))


def _own(parent: Any, tag: str, owner: str) -> list[Any]:
    """Find a table's own rows or cells, past content controls, not a nested table's."""
    found = parent.iter(qn(tag))
    return [one for one in found if next(one.iterancestors(qn(owner))) is parent]


def _value(element: Any) -> str | None:
    return element.get(f"{_W}val") if element is not None else None


def _is_hidden(properties: Any, white_hides: bool) -> bool:
    if properties is None:
        return False
    vanish = properties.find(f"{_W}vanish")
    if vanish is not None and _value(vanish) not in ("0", "false", "off"):
        return True
    size = _value(properties.find(f"{_W}sz")) or ""
    if size.isdecimal() and int(size) < _SMALLEST_HALF_POINTS:
        return True
    white = (_value(properties.find(f"{_W}color")) or "").lower() == "ffffff"
    marked = (f"{_W}shd", f"{_W}highlight")
    return white and white_hides and all(properties.find(t) is None for t in marked)


def _joined_lists(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Make one block of the list items that follow each other."""
    joined: list[Block] = []
    for is_list, group in groupby(blocks, key=lambda block: block.kind == "list"):
        if is_list:
            joined.append(Block("list", "\n".join(block.text for block in group)))
        else:
            joined += group
    return tuple(joined)
