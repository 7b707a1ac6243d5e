"""The only file that imports zenpy (GPL-3.0) and requests; their errors end here.

zenpy builds addresses and bodies and reads answers. What it does about failures is
not used: the session below never retries a write, never follows a redirect and never
sleeps for a 429, because the worker has a schedule of its own.
"""

from __future__ import annotations

import logging
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import requests
from zenpy import Zenpy
from zenpy.lib.api_objects import Comment, Ticket
from zenpy.lib.exception import APIException, ZenpyException

from connectors.clock import Clock
from connectors.events import GiveUp, Health, Later, TryAgain
from connectors.limits import Limits
from connectors.zendesk.settings import Account
from connectors.zendesk.transport import (
    TIMEOUT_SECONDS,
    OneHost,
    OneTimeSession,
    RateLimited,
    Strange,
    Watch,
)

# It writes bodies of requests to its log when that is set to debug.
logging.getLogger("zenpy").setLevel(logging.WARNING)
logging.getLogger("urllib3").setLevel(logging.WARNING)

_Found = TypeVar("_Found")
_READ_ATTEMPTS = 3
_PAGE = 100


class NotFound(Exception):
    """Zendesk has no such thing, or not any more."""


class Conflict(Exception):
    """The ticket has changed since it was read: nothing was written."""


