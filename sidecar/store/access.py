"""Keys, members, sessions and the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from sidecar.domain.access import Account, ApiKey, AuditEntry, Member, Role
from sidecar.errors import MendRequest, Reason
from sidecar.store.context import Context, Record, fit
from sidecar.store.port import Page, Session
from sidecar.store.tables import api_keys as k
from sidecar.store.tables import audit as a
from sidecar.store.tables import member_accounts as ma
from sidecar.store.tables import members as m
from sidecar.store.tables import sessions as s

_KEY = select(k).where(k.c.digest == bindparam("mark"))
_KEYS = (
    select(k)
    .where(k.c.workspace == bindparam("of"))
    .order_by(k.c.created_at.desc(), k.c.id.desc())
)
_WORKSPACES = select(k.c.workspace).distinct().order_by(k.c.workspace)
_REVOKE = update(k).where(
    k.c.workspace == bindparam("of"), k.c.id == bindparam("own_id")
)
_TOUCH = update(k).where(k.c.id == bindparam("own_id"))
_THIS_MEMBER = (m.c.workspace == bindparam("of")) & (m.c.id == bindparam("own_id"))
_MEMBER = select(m).where(_THIS_MEMBER)
_MEMBER_BY_EMAIL = select(m).where(
    m.c.workspace == bindparam("of"), m.c.email_key == bindparam("address")
)
_MEMBERS = select(m).where(m.c.workspace == bindparam("of")).order_by(m.c.email_key)
_HOLD_MEMBERS = (
    select(m).where(m.c.workspace == bindparam("of")).order_by(m.c.id).with_for_update()
)
_MEMBER_BY_ACCOUNT = (
    select(m)
    .join(ma, (ma.c.workspace == m.c.workspace) & (ma.c.member_id == m.c.id))
    .where(
        ma.c.workspace == bindparam("of"),
        ma.c.connector == bindparam("vendor"),
        ma.c.team_id == bindparam("team"),
        ma.c.user_id == bindparam("user"),
    )
)
_UPDATE_MEMBER = update(m).where(_THIS_MEMBER)
_SESSION = select(s).where(s.c.digest == bindparam("mark"))
_END = delete(s).where(s.c.digest == bindparam("mark"))
_END_ALL = delete(s).where(
    s.c.workspace == bindparam("of"), s.c.member_id == bindparam("whose")
)
_EXPIRED = (
    select(s.c.digest.label("mark"))
    .where(s.c.expires_at < bindparam("before"))
    .order_by(s.c.expires_at)
    .limit(bindparam("limit"))
)
_ADD_AUDIT = insert(a)


class SqlAccess:
    """Who may enter, and what was done."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add_key(self, key: ApiKey, digest: str) -> None:
        """Store a key; raises ``ChangeStateFirst(ALREADY_EXISTS)``."""
        row = {
            "workspace": key.workspace,
            "id": key.id,
            "digest": digest,
            "name": key.name,
            "role": key.role.value,
            "connector": key.connector,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
            "last_used_at": key.last_used_at,
            "created_by": key.created_by,
        }
        self._context.insert_new(k, row)

    def workspaces(self) -> list[str]:
        """Return every workspace that has a key, by name."""
        return [str(name) for (name,) in self._context.run(_WORKSPACES, {})]

    def key_by_digest(self, digest: str) -> ApiKey | None:
        """Return the key with this digest, whatever its state or workspace."""
        found = self._context.run(_KEY, {"mark": digest}).first()
        return _read_key(found) if found else None

    def keys(self, workspace: str) -> Sequence[ApiKey]:
        """Return all keys of the workspace, newest first."""
        return [_read_key(row) for row in self._context.run(_KEYS, {"of": workspace})]

    def revoke_key(self, workspace: str, key_id: str, at: datetime) -> bool:
        """Revoke it; False when it was not there."""
        values = {"of": workspace, "own_id": key_id, "revoked_at": at}
        return self._context.changed(_REVOKE, values)

    def touch_key(self, key_id: str, at: datetime) -> None:
        """Remember when the key was last used."""
        self._context.changed(_TOUCH, {"own_id": key_id, "last_used_at": at})

    def add_member(self, member: Member, password_hash: str) -> None:
        """Store a person; raises ``ChangeStateFirst(ALREADY_EXISTS)``."""
        row = {
            "workspace": member.workspace,
            "id": member.id,
            "email": member.email,
            "email_key": member.email.casefold(),
            "name": member.name,
            "role": member.role.value,
            "active": member.active,
            "password_hash": password_hash,
            "created_at": member.created_at,
        }
        self._context.insert_new(m, row)

    def member_by_email(self, workspace: str, email: str) -> tuple[Member, str] | None:
        """Return the person and password hash; case does not matter."""
        place = {"of": workspace, "address": email.casefold()}
        found = self._context.run(_MEMBER_BY_EMAIL, place).first()
        return (_read_member(found), found.password_hash) if found else None

    def member(self, workspace: str, member_id: str) -> Member | None:
        """Return a person."""
        place = {"of": workspace, "own_id": member_id}
        found = self._context.run(_MEMBER, place).first()
        return _read_member(found) if found else None

    def members(self, workspace: str) -> Sequence[Member]:
        """Return all people of the workspace by address."""
        rows = self._context.run(_MEMBERS, {"of": workspace})
        return [_read_member(row) for row in rows]

    def hold_members(self, workspace: str) -> Sequence[Member]:
        """Return all people of the workspace; nobody else changes them meanwhile."""
        rows = self._context.run(_HOLD_MEMBERS, {"of": workspace})
        return [_read_member(row) for row in rows]

    def update_member(self, member: Member) -> bool:
        """Change name, role and active; False when not there."""
        values = {
            "of": member.workspace,
            "own_id": member.id,
            "name": member.name,
            "role": member.role.value,
            "active": member.active,
        }
        return self._context.changed(_UPDATE_MEMBER, values)

    def set_password(self, workspace: str, member_id: str, password_hash: str) -> bool:
        """Replace a person's password; False when the person is not there."""
        place = {"of": workspace, "own_id": member_id}
        values = {**place, "password_hash": password_hash}
        return self._context.changed(_UPDATE_MEMBER, values)

    def link_account(
        self, workspace: str, account: Account, member_id: str, at: datetime
    ) -> None:
        """Say whose account it is; raises ``ChangeStateFirst(ALREADY_EXISTS)``."""
        row = {
            "workspace": workspace,
            "connector": account.connector,
            "team_id": account.team_id,
            "user_id": account.user_id,
            "member_id": member_id,
            "linked_at": at,
        }
        self._context.insert_new(ma, row)

    def member_by_account(self, workspace: str, account: Account) -> Member | None:
        """Return the person an account at a vendor is linked with."""
        place = {
            "of": workspace,
            "vendor": account.connector,
            "team": account.team_id,
            "user": account.user_id,
        }
        found = self._context.run(_MEMBER_BY_ACCOUNT, place).first()
        return _read_member(found) if found else None

    def end_sessions_of(self, workspace: str, member_id: str) -> int:
        """Delete a person's sessions; return how many."""
        return self._context.run(
            _END_ALL, {"of": workspace, "whose": member_id}
        ).rowcount

    def add_session(self, session: Session) -> None:
        """Store a session."""
        row = {
            "digest": session.digest,
            "workspace": session.workspace,
            "member_id": session.member_id,
            "role": session.role.value,
            "actor": session.actor,
            "created_at": session.created_at,
            "expires_at": session.expires_at,
        }
        self._context.insert_new(s, row)

    def session(self, digest: str) -> Session | None:
        """Return a session by digest, whatever its workspace."""
        found = self._context.run(_SESSION, {"mark": digest}).first()
        return _read_session(found) if found else None

    def end_session(self, digest: str) -> bool:
        """Delete it; False when it was not there."""
        return self._context.run(_END, {"mark": digest}).rowcount > 0

    def purge_sessions(self, before: datetime, limit: int) -> int:
        """Delete sessions that expired before; return how many."""
        values = {"before": before, "limit": limit}
        marks = [dict(row) for row in self._context.run(_EXPIRED, values).mappings()]
        if marks:
            self._context.run(_END, marks)
        return len(marks)

    def add_audit(self, workspace: str, entry: AuditEntry) -> None:
        """Append a line; its id is given here."""
        row = {
            "workspace": workspace,
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action,
            "target": entry.target,
            "request_id": entry.request_id,
            "details": entry.details,
        }
        fit(a, row)
        self._context.run(_ADD_AUDIT, row)

    def audit(self, workspace: str, size: int, cursor: str) -> Page[AuditEntry]:
        """Return lines, newest first."""
        query = select(a).where(a.c.workspace == workspace)
        if cursor:
            if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
                raise MendRequest(Reason.PAGE_TOKEN_INVALID)
            query = query.where(a.c.id < int(cursor))
        rows = self._context.run(query.order_by(a.c.id.desc()).limit(size + 1)).all()
        kept = [_read_audit(row) for row in rows[:size]]
        return Page(tuple(kept), str(kept[-1].id) if len(rows) > size and kept else "")


def _read_key(row: Record) -> ApiKey:
    return ApiKey(
        id=row.id,
        workspace=row.workspace,
        name=row.name,
        role=Role(row.role),
        connector=row.connector,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        created_by=row.created_by,
    )


def _read_member(row: Record) -> Member:
    return Member(
        id=row.id,
        workspace=row.workspace,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        active=row.active,
        created_at=row.created_at,
    )


def _read_session(row: Record) -> Session:
    return Session(
        digest=row.digest,
        workspace=row.workspace,
        member_id=row.member_id,
        role=Role(row.role),
        actor=row.actor,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _read_audit(row: Record) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=row.action,
        target=row.target,
        request_id=row.request_id,
        details=row.details,
    )
