"""The people of a workspace: list them and change what they may do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sidecar.domain.access import Member, Principal, Role
from sidecar.errors import ChangeStateFirst, LookElsewhere, ReadAgain, Reason, invalid
from sidecar.store.port import Page, Transaction
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit
from sidecar.usecases.sessions import check_password


@dataclass(frozen=True, slots=True)
class MemberChange:
    """What becomes of a person; None leaves a field, '' leaves the password."""

    member_id: str
    etag: str
    name: str | None = None
    role: Role | None = None
    active: bool | None = None
    password: str = ""


def etag_of(member: Member) -> str:
    """Return the version of a person's entry: a digest of all that can be changed."""
    parts = (member.id, member.name, member.role.value, str(member.active))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def list_members(
    ports: Ports, caller: Principal, role: Role | None, size: int, cursor: str
) -> Page[Member]:
    """Return a page of people by address; ``cursor`` is the last address before it."""
    with ports.store.reading() as tx:
        found = tx.access.members(caller.workspace)
    chosen = sorted(
        (
            member
            for member in found
            if role in (None, member.role) and member.email.casefold() > cursor
        ),
        key=lambda member: member.email.casefold(),
    )
    kept = chosen[:size]
    more = len(chosen) > size
    return Page(tuple(kept), kept[-1].email.casefold() if more else "")


def update_member(
    ports: Ports, caller: Principal, change: MemberChange, finish: Finish[Member]
) -> Member:
    """Change a person; a new role, password or state ends the person's sessions.

    Raises ``LookElsewhere(MEMBER_NOT_FOUND)``, ``ReadAgain(ETAG_MISMATCH)`` for the
    loser of a race and ``ChangeStateFirst(LAST_ADMIN)`` when nobody who may
    administer the workspace would be left.
    """
    stored_hash = ""
    if change.password:
        check_password(change.password)
        stored_hash = ports.passwords.digest(change.password)
    workspace = caller.workspace
    with ports.store.transaction() as tx:
        people = tx.access.hold_members(workspace)
        before = next((m for m in people if m.id == change.member_id), None)
        if before is None:
            raise LookElsewhere(Reason.MEMBER_NOT_FOUND, change.member_id)
        if change.etag != etag_of(before):
            raise ReadAgain(Reason.ETAG_MISMATCH)
        after = _changed(before, change)
        _keep_an_admin(people, before, after)
        tx.access.update_member(after)
        if stored_hash:
            tx.access.set_password(workspace, after.id, stored_hash)
        if stored_hash or (before.role, before.active) != (after.role, after.active):
            # A session carries the role it was opened with.
            tx.access.end_sessions_of(workspace, after.id)
        _write_down(tx, ports, caller, before, after, bool(stored_hash))
        finish(tx, after)
    return after


def _changed(member: Member, change: MemberChange) -> Member:
    if change.role is not None and change.role not in (
        Role.ADMIN,
        Role.AGENT,
        Role.VIEWER,
    ):
        raise invalid("member.role", "a person is an admin, an agent or a viewer")
    return replace(
        member,
        name=member.name if change.name is None else change.name.strip(),
        role=change.role or member.role,
        active=member.active if change.active is None else change.active,
    )


def _keep_an_admin(people: Sequence[Member], before: Member, after: Member) -> None:
    if not _administers(before) or _administers(after):
        return
    if not any(_administers(m) for m in people if m.id != before.id):
        raise ChangeStateFirst(Reason.LAST_ADMIN, before.id)


def _administers(member: Member) -> bool:
    return member.active and member.role is Role.ADMIN


def _write_down(
    tx: Transaction,
    ports: Ports,
    caller: Principal,
    before: Member,
    after: Member,
    password: bool,
) -> None:
    details = [
        name
        for name, differs in (
            ("name", before.name != after.name),
            (f"role:{after.role.value}", before.role is not after.role),
            ("enabled" if after.active else "disabled", before.active != after.active),
            ("password", password),
        )
        if differs
    ]
    audit(tx, ports, caller, "member.update", after.id, " ".join(details))
