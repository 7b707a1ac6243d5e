"""Money: a workspace's budget is asked before a call and told what the call was."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from sidecar import logs, metrics
from sidecar.clock import Clock
from sidecar.domain.budget import (
    BUDGET_POLICY,
    Budget,
    ModelCall,
    Prices,
    Tokens,
    decode_budget,
    tokens_at_most,
)
from sidecar.domain.ids import new_id
from sidecar.errors import DesksideError
from sidecar.llm.remote.client import Letter
from sidecar.llm.remote.failure import FREE_OF_CHARGE, Failure, ProviderFailed
from sidecar.store.port import Store

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accounts:
    """The ledger of all workspaces."""

    store: Store
    clock: Clock

    def reserve(
        self, workspace: str, call: ModelCall, letter: Letter, prices: Prices
    ) -> ModelCall:
        """Set the most a call can cost aside and return the entry.

        Raises ``ProviderFailed(BUDGET)`` when that is more than the budget has left.
        """
        now = self.clock.now()
        most = Tokens(fresh=letter_tokens(letter), output=letter.most_output_tokens)
        entry = replace(
            call, id=new_id("mdl", now), day=now.date(), cost=prices.most(most)
        )
        with self.store.transaction(durable=False) as tx:
            found = tx.policies.get(workspace, BUDGET_POLICY)
            budget = decode_budget(found.value, found.etag) if found else Budget()
            if not budget.allows(tx.spending.reserve(workspace, entry)):
                # Leaving by an exception takes the reservation back.
                raise ProviderFailed(Failure.BUDGET)
        return entry

    def settle(
        self,
        workspace: str,
        entry: ModelCall,
        why: Failure | None,
        used: Tokens,
        prices: Prices,
    ) -> ModelCall:
        """Replace the estimate by what the call was; ``why`` is None for a good one."""
        free = why in FREE_OF_CHARGE and used == Tokens()
        cost = 0 if free else prices.cost(used)
        outcome = why.value if why else "answered"
        settled = replace(entry, outcome=outcome, tokens=used, cost=cost)
        _count(settled)
        try:
            with self.store.transaction(durable=False) as tx:
                tx.spending.settle(workspace, settled)
        except DesksideError as error:
            # The estimate stays set aside, which errs on the careful side.
            logs.event(
                _LOG, logging.WARNING, "model.unsettled", reason=error.reason.value
            )
        return settled


def letter_tokens(letter: Letter) -> int:
    """Return an upper estimate of a letter's tokens, its schema included."""
    schema = tokens_at_most(str(letter.schema))
    return tokens_at_most(letter.fixed) + tokens_at_most(letter.changing) + schema


def _count(call: ModelCall) -> None:
    metrics.MODEL_CALLS.labels(call.provider, call.task, call.outcome).inc()
    metrics.MODEL_COST.labels(call.provider).inc(call.cost)
    for kind, count in (
        ("input", call.tokens.fresh),
        ("cache_read", call.tokens.cache_read),
        ("cache_write", call.tokens.cache_write),
        ("output", call.tokens.output),
    ):
        metrics.MODEL_TOKENS.labels(call.provider, kind).inc(count)
