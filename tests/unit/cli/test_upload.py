"""Which files `kb add` takes, and what it says about them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from sidecar.cli.upload import Options, Source, find_files, header_of
from sidecar.v1 import common_pb2

ARTICLE = b"""---
title: Refunds
source: help-center
url: https://help.example/refunds
visibility: PUBLIC
language: en
tags: [billing, refunds]
valid_until: 2027-01-31
---
# Refunds
"""


def _tree(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")


def test_a_folder_gives_its_readable_files(tmp_path: Path) -> None:
    """Known kinds, folders in folders; hidden files and links stay out."""
    _tree(tmp_path, "b.md", "a/c.PDF", "a/.x.md", ".git/d.md", "e.png", "f.html")
    (tmp_path / "link.md").symlink_to(tmp_path / "b.md")
    names = [source.name for source in find_files([str(tmp_path)], recursive=True)]
    assert names == ["b.md", "f.html", "c.PDF"]
    flat = find_files([str(tmp_path)], recursive=False)
    assert [source.name for source in flat] == ["b.md", "f.html"]


def test_equal_names_are_kept_apart(tmp_path: Path) -> None:
    """Two files of one name in two folders do not replace each other."""
    _tree(tmp_path, "de/faq.md", "en/FAQ.md", "en/other.md")
    names = {source.name for source in find_files([str(tmp_path)], recursive=True)}
    assert names == {"de - faq.md", "en - FAQ.md", "other.md"}


def test_a_missing_path_is_wrong_use() -> None:
    """A mistyped name is said before anything is sent."""
    with pytest.raises(click.UsageError, match="no file or folder"):
        find_files(["does-not-exist"], recursive=True)


def test_the_head_of_an_article_is_used() -> None:
    """Front matter says title, source, address, visibility, language, tags, end."""
    header = header_of(Source(Path("x.md"), "x.md"), ARTICLE, Options())
    assert (header.title, header.source) == ("Refunds", "help-center")
    assert header.source_url == "https://help.example/refunds"
    assert header.visibility == common_pb2.VISIBILITY_PUBLIC
    assert list(header.tags) == ["billing", "refunds"]
    assert header.valid_until.ToDatetime().isoformat() == "2027-01-31T00:00:00"
    assert header.size_bytes == len(ARTICLE)


def test_options_win_over_the_head() -> None:
    """What the person says now counts more than what the file says."""
    options = Options(source="s", visibility="internal", language="de", tags=("t",))
    header = header_of(Source(Path("x.md"), "x.md"), ARTICLE, options)
    assert (header.source, header.language, list(header.tags)) == ("s", "de", ["t"])
    assert header.visibility == common_pb2.VISIBILITY_INTERNAL


def test_nothing_is_public_unless_somebody_says_so() -> None:
    """Without a word about visibility none is sent, and the sidecar takes INTERNAL."""
    header = header_of(Source(Path("x.txt"), "x.txt"), ARTICLE, Options())
    assert header.visibility == common_pb2.VISIBILITY_UNSPECIFIED


@pytest.mark.parametrize("line", ["visibility: everyone", "valid_until: soon"])
def test_a_wrong_head_is_an_error_of_that_file(line: str) -> None:
    """A value that means nothing is not guessed at."""
    with pytest.raises(ValueError, match=line.split(":", maxsplit=1)[0]):
        header_of(
            Source(Path("x.md"), "x.md"), f"---\n{line}\n---\nx".encode(), Options()
        )
