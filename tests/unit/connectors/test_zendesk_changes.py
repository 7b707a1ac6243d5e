"""What is written down of a change, and when it is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.zendesk.changes import Change, _undo, from_audits, planned
from connectors.zendesk.conversation import Thread, thread_of

MARK = "[deskside:0123456789abcdef]"


def _thread(**fields: Any) -> Thread:
    return thread_of({"id": 5, **fields}, [], {}, 777)


def test_a_plan_becomes_changes() -> None:
    """Tags that are added, the priority before and after, and that there is a note."""
    fields = {"additional_tags": ["a", "b"], "priority": "high"}
    assert planned(_thread(priority="low"), fields, "words") == [
        Change("tags", "", "a b"),
        Change("priority", "low", "high"),
        Change("note", "", "private note"),
    ]


def test_a_write_whose_worker_died_is_read_from_the_audit() -> None:
    """Zendesk's own audit of the update with our mark tells what it changed."""
    other = {"events": [{"type": "Change", "field_name": "priority", "value": "low"}]}
    events = [
        {"type": "Comment", "body": f"words {MARK}"},
        {"field_name": "tags", "value": ["x", "a"], "previous_value": ["x"]},
        {"field_name": "priority", "value": "high", "previous_value": None},
        {"field_name": "status", "value": "open", "previous_value": "new"},
    ]
    quoted = {"events": [{"type": "Comment", "body": f"You wrote: {MARK}"}]}
    assert from_audits([quoted, other, {"events": events}], MARK) == [
        Change("note", "", "private note"),
        Change("tags", "", "a"),
        Change("priority", "", "high"),
    ]
    assert from_audits([other], MARK) == []


@pytest.mark.parametrize(
    ("ticket", "change", "fields", "done"),
    [
        ({"tags": ["vip", "a"]}, ("tags", "", "a b"), {"tags": ["vip"]}, False),
        ({"tags": ["vip"]}, ("tags", "", "a b"), {}, True),
        ({"priority": "high"}, ("priority", "low", "high"), {"priority": "low"}, False),
        ({"priority": "low"}, ("priority", "low", "high"), {}, True),
        ({"priority": "urgent"}, ("priority", "low", "high"), {}, False),
        ({"priority": "high"}, ("priority", "", "high"), {}, False),
        ({}, ("note", "", "private note"), {}, False),
    ],
)
def test_a_field_goes_back_unless_somebody_changed_it(
    ticket: dict[str, Any],
    change: tuple[str, str, str],
    fields: dict[str, Any],
    done: bool,
) -> None:
    """What people did since stays; what cannot be taken back is said."""
    facts = dict(zip(("field", "before", "after"), change, strict=True))
    found, (told, message) = _undo(_thread(**ticket), facts)
    assert found == fields
    assert told is done
    assert found or message.endswith(".")
