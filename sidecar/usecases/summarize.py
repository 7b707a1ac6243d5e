"""Summarise a conversation."""

from __future__ import annotations

from dataclasses import replace

from sidecar.domain.access import Principal
from sidecar.domain.reply import Warning
from sidecar.domain.summary import Summary
from sidecar.usecases.commands import SummarizeCommand
from sidecar.usecases.harmless import as_read, locally
from sidecar.usecases.ports import Ports
from sidecar.usecases.targets import stored_target


def summarize(ports: Ports, caller: Principal, command: SummarizeCommand) -> Summary:
    """Return headline, problem, steps, questions and what is next.

    Raises ``LookElsewhere(TICKET_NOT_FOUND)`` for an id that is not there.
    """
    ticket = stored_target(ports, caller, command.target)
    safe = as_read(ports, caller, ticket, whole_paragraph=True)
    if safe is ticket:
        return ports.engine.summarize(ticket, command.kind, "")
    # Rules cannot be talked to, and what they quote is the customer's own matter.
    summary = locally(ports, caller).summarize(safe, command.kind, "")
    warnings = (*summary.warnings, Warning.INJECTION_SUSPECTED)
    return replace(summary, warnings=tuple(dict.fromkeys(warnings)))
