"""Who gets which event: the one table of subscribers."""

from __future__ import annotations

from collections.abc import Mapping

CONNECTORS = (
    "email",
    "salesforce",
    "slack",
    "webhooks",
    "zendesk",
)
"""Every connector the product knows; each is a subscriber of the same name."""

HELPDESKS = (
    "email",
    "salesforce",
    "zendesk",
)
"""Connectors in which tickets live: they get only what concerns their own."""

TEST_REQUESTED = "connector.test_requested"
CONNECTOR_FAILING = "connector.failing"
CONNECTOR_RECOVERED = "connector.recovered"
REMINDER_DUE = "escalation.reminder_due"

_ESCALATION = (
    "escalation.created",
    "escalation.raised",
    "escalation.acknowledged",
    "escalation.assigned",
    "escalation.resolved",
)
# What is written back to a helpdesk. A classification is written by the worker that
# asked for it, in the same step, so it is not delivered a second time.
_WRITE_BACK = (*_ESCALATION, "draft.created")

# Subscriber -> types of our own events; a trailing * stands for any ending.
ROUTES: dict[str, tuple[str, ...]] = {
    "zendesk": _WRITE_BACK,
    "salesforce": _WRITE_BACK,
    "email": ("escalation.resolved",),
    "slack": (*_ESCALATION, REMINDER_DUE, CONNECTOR_FAILING, CONNECTOR_RECOVERED),
    "webhooks": ("ticket.*", "draft.*", "escalation.*", "feedback.*", "document.*"),
}

OWN_WORDS = frozenset(
    {"connector", "document", "draft", "escalation", "feedback", "ticket", "webhook"}
)
"""First words of our own types; nobody else may publish them."""


def subscribers_of(
    kind: str, ticket_key: str, active: Mapping[str, bool], subject: str = ""
) -> tuple[str, ...]:
    """Return who gets an event, by name.

    ``active`` says of every connector that was ever set up whether it works. A
    vendor's own event goes to its connector unless that is switched off; before it is
    set up the event waits. Our own events go only to connectors that work, and of
    the helpdesks only to the one in which the ticket lives. That a connector fails is
    not told by itself: ``subject`` is its name then.
    """
    source = kind.partition(".")[0]
    if source in CONNECTORS:
        own = (source,) if active.get(source, True) else ()
        return own + _wanting(kind, "", active, but=source)
    home = ticket_key.partition(":")[0]
    but = subject if kind == CONNECTOR_FAILING else ""
    return _wanting(kind, home, active, but)


def _wanting(
    kind: str, home: str, active: Mapping[str, bool], but: str
) -> tuple[str, ...]:
    return tuple(
        name
        for name, kinds in sorted(ROUTES.items())
        if name != but
        and active.get(name, False)
        and (name not in HELPDESKS or name == home)
        and any(fits(kind, wanted) for wanted in kinds)
    )


def fits(kind: str, pattern: str) -> bool:
    """Say whether a type is the one named, or begins as a trailing ``*`` says."""
    if pattern.endswith("*"):
        return kind.startswith(pattern[:-1])
    return kind == pattern
