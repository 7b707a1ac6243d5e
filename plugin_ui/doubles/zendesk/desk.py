"""What the double knows: people, tickets, comments, articles, macros."""

from __future__ import annotations

import base64
import itertools
import json
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

BOT, AGENT, CUSTOMER = 777, 235324, 8447388090494
Emit = Callable[[str, Mapping[str, Any]], None]


class Changed(Exception):
    """safe_update found that the ticket has changed since."""


class ZendeskDesk:
    """Tickets and people; every change raises the events the real service would."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self.now = now or (lambda: datetime.now(UTC))
        self.lock = threading.RLock()
        self.emit: Emit = lambda _kind, _body: None
        self.tickets: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.articles: list[dict[str, Any]] = []
        self.macros: list[dict[str, Any]] = []
        self.users: dict[int, dict[str, Any]] = {}
        self.audits: dict[int, list[dict[str, Any]]] = {}
        self.numbers = itertools.count(5158)
        self.ids = itertools.count(9_876_543_000)
        # What changed, in order: (number, ticket id); a cursor is a number.
        self.changes: list[tuple[int, int, datetime]] = []
        self.add_user(BOT, "Deskside", role="agent", email="bot@acme.example")
        self.add_user(AGENT, "Jo Agent", role="agent", email="jo@acme.example")
        self.add_user(CUSTOMER, "Ana Customer", email="ana@customer.example")

    def add_user(
        self,
        number: int,
        name: str,
        *,
        role: str = "end-user",
        email: str = "",
        tags: tuple[str, ...] = (),
    ) -> int:
        """Add a person and return their number."""
        self.users[number] = {
            "id": number,
            "url": f"https://acme.zendesk.com/api/v2/users/{number}.json",
            "name": name,
            "email": email,
            "role": role,
            "tags": list(tags),
            "locale": "en-US",
            "suspended": False,
        }
        return number

    def add_ticket(
        self,
        subject: str,
        body: str,
        *,
        requester: int = CUSTOMER,
        status: str = "new",
        priority: str | None = None,
        tags: tuple[str, ...] = (),
        channel: str = "email",
        number: int | None = None,
    ) -> int:
        """Open a ticket and return its number."""
        with self.lock:
            number = number or next(self.numbers)
            stamp = self.stamp()
            self.tickets[number] = {
                "url": f"https://acme.zendesk.com/api/v2/tickets/{number}.json",
                "id": number,
                "external_id": None,
                "via": {"channel": channel, "source": {"from": {}, "to": {}}},
                "created_at": stamp,
                "updated_at": stamp,
                "type": "incident",
                "subject": subject,
                "raw_subject": subject,
                "description": body,
                "priority": priority,
                "status": status,
                "requester_id": requester,
                "submitter_id": requester,
                "assignee_id": None,
                "organization_id": None,
                "group_id": 8447320466430,
                "brand_id": 8447346621310,
                "tags": list(tags),
                "custom_fields": [],
                "is_public": True,
                "generated_timestamp": int(self.now().timestamp()),
            }
            self.comments[number] = []
            self.audits[number] = []
            self._comment(number, body, requester, public=True)
            self._touch(number)
        self.emit("ticket.created", self.event(number, "ticket.created", requester, {}))
        return number

    def add_comment(
        self, number: int, body: str, author: int = CUSTOMER, *, public: bool = True
    ) -> int:
        """Add a comment and return its number."""
        with self.lock:
            comment = self._comment(number, body, author, public=public)
            self._touch(number)
        self._tell_comment(number, comment)
        return int(comment["id"])

    def change(self, number: int, by: int = AGENT, **fields: Any) -> None:
        """Change fields as a person would, such as status or assignee_id."""
        with self.lock:
            ticket = self.tickets[number]
            before = {name: ticket.get(name) for name in fields}
            ticket.update(fields)
            self._touch(number)
        for name, value in fields.items():
            if before[name] == value:
                continue
            kind = _KINDS.get(name)
            if kind:
                shown = {"current": _shown(value), "previous": _shown(before[name])}
                self.emit(kind, self.event(number, kind, by, shown))

    def apply(self, number: int, given: Mapping[str, Any], by: int) -> None:
        """Do what a PUT of a ticket asks for; raises ``Changed``."""
        with self.lock:
            ticket = self.tickets[number]
            if given.get("safe_update") and (
                given.get("updated_stamp") != ticket["updated_at"]
            ):
                raise Changed
            comment = None
            if isinstance(asked := given.get("comment"), Mapping):
                body = str(asked.get("body") or asked.get("html_body") or "")
                public = asked.get("public", True) is not False
                comment = self._comment(number, body, by, public=public)
            before_tags, before_priority = list(ticket["tags"]), ticket["priority"]
            tags = [*(given.get("tags") or before_tags)]
            tags += [t for t in given.get("additional_tags") or () if t not in tags]
            gone = set(given.get("remove_tags") or ())
            ticket["tags"] = [tag for tag in tags if tag not in gone]
            for name in ("status", "priority", "assignee_id", "subject"):
                if name in given:
                    ticket[name] = given[name]
            self._touch(number)
            self._audit(number, by, comment, before_tags, before_priority)
        if comment:
            self._tell_comment(number, comment)
        if ticket["tags"] != before_tags:
            kind = "ticket.tags_changed"
            self.emit(kind, self.event(number, kind, by, {}))

    def _audit(
        self,
        number: int,
        by: int,
        comment: Mapping[str, Any] | None,
        tags: list[str],
        priority: str | None,
    ) -> None:
        ticket = self.tickets[number]
        events: list[dict[str, Any]] = []
        if comment:
            events.append({"type": "Comment", "body": comment["body"]})
        for name, before in (("tags", tags), ("priority", priority)):
            if ticket[name] != before:
                changed = {"value": ticket[name], "previous_value": before}
                events.append({"type": "Change", "field_name": name, **changed})
        audit = {"id": next(self.ids), "ticket_id": number, "author_id": by}
        self.audits[number].insert(0, {**audit, "events": events})

    def merge(self, source: int, target: int, by: int = AGENT) -> None:
        """Close one ticket into another."""
        with self.lock:
            self.tickets[source]["status"] = "closed"
            self.tickets[source]["tags"].append("closed_by_merge")
            comment = self._comment(
                source,
                f"This request was closed and merged into request #{target}.",
                by,
                public=False,
            )
            comment["via"] = {
                "channel": "web",
                "source": {"from": {}, "to": {"ticket_id": target}, "rel": "merge"},
            }
            self._touch(source)
        kind = "ticket.merged"
        extra = {"target_ticket": {"id": str(target)}}
        self.emit(kind, self.event(source, kind, by, extra))

    def redact(self, number: int, comment_id: int, words: str) -> None:
        """Black out words of a comment."""
        with self.lock:
            for comment in self.comments[number]:
                if comment["id"] == comment_id:
                    black = "▇" * len(words)
                    for name in ("body", "plain_body", "html_body"):
                        comment[name] = comment[name].replace(words, black)
            self._touch(number)
        kind = "ticket.comment_redacted"
        extra = {"comment": {"id": str(comment_id)}}
        self.emit(kind, self.event(number, kind, AGENT, extra))

    def delete(self, number: int, by: int = AGENT) -> None:
        """Delete a ticket: it is answered 404 from now on."""
        kind = "ticket.soft_deleted"
        with self.lock:
            event = self.event(number, kind, by, {})
            self._touch(number)
            gone = self.tickets.pop(number)
            self.deleted[number] = gone | {"status": "deleted"}
        self.emit(kind, event)

    @property
    def deleted(self) -> dict[int, dict[str, Any]]:
        """Tickets that were deleted, as the incremental export still shows them."""
        found: dict[int, dict[str, Any]] = self.__dict__.setdefault("_deleted", {})
        return found

    def notes(self, number: int, author: int = BOT) -> list[str]:
        """Return the private notes that one person wrote on a ticket."""
        with self.lock:
            return [
                comment["body"]
                for comment in self.comments.get(number, [])
                if comment["author_id"] == author and not comment["public"]
            ]

    def event(
        self, number: int, kind: str, actor: int, event: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the body of an event subscription's webhook."""
        with self.lock:
            ticket = dict(self.tickets[number])
        return {
            "account_id": 12514403,
            "id": str(uuid.uuid4()),
            "type": f"zen:event-type:{kind}",
            "time": self.stamp(),
            "zendesk_event_version": "2022-11-06",
            "subject": f"zen:ticket:{number}",
            "detail": {
                "actor_id": str(actor),
                "assignee_id": str(ticket["assignee_id"] or "0"),
                "created_at": ticket["created_at"],
                "description": ticket["description"],
                "external_id": "",
                "id": str(number),
                "priority": (ticket["priority"] or "").upper() or None,
                "requester_id": str(ticket["requester_id"]),
                "status": ticket["status"].upper(),
                "subject": ticket["subject"],
                "tags": ticket["tags"],
                "updated_at": ticket["updated_at"],
                "via": {"channel": ticket["via"]["channel"]},
            },
            "event": dict(event),
        }

    def stamp(self) -> str:
        """Return the present moment as Zendesk writes it."""
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def page_of_changes(self, after: int, size: int) -> tuple[list[int], int, bool]:
        """Return tickets changed after a cursor, the next cursor, and if it ends."""
        with self.lock:
            latest = {number: position for position, number, _ in self.changes}
            waiting = sorted(
                (position, number)
                for number, position in latest.items()
                if position > after
            )
        page = waiting[:size]
        end = len(waiting) <= size
        return [n for _, n in page], page[-1][0] if page else after, end

    def position_at(self, moment: float) -> int:
        """Return the cursor just before the first change at or after a moment."""
        with self.lock:
            for position, _, when in self.changes:
                if when.timestamp() >= moment:
                    return position - 1
            return len(self.changes)

    def _touch(self, number: int) -> None:
        self.tickets[number]["updated_at"] = self.stamp()
        self.changes.append((len(self.changes) + 1, number, self.now()))

    def _comment(
        self, number: int, body: str, author: int, *, public: bool
    ) -> dict[str, Any]:
        comment = {
            "id": next(self.ids),
            "type": "Comment",
            "author_id": author,
            "body": body,
            "html_body": f"<div>{body}</div>",
            "plain_body": body,
            "public": public,
            "attachments": [],
            "via": {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}},
            "created_at": self.stamp(),
        }
        self.comments[number].append(comment)
        return comment

    def _tell_comment(self, number: int, comment: Mapping[str, Any]) -> None:
        author = self.users[int(comment["author_id"])]
        shown = {
            "comment": {
                "id": str(comment["id"]),
                "body": comment["body"],
                "is_public": comment["public"],
                "author": {
                    "id": str(author["id"]),
                    "is_staff": author["role"] != "end-user",
                    "name": author["name"],
                },
            }
        }
        kind = "ticket.comment_added"
        self.emit(kind, self.event(number, kind, int(author["id"]), shown))


_KINDS = {
    "status": "ticket.status_changed",
    "priority": "ticket.priority_changed",
    "assignee_id": "ticket.agent_assignment_changed",
    "requester_id": "ticket.requester_changed",
    "subject": "ticket.subject_changed",
}


def _shown(value: object) -> str | None:
    return None if value is None else str(value).upper()


def cursor_text(position: int) -> str:
    """Return a position as the opaque text that Zendesk hands out."""
    return base64.b64encode(json.dumps([position]).encode()).decode()


def cursor_position(text: str) -> int:
    """Return the position of a cursor."""
    position: int = json.loads(base64.b64decode(text))[0]
    return position
