"""Keys, members, sessions and the audit log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sidecar.domain.access import Account, AuditEntry, Member, Role
from sidecar.domain.permissions import allowed_methods
from sidecar.errors import NotAvailable, invalid
from sidecar.rpc.translate import enums, limits
from sidecar.rpc.translate.assist import account
from sidecar.rpc.translate.tickets import stamp
from sidecar.usecases.members import MemberChange, etag_of
from sidecar.v1 import access_pb2, session_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sidecar.domain.access import ApiKey, Principal
    from sidecar.usecases.sessions import Opened

_CHANGEABLE = {"name", "role", "disabled"}


def new_key(
    request: access_pb2.CreateApiKeyRequest,
) -> tuple[str, Role, str, datetime | None]:
    """Return name, role, connector and end of the key to make."""
    if request.scopes or request.requests_per_minute:
        raise NotAvailable("Scopes and limits of one key arrive with administration.")
    return (
        limits.line("name", request.name, limits.MAX_NAME, required=True),
        limits.choice("role", request.role, enums.ROLE_IN),
        limits.identifier("connector", request.connector),
        limits.moment(
            "expires_at", request.expires_at, present=request.HasField("expires_at")
        ),
    )


def key_made(made: tuple[ApiKey, str]) -> access_pb2.CreateApiKeyResponse:
    """Return the new key with its secret, which nothing shows again."""
    return access_pb2.CreateApiKeyResponse(api_key=key(made[0]), secret=made[1])


def keys(found: Iterable[ApiKey], *, inactive: bool) -> access_pb2.ListApiKeysResponse:
    """Return the keys, revoked ones only when asked for."""
    return access_pb2.ListApiKeysResponse(
        api_keys=[key(item) for item in found if inactive or item.revoked_at is None]
    )


def key(found: ApiKey) -> access_pb2.ApiKey:
    """Return a key without its secret."""
    made = access_pb2.ApiKey(
        key_id=found.id,
        name=found.name,
        connector=found.connector,
        created_at=stamp(found.created_at),
        expires_at=stamp(found.expires_at),
        last_used_at=stamp(found.last_used_at),
        revoked_at=stamp(found.revoked_at),
        created_by=found.created_by,
    )
    if found.role in enums.ROLE:
        made.role = enums.ROLE[found.role]
    return made


def new_member(
    request: access_pb2.CreateMemberRequest,
) -> tuple[str, str, Role, str]:
    """Return e-mail, name, role and password of the person to add."""
    if not request.HasField("member"):
        raise limits.missing("member")
    person = request.member
    _refuse_unkept(person)
    if person.disabled:
        wanted = "A new member can sign in; disable the member afterwards."
        raise invalid("member.disabled", wanted)
    return (
        limits.identifier(
            "member.email", person.email, required=True, longest=limits.MAX_EMAIL
        ),
        limits.line("member.name", person.name, limits.MAX_NAME),
        limits.choice("member.role", person.role, enums.ROLE_IN),
        limits.identifier("password", request.password, longest=limits.MAX_PASSWORD),
    )


def member_query(request: access_pb2.ListMembersRequest) -> tuple[Role | None, int]:
    """Return which role to list, None for all, and how many at a time."""
    role = None
    if request.role:
        role = limits.choice("role", request.role, enums.ROLE_IN)
    return role, limits.page_size(request.page_size)


def member_page(items: Iterable[Member], token: str) -> access_pb2.ListMembersResponse:
    """Return a page of people."""
    return access_pb2.ListMembersResponse(
        members=[member(item) for item in items], next_page_token=token
    )


def member_change(request: access_pb2.UpdateMemberRequest) -> MemberChange:
    """Return what becomes of a person; without a mask every field is set."""
    if not request.HasField("member"):
        raise limits.missing("member")
    person = request.member
    wanted = set(request.update_mask.paths) or _CHANGEABLE
    for path in sorted(wanted - _CHANGEABLE):
        raise invalid("update_mask", f"“{path[:100]}” cannot be changed.")
    _refuse_unkept(person)
    name = limits.line("member.name", person.name, limits.MAX_NAME)
    return MemberChange(
        member_id=limits.identifier(
            "member.member_id", person.member_id, required=True
        ),
        etag=limits.identifier("member.etag", person.etag, required=True),
        name=name if "name" in wanted else None,
        role=limits.choice("member.role", person.role, enums.ROLE_IN)
        if "role" in wanted
        else None,
        active=not person.disabled if "disabled" in wanted else None,
        password=limits.identifier(
            "password", request.password, longest=limits.MAX_PASSWORD
        ),
    )


def member_changed(found: Member) -> access_pb2.UpdateMemberResponse:
    """Return the person as changed."""
    return access_pb2.UpdateMemberResponse(member=member(found))


def _refuse_unkept(person: access_pb2.Member) -> None:
    """Refuse what would be forgotten."""
    unkept = {
        "teams": person.teams,
        "external_accounts": person.external_accounts,
        "suggestions_off": person.suggestions_off,
    }
    for name, value in unkept.items():
        if value:
            raise invalid(f"member.{name}", "This cannot be kept yet; leave it out.")


def member_made(found: Member) -> access_pb2.CreateMemberResponse:
    """Return the new person."""
    return access_pb2.CreateMemberResponse(member=member(found))


def member(found: Member) -> access_pb2.Member:
    """Return a person of the workspace."""
    return access_pb2.Member(
        member_id=found.id,
        email=found.email,
        name=found.name,
        role=enums.ROLE[found.role],
        disabled=not found.active,
        created_at=stamp(found.created_at),
        etag=etag_of(found),
    )


def link(request: access_pb2.LinkAccountRequest) -> tuple[Account, str]:
    """Return the account that is asked about and the address the vendor verified."""
    given = account("account", request.account)
    address = limits.line("verified_email", request.verified_email, limits.MAX_NAME)
    return given, address


def linked(found: tuple[Member, bool]) -> access_pb2.LinkAccountResponse:
    """Return whose account it is."""
    return access_pb2.LinkAccountResponse(member=member(found[0]), linked=found[1])


def audit_page(
    items: Iterable[AuditEntry], token: str
) -> access_pb2.ListAuditEntriesResponse:
    """Return a page of the audit log."""
    return access_pb2.ListAuditEntriesResponse(
        entries=[_entry(item) for item in items], next_page_token=token
    )


def session(opened: Opened) -> session_pb2.Session:
    """Return a session with its token, which nothing shows again."""
    return session_pb2.Session(
        session_id=opened.session.digest[:16],
        token=opened.token,
        expires_at=stamp(opened.session.expires_at),
        member=member(opened.member),
    )


def me(caller: Principal, found: Member | None) -> session_pb2.GetMeResponse:
    """Return who is calling and what it may do."""
    made = session_pb2.GetMeResponse(
        workspace_id=caller.workspace,
        workspace_name=caller.workspace,
        allowed_methods=[
            method.lstrip("/")
            for method in allowed_methods(caller.role)
            if method.startswith("/sidecar.")
        ],
    )
    if caller.role in enums.ROLE:
        made.role = enums.ROLE[caller.role]
    if found is not None:
        made.member.CopyFrom(member(found))
    else:
        made.api_key.key_id = caller.key_id
        made.api_key.connector = caller.connector
    return made


_ACTORS = {
    "member": access_pb2.ACTOR_KIND_MEMBER,
    "key": access_pb2.ACTOR_KIND_API_KEY,
}


def _entry(found: AuditEntry) -> access_pb2.AuditEntry:
    kind = found.actor.partition(":")[0]
    details = json.dumps({"details": found.details}).encode() if found.details else b""
    return access_pb2.AuditEntry(
        sequence=found.id,
        occurred_at=stamp(found.at),
        actor_kind=_ACTORS.get(kind, access_pb2.ACTOR_KIND_SYSTEM),
        actor_id=found.actor,
        action=found.action,
        resource=found.target,
        request_id=found.request_id,
        details_json=details,
    )
