"""PDF to blocks with page numbers.

A PDF has glyphs at places and no structure; headings are told by their size and
paragraphs by their line ends. ``pypdf`` finds the glyphs.
"""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdf
from pypdf import PdfReader

from sidecar.domain.text import normalise_spaces, visible_text
from sidecar.errors import Reason
from sidecar.parser.limits import MAX_TEXT_CHARACTERS, MEBIBYTE
from sidecar.parser.pdf_ink import Ink
from sidecar.parser.port import Block, ParsedDocument
from sidecar.parser.refusal import refused, unreadable

MEDIA_TYPE = "application/pdf"
NOTE_HIDDEN = "Text drawn invisibly, in white or too small to see was left out."

# pypdf allows 75 MB for each stream; a page of text needs some kilobytes, and the
# process has 512 MB for everything.
_STREAM_BYTES = 16 * MEBIBYTE
_MAX_PAGES = 5_000
_HEADING_RATIO = 1.15
_MAX_HEADING = 150
_ITEM = re.compile(r"[ \t]*(?:[-*•‣◦▪·–]|\d{1,3}[.)]|\(?[a-z]\))[ \t]+\S")
_SYMBOL_BULLETS = str.maketrans("\uf0b7\uf0a7\uf0d8\uf076", "••••")


@dataclass(slots=True)
class _Line:
    text: str
    size: float
    page: int


def parse_pdf(content: bytes) -> ParsedDocument:
    """Read a PDF's text layer.

    Raises ``MendRequest`` with DOCUMENT_ENCRYPTED, DOCUMENT_EMPTY or
    DOCUMENT_UNREADABLE. One that merely forbids printing opens without password
    in every viewer, and here.
    """
    _lower_limits()
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise refused(
            Reason.DOCUMENT_ENCRYPTED,
            "The PDF has a password. Save it without one and upload it again.",
        )
    if len(reader.pages) > _MAX_PAGES:
        raise unreadable("The PDF has more than 5,000 pages; split it.")
    lines, hidden = _lines(reader)
    blocks = tuple(_blocks(lines))
    if not blocks:
        raise refused(
            Reason.DOCUMENT_EMPTY,
            "The PDF has no text layer; scan it with OCR first.",
        )
    notes = (NOTE_HIDDEN,) if hidden else ()
    return ParsedDocument(_title(reader, blocks), blocks, MEDIA_TYPE, notes)


def _lower_limits() -> None:
    pypdf.overwrite_configuration(
        maximum_declared_stream_length=_STREAM_BYTES,
        array_based_stream_maximum_output_length=_STREAM_BYTES,
        jbig2_maximum_output_length=_STREAM_BYTES,
        lzw_maximum_output_length=_STREAM_BYTES,
        run_length_maximum_output_length=_STREAM_BYTES,
        zlib_maximum_output_length=_STREAM_BYTES,
        brotli_maximum_output_length=_STREAM_BYTES,
        image_maximum_buffer_size=_STREAM_BYTES,
        stream_decoding_work_maximum_length=4 * _STREAM_BYTES,
        xform_maximum_invocations_per_extraction=500,
        # Pictures are never read, and a parser starts no other program.
        jbig2dec_binary=None,
    )


def _lines(reader: PdfReader) -> tuple[list[_Line], bool]:
    lines: list[_Line] = []
    hidden = False
    length = 0
    for number, page in enumerate(reader.pages, start=1):
        pieces: list[tuple[str, float]] = []

        def collect(
            text: str,
            cm: list[float],
            tm: list[float],
            _font: Any,
            size: float,
            pieces: list[tuple[str, float]] = pieces,
        ) -> None:
            scale = math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
            pieces.append((text, abs(size) * scale))

        ink = Ink(has_images=_has_images(page))
        page.extract_text(
            visitor_text=collect,
            visitor_operand_before=ink.before,
            visitor_operand_after=ink.after,
        )
        hidden = hidden or ink.found_hidden
        found = list(_page_lines(pieces, number))
        length += sum(len(line.text) for line in found)
        if length > MAX_TEXT_CHARACTERS:
            raise unreadable("The PDF holds more than 10 million characters.")
        lines += found
    return lines, hidden


