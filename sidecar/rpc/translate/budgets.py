"""Budgets of language models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.domain.budget import Budget
from sidecar.rpc.translate import limits
from sidecar.v1 import policy_pb2

if TYPE_CHECKING:
    from sidecar.usecases.budgets import BudgetStatus


def new_budget(request: policy_pb2.UpdateBudgetRequest) -> Budget:
    """Return the limits to set; what is only answered is not read."""
    if not request.HasField("budget"):
        raise limits.missing("budget")
    given = request.budget
    return Budget(
        monthly_limit=given.monthly_limit_micros_usd,
        daily_limit=given.daily_limit_micros_usd,
        etag=limits.identifier("budget.etag", given.etag),
    )


def budget(found: BudgetStatus) -> policy_pb2.GetBudgetResponse:
    """Return limits and cost."""
    return policy_pb2.GetBudgetResponse(budget=_budget(found))


def budget_updated(found: BudgetStatus) -> policy_pb2.UpdateBudgetResponse:
    """Return the new limits and the cost."""
    return policy_pb2.UpdateBudgetResponse(budget=_budget(found))


def _budget(found: BudgetStatus) -> policy_pb2.Budget:
    return policy_pb2.Budget(
        monthly_limit_micros_usd=found.budget.monthly_limit,
        daily_limit_micros_usd=found.budget.daily_limit,
        month_cost_micros_usd=found.spent.month,
        day_cost_micros_usd=found.spent.day,
        exhausted=found.budget.is_exhausted(found.spent),
        etag=found.budget.etag,
    )
