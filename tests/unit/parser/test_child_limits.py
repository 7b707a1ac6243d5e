"""The child that reads a document may die; the server and its files may not notice."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from sidecar.errors import MendRequest, Reason, TryAgain
from sidecar.parser import child
from sidecar.parser.child_process import ChildProcessParser, ParserLimits
from sidecar.parser.limits import MEBIBYTE
from tests.unit.parser.files import pdf, simple_docx

# One page of a million nested drawing operators: minutes of work, little memory.
SLOW_PAGE = b"q BT /F1 9 Tf 1 0 0 1 9 9 Tm (a) Tj ET Q\n" * 200_000
SLOW_PDF = pdf([SLOW_PAGE] * 2)


def children() -> list[psutil.Process]:
    """Find the parser's processes below this one."""
    found = []
    for one in psutil.Process().children():
        # What another test has killed may not be gone yet.
        with suppress(psutil.NoSuchProcess):
            if "child.py" in " ".join(one.cmdline()):
                found.append(one)
    return found


def refused_with(parser: ChildProcessParser, content: bytes, name: str) -> str:
    """Parse what must be unreadable; give the public sentence."""
    with pytest.raises(MendRequest) as caught:
        parser.parse(content, name, "")
    assert caught.value.reason is Reason.DOCUMENT_UNREADABLE
    return caught.value.violations[0].description


@pytest.fixture
def own_parser() -> Iterator[ChildProcessParser]:
    """Give a parser whose children no other test uses."""
    with ChildProcessParser(ParserLimits(children=1)) as one:
        yield one


def test_a_document_that_takes_too_long_is_killed() -> None:
    """The wall clock ends a child, and the next document is read."""
    with ChildProcessParser(ParserLimits(wall_seconds=1.0)) as parser:
        before = time.monotonic()
        sentence = refused_with(parser, SLOW_PDF, "a.pdf")
        assert sentence == "Reading the file took longer than 1 s."
        assert time.monotonic() - before < 5
        assert parser.parse(b"next", "a.txt", "").blocks[0].text == "next"


def test_a_document_that_burns_the_processor_is_killed() -> None:
    """Processor time is bounded apart from the wall clock."""
    with ChildProcessParser(ParserLimits(cpu_seconds=1)) as parser:
        sentence = refused_with(parser, SLOW_PDF, "a.pdf")
    assert sentence == "Reading the file took longer than 1 s of processor time."


