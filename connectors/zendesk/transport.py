"""How requests travel to Zendesk: once, to one host, and watched on the way back.

The library's own habits (up to four sends of a write, sleeping through a 429,
following redirects) are replaced here, below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from connectors.clock import Clock
from connectors.events import Health
from connectors.limits import Limits

TIMEOUT_SECONDS = 10.0
_LONGEST_WAIT = 3600.0
_DEFAULT_WAIT = 60.0
_MAX_ANSWER_BYTES = 64 * 1024 * 1024
_LONGEST_RESET = 24 * 3600
_LIMIT = re.compile(r"rate-?limit", re.IGNORECASE)
_PART = re.compile(r"\b(remaining|reset)s?\s*=\s*([0-9]+)", re.IGNORECASE)
_MOST = 10**9


class RateLimited(Exception):
    """The account's limit is reached; ``wait`` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__("429")
        self.wait = wait


class Strange(Exception):
    """An answer that is not the API's: a redirect, or far too long."""


class OneHost(HTTPAdapter):
    """Sends to the account's address, once, not for ever, and not into a limit."""

    def __init__(self, base_url: str, limits: Limits) -> None:
        super().__init__(max_retries=0, pool_maxsize=8)
        self._base = urlsplit(base_url)
        self._limits = limits

    def send(  # type: ignore[override]  # the stub's keywords, passed on
        self, request: requests.PreparedRequest, **given: Any
    ) -> requests.Response:
        left = self._limits.left(_ACCOUNT, _one(request))
        if left:
            raise RateLimited(left)
        asked = request.url or ""
        parts = urlsplit(asked)
        # Addresses of next pages come from the answer: the token goes to one host.
        request.url = urlunsplit(
            (self._base.scheme, self._base.netloc, parts.path, parts.query, "")
        )
        given["timeout"] = TIMEOUT_SECONDS
        answer = super().send(request, **given)
        # zenpy recognises an answer by the address it asked.
        answer.url = request.url = asked
        return answer


class OneTimeSession(requests.Session):
    """A session that sends each request once and to nobody else."""

    def resolve_redirects(self, *_given: Any, **_more: Any) -> Iterator[Any]:
        """Follow nothing: a redirect could lead the token elsewhere."""
        return iter(())


def limits_of(headers: Mapping[str, str]) -> tuple[int, int | None] | None:
    """Return the tightest limit told of: calls left, and seconds until it starts anew.

    A limit has one header for each number (``X-Rate-Limit-Remaining``), or one for
    all (``zendesk-ratelimit-…: total=30; remaining=29; resets=468``). None when no
    header tells how much is left.
    """
    plain, named = _told(headers)
    told = [limit for limit in (plain, *named) if "remaining" in limit]
    if not told:
        return None
    tightest = min(told, key=lambda limit: limit["remaining"])
    seconds = tightest.get("reset")
    kept = None if seconds is None else min(seconds, _LONGEST_RESET)
    return tightest["remaining"], kept


def _told(headers: Mapping[str, str]) -> tuple[dict[str, int], list[dict[str, int]]]:
    """Return what is told of the account's limit, and of each that has a name."""
    plain: dict[str, int] = {}
    named = []
    for name, value in headers.items():
        if not _LIMIT.search(name):
            continue
        word = name.lower().rpartition("-")[2]
        if word in ("remaining", "reset"):
            number = _number(value)
            if number is not None:
                plain[word] = min(number, plain.get(word, number))
            continue
        parts = {word.lower(): _number(text) for word, text in _PART.findall(value)}
        named.append({word: n for word, n in parts.items() if n is not None})
    return plain, named


_ACCOUNT = "account"


def _one(request: requests.PreparedRequest) -> str:
    """Return what a limit of one kind of request, or of one ticket, is about."""
    return f"{request.method} {urlsplit(request.url or '').path}"


def _about(answer: requests.Response) -> str:
    """Return what a 429 is about: the account, unless a limit with a name is spent.

    A ticket that was written too often must not hold up all others.
    """
    plain, named = _told(answer.headers)
    spent = any(limit.get("remaining") == 0 for limit in named)
    if spent and plain.get("remaining") != 0:
        return _one(answer.request)
    return _ACCOUNT


def _number(text: str) -> int | None:
    """Return a count of ordinary digits, within reason; None for anything else."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    return _MOST if len(digits) > len(str(_MOST)) else min(int(digits), _MOST)


class Watch:
    """Looks at every answer: the limits it tells of, and what must not be read."""

    def __init__(self, clock: Clock, health: Health, limits: Limits) -> None:
        self._clock = clock
        self._health = health
        self._limits = limits

    def __call__(self, answer: requests.Response, *_given: Any, **_more: Any) -> None:
        told = limits_of(answer.headers)
        if told is not None:
            self._health.rate_limit_remaining, seconds = told
            self._health.rate_limit_reset_at = None
            if seconds is not None:
                wait = timedelta(seconds=seconds)
                self._health.rate_limit_reset_at = self._clock.now() + wait
        try:
            self._refuse(answer)
        except (RateLimited, Strange):
            # Nobody will read it: its connection would be held until it is collected.
            answer.close()
            raise

    def _refuse(self, answer: requests.Response) -> None:
        """Raise for what the library would sleep for, follow, or read for ever."""
        if answer.status_code == 429:
            wait = self._wait(answer.headers.get("Retry-After", ""))
            self._limits.reached(_about(answer), wait)
            raise RateLimited(wait)
        if 300 <= answer.status_code < 400:
            raise Strange
        length = answer.headers.get("Content-Length", "")
        if length.isdigit() and int(length) > _MAX_ANSWER_BYTES:
            raise Strange

    def _wait(self, text: str) -> float:
        """Return the seconds of a Retry-After in either form, within reason."""
        try:
            seconds = float(text)
        except ValueError:
            try:
                until = parsedate_to_datetime(text)
                seconds = (until - self._clock.now()).total_seconds()
            except (TypeError, ValueError, OverflowError):
                seconds = _DEFAULT_WAIT
        if not seconds > 0:
            seconds = 1.0
        return min(seconds, _LONGEST_WAIT)
