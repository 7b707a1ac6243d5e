"""Find what nobody looks after: critical tickets, and alerts nobody reacted to.

Any number of processes may look at once: what was noticed is named, and an event of
one name is stored once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from sidecar.domain.access import Principal, Role
from sidecar.domain.business_hours import worked_between
from sidecar.domain.classification import Reason as Why
from sidecar.domain.classification import ReasonCode, Severity
from sidecar.domain.escalation import Escalation, EscalationRules, EscalationState
from sidecar.domain.event import OURS
from sidecar.domain.event_routing import REMINDER_DUE
from sidecar.domain.ticket import AuthorRole, Message, Ticket, TicketFilter
from sidecar.errors import ChangeStateFirst, Reason
from sidecar.store.port import Page, Transaction
from sidecar.usecases.ports import Ports
from sidecar.usecases.record import audit, send
from sidecar.usecases.taxonomy import current_rules

T = TypeVar("T")

HIGHEST = 3
_PAGE = 100
_MOST = 2000


def escalate_unattended(ports: Ports, workspace: str) -> int:
    """Escalate critical tickets that wait too long for an agent; return how many."""
    with ports.store.reading() as tx:
        rules = current_rules(tx, workspace)
    wanted = TicketFilter(severity=Severity.CRITICAL.value, unattended=True)
    now, done = ports.clock.now(), 0
    for head in _pages(
        ports, lambda tx, cursor: tx.tickets.page(workspace, wanted, _PAGE, cursor)
    ):
        with ports.store.reading() as tx:
            ticket = tx.tickets.get(workspace, head.id)
        first = _first_unanswered(ticket) if ticket else None
        if ticket is None or first is None:
            continue
        since = _waits_since(ticket, first)
        limit = timedelta(seconds=rules.unattended_after)
        if since is None or worked_between(rules.hours, since, now) < limit:
            continue
        name = f"unattended:{ticket.id}:{first.id}"
        done += _escalate(ports, workspace, name, _escalation(ticket, now, rules))
    return done


def climb_alerts(ports: Ports, workspace: str) -> int:
    """Let alerts that nobody reacted to climb a level; return how many did."""
    with ports.store.reading() as tx:
        rules = current_rules(tx, workspace)
    now, done = ports.clock.now(), 0
    for item in _pages(
        ports,
        lambda tx, cursor: tx.escalations.page(
            workspace, [EscalationState.OPEN], _PAGE, cursor
        ),
    ):
        step = steps_due(rules, item.created_at, now)
        if step:
            done += _climb(ports, workspace, item, step)
    return done


def steps_due(rules: EscalationRules, since: datetime, now: datetime) -> int:
    """Return how many steps of the ladder an alert should have climbed by now."""
    waited = worked_between(rules.hours, since, now).total_seconds()
    due, total = 0, 0
    for seconds in rules.climb_after:
        total += seconds
        if waited < total:
            break
        due += 1
    return due


def _pages(ports: Ports, ask: Callable[[Transaction, str], Page[T]]) -> list[T]:
    items: list[T] = []
    cursor = ""
    while len(items) < _MOST:
        with ports.store.reading() as tx:
            page = ask(tx, cursor)
        items.extend(page.items)
        cursor = page.next_cursor
        if not cursor:
            break
    return items


def _escalate(ports: Ports, workspace: str, name: str, wanted: Escalation) -> bool:
    """Open or raise the ticket's escalation, unless that was done under ``name``."""
    with ports.store.reading() as tx:
        if tx.events.find(workspace, OURS, name):
            return False
    try:
        with ports.store.transaction() as tx:
            item, created = tx.escalations.open(workspace, wanted)
            kind = "escalation.created" if created else "escalation.raised"
            facts = {"escalation_id": item.id, "level": item.level}
            send(tx, workspace, kind, wanted.ticket_id, name, facts)
            audit(tx, ports, _watch(workspace), kind, item.id, "unattended")
    except ChangeStateFirst as other:
        if other.reason is not Reason.ALREADY_EXISTS:
            raise
        return False
    return True


def _climb(ports: Ports, workspace: str, item: Escalation, step: int) -> bool:
    """Raise the level and remind, unless that was done for this step."""
    name = f"reminder:{item.id}:{step}"
    with ports.store.reading() as tx:
        if tx.events.find(workspace, OURS, name):
            return False
    try:
        with ports.store.transaction() as tx:
            now = tx.escalations.open_for(workspace, item.ticket_id)
            if now is None or now.state is not EscalationState.OPEN:
                return False
            level = min(max(now.level, 1) + 1, max(HIGHEST, now.level))
            raised, _ = tx.escalations.open(workspace, replace(now, level=level))
            facts = {"escalation_id": item.id, "level": raised.level, "step": step}
            send(tx, workspace, REMINDER_DUE, item.ticket_id, name, facts)
            audit(tx, ports, _watch(workspace), REMINDER_DUE, item.id, f"step={step}")
    except ChangeStateFirst as other:
        if other.reason is not Reason.ALREADY_EXISTS:
            raise
        return False
    return True


def _watch(workspace: str) -> Principal:
    return Principal(workspace, Role.SERVICE, "watch", "")


def _first_unanswered(ticket: Ticket) -> Message | None:
    """Return the customer's first turn after the last answer, None if answered."""
    first = None
    for message in ticket.public_messages:
        if message.author.role is AuthorRole.AGENT:
            first = None
        elif message.author.role is AuthorRole.CUSTOMER and first is None:
            first = message
    return first


def _waits_since(ticket: Ticket, first: Message) -> datetime | None:
    """Return when the wait began: a person who takes over has the whole time again.

    An assignment stops the clock of the one before; it is no answer, so a ticket that
    its new agent forgets is found as well.
    """
    asked = first.sent_at or ticket.updated_at or ticket.created_at
    if asked is None or ticket.assigned_at is None:
        return asked
    return max(asked, ticket.assigned_at)


def _escalation(ticket: Ticket, now: datetime, rules: EscalationRules) -> Escalation:
    hours = rules.unattended_after // 3600
    text = f"A critical ticket has waited more than {hours} hours for an answer."
    return Escalation(
        id="",
        ticket_id=ticket.id,
        state=EscalationState.OPEN,
        level=HIGHEST,
        reasons=(Why(ReasonCode.UNANSWERED, text),),
        assignee="",
        etag="",
        created_at=now,
        updated_at=now,
        created_by="rules",
    )
