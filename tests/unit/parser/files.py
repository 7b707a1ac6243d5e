"""Builds the documents that the parser's tests read, honest and hostile ones."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

import docx
from docx.document import Document
from pypdf import PdfReader, PdfWriter

DOCUMENT_PART = "word/document.xml"


def text_line(text: str, y: int, size: float = 11, before: str = "0 g") -> str:
    """Draw one line of text at a height of the page."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"{before} BT /F1 {size} Tf 1 0 0 1 72 {y} Tm ({escaped}) Tj ET\n"


def pdf(pages: Iterable[str | bytes], *, stream: bytes | None = None) -> bytes:
    """Write a PDF of these content streams; ``stream`` is a packed one for page one."""
    objects = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for content in pages:
        body = content if isinstance(content, bytes) else content.encode("cp1252")
        packed = stream or zlib.compress(body)
        stream = None
        head = b"<< /Length %d /Filter /FlateDecode >>" % len(packed)
        objects.append(head + b"\nstream\n" + packed + b"\nendstream")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (
        b" ".join(kids),
        len(kids),
    )
    return assembled(objects)


def assembled(objects: list[bytes]) -> bytes:
    """Number PDF objects from 1 and add the table of their places."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
    )
    return bytes(out)


def encrypted_pdf(user_password: str) -> bytes:
    """Lock a one-page PDF."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([text_line("Hello", 700)]))))
    writer.encrypt(user_password, "owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx_bytes(document: Document) -> bytes:
    """Save a Word document to memory."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def simple_docx(*paragraphs: str) -> bytes:
    """Write a Word document of these paragraphs."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return docx_bytes(document)


def repacked(content: bytes, changed: dict[str, bytes | None], **extra: Any) -> bytes:
    """Rewrite a package with parts replaced, added or (None) left out."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **extra) as new,
    ):
        parts = {info.filename: old.read(info) for info in old.infolist()}
        for name, body in {**parts, **changed}.items():
            if body is not None:
                new.writestr(name, body)
    return out.getvalue()
