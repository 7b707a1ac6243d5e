"""How requests travel to Zendesk: once, to one host, and watched on the way back.

The library's own habits (up to four sends of a write, sleeping through a 429,
following redirects) are replaced here, below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from connectors.clock import Clock
from connectors.events import Health

TIMEOUT_SECONDS = 10.0
_LONGEST_WAIT = 3600.0
_DEFAULT_WAIT = 60.0
_MAX_ANSWER_BYTES = 64 * 1024 * 1024
_REMAINING = ("x-rate-limit-remaining", "ratelimit-remaining", "rate-limit-remaining")
_RESET = ("ratelimit-reset", "rate-limit-reset")


class RateLimited(Exception):
    """The account's limit is reached; ``wait`` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__("429")
        self.wait = wait


class Strange(Exception):
    """An answer that is not the API's: a redirect, or far too long."""


class OneHost(HTTPAdapter):
    """Sends to the account's address, once, and not for ever."""

    def __init__(self, base_url: str) -> None:
        super().__init__(max_retries=0, pool_maxsize=8)
        self._base = urlsplit(base_url)

    def send(  # type: ignore[override]  # the stub's keywords, passed on
        self, request: requests.PreparedRequest, **given: Any
    ) -> requests.Response:
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


class Watch:
    """Looks at every answer: the limits it tells of, and what must not be read."""

    def __init__(self, clock: Clock, health: Health) -> None:
        self._clock = clock
        self._health = health

    def __call__(self, answer: requests.Response, *_given: Any, **_more: Any) -> None:
        for name in _REMAINING:
            if answer.headers.get(name, "").isdigit():
                self._health.rate_limit_remaining = int(answer.headers[name])
                break
        for name in _RESET:
            if answer.headers.get(name, "").isdigit():
                wait = timedelta(seconds=int(answer.headers[name]))
                self._health.rate_limit_reset_at = self._clock.now() + wait
                break
        try:
            self._refuse(answer)
        except (RateLimited, Strange):
            # Nobody will read it: its connection would be held until it is collected.
            answer.close()
            raise

    def _refuse(self, answer: requests.Response) -> None:
        """Raise for what the library would sleep for, follow, or read for ever."""
        if answer.status_code == 429:
            raise RateLimited(self._wait(answer.headers.get("Retry-After", "")))
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
            except (TypeError, ValueError):
                seconds = _DEFAULT_WAIT
        if not seconds > 0:
            seconds = 1.0
        return min(seconds, _LONGEST_WAIT)
