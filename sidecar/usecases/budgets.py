"""Read and change what language models may cost a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.domain.access import Principal
from sidecar.domain.budget import (
    BUDGET_POLICY,
    Budget,
    Spent,
    decode_budget,
    encode_budget,
)
from sidecar.errors import FieldViolation, MendRequest, Reason
from sidecar.store.port import Transaction
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit

_MOST = 10**15
"""A thousand million dollars, in millionths: more is a mistake."""


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """The limits and what is spent of them, calls under way at their estimate."""

    budget: Budget
    spent: Spent


def get_budget(ports: Ports, caller: Principal) -> BudgetStatus:
    """Return limits and cost of the current day and month (UTC)."""
    with ports.store.reading() as tx:
        return _status(tx, ports, caller)


def update_budget(
    ports: Ports, caller: Principal, budget: Budget, finish: Finish[BudgetStatus]
) -> BudgetStatus:
    """Set the limits; the etag must be the one read, else ``ReadAgain``."""
    limits = {
        "budget.monthly_limit_micros_usd": budget.monthly_limit,
        "budget.daily_limit_micros_usd": budget.daily_limit,
    }
    violations = tuple(
        FieldViolation(field, f"must be 0 to {_MOST}")
        for field, value in limits.items()
        if not 0 <= value <= _MOST
    )
    if violations:
        raise MendRequest(Reason.FIELD_INVALID, violations)
    with ports.store.transaction() as tx:
        tx.policies.put(
            caller.workspace, BUDGET_POLICY, encode_budget(budget), budget.etag
        )
        audit(
            tx,
            ports,
            caller,
            "budget.update",
            caller.workspace,
            f"monthly {budget.monthly_limit} daily {budget.daily_limit}",
        )
        stored = _status(tx, ports, caller)
        finish(tx, stored)
    return stored


def _status(tx: Transaction, ports: Ports, caller: Principal) -> BudgetStatus:
    found = tx.policies.get(caller.workspace, BUDGET_POLICY)
    budget = decode_budget(found.value, found.etag) if found else Budget()
    today = ports.clock.now().date()
    return BudgetStatus(budget, tx.spending.spent(caller.workspace, today))
