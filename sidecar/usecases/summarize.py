"""Summarise a conversation."""

from __future__ import annotations

from sidecar.domain.access import Principal
from sidecar.domain.summary import Summary
from sidecar.usecases.commands import SummarizeCommand
from sidecar.usecases.ports import Ports
from sidecar.usecases.targets import stored_target


def summarize(ports: Ports, caller: Principal, command: SummarizeCommand) -> Summary:
    """Return headline, problem, steps, questions and what is next.

    Raises ``LookElsewhere(TICKET_NOT_FOUND)`` for an id that is not there.
    """
    ticket = stored_target(ports, caller, command.target)
    return ports.engine.summarize(ticket, command.kind, "")
