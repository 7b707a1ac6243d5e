"""Acting for a person of a vendor: only a linked member of the team may do anything.

The sidecar decides who the account belongs to and what that member may do; it also
writes the member's name into the audit log, not the connector's.
"""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from connectors.desk import Desk, explain
from connectors.events import GiveUp
from sidecar.client import SidecarError
from sidecar.v1 import access_pb2, assist_pb2, common_pb2, escalation_pb2

_NOBODY = ("MEMBER_NOT_FOUND", "ACCOUNT_NOT_LINKED")


class NotLinked(Exception):
    """No enabled member belongs to the account."""


class NotAllowed(Exception):
    """The member's role does not allow it."""


class TooLate(Exception):
    """Somebody else has changed it first, or it is finished."""


@dataclass(frozen=True, slots=True)
class Acting:
    """The sidecar as one person of a vendor may use it."""

    desk: Desk
    account: common_pb2.ExternalAccount

    def link(self, verified_email: str) -> access_pb2.Member:
        """Return the member the account belongs to.

        The first time the member with this address, which the vendor has verified,
        is linked. Raises ``NotLinked`` when there is none.
        """
        request = access_pb2.LinkAccountRequest(
            account=self.account, verified_email=verified_email
        )
        try:
            return self.desk.client.access.LinkAccount(request).member
        except SidecarError as error:
            raise _meaning(error) from None

    def acknowledge(self, escalation_id: str, key: str) -> escalation_pb2.Escalation:
        """Take notice of an escalation. Raises ``TooLate`` when it is closed."""
        current = self._open(escalation_id)
        if current.state != escalation_pb2.ESCALATION_STATE_OPEN:
            raise TooLate
        request = escalation_pb2.AcknowledgeEscalationRequest(
            request_id=key,
            escalation_id=escalation_id,
            etag=current.etag,
            on_behalf_of=self.account,
        )
        try:
            service = self.desk.client.escalations
            return service.AcknowledgeEscalation(request).escalation
        except SidecarError as error:
            raise _meaning(error) from None

    def assign(
        self, escalation_id: str, member_id: str, key: str
    ) -> escalation_pb2.Escalation:
        """Give an escalation to a member."""
        current = self._open(escalation_id)
        request = escalation_pb2.AssignEscalationRequest(
            request_id=key,
            escalation_id=escalation_id,
            etag=current.etag,
            assignee=member_id,
            on_behalf_of=self.account,
        )
        try:
            return self.desk.client.escalations.AssignEscalation(request).escalation
        except SidecarError as error:
            raise _meaning(error) from None

    def resolve(
        self, escalation_id: str, resolution: str, key: str
    ) -> escalation_pb2.Escalation:
        """Close an escalation."""
        current = self._open(escalation_id)
        request = escalation_pb2.ResolveEscalationRequest(
            request_id=key,
            escalation_id=escalation_id,
            etag=current.etag,
            resolution=resolution,
            on_behalf_of=self.account,
        )
        try:
            return self.desk.client.escalations.ResolveEscalation(request).escalation
        except SidecarError as error:
            raise _meaning(error) from None

    def escalate(
        self, ticket_id: str, reason: str, key: str
    ) -> assist_pb2.EscalateResponse:
        """Call for help with a ticket."""
        request = assist_pb2.EscalateRequest(
            request_id=key,
            ticket_id=ticket_id,
            reason=reason,
            on_behalf_of=self.account,
        )
        try:
            return self.desk.client.assist.Escalate(request)
        except SidecarError as error:
            raise _meaning(error) from None

    def _open(self, escalation_id: str) -> escalation_pb2.Escalation:
        found = self.desk.escalation(escalation_id)
        if found is None:
            raise GiveUp(
                "ESCALATION_NOT_FOUND", "The escalation is not there any more."
            )
        if found.state == escalation_pb2.ESCALATION_STATE_RESOLVED:
            raise TooLate
        return found


def _meaning(error: SidecarError) -> Exception:
    if error.reason in _NOBODY:
        return NotLinked()
    if error.code is grpc.StatusCode.PERMISSION_DENIED:
        return NotAllowed()
    if error.reason in ("ETAG_MISMATCH", "ESCALATION_CLOSED"):
        return TooLate()
    return explain(error)
