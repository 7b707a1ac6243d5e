"""Plain text: its characters, and the paragraphs and lists its blank lines show."""

from __future__ import annotations

import codecs
import re

from sidecar.domain.text import normalise_spaces, visible_text
from sidecar.parser.port import Block, ParsedDocument
from sidecar.parser.refusal import unreadable

MEDIA_TYPE = "text/plain"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Charsets a page may name. Not every codec of Python: some are no charset, some
# take quadratic time.
_DECLARABLE = re.compile(
    r"(?:iso-?8859-?\d{1,2}|latin-?[1-9]|windows-?125\d|cp125\d|koi8-[ru]|shift_jis"
    r"|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5|macintosh)\Z",
    re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_ITEM = re.compile(r"[ \t]*(?:[-*•‣◦–]|\d{1,3}[.)]|[a-z][.)])[ \t]+\S")


def decode(content: bytes, declared: str = "") -> str:
    """Turn bytes into text: by byte order mark, as UTF-8, as declared, as Windows-1252.

    Raises ``MendRequest`` with DOCUMENT_UNREADABLE where the bytes are no text.
    """
    text = _decoded(content, declared)
    if "\0" in text:
        raise unreadable("The file holds binary data where text was expected.")
    return text


def _decoded(content: bytes, declared: str) -> str:
    for mark, charset in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(charset)
            except UnicodeDecodeError as error:
                raise unreadable(
                    f"The file says it is {charset.upper()} text but is damaged.",
                    f"byte {error.start}",
                ) from None
    named = declared if _DECLARABLE.match(declared) else "cp1252"
    for charset in ("utf-8", named, "cp1252"):
        try:
            return content.decode(charset)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return content.decode("latin-1")


def parse_plain(text: str) -> ParsedDocument:
    """Split plain text at its empty lines; runs of marked lines are lists."""
    blocks: list[Block] = []
    for part in _PARAGRAPH.split(visible_text(text)):
        lines = [line for line in part.split("\n") if line.strip()]
        if len(lines) > 1 and all(_ITEM.match(line) for line in lines):
            blocks.append(Block("list", "\n".join(line.rstrip() for line in lines)))
        elif lines:
            blocks.append(Block("paragraph", normalise_spaces("\n".join(lines))))
    return ParsedDocument("", tuple(blocks), MEDIA_TYPE)
