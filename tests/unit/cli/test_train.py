"""`deskside train` reads its CSV file carefully and names the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from sidecar.cli.labels import read_rows


def _file(folder: Path, content: str | bytes) -> Path:
    path = folder / "labels.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_texts_and_labels_are_read_whatever_else_stands_there(tmp_path: Path) -> None:
    """Other columns, quoted line breaks and a byte order mark do no harm."""
    path = _file(
        tmp_path, '\ufeffid,text,label\n1,"two\nlines",late\n2,"a, b",refund\n'
    )
    rows = read_rows(path, several=False)
    assert rows == [("two\nlines", ["late"]), ("a, b", ["refund"])]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_a_spreadsheet_writes_is_read(tmp_path: Path, mark: str, end: str) -> None:
    """Excel sets columns apart by semicolons in many countries; names may be Names."""
    lines = [f"Text{mark}Label", f'"a{mark} b"{mark}x', f"c{mark}y", ""]
    path = _file(tmp_path, "\ufeff" + end.join(lines))
    rows = read_rows(path, several=False)
    assert rows == [(f"a{mark} b", ["x"]), ("c", ["y"])]


def test_more_texts_than_can_be_learned_from_are_refused_before_they_are_sent(
    tmp_path: Path,
) -> None:
    """The first line that is too many is named."""
    path = _file(tmp_path, "text,label\n" + "a,x\nb,y\n" * 100_001)
    with pytest.raises(click.ClickException, match=r"line 200002: at most 200,000"):
        read_rows(path, several=False)


def test_several_labels_are_set_apart_by_semicolons(tmp_path: Path) -> None:
    """A text may then have many labels, or none."""
    path = _file(tmp_path, "text,label\nboth,late; refund\nneither,\n")
    assert read_rows(path, several=True) == [
        ("both", ["late", "refund"]),
        ("neither", []),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: needs the columns text and label"),
        ("words;topic\na;b\n", "columns text and label (found: words, topic)"),
        (b"\xff\xfet\x00e\x00x\x00t\x00", "is not UTF-8; save it as CSV in UTF-8"),
        (b"PK\x03\x04\x00\x00\x08", "line 1: needs the columns text and label"),
        ("text,label\none,x\ntwo,x\n", "all texts have one label; at least two"),
        ("text,label\none,x\n", "all texts have one label; at least two"),
        (f"text,label\n{'a' * 10_500_000},x\n", "field larger than field limit"),
        ("text,label\n", "line 2: there are no texts"),
        ("text,label\ngood,x\n ,x\n", "line 3: the text is empty"),
        ("text,label\ngood,x\nbad,\n", "line 3: the label is empty"),
        ("text,label\nalone\n", "line 2: has fewer columns"),
        ('text,label\n"torn,x\n', "is no CSV"),
        (f"text,label\n{'a' * 10_001},x\n", "line 2: the text is longer than 10000"),
        (f"text,label\na,{'x' * 101}\n", "line 2: a label is longer than 100"),
        (b"text,label\ncaf\xe9,x\n", "is not UTF-8"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, content: str | bytes, said: str) -> None:
    """The message says which line is wrong and what with it."""
    with pytest.raises(click.ClickException, match=r"labels\.csv, line") as refused:
        read_rows(_file(tmp_path, content), several=False)
    assert said in refused.value.message
