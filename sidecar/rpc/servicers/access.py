"""Keys, members and the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.errors import NotAvailable
from sidecar.rpc.translate import access
from sidecar.rpc.translate.limits import identifier, page_size
from sidecar.usecases.access import create_key, list_audit, list_keys, revoke_key
from sidecar.usecases.accounts import link_account
from sidecar.usecases.members import list_members, update_member
from sidecar.usecases.sessions import create_member
from sidecar.v1 import access_pb2 as pb

if TYPE_CHECKING:
    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk


class Access:
    """``AccessService``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ports = desk.ports

    def create_api_key(
        self, request: pb.CreateApiKeyRequest, call: Call
    ) -> pb.CreateApiKeyResponse:
        """Make a key.

        Its secret is shown once, so no answer is kept: a repeat makes another key.
        """
        name, role, connector, expires_at = access.new_key(request)
        made = create_key(
            self._ports, call.caller, name, role, connector, expires_at, _unsaved
        )
        return access.key_made(made)

    def list_api_keys(
        self, request: pb.ListApiKeysRequest, call: Call
    ) -> pb.ListApiKeysResponse:
        """Return the workspace's keys."""
        page_size(request.page_size)
        found = list_keys(self._ports, call.caller)
        return access.keys(found, inactive=request.include_inactive)

    def revoke_api_key(
        self, request: pb.RevokeApiKeyRequest, call: Call
    ) -> pb.RevokeApiKeyResponse:
        """End a key at once."""
        known = identifier("key_id", request.key_id, required=True)
        revoke_key(self._ports, call.caller, known)
        found = [k for k in list_keys(self._ports, call.caller) if k.id == known]
        return pb.RevokeApiKeyResponse(api_key=access.key(found[0]))

    def create_member(
        self, request: pb.CreateMemberRequest, call: Call
    ) -> pb.CreateMemberResponse:
        """Add a person."""
        email, name, role, password = access.new_member(request)
        made = create_member(self._ports, call.caller, email, name, role, password)
        return access.member_made(made)

    def list_members(
        self, request: pb.ListMembersRequest, call: Call
    ) -> pb.ListMembersResponse:
        """Return a page of people."""
        role, size = access.member_query(request)
        cursor = self._desk.pages.open(call, request)
        page = list_members(self._ports, call.caller, role, size, cursor)
        token = self._desk.pages.seal(call, request, page.next_cursor)
        return access.member_page(page.items, token)

    def update_member(
        self, request: pb.UpdateMemberRequest, call: Call
    ) -> pb.UpdateMemberResponse:
        """Change a person."""
        change = access.member_change(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: update_member(self._ports, call.caller, change, finish),
            access.member_changed,
        )

    def link_account(
        self, request: pb.LinkAccountRequest, call: Call
    ) -> pb.LinkAccountResponse:
        """Say whose account it is."""
        account, email = access.link(request)
        found = link_account(self._ports, call.caller, account, email)
        return access.linked(found)

    def list_audit_entries(
        self, request: pb.ListAuditEntriesRequest, call: Call
    ) -> pb.ListAuditEntriesResponse:
        """Return a page of the audit log."""
        narrowed = request.actor_id or request.action or request.resource
        if narrowed or request.HasField("time_range"):
            raise NotAvailable("Filters of the audit log arrive with administration.")
        size = page_size(request.page_size)
        cursor = self._desk.pages.open(call, request)
        page = list_audit(self._ports, call.caller, size, cursor)
        token = self._desk.pages.seal(call, request, page.next_cursor)
        return access.audit_page(page.items, token)


def _unsaved(_transaction: object, _result: object) -> None:
    """Keep no answer: a secret must not lie in the table of answers."""
