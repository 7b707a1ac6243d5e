"""Say what escalation rules would have done to tickets that are classified already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sidecar.domain.access import Principal
from sidecar.domain.classification import Classification, ReasonCode
from sidecar.domain.escalation import EscalationRules
from sidecar.domain.escalation_rules import broken_rules
from sidecar.domain.ticket import Ticket, TicketFilter
from sidecar.store.port import Transaction
from sidecar.usecases.policies import check_rules
from sidecar.usecases.ports import Ports, StillWanted

USUAL_SPAN = timedelta(days=30)
_PAGE = 100


@dataclass(slots=True)
class Tried:
    """How many tickets were tried, and which ones each rule holds for, newest first."""

    tickets: int = 0
    escalated: int = 0
    by_rule: dict[ReasonCode, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """Tickets opened from ``start`` on and before ``end``; None leaves a side open.

    ``undated`` lets tickets through of which nobody said when they were opened.
    """

    start: datetime | None = None
    end: datetime | None = None
    undated: bool = False

    def holds(self, opened: datetime | None) -> bool:
        """Say whether a ticket opened then belongs here."""
        if opened is None:
            return self.undated
        after = self.start is None or opened >= self.start
        return after and (self.end is None or opened < self.end)


def try_rules(
    ports: Ports,
    caller: Principal,
    rules: EscalationRules,
    span: Span | None,
    most: int,
    wanted: StillWanted,
) -> Tried:
    """Apply ``rules`` to the newest ``most`` classified tickets; nothing is stored.

    Finished tickets count too: they were open when the rules would have applied.
    Raises ``MendRequest`` for rules that could not be stored either.
    """
    check_rules(rules)
    span = span or Span(start=ports.clock.now() - USUAL_SPAN, undated=True)
    tried = Tried()
    for ticket, found in _classified(ports, caller.workspace, span, wanted):
        codes = dict.fromkeys(r.code for r in broken_rules(rules, ticket, found))
        tried.tickets += 1
        tried.escalated += bool(codes)
        for code in codes:
            tried.by_rule.setdefault(code, []).append(ticket.id)
        if tried.tickets == most:
            break
    return tried


def _classified(
    ports: Ports, workspace: str, span: Span, wanted: StillWanted
) -> Iterator[tuple[Ticket, Classification]]:
    """Yield tickets with messages and decision, the one that changed last first."""
    cursor = ""
    while True:
        wanted()
        # A transaction for each page: a long one would keep writers' pages alive.
        with ports.store.reading() as tx:
            page = tx.tickets.page(workspace, TicketFilter(), _PAGE, cursor)
            found = _page(tx, workspace, page.items, span)
        yield from found
        cursor = page.next_cursor
        if not cursor or _is_older(page.items[-1], span):
            return


def _page(
    tx: Transaction, workspace: str, items: tuple[Ticket, ...], span: Span
) -> list[tuple[Ticket, Classification]]:
    chosen = [t.id for t in items if span.holds(t.created_at or t.updated_at)]
    whole = tx.tickets.get_many(workspace, chosen)
    decided = [(i, tx.classifications.latest(workspace, i)) for i in chosen]
    return [(whole[i], found) for i, found in decided if found and i in whole]


def _is_older(ticket: Ticket, span: Span) -> bool:
    """Say whether this ticket, and so all after it, changed last before the span."""
    if span.start is None or ticket.updated_at is None:
        return False
    return ticket.updated_at < span.start
