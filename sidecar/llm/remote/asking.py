"""One question to one provider: breaker, budget, cache, deadline, and the bill."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sidecar import metrics
from sidecar.cache.port import Cache
from sidecar.domain.budget import ModelCall, Prices, Tokens, tokens_at_most
from sidecar.domain.reply import Usage
from sidecar.llm.port import Asked
from sidecar.llm.remote.accounts import Accounts, letter_tokens
from sidecar.llm.remote.client import End, ModelClient
from sidecar.llm.remote.door import Sealed
from sidecar.llm.remote.failure import Failure, ProviderFailed
from sidecar.llm.remote.gate import Gate
from sidecar.llm.remote.pump import paced

_CACHE_PREFIX = "llm:"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider as it is set up; ``longest`` bounds one call, in seconds."""

    client: ModelClient
    prices: Prices
    longest: float = 30.0
    gate: Gate = field(default_factory=Gate)

    @property
    def name(self) -> str:
        """Return ``openai`` or ``anthropic``."""
        return self.client.name


@dataclass(slots=True)
class Bill:
    """What one piece of work has cost so far, failed tries included."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0

    def add(self, call: ModelCall) -> None:
        """Add a settled call."""
        self.input_tokens += call.tokens.input
        self.output_tokens += call.tokens.output
        self.cost += call.cost

    def usage(self) -> Usage:
        """Return it as answers have it."""
        return Usage(self.input_tokens, self.output_tokens, self.cost)


@dataclass(frozen=True, slots=True)
class Errand:
    """Which work a call belongs to."""

    asked: Asked
    task: str
    ticket_id: str
    bill: Bill


class Asker:
    """Asks providers; ``keep`` is how long good answers are kept, 0 for never."""

    def __init__(self, accounts: Accounts, cache: Cache, keep: timedelta) -> None:
        self._accounts = accounts
        self._cache = cache
        self._keep = keep

    def ask(
        self, provider: Provider, sealed: Sealed, errand: Errand, seconds: float
    ) -> Generator[str, None, None]:
        """Yield the answer as it comes, still with placeholders.

        Raises ``ProviderFailed`` when it ends otherwise than a good answer does.
        """
        known = None
        if self._keep:
            known = self._cache.get(errand.asked.workspace, _key(provider, sealed))
        if known is not None:
            yield known.decode()
            return
        entry = provider.gate.enter(seconds)
        if entry is None:
            raise ProviderFailed(Failure.BREAKER_OPEN)
        try:
            call = self._reserved(provider, sealed, errand)
        except BaseException:
            entry.gave_up()
            raise
        why: Failure | None = Failure.CANCELLED
        running = _Running()
        try:
            yield from running.pieces(provider, sealed, errand, seconds)
            why = None
        except ProviderFailed as failed:
            why = failed.why
            raise
        finally:
            entry.ended(why, silent=running.silent)
            is_open = int(provider.gate.is_open)
            metrics.MODEL_BREAKER_OPEN.labels(provider.name).set(is_open)
            used = running.used(sealed, why)
            workspace = errand.asked.workspace
            errand.bill.add(
                self._accounts.settle(workspace, call, why, used, provider.prices)
            )

    def remember(
        self, provider: Provider, sealed: Sealed, errand: Errand, answer: str
    ) -> None:
        """Keep an answer that turned out to be good; it holds placeholders only."""
        if not self._keep:
            return
        self._cache.put(
            errand.asked.workspace,
            _key(provider, sealed),
            answer.encode("utf-8", "replace"),
            self._keep,
        )

    def _reserved(
        self, provider: Provider, sealed: Sealed, errand: Errand
    ) -> ModelCall:
        call = ModelCall(
            id="",
            day=self._accounts.clock.now().date(),
            provider=provider.name,
            model=provider.client.model,
            task=errand.task,
            ticket_id=errand.ticket_id,
        )
        return self._accounts.reserve(
            errand.asked.workspace, call, sealed.letter, provider.prices
        )


class _Running:
    """A call under way: what was read and what the provider said it used."""

    def __init__(self) -> None:
        self._read: list[str] = []
        self._told: Tokens | None = None

    def pieces(
        self, provider: Provider, sealed: Sealed, errand: Errand, seconds: float
    ) -> Iterator[str]:
        end = End.DONE
        started = time.perf_counter()
        try:
            for piece in paced(
                provider.client, sealed.letter, seconds, errand.asked.wanted
            ):
                if isinstance(piece, str):
                    self._read.append(piece)
                    yield piece
                elif isinstance(piece, Tokens):
                    self._told = piece
                elif end is End.DONE:
                    end = piece
        finally:
            metrics.MODEL_SECONDS.labels(provider.name, errand.task).observe(
                time.perf_counter() - started
            )
        if end is End.REFUSED:
            raise ProviderFailed(Failure.REFUSED)
        if end is End.TOO_LONG:
            raise ProviderFailed(Failure.TOO_LONG)
        if not "".join(self._read).strip():
            raise ProviderFailed(Failure.EMPTY)

    @property
    def silent(self) -> bool:
        """Say whether nothing has come of the answer, its head included."""
        return not self._read and self._told is None

    def used(self, sealed: Sealed, why: Failure | None) -> Tokens:
        """Return the provider's own count, or an upper estimate where it gave none.

        A stream cut short is charged for all the same.
        """
        refused = (
            *(Failure.UNAUTHORIZED, Failure.RATE_LIMITED, Failure.OVERLOADED),
            *(Failure.SERVER, Failure.REQUEST, Failure.UNREACHABLE),
        )
        written = tokens_at_most("".join(self._read))
        if self._told is not None and self._told.input:
            if why is None or self._told.output >= written:
                return self._told
            told = self._told
            return Tokens(told.fresh, told.cache_read, told.cache_write, written)
        if why in refused and not self._read:
            return Tokens()
        return Tokens(fresh=letter_tokens(sealed.letter), output=written)


def _key(provider: Provider, sealed: Sealed) -> str:
    client = provider.client
    return f"{_CACHE_PREFIX}{client.name}:{client.model}:{sealed.digest}"