def _has_images(page: Any) -> bool:
    try:
        parts = page["/Resources"]["/XObject"].get_object()
        return any(
            parts[name].get_object().get("/Subtype") == "/Image" for name in parts
        )
    except (KeyError, AttributeError, TypeError):
        return False


def _page_lines(pieces: list[tuple[str, float]], page: int) -> Iterator[_Line]:
    """Put a page's pieces together to lines; a line is as large as most of it."""
    text = ""
    sizes: Counter[float] = Counter()
    for piece, size in [*pieces, ("\n", 0.0)]:
        first, *others = piece.split("\n")
        text += first
        sizes[round(size * 2) / 2] += len(first.strip())
        for other in others:
            seen = visible_text(text.translate(_SYMBOL_BULLETS))
            yield _Line(normalise_spaces(seen), sizes.most_common(1)[0][0], page)
            text, sizes = other, Counter({round(size * 2) / 2: len(other.strip())})


def _blocks(lines: list[_Line]) -> Iterator[Block]:
    sizes: Counter[float] = Counter()
    widths = sorted(len(line.text) for line in lines if line.text)
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = [line.size for line in lines if _is_heading(line, body)]
    ranked = enumerate(sorted(set(larger), reverse=True), start=1)
    levels = {size: min(place, 6) for place, size in ranked}
    full = widths[int(len(widths) * 0.9)] if widths else 0
    group: list[_Line] = []
    kind = ""
    for line in [*lines, _Line("", 0.0, 0)]:
        now = _kind(line, body)
        if group and _parts(group[-1], line, kind, now, full):
            yield from _block(group, kind, levels)
            group = []
        if line.text:
            if not group or now == "list":
                kind = now
            group.append(line)


def _is_heading(line: _Line, body: float) -> bool:
    return (
        line.size >= body * _HEADING_RATIO
        and 0 < len(line.text) <= _MAX_HEADING
        and any(char.isalpha() for char in line.text)
    )


def _kind(line: _Line, body: float) -> str:
    if _is_heading(line, body):
        return "heading"
    return "list" if _ITEM.match(line.text) else "paragraph"


def _parts(last: _Line, line: _Line, kind: str, now: str, full: int) -> bool:
    """Say whether a new block begins with ``line``."""
    if not line.text or line.page != last.page:
        return True
    if "heading" in (kind, now):
        return kind != now or last.size != line.size
    if now == "list":
        return kind != "list"
    # Inside a list this is an item's second line; a list ends like a paragraph.
    return len(last.text) < 0.7 * full and last.text[-1] in ".!?:"


def _block(group: list[_Line], kind: str, levels: dict[float, int]) -> Iterator[Block]:
    page = group[0].page
    if kind == "list":
        items: list[str] = []
        for line in group:
            if _ITEM.match(line.text) or not items:
                items.append(line.text)
            else:
                items[-1] = _joined(items[-1], line.text)
        yield Block("list", "\n".join(items), page=page)
        return
    text = group[0].text
    for line in group[1:]:
        text = _joined(text, line.text)
    level = levels.get(group[0].size, 1) if kind == "heading" else 0
    yield Block(kind, text, level, page)


def _joined(text: str, line: str) -> str:
    if text[-1:] == "-" and text[-2:-1].islower() and line[:1].islower():
        return text[:-1] + line
    return f"{text} {line}"


def _title(reader: PdfReader, blocks: tuple[Block, ...]) -> str:
    named = reader.metadata.title if reader.metadata else None
    if isinstance(named, str) and (title := normalise_spaces(visible_text(named))):
        return title
    return next((block.text for block in blocks if block.kind == "heading"), "")
