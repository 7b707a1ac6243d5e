"""A worker's name is one live process's, and of the next one in its place."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from connectors import lane

REPLICAS = (
    "deskside-connectors-7d9f8b6c5d-x2x9k",
    "deskside-connectors-7d9f8b6c5d-q7wlm",
)
ADDRESS = "0.0.0.0:8081"


def test_replicas_whose_names_differ_at_the_end_alone_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two that took each other's leases back would repeat work until it is given up."""
    names = set()
    for host in REPLICAS:
        monkeypatch.setattr(socket, "gethostname", lambda host=host: host)
        names.add(lane._worker_name("zendesk", ADDRESS))
    assert len(names) == 2
    assert all(len(name) <= 100 for name in names)


def test_copies_of_a_machine_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same name and address, another kernel."""
    first = lane._worker_name("zendesk", ADDRESS)
    assert lane._worker_name("zendesk", ADDRESS) == first, "a restart is the same one"
    monkeypatch.setattr(Path, "read_text", lambda _path: "another boot")
    assert lane._worker_name("zendesk", ADDRESS) != first


def test_a_name_is_found_where_the_system_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No /proc: the machine's name and the address have to do."""

    def refuse(_path: Path) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert lane._worker_name("zendesk", ADDRESS).startswith("zendesk@")
