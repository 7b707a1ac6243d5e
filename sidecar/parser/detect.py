"""Which of the five formats a file has: by its content first, then by its name.

Only the first bytes are compared with constants here, nothing is parsed; so this
runs in the server, and a wrong file costs no child process.
"""

from __future__ import annotations

import re
from enum import Enum

from sidecar.domain.text import clean_file_name
from sidecar.errors import MendRequest, Reason
from sidecar.parser.limits import MAX_DOCUMENT_BYTES
from sidecar.parser.refusal import refused, unreadable


class Format(Enum):
    """A format that can be read; the value is its media type."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    TXT = "text/plain"
    MD = "text/markdown"
    HTML = "text/html"


_BY_EXTENSION = {
    "pdf": Format.PDF,
    "docx": Format.DOCX,
    "txt": Format.TXT,
    "text": Format.TXT,
    "md": Format.MD,
    "markdown": Format.MD,
    "html": Format.HTML,
    "htm": Format.HTML,
    "xhtml": Format.HTML,
}
_BINARY = {Format.PDF, Format.DOCX}
_PDF_MAGIC = b"%PDF-"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The stream that holds a Word file with a password, in the OLE directory.
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_OTHER_MAGIC = {
    b"{\\rtf": "RTF",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"MZ": "a Windows program",
    b"\x7fELF": "a program",
}
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_READABLE = "Readable are PDF, DOCX, TXT, Markdown and HTML"


def detect(content: bytes, file_name: str, media_type: str) -> Format:
    """Decide the format.

    ``file_name`` may be as the caller sent it. Raises ``MendRequest`` with
    DOCUMENT_EMPTY, DOCUMENT_TOO_LARGE, DOCUMENT_ENCRYPTED,
    DOCUMENT_TYPE_UNSUPPORTED or DOCUMENT_UNREADABLE.
    """
    if not content:
        raise refused(Reason.DOCUMENT_EMPTY, "The file is empty (0 bytes).")
    if len(content) > MAX_DOCUMENT_BYTES:
        raise refused(Reason.DOCUMENT_TOO_LARGE, "The file is larger than 10 MB.")
    name = clean_file_name(file_name) if file_name else ""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    named = _named(extension, media_type)
    return _by_content(content, named, extension)


def _named(extension: str, media_type: str) -> Format | None:
    """Say what the name claims; a media type counts only where a name is silent."""
    if extension:
        return _BY_EXTENSION.get(extension)
    plain = media_type.partition(";")[0].strip().lower()
    return next((one for one in Format if one.value == plain), None)


def _by_content(content: bytes, named: Format | None, extension: str) -> Format:
    start = content[:1024]
    is_html = bool(_HTML_START.match(start))
    if content.startswith(_PDF_MAGIC) or (named is Format.PDF and _PDF_MAGIC in start):
        # Readers accept a header within the first 1,024 bytes; a web page in front
        # of it is a file made to be two things at once.
        return _agreed(Format.PDF, named, extension, is_html)
    if content.startswith(_ZIP_MAGIC):
        return _agreed(Format.DOCX, named, extension)
    if content.startswith(_OLE_MAGIC):
        raise _old_office(content)
    for magic, what in _OTHER_MAGIC.items():
        # "MZ" and the like also begin ordinary sentences; a NUL byte does not.
        if content.startswith(magic) and (len(magic) > 3 or b"\0" in content):
            raise _unsupported(f"The file is {what}. {_READABLE}.")
    return _text(content, named, extension, is_html)


def _text(
    content: bytes, named: Format | None, extension: str, is_html: bool
) -> Format:
    if extension and named is None:
        raise _unsupported(f"Files named .{extension} are not read. {_READABLE}.")
    if b"\0" in content and not content.startswith(_UTF16_MARKS):
        raise unreadable("The file holds binary data where text was expected.")
    if named in _BINARY:
        raise _mismatch(extension or named.name.lower())
    if is_html:
        # Whatever its name: only the HTML reader removes what a page hides.
        return Format.HTML
    return named or Format.TXT


def _agreed(
    found: Format, named: Format | None, extension: str, two_at_once: bool = False
) -> Format:
    if two_at_once or named not in (None, found) or (extension and named is None):
        raise _mismatch(extension, found)
    return found


def _mismatch(extension: str, found: Format | None = None) -> MendRequest:
    content = f"is {found.name}" if found else "is something else"
    return _unsupported(
        f"The file is named .{extension}, but its content {content}. "
        "Give it the right extension or export it again."
    )


def _old_office(content: bytes) -> MendRequest:
    if _OLE_ENCRYPTED in content:
        return refused(
            Reason.DOCUMENT_ENCRYPTED,
            "The file has a password. Save it without one and upload it again.",
        )
    return _unsupported("The file is in an old Office format. Save it as .docx.")


def _unsupported(sentence: str) -> MendRequest:
    return refused(Reason.DOCUMENT_TYPE_UNSUPPORTED, sentence)
