"""What we changed on tickets: written down for the administrator, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.desk import Desk
from connectors.events import Delivery, GiveUp, TryAgain
from connectors.zendesk.api import Conflict, NotFound, Unknown, ZendeskApi
from connectors.zendesk.conversation import Thread
from connectors.zendesk.settings import NAME
from sidecar.v1 import connector_pb2

REVERT = f"{NAME}.change.revert_requested"
_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a ticket before and after; of tags, those that were added."""

    field: str
    before: str
    after: str


def planned(thread: Thread, fields: Mapping[str, Any], note: str) -> list[Change]:
    """Return what an update changes on a ticket as it was read."""
    found = []
    if tags := fields.get("additional_tags"):
        found.append(Change("tags", "", " ".join(tags)))
    if priority := fields.get("priority"):
        before = str(thread.ticket.get("priority") or "")
        found.append(Change("priority", before, str(priority)))
    if note:
        # Its words are on the ticket; here it only counts that there is one.
        found.append(Change("note", "", "private note"))
    return found


def from_audits(audits: Iterable[Mapping[str, Any]], mark: str) -> list[Change]:
    """Return what the update with our mark changed, as Zendesk itself kept it."""
    ours: list[Mapping[str, Any]] = []
    for audit in audits:
        events = [e for e in audit.get("events") or () if isinstance(e, Mapping)]
        if any(mark in str(e.get("body") or "") for e in events):
            # They come newest first, and whoever quotes a note does so later.
            ours = events
    found = [Change("note", "", "private note")] if ours else []
    for event in ours:
        name, value = event.get("field_name"), event.get("value")
        before = event.get("previous_value")
        if name == "priority":
            found.append(Change("priority", str(before or ""), str(value or "")))
        elif name == "tags":
            new = [t for t in _words(value) if t not in _words(before)]
            found.append(Change("tags", "", " ".join(new)))
    return found


def revert(
    api: ZendeskApi, desk: Desk, delivery: Delivery, again: Callable[[str], Thread]
) -> Mapping[str, Any]:
    """Take a change back, unless somebody has changed the field since; tell either."""
    change_id = str(delivery.payload.get("change_id") or "")
    done, message = _revert(api, delivery, again)
    request = connector_pb2.ReportRevertRequest(
        change_id=change_id, reverted=done, message=message
    )
    desk.ask(lambda client: client.connectors.ReportRevert(request))
    return {"change_id": change_id, "reverted": done}


def _revert(
    api: ZendeskApi, delivery: Delivery, again: Callable[[str], Thread]
) -> tuple[bool, str]:
    facts = {name: str(value or "") for name, value in delivery.payload.items()}
    number = facts.get("external_id", "")
    for _ in range(_ATTEMPTS):
        try:
            thread = again(number)
            fields, answer = _undo(thread, facts)
            if not fields:
                return answer
            delivery.keep()
            api.update(number, thread.stamp, fields, "")
        except NotFound:
            return False, "The ticket is no longer in Zendesk."
        except (Conflict, Unknown):
            continue
        except GiveUp as refused:
            return False, refused.message
    raise TryAgain("TICKET_BUSY", "The ticket changes all the time.", 5.0)


def _undo(
    thread: Thread, facts: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[bool, str]]:
    """Return the fields to write, or none and what is to be told.

    After the write this finds the field as it was, and so tells that it is done.
    """
    field, before, after = facts["field"], facts["before"], facts["after"]
    if field == "tags":
        ours = set(after.split())
        if not ours & set(thread.tags):
            return {}, (True, "The tags are off the ticket.")
        return {"tags": [tag for tag in thread.tags if tag not in ours]}, (False, "")
    if field == "priority":
        now = str(thread.ticket.get("priority") or "")
        if now == before:
            return {}, (True, "The priority is what it was.")
        if now != after:
            return {}, (False, "Somebody has changed the priority since.")
        if not before:
            said = "Zendesk cannot take a priority away; choose another one there."
            return {}, (False, said)
        return {"priority": before}, (False, "")
    return {}, (False, "Zendesk cannot remove a note; redact it there.")


def _words(value: object) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [str(item) for item in value] if isinstance(value, list) else []
