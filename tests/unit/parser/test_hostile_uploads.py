"""Uploads made to hurt: each is refused or read within its limits."""

from __future__ import annotations

import io
import time
import zipfile
import zlib

import pytest

from sidecar.errors import Reason
from sidecar.parser.child_process import ChildProcessParser
from sidecar.parser.limits import MAX_DOCUMENT_BYTES, MEBIBYTE
from tests.unit.parser.conftest import Refusal
from tests.unit.parser.files import (
    DOCUMENT_PART,
    assembled,
    encrypted_pdf,
    pdf,
    repacked,
    simple_docx,
    text_line,
)

UNREADABLE = Reason.DOCUMENT_UNREADABLE
UNSUPPORTED = Reason.DOCUMENT_TYPE_UNSUPPORTED
ENCRYPTED = Reason.DOCUMENT_ENCRYPTED


def test_an_empty_file_is_named_as_that(refusal: Refusal) -> None:
    """0 bytes are DOCUMENT_EMPTY, whatever the name."""
    for name in ("a.pdf", "a.docx", "a.txt", "a.md", "a.html", ""):
        assert refusal(b"", name)[0] is Reason.DOCUMENT_EMPTY


def test_a_file_over_ten_megabytes_is_too_large(refusal: Refusal) -> None:
    """One byte over the limit is refused, before any child sees it."""
    content = b"a" * (MAX_DOCUMENT_BYTES + 1)
    assert refusal(content, "a.txt") == (
        Reason.DOCUMENT_TOO_LARGE,
        "The file is larger than 10 MB.",
    )


def test_a_zip_bomb_is_not_unpacked(refusal: Refusal) -> None:
    """A part packed 1,000 to 1 and parts of 100 MB in all are refused."""
    bomb = b"<w>" + b" " * (50 * MEBIBYTE)
    packed = repacked(simple_docx("x"), {DOCUMENT_PART: bomb})
    assert refusal(packed, "a.docx") == (
        UNREADABLE,
        "A part of the file is packed more than 100 to 1.",
    )
    twice = repacked(simple_docx("x"), {"word/a.xml": bomb, "word/b.xml": bomb})
    assert refusal(twice, "a.docx") == (
        UNREADABLE,
        "The file unpacks to more than 100 MB.",
    )


def test_a_package_of_thousands_of_parts_is_refused(refusal: Refusal) -> None:
    """More than 2,000 entries are refused."""
    parts: dict[str, bytes | None] = {f"word/{n}.xml": b"" for n in range(2_001)}
    reason, sentence = refusal(repacked(simple_docx("x"), parts), "a.docx")
    assert (reason, "2,000" in sentence) == (UNREADABLE, True)


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "word\\..\\..\\x", "C:/x"]
)
def test_a_part_that_leads_outside_is_refused(refusal: Refusal, name: str) -> None:
    """Zip-slip names are refused."""
    reason, sentence = refusal(repacked(simple_docx("x"), {name: b"x"}), "a.docx")
    assert reason is UNREADABLE
    assert "outside" in sentence


def test_an_archive_inside_a_document_stays_closed(
    parser: ChildProcessParser,
) -> None:
    """A nested zip bomb is left alone and the document read."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * (30 * MEBIBYTE))
    content = repacked(
        simple_docx("Outer text."), {"word/embeddings/inner.zip": inner.getvalue()}
    )
    assert parser.parse(content, "a.docx", "").blocks[0].text == "Outer text."


def test_other_archives_and_locked_files_say_so(refusal: Refusal) -> None:
    """A plain zip is unsupported; password-protected files name the password."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    assert refusal(out.getvalue(), "a.docx")[0] is UNSUPPORTED
    assert refusal(out.getvalue(), "a.zip")[0] is UNSUPPORTED
    assert refusal(encrypted_pdf("secret"), "a.pdf")[0] is ENCRYPTED
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert refusal(ole, "a.doc")[0] is UNSUPPORTED
    locked = ole + "EncryptedPackage".encode("utf-16-le")
    assert refusal(locked, "a.docx")[0] is ENCRYPTED


def test_a_pdf_without_user_password_is_read(parser: ChildProcessParser) -> None:
    """A PDF that merely forbids printing opens, as in every viewer."""
    assert parser.parse(encrypted_pdf(""), "a.pdf", "").blocks[0].text == "Hello"


def test_a_pdf_stream_of_75_megabytes_is_refused(refusal: Refusal) -> None:
    """A page that inflates to 75 MB does not get the memory for it."""
    packer = zlib.compressobj(9)
    piece = text_line("A" * 1000, 700).encode() * 1000
    stream = b"".join(packer.compress(piece) for _ in range(75)) + packer.flush()
    reason, _ = refusal(pdf(["x"], stream=stream), "a.pdf")
    assert reason in {UNREADABLE, Reason.DOCUMENT_EMPTY}


@pytest.mark.parametrize(
    "pages",
    [
        b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>",
        b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Parent 2 0 R /Count 9999999 >>",
        b"<< /Type /Pages /Kids 2 0 R /Count 2 0 R >>",
    ],
)
def test_a_pdf_that_points_at_itself_ends(refusal: Refusal, pages: bytes) -> None:
    """Loops in the page tree come to an end and are refused."""
    content = assembled([b"<< /Type /Catalog /Pages 2 0 R >>", pages])
    assert refusal(content, "a.pdf")[0] in {UNREADABLE, Reason.DOCUMENT_EMPTY}