def test_a_document_that_eats_memory_is_refused(
    own_parser: ChildProcessParser,
) -> None:
    """512 MB are all a document gets; a packed page of text may not have more."""
    hungry = b"<p>x" * (10 * MEBIBYTE // 4)
    sentence = refused_with(own_parser, hungry, "a.html")
    assert sentence == "Reading the file needs more than 512 MB of memory."
    assert own_parser.parse(b"next", "a.txt", "").blocks[0].text == "next"


def test_a_killed_child_costs_one_fresh_try(own_parser: ChildProcessParser) -> None:
    """An idle child that was killed is replaced without the caller noticing."""
    own_parser.parse(b"one", "a.txt", "")
    (idle,) = children_of(own_parser)
    psutil.Process(idle).kill()
    assert own_parser.parse(b"two", "a.txt", "").blocks[0].text == "two"
    assert children_of(own_parser) != [idle]


def test_a_child_killed_at_work_is_an_unreadable_document() -> None:
    """A child that dies under a document refuses that document only."""
    with ChildProcessParser(ParserLimits(children=1)) as parser:
        before = {one.pid for one in children()}
        answers: list[str] = []
        work = threading.Thread(
            target=lambda: answers.append(refused_with(parser, SLOW_PDF, "a.pdf"))
        )
        work.start()
        until = time.monotonic() + 10
        new: set[int] = set()
        while not new and time.monotonic() < until:
            new = {one.pid for one in children()} - before
            time.sleep(0.01)
        for pid in new:
            psutil.Process(pid).kill()
        work.join(10)
        assert answers == ["The file could not be read."]
        assert parser.parse(b"next", "a.txt", "").blocks[0].text == "next"


def test_a_child_is_reused_for_text_and_never_for_packages() -> None:
    """Text shares a child until it is old; each DOCX and PDF has its own."""
    with ChildProcessParser(ParserLimits(children=1, documents_per_child=3)) as parser:
        seen = []
        for _ in range(3):
            parser.parse(b"one", "a.txt", "")
            seen += children_of(parser)
        assert len(seen) == 2
        assert len(set(seen)) == 1
        assert children_of(parser) == []
        parser.parse(simple_docx("x"), "a.docx", "")
        assert children_of(parser) == []


def test_a_refusal_of_damage_ends_the_child(own_parser: ChildProcessParser) -> None:
    """After a failure the next document gets a fresh child."""
    own_parser.parse(b"one", "a.txt", "")
    (idle,) = children_of(own_parser)
    refused_with(own_parser, b"\xff\xfea\0\0\0", "a.txt")
    assert children_of(own_parser) == []
    assert not psutil.pid_exists(idle)


def test_no_more_children_than_allowed() -> None:
    """A document that finds no free child in time is told to try again."""
    bounds = ParserLimits(children=1, wait_seconds=0.1, wall_seconds=2.0)
    with ChildProcessParser(bounds) as parser:
        work = threading.Thread(
            target=lambda: refused_with(parser, SLOW_PDF, "a.pdf"),
        )
        work.start()
        time.sleep(0.5)
        with pytest.raises(TryAgain) as caught:
            parser.parse(b"two", "a.txt", "")
        work.join(10)
    assert caught.value.reason is Reason.OVERLOADED


def test_closing_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    """Idle children go with the parser; the folder they stood in is gone before."""
    parser = ChildProcessParser()
    parser.parse(b"one", "a.txt", "")
    (pid,) = children_of(parser)
    folder = Path(f"/proc/{pid}/cwd").readlink()
    assert folder.name.startswith("deskside-parser-")
    assert folder.name.endswith(" (deleted)")
    parser.close()
    assert not psutil.pid_exists(pid)
    assert not folder.with_name(folder.name.split()[0]).exists()


def test_a_child_starts_with_nothing(own_parser: ChildProcessParser) -> None:
    """The child has an empty environment, few files and every limit set."""
    own_parser.parse(b"one", "a.txt", "")
    (pid,) = children_of(own_parser)
    assert Path(f"/proc/{pid}/environ").read_bytes() == b""
    limits = {
        line[:26].strip(): line[26:].split()[:2]
        for line in Path(f"/proc/{pid}/limits").read_text().splitlines()
    }
    assert limits["Max address space"] == [str(512 * MEBIBYTE)] * 2
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max open files"] == ["32", "32"]
    assert limits["Max core file size"] == ["0", "0"]
    assert int(limits["Max cpu time"][0]) <= 22
    assert len(list(Path(f"/proc/{pid}/fd").iterdir())) == 3


def test_a_child_loads_none_of_the_server() -> None:
    """Neither gRPC nor the database nor the model is imported to read a document."""
    script = (
        "import json,sys\n"
        "from sidecar.parser import child\n"
        "for kind in ('TXT','MD','HTML','PDF','DOCX'):\n"
        "    child._answer({'format':kind,'charset':''}, b'x')\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert {"pypdf", "docx", "selectolax", "markdown_it"} <= loaded
    assert not loaded & {"grpc", "sqlalchemy", "onnxruntime", "numpy", "flask"}


@pytest.mark.parametrize(
    "deed",
    [
        "open('/tmp/deskside-was-here', 'w')",
        "open('/dev/shm/deskside-was-here', 'ab')",
        "__import__('socket').socket()",
        "__import__('subprocess').run(['true'])",
        "__import__('os').system('true')",
        "__import__('os').remove('/tmp/deskside-was-here')",
    ],
)
def test_tied_hands_touch_nothing_outside(deed: str) -> None:
    """After the limits are set, writing, connecting and starting programs fail."""
    script = (
        "import socket, subprocess\n"
        "from sidecar.parser import child\n"
        f"child._tie_hands({512 * MEBIBYTE}, 32)\n"
        f"try:\n    {deed}\n"
        "except PermissionError: print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, text=True
    )
    assert done.stdout == "refused\n", done.stderr
    assert not Path("/tmp/deskside-was-here").exists()


def test_a_child_ends_when_its_server_does() -> None:
    """A child whose input is closed or silent ends by itself."""
    script = Path(child.__file__)
    command = [sys.executable, "-I", str(script), str(512 * MEBIBYTE), "32", "20"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=10, check=False)
    assert done.returncode == 0


def test_a_killed_server_leaves_no_child() -> None:
    """After kill -9 of the server its idle children end too."""
    script = (
        "import time\n"
        "from sidecar.parser.child_process import ChildProcessParser\n"
        "parser = ChildProcessParser()\n"
        "parser.parse(b'one', 'a.txt', '')\n"
        "print(parser._idle[0]._process.pid, flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        idle = psutil.Process(int(server.stdout.readline()))
        server.kill()
    psutil.wait_procs([idle], timeout=5)
    assert not idle.is_running()


def test_many_threads_share_the_children() -> None:
    """Eight threads get their own answers and never more than two children."""
    with ChildProcessParser() as parser:

        def work(number: int) -> list[str]:
            texts = []
            for place in range(10):
                content = f"text {number} {place}".encode()
                texts.append(parser.parse(content, "a.txt", "").blocks[0].text)
            return texts

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(work, range(8)))
        assert len(children_of(parser)) <= 2
    assert answers == [[f"text {n} {i}" for i in range(10)] for n in range(8)]


def children_of(parser: ChildProcessParser) -> list[int]:
    """Give the process ids of a parser's idle children."""
    return [one._process.pid for one in parser._idle]
