"""What is printed cannot command a terminal, and is plain in a pipe."""

from __future__ import annotations

import io
import json
import os

import pytest

from sidecar.cli import console
from sidecar.cli.loglines import Screen, readable
from sidecar.v1 import classification_pb2, common_pb2, insight_pb2


def test_control_characters_of_strangers_are_removed() -> None:
    """A ticket cannot move the cursor, ring, colour or turn the reading direction."""
    evil = "a\x1b[31mred\x07\x9b2J\u202egnp.exe\r\nb\tc"
    assert console.clean(evil) == "a[31mred2Jgnp.exe\nb\tc"
    assert console.one_line("a\nb\x1b\n c", 4) == "a b…"


def test_tables_in_a_pipe_are_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns are aligned, nothing is cut, nothing is coloured."""
    long = "x" * 300
    console.show_table(["id", "subject"], [["1", long], ["22", "[bold]no[/bold]"]])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["ID  SUBJECT", f"1   {long}", "22  [bold]no[/bold]"]


@pytest.mark.parametrize("width", ["80", "40"])
def test_nothing_is_cut_off_in_a_narrow_window(
    width: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts are folded and identifiers stay whole; without room: one row a block."""
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setattr(console, "on_terminal", lambda: True)
    name = "job_01m7zas25w8pphc1qc30zh9h7c"
    text = "many words that have to be folded somewhere because there is no room"
    console.show_table(["id", "what", "data"], [[name, text, "banking77_oos"]])
    out = capsys.readouterr().out
    assert name in out
    assert "banking77_oos" in out
    assert set(text.split()) <= set(out.split())


def test_enums_are_words() -> None:
    """A person reads "angry", not SENTIMENT_ANGRY."""
    found = classification_pb2.Classification(
        sentiment=classification_pb2.SENTIMENT_ANGRY
    )
    assert console.word(found, "sentiment") == "angry"


def test_what_a_job_brought_is_readable_json() -> None:
    """A program reads the report of a training, not its bytes in letters."""
    job = common_pb2.Job(job_id="job_1", result_json=b'{"accuracy": 0.9}')
    assert console.as_dict(job)["result"] == {"accuracy": 0.9}
    assert console.as_dict(common_pb2.Job())["result"] is None
    listed = insight_pb2.ListJobsResponse(jobs=[job])
    (shown,) = console.as_dict(listed)["jobs"]
    assert shown["result"] == {"accuracy": 0.9}
    assert "result_json" not in shown


def test_log_lines_become_readable() -> None:
    """JSON lines lose their braces; other lines stay; a warning is marked."""
    line = {"at": "x", "level": "warning", "logger": "l", "event": "e", "pid": 7}
    assert readable(json.dumps(line)) == ("warning: e pid=7", "warning")
    assert readable("plain\n") == ("plain", "")
    assert readable("{not json") == ("{not json", "")


def test_a_screen_that_is_no_terminal_gets_no_colours() -> None:
    """Names stand in front of lines, without escape characters."""
    stream = io.StringIO()
    screen = Screen(stream)
    screen.output("panel", '{"event": "up\\u001b[2J", "level": "error"}')
    assert stream.getvalue() == "panel     error: up[2J\n"


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_colours_unless_told(
    no_color: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_COLOR is respected on a terminal."""
    monkeypatch.setenv("NO_COLOR", no_color)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    Screen(stream).line("panel", "hello")
    assert ("\x1b" in stream.getvalue()) is not bool(os.environ["NO_COLOR"])