def test_a_pdf_of_pictures_asks_for_text_recognition(refusal: Refusal) -> None:
    """No text layer is DOCUMENT_EMPTY with advice."""
    assert refusal(pdf(["1 0 0 rg 0 0 9 9 re f"]), "scan.pdf") == (
        Reason.DOCUMENT_EMPTY,
        "The PDF has no text layer; scan it with OCR first.",
    )


def test_a_file_that_is_two_things_at_once_is_refused(refusal: Refusal) -> None:
    """PDF and HTML in one file fit neither name."""
    page = b"<!DOCTYPE html><html><body>hi</body></html>"
    document = pdf([text_line("Hello", 700)])
    assert refusal(page + document, "a.pdf")[0] is UNSUPPORTED
    assert refusal(document + page, "a.html")[0] is UNSUPPORTED
    assert refusal(document + page, "a.txt")[0] is UNSUPPORTED


def test_a_wrong_extension_is_refused_with_both_names(refusal: Refusal) -> None:
    """Content and name that differ are named in the sentence."""
    reason, sentence = refusal(pdf([text_line("Hello", 700)]), "a.docx")
    assert (reason, ".docx" in sentence, "PDF" in sentence) == (UNSUPPORTED, True, True)
    assert refusal(simple_docx("x"), "a.pdf")[0] is UNSUPPORTED
    assert refusal(b"just words", "a.pdf")[0] is UNSUPPORTED
    assert refusal(b"a,b\n1,2", "a.csv")[0] is UNSUPPORTED
    assert refusal(b"\x89PNG\r\n\x1a\n\0\0", "a.png")[0] is UNSUPPORTED
    assert refusal(b"MZ\x90\0\x03\0", "a.txt")[0] is UNSUPPORTED


def test_the_content_decides_where_the_name_is_silent(
    parser: ChildProcessParser,
) -> None:
    """A PDF without extension is a PDF; a page named .txt is read as a page."""
    assert parser.parse(pdf([text_line("Hi", 700)]), "a", "").media_type.endswith("pdf")
    page = b"<!doctype html><p>Seen<p hidden>unseen"
    read = parser.parse(page, "a.txt", "text/plain")
    assert [block.text for block in read.blocks] == ["Seen"]
    assert parser.parse(b"# T", "", "text/markdown; charset=utf-8").title == "T"


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        (".htaccess\u200b", True),
        ("\u200b.htaccess", True),
        ("con.txt", True),
        ("x" * 5_000 + ".txt", True),
        ("../../etc/passwd.txt", True),
        ("invoice.txt\u200b.exe", False),
        ("invoice\u202etxt.exe", False),
    ],
)
def test_an_odd_name_decides_nothing_but_the_type(
    parser: ChildProcessParser, refusal: Refusal, name: str, readable: bool
) -> None:
    """Names are cleaned before they are judged, and name no place on disk."""
    if readable:
        assert parser.parse(b"plain words", name, "").blocks[0].text == "plain words"
    else:
        assert refusal(b"plain words", name)[0] is UNSUPPORTED


def test_binary_data_is_no_text(refusal: Refusal) -> None:
    """A NUL byte in text is DOCUMENT_UNREADABLE."""
    for name in ("a.txt", "a.md", "a.html"):
        assert refusal(b"text\0more", name)[0] is UNREADABLE
    assert refusal(b"\xff\xfea\0\0\0", "a.txt")[0] is UNREADABLE
    assert refusal(b"\xff\xfea", "a.txt")[0] is UNREADABLE


def test_a_page_nested_without_end_is_refused(refusal: Refusal) -> None:
    """200,000 open elements are refused before the engine builds them, in a moment."""
    begun = time.monotonic()
    for piece in (b"<div>", b"<SPAN class=a>", b"<ul><li>", b"<p><x-y>"):
        assert refusal(piece * 200_000 + b"x", "a.html")[0] is UNREADABLE
    assert time.monotonic() - begun < 10
    quoted = refusal(b"> " * 50_000 + b"x", "a.md")[0]
    assert quoted in {UNREADABLE, Reason.DOCUMENT_EMPTY}


@pytest.mark.parametrize(
    "piece",
    [
        b"<p><b>word ",
        b"<p><a name=x>word</p>",
        b"<li><p>word",
        b"<tr><td>word<td><font>more",
        b"<p>word<o:p/>",
        b"<div><p>word<br><img src=x></div>",
        b"<!-- <div> --><script>'<div>'</script><p>word",
    ],
)
def test_a_long_untidy_page_is_not_taken_for_a_deep_one(
    parser: ChildProcessParser, piece: bytes
) -> None:
    """End tags that HTML lets one leave out do not count as levels."""
    page = b"<html><body><table><ul>" + piece * 4_000
    blocks = parser.parse(page, "a.html", "").blocks
    assert "word" in blocks[0].text


def test_xml_entities_are_not_expanded(parser: ChildProcessParser) -> None:
    """A DOCX can neither read a local file nor grow by entities."""
    xml = (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">'
        b'<!ENTITY b "bbbbbbbbbb">]><w:document xmlns:w="http://schemas.openxml'
        b'formats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>before &a;'
        b"&b; after</w:t></w:r></w:p></w:body></w:document>"
    )
    content = repacked(simple_docx("x"), {DOCUMENT_PART: xml})
    text = "".join(block.text for block in parser.parse(content, "a.docx", "").blocks)
    assert "root:" not in text
    assert text.startswith("before")
