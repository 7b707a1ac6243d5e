"""Damaged documents of every kind are read or refused, and nothing else happens."""

from __future__ import annotations

import io
import random
import time
import zipfile

import psutil
import pytest

from sidecar.errors import MendRequest
from sidecar.parser.child_process import ChildProcessParser
from tests.needs import REPOSITORY
from tests.unit.parser.files import DOCUMENT_PART, repacked

SAMPLES = REPOSITORY / "tests/data/documents"
BUDGET_SECONDS = 7.0
LEAST = 25
HTML_BITS = [b"<table>", b"</p", b"<!--", b"-->", b"<style>p{", b"&#0;", b"<svg><p>"]
PDF_BITS = [b"obj", b"endstream", b"/Kids", b"999999999", b"<<", b"/Length -1", b"R"]


def mutated(content: bytes, dice: random.Random, bits: list[bytes]) -> bytes:
    """Cut, double, flip or insert at some random places."""
    data = bytearray(content)
    for _ in range(dice.choice([1, 3, 10, 40])):
        place = dice.randrange(len(data) + 1)
        length = dice.choice([1, 4, 64])
        deed = dice.randrange(4)
        if deed == 0:
            del data[place : place + length]
        elif deed == 1:
            data[place:place] = data[place : place + length]
        elif deed == 2:
            data[place:place] = dice.choice(bits)
        elif place < len(data):
            data[place] = dice.randrange(256)
    return bytes(data)


def mutated_docx(content: bytes, dice: random.Random) -> bytes:
    """Damage the package, or only the XML inside a good package."""
    if dice.random() < 0.4:
        return mutated(content, dice, [b"PK\x03\x04", b"\0"])
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        name = dice.choice([DOCUMENT_PART, "word/styles.xml", "[Content_Types].xml"])
        xml = mutated(package.read(name), dice, [b"<w:p>", b"</w:p>", b"<w:tbl>", b"&"])
    return repacked(content, {name: xml})


@pytest.mark.parametrize("suffix", ["pdf", "docx", "html", "md"])
def test_damage_is_read_or_refused(parser: ChildProcessParser, suffix: str) -> None:
    """Whatever the bytes, the outcome is a document or a MendRequest, soon."""
    dice = random.Random(f"damage {suffix}")  # The same files on every run.
    before = set(psutil.Process().children())
    content = (SAMPLES / f"returns.{suffix}").read_bytes()
    until = time.monotonic() + BUDGET_SECONDS
    tried = 0
    sentences: list[str] = []
    while tried < LEAST or (time.monotonic() < until and tried < 150):
        tried += 1
        if suffix == "docx":
            hurt = mutated_docx(content, dice)
        else:
            hurt = mutated(content, dice, PDF_BITS if suffix == "pdf" else HTML_BITS)
        try:
            found = parser.parse(hurt, f"a.{suffix}", "")
        except MendRequest as refused:
            sentences.append(refused.violations[0].description)
        else:
            assert found.blocks
    assert all(sentences)
    left = set(psutil.Process().children()) - before
    assert all(one.status() != psutil.STATUS_ZOMBIE for one in left)
