"""Help answers at once, teaches, and offers nothing that is not there."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from sidecar.cli.main import deskside, run
from tests.needs import REPOSITORY
from tests.servers import free_port

HEAVY = ("sqlalchemy", "alembic", "onnxruntime", "numpy", "grpc", "pydantic", "rich")
LATER = ("replay", "erase", "backup")


def _commands(
    group: click.Group = deskside, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


def test_help_answers_at_once() -> None:
    """`deskside --help` needs less than 0.3 s of a processor, the best of three.

    Processor time, so that a busy machine decides nothing.
    """

    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    took = []
    for _ in range(3):
        began = spent()
        subprocess.run(
            [sys.executable, "-m", "sidecar.cli.main", "--help"],
            cwd=REPOSITORY,
            capture_output=True,
            check=True,
        )
        took.append(spent() - began)
    assert min(took) < 0.3


def test_help_loads_nothing_heavy() -> None:
    """All commands together import neither database nor model nor gRPC."""
    show = "import sidecar.cli.main, sys, json; print(json.dumps(list(sys.modules)))"
    shown = subprocess.run(
        [sys.executable, "-c", show],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in json.loads(shown.stdout)}
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize(
    ("path", "command"),
    [pytest.param(p, c, id=" ".join(p)) for p, c in _commands()],
)
def test_help_teaches(path: tuple[str, ...], command: click.Command) -> None:
    """Each command says what it does, shows an example and its exit statuses."""
    text = command.help or ""
    assert text.split("\n")[0].endswith(".")
    if isinstance(command, click.Group):
        return
    assert f"  deskside {' '.join(path)}" in text or "deskside " in text
    assert "Exit status: 0" in text
    assert "2 wrong use." in text


def test_later_commands_are_not_offered() -> None:
    """A command of a later version is not listed, and using it is wrong use."""
    names = {path[0] for path, _ in _commands()}
    assert names.isdisjoint(LATER)
    assert run(["replay", "tickets.jsonl"]) == 2


def test_an_unknown_connector_is_wrong_use(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`deskside connectors --only` takes names that are there."""
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("DESKSIDE_CONNECTORS_ADDRESS", address)
    with pytest.raises(SystemExit) as ended:
        run(["connectors", "--only", "zendesk,fax"])
    assert ended.value.code == 2
    assert "unknown: fax" in capsys.readouterr().err
