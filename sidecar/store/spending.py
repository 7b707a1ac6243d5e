"""What language models cost: reserved before a call, settled after it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, case, delete, func, select, update

from sidecar.domain.budget import ModelCall, Spent
from sidecar.store.context import Context
from sidecar.store.tables import model_calls as t
from sidecar.store.tables import model_days as days

_ADD = (
    update(days)
    .where(days.c.workspace == bindparam("of"), days.c.day == bindparam("on"))
    .values(cost_micros_usd=days.c.cost_micros_usd + bindparam("more"))
)
_SPENT = select(
    func.sum(days.c.cost_micros_usd).label("month"),
    func.sum(
        case((days.c.day == bindparam("today"), days.c.cost_micros_usd), else_=0)
    ).label("day"),
).where(
    days.c.workspace == bindparam("of"),
    days.c.day >= bindparam("first"),
    days.c.day <= bindparam("last"),
)
_RUNNING = "running"
_SETTLE = update(t).where(
    t.c.workspace == bindparam("of"),
    t.c.id == bindparam("own_id"),
    t.c.outcome == _RUNNING,
    t.c.cost_micros_usd == bindparam("reserved"),
)
_RESERVED = select(t.c.day, t.c.cost_micros_usd).where(
    t.c.workspace == bindparam("of"),
    t.c.id == bindparam("own_id"),
    t.c.outcome == _RUNNING,
)
_OF_TICKET = select(func.sum(t.c.cost_micros_usd)).where(
    t.c.workspace == bindparam("of"), t.c.ticket_id == bindparam("about")
)
_OLD = (
    select(t.c.workspace.label("of"), t.c.id.label("own_id"))
    .where(t.c.day < bindparam("before"))
    .order_by(t.c.day)
    .limit(bindparam("limit"))
)
_DELETE = delete(t).where(
    t.c.workspace == bindparam("of"), t.c.id == bindparam("own_id")
)


class SqlSpending:
    """The ledger of calls to models, and what they add up to."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def reserve(self, workspace: str, call: ModelCall) -> Spent:
        """Write down a call that begins; return what is spent with it."""
        day = call.day.isoformat()
        start = {"workspace": workspace, "day": day, "cost_micros_usd": 0}
        self._context.insert_or_keep(days, start)
        # Its row stays locked until the commit: two reservations see each other.
        self._add(workspace, day, call.cost)
        self._context.insert(t, {"workspace": workspace, **_row(call)})
        return self.spent(workspace, call.day)

    def settle(self, workspace: str, call: ModelCall) -> bool:
        """Replace a running call's estimate by what it was; False when it was not."""
        place = {"of": workspace, "own_id": call.id}
        found = self._context.run(_RESERVED, place).first()
        if found is None:
            return False
        reserved = {"reserved": found.cost_micros_usd}
        row = _row(call)
        for fixed in ("id", "day", "provider", "model", "task", "ticket_id"):
            del row[fixed]
        if not self._context.changed(_SETTLE, {**place, **reserved, **row}):
            return False
        self._add(workspace, found.day, call.cost - found.cost_micros_usd)
        return True

    def spent(self, workspace: str, day: date) -> Spent:
        """Return the cost of the day and of its calendar month."""
        today = day.isoformat()
        span = {
            "of": workspace,
            "today": today,
            "first": today[:8] + "01",
            "last": today[:8] + "31",
        }
        found = self._context.run(_SPENT, span).one()
        return Spent(int(found.month or 0), int(found.day or 0))

    def of_ticket(self, workspace: str, ticket_id: str) -> int:
        """Return what the calls about a ticket cost."""
        place = {"of": workspace, "about": ticket_id}
        return int(self._context.run(_OF_TICKET, place).scalar() or 0)

    def purge(self, before: date, limit: int) -> int:
        """Delete up to ``limit`` calls of days before ``before``; return how many.

        What a day cost stays: budgets and reports of past months are read from it.
        """
        asked = {"before": before.isoformat(), "limit": limit}
        keys = [dict(row) for row in self._context.run(_OLD, asked).mappings()]
        if keys:
            self._context.run(_DELETE, keys)
        return len(keys)

    def _add(self, workspace: str, day: str, more: int) -> None:
        self._context.run(_ADD, {"of": workspace, "on": day, "more": more})


def _row(call: ModelCall) -> dict[str, object]:
    return {
        "id": call.id,
        "day": call.day.isoformat(),
        "provider": call.provider,
        "model": call.model,
        "task": call.task,
        "ticket_id": call.ticket_id,
        "outcome": call.outcome,
        "fresh_tokens": call.tokens.fresh,
        "cache_read_tokens": call.tokens.cache_read,
        "cache_write_tokens": call.tokens.cache_write,
        "output_tokens": call.tokens.output,
        "cost_micros_usd": call.cost,
    }
