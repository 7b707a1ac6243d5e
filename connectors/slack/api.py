"""Slack's Web API: the only file that imports its SDK."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from connectors.clock import Clock, SystemClock
from connectors.events import Credentials, GiveUp, Later, TryAgain
from connectors.limits import Limits
from connectors.slack.cards import Card
from connectors.slack.settings import API
from connectors.slack.troubles import REMEDIES, Troubles

METADATA = "deskside"
"""Type of the metadata in which a message of ours carries its mark."""
TIMEOUT_SECONDS = 5
_PAGES = 3
_PAGE = 200
_LONGEST_RETRY_AFTER = 3_600.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Person:
    """A user of Slack; ``email`` is '' unless Slack has confirmed it."""

    user_id: str
    team_id: str
    email: str
    is_guest: bool


class SlackApi:
    """Calls of one workspace; every method raises ``TryAgain`` or ``GiveUp``."""

    def __init__(self, credentials: Credentials, clock: Clock | None = None) -> None:
        self._limits = Limits(clock or SystemClock())
        self._troubles = Troubles(credentials.get("channel"))
        self.health = self._troubles.health
        self._base = credentials.get("base_url") or API
        self._client = WebClient(
            token=credentials.get("bot_token"),
            base_url=self._base if self._base.endswith("/") else f"{self._base}/",
            timeout=TIMEOUT_SECONDS,
            # Repeats are the event road's: the SDK would hold the thread.
            retry_handlers=[],
        )

    def who_am_i(self) -> Mapping[str, Any]:
        """Return team and user of the token."""
        return self._ask("auth.test", {})

    def post(self, channel: str, card: Card, mark: str, thread_ts: str = "") -> Place:
        """Post a message that carries a mark by which it is found again."""
        body = self._body(card) | {
            "channel": channel,
            "metadata": {"event_type": METADATA, "event_payload": {"mark": mark}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if thread_ts:
            body["thread_ts"] = thread_ts
        answer = self._ask("chat.postMessage", body)
        return Place(str(answer.get("channel") or channel), str(answer["ts"]))

    def update(self, place: Place, card: Card) -> None:
        """Draw a message of ours anew."""
        body = self._body(card) | {"channel": place.channel, "ts": place.ts}
        self._ask("chat.update", body)

    def find(
        self, channel: str, mark: str, thread_ts: str = "", after: str = ""
    ) -> Place | None:
        """Return our message with this mark, None if there is none.

        Looked at are the latest of a channel, or those of a thread since ``after``.
        """
        method = "conversations.replies" if thread_ts else "conversations.history"
        body: dict[str, Any] = {
            "channel": channel,
            "limit": _PAGE,
            "include_all_metadata": True,
        }
        if thread_ts:
            body["ts"] = thread_ts
        if after:
            body["oldest"] = after
        for message in self._listed(method, body):
            if _mark_of(message) == mark:
                return Place(channel, str(message["ts"]))
        return None

    def thread(self, place: Place, most: int) -> list[Mapping[str, Any]]:
        """Return the newest messages of a thread, oldest first.

        Slack lists a thread from its beginning: of one beyond 600 messages the newest
        are not reached.
        """
        body = {"channel": place.channel, "ts": place.ts, "limit": _PAGE}
        return list(deque(self._listed("conversations.replies", body), maxlen=most))

    def _listed(
        self, method: str, body: Mapping[str, Any]
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the messages of a listing, page by page, of a few pages at most."""
        given = dict(body)
        for _ in range(_PAGES):
            answer = self._ask(method, given)
            yield from answer.get("messages") or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            given["cursor"] = cursor

    def whisper(self, channel: str, user: str, text: str) -> None:
        """Say something that only one person sees."""
        body = {"channel": channel, "user": user, "text": text}
        self._ask("chat.postEphemeral", body)

    def person(self, user_id: str) -> Person:
        """Return who a user is, with the address Slack has confirmed."""
        user = self._ask("users.info", {"user": user_id}).get("user") or {}
        profile = user.get("profile") or {}
        confirmed = user.get("is_email_confirmed", False) and not user.get("is_bot")
        guest = any(
            user.get(name)
            for name in ("is_restricted", "is_ultra_restricted", "is_stranger")
        )
        return Person(
            user_id=user_id,
            team_id=str(user.get("team_id") or ""),
            email=str(profile.get("email") or "") if confirmed else "",
            is_guest=guest or bool(user.get("deleted")),
        )

    def respond(self, response_url: str, card: Card) -> None:
        """Answer a command where it was given; only its author sees it."""
        if not self._is_slacks(response_url):
            raise GiveUp("SLACK_BAD_ADDRESS", "The answer's address is not Slack's.")
        hook = WebhookClient(response_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        body = self._body(card) | {"response_type": "ephemeral"}
        try:
            answer = hook.send_dict(body | {"replace_original": False})
        except (SlackClientError, OSError) as error:
            raise _unreachable(error) from None
        if answer.status_code == 429:
            raise Later("SLACK_RATE_LIMITED", "Slack asks to wait.", 5.0)
        if answer.status_code >= 500:
            raise TryAgain("SLACK_UNAVAILABLE", "Slack could not take the answer now.")
        if answer.status_code >= 400:
            raise GiveUp("SLACK_ANSWER_EXPIRED", "It is too late to answer here.")

    def _is_slacks(self, url: str) -> bool:
        own, given = urlsplit(self._base), urlsplit(url)
        if self._base == API:
            host = given.hostname or ""
            return given.scheme == "https" and host == "hooks.slack.com"
        return (given.scheme, given.netloc) == (own.scheme, own.netloc)

    def _body(self, card: Card) -> dict[str, Any]:
        return {"text": card.text, "blocks": list(card.blocks), "parse": "none"}

    def _ask(self, method: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        form = method in _FORM_METHODS
        channel = str(body.get("channel", ""))
        if left := self._limits.left((method, channel)):
            raise Later("SLACK_RATE_LIMITED", "Slack asks to wait.", left)
        try:
            answer = (
                self._client.api_call(method, params=_flat(body))
                if form
                else self._client.api_call(method, json=dict(body))
            )
        except SlackApiError as error:
            raise self._explain(error, method, channel) from None
        except (SlackClientError, OSError, ValueError) as error:
            raise _unreachable(error) from None
        self._troubles.worked(method, channel)
        data = answer.data
        return data if isinstance(data, dict) else {}

    def _explain(
        self, error: SlackApiError, method: str, channel: str
    ) -> TryAgain | GiveUp:
        response = error.response
        data = response.data if isinstance(response.data, dict) else {}
        word = str(data.get("error") or f"http_{response.status_code}")[:60]
        if response.status_code == 429 or word in ("ratelimited", "rate_limited"):
            wait = _wait(response)
            # Slack counts each method by itself, and posts of each channel.
            self._limits.reached((method, channel), wait)
            return Later("SLACK_RATE_LIMITED", "Slack asks to wait.", wait)
        if word in REMEDIES:
            self._troubles.refused(method, channel, word)
            return GiveUp(f"SLACK_{word.upper()}", REMEDIES[word])
        return TryAgain(f"SLACK_{word.upper()}", "Slack could not do this now.")


# These take their arguments as a form only.
_FORM_METHODS = ("conversations.history", "conversations.replies", "users.info")


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    return {k: str(v).lower() if v is True else v for k, v in body.items()}


def _mark_of(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA:
        return ""
    return str((metadata.get("event_payload") or {}).get("mark", ""))


def _wait(response: Any) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", 1))
    except (TypeError, ValueError):
        return 30.0
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


def _unreachable(error: Exception) -> TryAgain:
    # The message of a client error may quote the request with its token.
    return TryAgain(
        "SLACK_UNREACHABLE", f"Slack gave no answer ({type(error).__name__})."
    )
