"""The demo's Zendesk and Slack: both doubles, and what a visitor does in them."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from plugin_ui.doubles import slack
from plugin_ui.doubles.slack import SlackDouble
from plugin_ui.doubles.zendesk import BOT, CUSTOMER, Webhook, ZendeskDouble

VISITOR, EMAIL = "U061F7AUR", "robin@northwind-harbor.example"
"""The visitor as Slack knows them; the address makes them a member of the team."""
KEPT = "demo-vendors.json"
_SAVE_SECONDS = 1.0
_TICKETS_SHOWN = 20
_TALLIES = ("tickets", "comments", "audits", "deleted")


@dataclass(frozen=True, slots=True)
class Place:
    """Where both listen on loopback, whom they tell, and the secret all share."""

    zendesk_port: int
    slack_port: int
    secret: str = field(repr=False)
    connectors: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Place | None:
        """Read ``DESKSIDE_DEMO_VENDORS`` (PORT:PORT:SECRET); None when it is unset."""
        given = environ.get("DESKSIDE_DEMO_VENDORS", "").split(":")
        if len(given) != 3 or not given[2]:
            return None
        connectors = environ.get("DESKSIDE_CONNECTORS_ADDRESS") or "127.0.0.1:8081"
        return cls(int(given[0]), int(given[1]), given[2], connectors)


class VendorRooms:
    """Both vendors while the demo runs; what happens in them outlives a restart."""

    def __init__(self, place: Place, folder: Path) -> None:
        self._place = place
        self._file = folder / KEPT
        self._saved = ""
        self.zendesk = ZendeskDouble(port=place.zendesk_port, token=place.secret)
        self.slack = SlackDouble(place.slack_port, place.secret, place.secret)
        self.slack.add_user(VISITOR, EMAIL)
        self._load()
        url = f"http://{place.connectors}/hooks/default/zendesk"
        self.zendesk.add_webhook(Webhook(url, place.secret))
        self._stop = threading.Event()
        self._saving = threading.Thread(target=self._save_on, daemon=True)
        self._saving.start()

    def open_ticket(self, subject: str, body: str) -> int:
        """Let the customer write; returns the ticket's number."""
        return self.zendesk.desk.add_ticket(subject, body, requester=CUSTOMER)

    def press(self, ts: str, action: str) -> int:
        """Use an element of a card as the visitor; returns the receiver's status.

        Raises ``LookupError`` when there is no such card, or no such element on it.
        """
        cards = [card for card in self.slack.cards() if card["ts"] == ts]
        if not cards:
            raise LookupError("there is no such card")
        given = {"action_ts": f"{time.time():.6f}"}
        if action == "esc_assign":
            given["selected_user"] = VISITOR
        body = slack.pressed_body(VISITOR, cards[0], action, **given)
        headers = slack.signed_headers(self.slack.secret, body, time.time())
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(self._place.connectors, timeout=5)
        try:
            path = "/hooks/default/slack/interactivity"
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def view(self) -> dict[str, Any]:
        """Return what people see at both vendors, the newest first."""
        desk = self.zendesk.desk
        with desk.lock:
            numbers = sorted(desk.tickets, reverse=True)[:_TICKETS_SHOWN]
            tickets = [self._ticket(number) for number in numbers]
        with self.slack.lock:
            said = [dict(message) for message in self.slack.messages[slack.CHANNEL]]
        return {"tickets": tickets, "messages": list(reversed(said))}

    def close(self) -> None:
        """Stop both and keep what is in them."""
        self._stop.set()
        self._saving.join()
        self.zendesk.close()
        self.slack.close()
        self._save()

    def _ticket(self, number: int) -> dict[str, Any]:
        desk = self.zendesk.desk
        ticket = desk.tickets[number]
        comments = [
            {
                "author": desk.users[comment["author_id"]]["name"],
                "body": comment["body"],
                "public": comment["public"],
                "ours": comment["author_id"] == BOT,
                "at": comment["created_at"],
            }
            for comment in desk.comments[number]
        ]
        names = ("id", "subject", "status", "priority", "tags", "created_at")
        return {name: ticket[name] for name in names} | {"comments": comments}

    def _save_on(self) -> None:
        while not self._stop.wait(_SAVE_SECONDS):
            self._save()

    def _save(self) -> None:
        desk = self.zendesk.desk
        with desk.lock, self.slack.lock:
            kept = {name: getattr(desk, name) for name in _TALLIES}
            kept["changes"] = [(p, n, when.isoformat()) for p, n, when in desk.changes]
            kept["messages"] = self.slack.messages
            kept["count"] = self.slack.count
            text = json.dumps(kept)
        if text == self._saved or not self._file.parent.is_dir():
            return
        beside = self._file.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.chmod(0o600)
        beside.replace(self._file)
        self._saved = text

    def _load(self) -> None:
        """Go on where an earlier run ended; numbers are never given out twice."""
        desk = self.zendesk.desk
        # Without its file a ticket must not get the number of one that is stored.
        desk.numbers = itertools.count(int(time.time()) - 1_700_000_000)
        desk.ids = itertools.count(int(time.time()) * 1_000)
        self.slack.count = int(time.time()) - 1_770_113_700
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            tallies = {
                name: {int(number): value for number, value in kept[name].items()}
                for name in _TALLIES
            }
            changes = [(p, n, datetime.fromisoformat(w)) for p, n, w in kept["changes"]]
            messages, count = (
                kept["messages"],
                max(int(kept["count"]), self.slack.count),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return
        for name, tally in tallies.items():
            getattr(desk, name).update(tally)
        # A restart within a second begins at the same moment.
        newest = max(
            [next(desk.numbers), *(n + 1 for n in (*desk.tickets, *desk.deleted))]
        )
        desk.numbers = itertools.count(newest)
        desk.changes = changes
        self.slack.messages, self.slack.count = messages, count