class Unknown(Exception):
    """The connection broke: what was sent may have been done or not."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A ticket read once: its fields, its comments in order, and who wrote them."""

    ticket: Mapping[str, Any]
    comments: tuple[Mapping[str, Any], ...]
    users: Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changed tickets; ``cursor`` continues after it."""

    tickets: tuple[Mapping[str, Any], ...]
    cursor: str
    end: bool


class ZendeskApi:
    """Calls to one account; raises ``TryAgain``, ``GiveUp`` and the words above."""

    def __init__(self, account: Account, clock: Clock, health: Health) -> None:
        self._clock = clock
        self._health = health
        self._session = OneTimeSession()
        # Neither .netrc nor an environment decides who we are.
        self._session.trust_env = False
        if urlsplit(account.base_url).scheme == "https":
            self._session.proxies.update(urllib.request.getproxies())
        limits = Limits(clock)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, OneHost(account.base_url, limits))
        self._session.hooks["response"].append(Watch(clock, health, limits))
        self._zenpy = Zenpy(
            subdomain=account.subdomain,
            email=account.email,
            token=account.token,
            session=self._session,
            timeout=TIMEOUT_SECONDS,
            disable_cache=True,
        )

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def me(self) -> Mapping[str, Any]:
        """Return the agent in whose name everything is done."""
        return self._read(lambda: _plain(self._zenpy.users.me()))

    def server_time(self) -> datetime | None:
        """Return Zendesk's own time, None when it does not tell."""
        url = self._url("/api/v2/users/me.json")
        answer = self._read(lambda: self._checked(self._session.get(url)))
        try:
            return parsedate_to_datetime(answer.headers.get("Date", ""))
        except (TypeError, ValueError):
            return None

    def read(self, ticket_id: str) -> Conversation:
        """Read a ticket with its comments and their authors; raises ``NotFound``."""
        number = int(ticket_id)
        ticket = self._read(lambda: _plain(self._zenpy.tickets(id=number)))
        comments = self.comments(ticket_id)
        wanted = {int(c["author_id"]) for c in comments if c.get("author_id")}
        wanted |= {int(ticket[k]) for k in _PEOPLE if ticket.get(k)}
        return Conversation(ticket, comments, self.users(wanted))

    def comments(self, ticket_id: str) -> tuple[Mapping[str, Any], ...]:
        """Return the comments of a ticket, oldest first; raises ``NotFound``."""
        number = int(ticket_id)
        return self._read(lambda: _all(self._zenpy.tickets.comments(ticket=number)))

    def users(self, ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
        """Return people by number; those who are gone are missing."""
        wanted = sorted(number for number in ids if number > 0)
        found: dict[int, Mapping[str, Any]] = {}
        for start in range(0, len(wanted), _PAGE):
            part = wanted[start : start + _PAGE]
            for user in self._read(lambda: _all(self._zenpy.users(ids=part))):  # noqa: B023 - called at once
                found[int(user["id"])] = user
        return found

    def update(
        self, ticket_id: str, stamp: str, fields: Mapping[str, Any], note: str
    ) -> None:
        """Write fields, tags and a private note in one request, sent once.

        ``stamp`` is the ``updated_at`` that was read: when the ticket has changed
        since, nothing is written and ``Conflict`` is raised. ``Unknown`` means that
        the connection broke.
        """
        ticket = Ticket(id=int(ticket_id), **fields)
        if note:
            ticket.comment = Comment(body=note, public=False)
        if stamp:
            ticket.safe_update = True
            ticket.updated_stamp = stamp
        self._write(lambda: self._zenpy.tickets.update(ticket))

    def changed_since(self, moment: datetime) -> Changes:
        """Return the first page of tickets changed since a moment."""
        start = int(moment.timestamp())
        return self._changes({"start_time": start})

    def changed_after(self, cursor: str) -> Changes:
        """Return the page of changed tickets that follows a cursor."""
        return self._changes({"cursor": cursor})

    def count_since(self, moment: datetime) -> int:
        """Return about how many tickets were opened since a moment."""
        day = moment.date().isoformat()
        found = self._get(
            "/api/v2/search/count.json", {"query": f"type:ticket created>={day}"}
        )
        count = found.get("count")
        if isinstance(count, Mapping):
            count = count.get("value")
        return count if isinstance(count, int) else 0

    def articles(self) -> Iterator[Mapping[str, Any]]:
        """Return every article of Guide that this agent may see."""
        return self._pages("/api/v2/help_center/articles.json", "articles")

    def macros(self) -> Iterator[Mapping[str, Any]]:
        """Return every macro that is switched on."""
        return self._pages("/api/v2/macros/active.json", "macros")

    def audits(self, ticket_id: str) -> tuple[Mapping[str, Any], ...]:
        """Return the latest audits of a ticket; raises ``NotFound``."""
        path = f"/api/v2/tickets/{int(ticket_id)}/audits.json"
        found = self._get(path, {"sort_order": "desc", "per_page": "25"})
        return tuple(_dicts(found.get("audits")))

    def _changes(self, parameters: Mapping[str, Any]) -> Changes:
        def ask() -> Changes:
            found = self._zenpy.tickets.incremental(**parameters, per_page=_PAGE)
            page = found._response_json  # noqa: SLF001 - iterating would fetch all pages
            return Changes(
                tuple(_dicts(page.get("tickets"))),
                str(page.get("after_cursor") or ""),
                page.get("end_of_stream") is not False,
            )

        return self._read(ask)

    def _pages(self, path: str, name: str) -> Iterator[Mapping[str, Any]]:
        """Return the items of every page; raises ``TryAgain`` for half a listing.

        Whoever reads to the end has all of it, and may conclude what is gone.
        """
        parameters = {"page[size]": str(_PAGE)}
        while parameters:
            page = self._get(path, parameters)
            items = _dicts(page.get(name))
            following = _following(page)
            if items != page.get(name) or following == parameters:
                raise _strange()
            yield from items
            parameters = following

    def _get(self, path: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        url = self._url(path)

        def ask() -> Mapping[str, Any]:
            answer = self._checked(self._session.get(url, params=dict(parameters)))
            found = answer.json()
            if not isinstance(found, dict):
                raise Strange
            return found

        return self._read(ask)

    def _url(self, path: str) -> str:
        # The adapter puts the account's address in its place.
        return f"https://api.zendesk.com{path}"

    def _checked(self, answer: requests.Response) -> requests.Response:
        if answer.status_code >= 400:
            raise APIException("refused", response=answer)
        return answer

    def _read(self, ask: Callable[[], _Found]) -> _Found:
        """Ask, and ask again a little later when the connection breaks."""
        for attempt in range(1, _READ_ATTEMPTS + 1):
            try:
                return self._translated(ask)
            except Unknown:
                if attempt == _READ_ATTEMPTS:
                    break
            except TryAgain as failure:
                again = failure.reason == "VENDOR_UNAVAILABLE"
                if not again or attempt == _READ_ATTEMPTS:
                    raise
            time.sleep(0.2 * attempt)
        self._health.message = "Zendesk could not be reached."
        raise TryAgain("VENDOR_UNREACHABLE", "Zendesk could not be reached.")

    def _write(self, ask: Callable[[], _Found]) -> _Found:
        return self._translated(ask)

    def _translated(self, ask: Callable[[], _Found]) -> _Found:
        try:
            found = ask()
        except RateLimited as limited:
            message = f"Zendesk allows no call for {limited.wait:.0f} s."
            raise Later("VENDOR_RATE_LIMITED", message, limited.wait) from None
        except Strange:
            raise _strange() from None
        except APIException as error:
            response = error.response
            status = response.status_code if response is not None else 0
            raise self._failure(status) from None
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            raise self._failure(status) from None
        except requests.JSONDecodeError:
            raise TryAgain(
                "VENDOR_UNREADABLE", "Zendesk's answer is no JSON."
            ) from None
        except requests.RequestException:
            raise Unknown from None
        except ZenpyException:
            raise _strange() from None
        self._health.credentials_valid = True
        self._health.message = ""
        return found

    def _failure(self, status: int) -> Exception:
        if status in (401, 403):
            refused = status == 401
            self._health.credentials_valid = not refused
            what = "credentials" if refused else "permission"
            self._health.message = _DENIED[status]
            return Later(f"VENDOR_{what.upper()}", _DENIED[status], 300.0)
        if status in (404, 410):
            return NotFound()
        if status == 409:
            return Conflict()
        if status >= 500 or status in (0, 408, 425):
            self._health.message = f"Zendesk answered {status}."
            return TryAgain("VENDOR_UNAVAILABLE", f"Zendesk answered {status}.")
        return GiveUp("VENDOR_REFUSED", f"Zendesk refused the request ({status}).")


_PEOPLE = ("requester_id", "assignee_id", "submitter_id")
_DENIED = {
    401: "Zendesk does not accept e-mail and API token. Enter a valid token.",
    403: "The agent may not do this in Zendesk. Give it a role that may.",
}


def _strange() -> TryAgain:
    return TryAgain("VENDOR_UNREADABLE", "Zendesk's answer is strange.")


def _following(page: Mapping[str, Any]) -> dict[str, str]:
    """Return what to ask the next page by, {} after the last one.

    Pages are told by cursor, or, where Zendesk has none, by their numbers.
    """
    meta = page.get("meta")
    if isinstance(meta, Mapping):
        after = str(meta.get("after_cursor") or "")
        more = {"page[size]": str(_PAGE), "page[after]": after}
        return more if meta.get("has_more") else {}
    return dict(parse_qsl(str(page.get("next_page") or "").partition("?")[2]))


def _plain(found: Any) -> dict[str, Any]:
    # What zenpy does not recognise it hands over as it came, such as a page.
    to_dict = getattr(found, "to_dict", None)
    plain = to_dict() if to_dict is not None else None
    if not isinstance(plain, dict):
        raise Strange
    return plain


def _all(found: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(_plain(item) for item in found)


def _dicts(found: object) -> list[dict[str, Any]]:
    items = found if isinstance(found, list) else []
    return [item for item in items if isinstance(item, dict)]
