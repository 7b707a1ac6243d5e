"""A priority raised in the helpdesk is checked by the escalation rules."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from sidecar.client import SidecarClient
from sidecar.v1 import (
    assist_pb2,
    classification_pb2,
    escalation_pb2,
    policy_pb2,
    rules_pb2,
    ticket_pb2,
    ticket_service_pb2,
)
from tests.contract.rpc.conftest import Running

QUIET = "Where do I find the colours of the calendar?"


class Helpdesk:
    """One ticket as a helpdesk's connector brings it up to date."""

    def __init__(self, client: SidecarClient) -> None:
        self.client = client
        self.ticket = ticket_pb2.Ticket(
            external_id=uuid.uuid4().hex,
            connector="zendesk",
            subject="A question",
            status=ticket_pb2.TICKET_STATUS_OPEN,
            messages=[ticket_pb2.Message(external_id="1", body=QUIET)],
        )
        self.ticket_id = ""

    def change(self, **fields: object) -> None:
        """Change the ticket there and bring it up to date here."""
        for name, value in fields.items():
            setattr(self.ticket, name, value)
        request = ticket_service_pb2.UpsertTicketRequest(ticket=self.ticket)
        self.ticket_id = self.client.tickets.UpsertTicket(request).ticket.id

    def classify(self) -> assist_pb2.ClassifyResponse:
        """Classify it as it is stored."""
        request = assist_pb2.ClassifyRequest(ticket_id=self.ticket_id)
        return self.client.assist.Classify(request)

    def escalation(self) -> escalation_pb2.Escalation | None:
        """Return the ticket's escalation that is not resolved."""
        request = ticket_service_pb2.GetTicketPanelRequest(ticket_id=self.ticket_id)
        panel = self.client.tickets.GetTicketPanel(request)
        return panel.escalation if panel.HasField("escalation") else None

    def resolve(self) -> None:
        """Let somebody resolve the escalation."""
        found = self.escalation()
        assert found is not None
        request = escalation_pb2.ResolveEscalationRequest(
            escalation_id=found.escalation_id, etag=found.etag
        )
        self.client.escalations.ResolveEscalation(request)


@pytest.fixture
def helpdesk(running: Running) -> Iterator[Helpdesk]:
    """A calm ticket of normal priority that was classified and not escalated."""
    with running.client() as client:
        made = Helpdesk(client)
        made.change(vendor_priority="normal")
        assert not made.classify().HasField("escalation")
        yield made


def test_a_ticket_made_urgent_is_escalated(helpdesk: Helpdesk) -> None:
    """With the update itself and with its reason; it is not classified again."""
    before = helpdesk.classify().classification.priority
    helpdesk.change(vendor_priority="Urgent")
    found = helpdesk.escalation()
    assert found is not None
    (reason,) = found.reasons
    assert reason.code == classification_pb2.REASON_CODE_PRIORITY
    assert reason.text == "Priority “urgent” in the helpdesk reaches the limit of 8."
    assert helpdesk.classify().classification.priority == before


@pytest.mark.parametrize("word", ["high", "low", "", "P0 (ours)", "urgently"])
def test_other_words_escalate_nothing(helpdesk: Helpdesk, word: str) -> None:
    """What is below the limit, or no word that is known, says nothing."""
    helpdesk.change(vendor_priority=word)
    assert helpdesk.escalation() is None


def test_what_was_resolved_stays_resolved(helpdesk: Helpdesk) -> None:
    """Other changes and a lower priority open nothing; urgent once more does."""
    helpdesk.change(vendor_priority="urgent")
    helpdesk.resolve()
    helpdesk.change(subject="Another question")
    helpdesk.change(vendor_priority="high")
    assert helpdesk.escalation() is None
    helpdesk.change(vendor_priority="urgent")
    assert helpdesk.escalation() is not None


def test_a_solved_ticket_is_not_escalated(helpdesk: Helpdesk) -> None:
    """Nobody has to look at it now."""
    helpdesk.change(vendor_priority="urgent", status=ticket_pb2.TICKET_STATUS_SOLVED)
    assert helpdesk.escalation() is None


def test_a_ticket_that_comes_urgent_waits_for_its_classification(
    running: Running,
) -> None:
    """Reading past tickets raises no alarm; classifying one does."""
    with running.client() as client:
        helpdesk = Helpdesk(client)
        helpdesk.change(vendor_priority="urgent")
        assert helpdesk.escalation() is None
        found = helpdesk.classify().escalation
    texts = [reason.text for reason in found.reasons]
    assert "Priority “urgent” in the helpdesk reaches the limit of 8." in texts


def test_the_rule_on_priority_can_be_switched_off(helpdesk: Helpdesk) -> None:
    """Without that rule, the helpdesk's priority escalates nothing either."""
    get = policy_pb2.GetEscalationRulesRequest()
    before = helpdesk.client.policies.GetEscalationRules(get).rules
    wanted = rules_pb2.EscalationRules(etag=before.etag)
    wanted.rules.extend(rule for rule in before.rules if rule.rule_id != "priority")
    _update(helpdesk.client, wanted)
    try:
        helpdesk.change(vendor_priority="urgent")
        assert helpdesk.escalation() is None
    finally:
        before.etag = helpdesk.client.policies.GetEscalationRules(get).rules.etag
        _update(helpdesk.client, before)


def _update(client: SidecarClient, rules: rules_pb2.EscalationRules) -> None:
    request = policy_pb2.UpdateEscalationRulesRequest(rules=rules)
    client.policies.UpdateEscalationRules(request)
