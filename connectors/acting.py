"""Acting for a person of a vendor: only a linked member of the team may do anything.

The sidecar decides who the account belongs to and what that member may do; it also
writes the member's name into the audit log, not the connector's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import grpc

from connectors.desk import Desk, explain
from connectors.events import GiveUp
from sidecar.client import SidecarError
from sidecar.v1 import access_pb2, assist_pb2, common_pb2, escalation_pb2

_NOBODY = ("MEMBER_NOT_FOUND", "ACCOUNT_NOT_LINKED")
_TOO_LATE = ("ETAG_MISMATCH", "ESCALATION_CLOSED", "REQUEST_ID_REUSED")
"""The last one: it was done as asked, and somebody has changed it since."""


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

    def acknowledge(self, escalation_id: str, member_id: str, key: str) -> None:
        """Take notice of an escalation. Raises ``TooLate`` when another member has."""

        def change(current: escalation_pb2.Escalation) -> None:
            if current.state != escalation_pb2.ESCALATION_STATE_OPEN:
                raise TooLate
            request = escalation_pb2.AcknowledgeEscalationRequest(
                request_id=key,
                escalation_id=escalation_id,
                etag=current.etag,
                on_behalf_of=self.account,
            )
            self.desk.client.escalations.AcknowledgeEscalation(request)

        self._change(escalation_id, change, lambda e: e.acknowledged_by == member_id)

    def assign(self, escalation_id: str, member_id: str, key: str) -> None:
        """Give an escalation to a member."""

        def change(current: escalation_pb2.Escalation) -> None:
            request = escalation_pb2.AssignEscalationRequest(
                request_id=key,
                escalation_id=escalation_id,
                etag=current.etag,
                assignee=member_id,
                on_behalf_of=self.account,
            )
            self.desk.client.escalations.AssignEscalation(request)

        self._change(escalation_id, change, lambda e: e.assignee == member_id)

    def resolve(self, escalation_id: str, resolution: str, key: str) -> None:
        """Close an escalation, saying how."""

        def change(current: escalation_pb2.Escalation) -> None:
            request = escalation_pb2.ResolveEscalationRequest(
                request_id=key,
                escalation_id=escalation_id,
                etag=current.etag,
                resolution=resolution,
                on_behalf_of=self.account,
            )
            self.desk.client.escalations.ResolveEscalation(request)

        def is_done(current: escalation_pb2.Escalation) -> bool:
            closed = current.state == escalation_pb2.ESCALATION_STATE_RESOLVED
            return closed and current.resolution == resolution

        self._change(escalation_id, change, is_done)

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

    def _change(
        self,
        escalation_id: str,
        change: Callable[[escalation_pb2.Escalation], None],
        is_done: Callable[[escalation_pb2.Escalation], bool],
    ) -> None:
        """Change an escalation unless it is as wanted: a press may come twice.

        The worker that did it first may have died before it could say so. What changed
        between reading and writing is read again: a rule may have raised the level.
        """
        for last in (False, False, True):
            current = self.desk.escalation(escalation_id)
            if current is None:
                said = "The escalation is not there any more."
                raise GiveUp("ESCALATION_NOT_FOUND", said)
            if is_done(current):
                return
            if current.state == escalation_pb2.ESCALATION_STATE_RESOLVED:
                raise TooLate
            try:
                change(current)
            except SidecarError as error:
                if last or error.reason != "ETAG_MISMATCH":
                    raise _meaning(error) from None
            else:
                return


def _meaning(error: SidecarError) -> Exception:
    if error.reason in _NOBODY:
        return NotLinked()
    if error.code is grpc.StatusCode.PERMISSION_DENIED:
        return NotAllowed()
    if error.reason in _TOO_LATE:
        return TooLate()
    return explain(error)
