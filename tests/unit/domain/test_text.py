"""Only what a reader sees enters, and a file name leads nowhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.front_matter import front_matter
from sidecar.domain.text import (
    MAX_FILE_NAME,
    clean_file_name,
    normalise_spaces,
    visible_text,
)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u200bb\u200cc\u200dd\ufeff", "abcd"),
        ("\u202eabc\u202c\u2066d\u2069", "abcd"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("soft\u00adhyphen", "softhyphen"),
        ("nul\0bell\x07 tab\tline\r\nend\u2028x", "nulbell tab\tline\nend\nx"),
        ("lone\ud800", "lone"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("\u200cمی\u200b\u200c", "می"),
    ],
)
def test_unseen_characters_are_removed(text: str, seen: str) -> None:
    """Zero-width, bidi, tag and control characters go; spelling stays."""
    assert visible_text(text) == seen


@given(st.text())
def test_visible_text_is_stable_and_writable(text: str) -> None:
    """A second pass changes nothing, and the result is valid UTF-8."""
    seen = visible_text(text)
    seen.encode("utf-8")
    assert visible_text(normalise_spaces(seen)) == normalise_spaces(seen)
    assert "\u200b" not in seen


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        (".htaccess\u200b", "htaccess"),
        ("con.txt", "_con.txt"),
        ("COM1", "_COM1"),
        ("console.txt", "console.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a b.pdf", "a b.pdf"),
        ("\uff0e\uff0e\uff0fevil.txt", "evil.txt"),
        ("invoice\u202excod.exe", "invoicexcod.exe"),
        ("a:b*?.md", "a_b__.md"),
        ("a\r\nb.txt", "a b.txt"),
        ("Grüße 漢字.docx", "Grüße 漢字.docx"),
        ("...", "document"),
        ("", "document"),
        ("x" * 5_000 + ".docx", "x" * 195 + ".docx"),
        ("x" * 500_000 + ".docx", "x" * 195 + ".docx"),
    ],
)
def test_a_file_name_is_cleaned(name: str, clean: str) -> None:
    """Paths, devices, invisible and forbidden characters do not survive."""
    assert clean_file_name(name) == clean


@given(st.text(max_size=400))
def test_a_clean_name_is_short_safe_and_stays(name: str) -> None:
    """Any name gives one that is bounded, has no path and cleans to itself."""
    clean = clean_file_name(name)
    assert 0 < len(clean) <= MAX_FILE_NAME
    assert not set(clean) & set('/\\:*?"<>|\0\n')
    assert not clean.startswith(".")
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in clean)
    assert clean_file_name(clean) == clean


def test_front_matter_is_split_off() -> None:
    """Keys, lists in both forms, quotes and comments are read."""
    fields, body = front_matter(
        "---\r\ntitle: \"Reset: now\"\ntags: [a, 'b c']\n# note\n"
        "labels:\n  - x\n  - y\n"
        "empty:\n---\n# Body\n"
    )
    assert fields == {
        "title": "Reset: now",
        "tags": ["a", "b c"],
        "labels": ["x", "y"],
        "empty": "",
    }
    assert body == "# Body\n"


@pytest.mark.parametrize(
    "text",
    ["# No head\n", "---\n\nA rule, then prose.\n\n---\n", "---\nno end: x\n", ""],
)
def test_text_without_front_matter_is_all_body(text: str) -> None:
    """A rule at the top swallows nothing."""
    assert front_matter(text) == ({}, text)
