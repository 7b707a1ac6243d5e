"""Without a key the same question gets the same answer, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import needs
from tests.flow.cli_house import House, house, running

RETURNS = """\
---
title: Returning a device
visibility: PUBLIC
url: https://help.example.com/returns
---
# Returning a device

You can return any device within 14 days of delivery.

1. Open the portal and choose Returns.
2. Print the return label and put it on the parcel.
"""
ANGRY = "I was charged twice and nobody answers! Refund me NOW."
QUESTION = "How do I return a device, and where do I find the return label?"
THREAD = {
    "external_id": "T-1",
    "connector": "test",
    "subject": "Printer does not print",
    "messages": [
        {"author": {"role": "AUTHOR_ROLE_CUSTOMER"}, "body": "It prints nothing."},
        {"author": {"role": "AUTHOR_ROLE_AGENT"}, "body": "Did you restart it?"},
        {"author": {"role": "AUTHOR_ROLE_CUSTOMER"}, "body": "Yes, twice. No help."},
    ],
}
CALLS = (
    ("classify", ANGRY, "--json"),
    ("kb", "search", "return label", "--json"),
    ("draft", QUESTION, "--json"),
    ("summarize", "thread.json", "--json"),
)
# What is made anew for every ticket and moment; everything else has to be equal.
_MADE_ANEW = ("_id", "etag", "_at", "created_by")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, House]]:
    """Run a sidecar of one process and one of two, each taught the same."""
    needs.weights()
    one = _made(tmp_path_factory.mktemp("one"))
    two = _made(tmp_path_factory.mktemp("two"))
    with (
        running(one, "sidecar") as first,
        running(two, "sidecar", "--processes", "2") as second,
    ):
        first.wait_for('"ready": true')
        second.wait_for('"ready": true')
        for place in (one, two):
            added = place.command("kb", "add", "returns.md")
            assert added.status == 0, added.err
        yield {1: one, 2: two}


def _made(folder: Path) -> House:
    (folder / "returns.md").write_text(RETURNS)
    (folder / "thread.json").write_text(json.dumps(THREAD))
    keys = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY"), "")
    return house(folder, **keys)


def _bare(value: Any) -> Any:
    """Return an answer without ids, versions and times."""
    if isinstance(value, dict):
        return {
            key: _bare(item)
            for key, item in value.items()
            if not key.endswith(_MADE_ANEW)
        }
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _answer(place: House, words: tuple[str, ...]) -> str:
    found = place.command(*words)
    assert found.status == 0, found.err
    return json.dumps(_bare(found.json), ensure_ascii=False)


@pytest.mark.parametrize("words", CALLS, ids=lambda words: words[0])
def test_three_runs_and_two_processes_answer_alike(
    places: dict[int, House], words: tuple[str, ...]
) -> None:
    """``--json`` is equal over three runs, and over one and two processes."""
    answers = [_answer(places[1], words) for _ in range(3)]
    answers += [_answer(places[2], words) for _ in range(2)]
    assert len(set(answers)) == 1
    assert len(answers[0]) > 200


def test_escalations_are_alike_too(places: dict[int, House]) -> None:
    """The fifth call: the same ticket escalated in both houses."""
    answers = []
    for place in places.values():
        ticket = place.command("classify", ANGRY, "--json").json["ticket_id"]
        words = ("escalate", "--ticket", ticket, "--reason", "angry", "--json")
        answers.append(_answer(place, words))
    assert answers[0] == answers[1]
