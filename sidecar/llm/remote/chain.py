"""Whom to ask next: one retry, the other provider, and then nobody.

Everything happens within the caller's deadline, of which a part is kept for the local
engine: it answers when nobody else does.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sidecar import logs
from sidecar.llm.port import StartOver
from sidecar.llm.remote.asking import Errand, Provider
from sidecar.llm.remote.failure import MAY_REPEAT, Failure, ProviderFailed

_LOG = logging.getLogger(__name__)
S = TypeVar("S")

_LOCAL_SHARE = 0.25
_LOCAL_LEAST, _LOCAL_MOST = 0.25, 2.0
"""Seconds kept for the local engine and for storing its answer."""
_FIRST_SHARE = 0.6
"""What the first of two providers gets of the time."""
_LEAST_SECONDS = 0.2
_PAUSE = 0.2
_LOOK_UP = 0.05
_AT_ONCE = frozenset({Failure.MALFORMED, Failure.EMPTY, Failure.WRONG_LANGUAGE})
_FINAL = frozenset({Failure.BUDGET, Failure.REDACTION})
"""No other provider changes anything about these."""


class NobodyAnswered(Exception):
    """Every provider failed; ``why`` is what the last one failed of."""

    def __init__(self, why: Failure) -> None:
        super().__init__(why.value)
        self.why = why


def through(
    providers: Sequence[Provider],
    errand: Errand,
    attempt: Callable[[Provider, float], Iterator[S]],
) -> Iterator[S | StartOver]:
    """Yield the steps of the first attempt that ends well.

    ``attempt`` gets a provider and its seconds. ``StartOver`` comes after steps of an
    attempt that failed later. Raises ``NobodyAnswered``.
    """
    why = Failure.NO_TIME
    for place, provider in enumerate(providers):
        until = time.monotonic() + _share(errand, len(providers) - place, provider)
        for last in (False, True):
            seconds = until - time.monotonic()
            if seconds < _LEAST_SECONDS:
                break
            stepped = False
            try:
                for step in attempt(provider, seconds):
                    stepped = True
                    yield step
                return
            except ProviderFailed as failed:
                why = failed.why
                _tell(provider, errand, failed)
                if stepped:
                    yield StartOver()
                if last or not _waited(failed, until, errand.asked.wanted):
                    break
        if why in _FINAL:
            break
    raise NobodyAnswered(why)


def _share(errand: Errand, providers_left: int, provider: Provider) -> float:
    left = errand.asked.seconds_left()
    own = min(max(_LOCAL_SHARE * left, _LOCAL_LEAST), _LOCAL_MOST)
    share = left - own
    if providers_left > 1:
        share *= _FIRST_SHARE
    return min(share, provider.longest)


def _waited(failed: ProviderFailed, until: float, wanted: Callable[[], None]) -> bool:
    """Wait as long as the provider wants; False when that does not fit."""
    if failed.why not in MAY_REPEAT:
        return False
    pause = 0.0
    if failed.why not in _AT_ONCE:
        # Spread, so that many callers do not come back at the same moment.
        pause = _PAUSE * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
        pause = max(pause, failed.retry_after or 0.0)
    again = time.monotonic() + pause
    if again + _LEAST_SECONDS > until:
        return False
    while (left := again - time.monotonic()) > 0:
        wanted()
        time.sleep(min(_LOOK_UP, left))
    return True


def _tell(provider: Provider, errand: Errand, failed: ProviderFailed) -> None:
    logs.event(
        _LOG,
        logging.WARNING,
        "model.failed",
        provider=provider.name,
        task=errand.task,
        reason=failed.why.value,
        status=failed.status,
    )
