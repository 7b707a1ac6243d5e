"""Keys, people and sessions: who is calling, and who may."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sidecar.domain.access import ApiKey, AuditEntry, Principal, Role
from sidecar.domain.ids import new_id
from sidecar.errors import LookElsewhere, Reason, SignIn, invalid
from sidecar.store.port import Page, Transaction
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit

KEY_PREFIX = "dsk_"
SESSION_PREFIX = "dss_"
# Writing down each use would make a commit of every call.
TOUCH_EVERY = timedelta(minutes=10)
_WELL_FORMED = re.compile(r"ds[ks]_[A-Za-z0-9_-]{43}")


def digest_of(secret: str) -> str:
    """Return the SHA-256 hex digest under which a secret is stored.

    Plain SHA-256 is enough: the secrets are 256 random bits, nothing to guess.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(prefix: str) -> str:
    """Return a new secret of 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def authenticate(ports: Ports, bearer: str) -> Principal:
    """Return who presents this key or session token.

    Raises ``SignIn`` with CREDENTIALS_INVALID or CREDENTIALS_EXPIRED.
    """
    if not _WELL_FORMED.fullmatch(bearer):
        raise SignIn(Reason.CREDENTIALS_INVALID, "malformed bearer")
    if bearer.startswith(SESSION_PREFIX):
        return _by_session(ports, digest_of(bearer))
    return _by_key(ports, digest_of(bearer))


def _by_session(ports: Ports, digest: str) -> Principal:
    with ports.store.reading() as tx:
        session = tx.access.session(digest)
    if session is None:
        raise SignIn(Reason.CREDENTIALS_INVALID, "unknown session")
    if session.expires_at <= ports.clock.now():
        raise SignIn(Reason.CREDENTIALS_EXPIRED, "session is over")
    return Principal(
        workspace=session.workspace,
        role=session.role,
        actor=session.actor,
        key_id=f"session:{digest[:16]}",
        member_id=session.member_id,
    )


def _by_key(ports: Ports, digest: str) -> Principal:
    with ports.store.reading() as tx:
        key = tx.access.key_by_digest(digest)
    if key is None or key.revoked_at is not None:
        raise SignIn(Reason.CREDENTIALS_INVALID, "unknown or revoked key")
    now = ports.clock.now()
    if key.expires_at is not None and key.expires_at <= now:
        raise SignIn(Reason.CREDENTIALS_EXPIRED, f"key {key.id}")
    if key.last_used_at is None or now - key.last_used_at > TOUCH_EVERY:
        with ports.store.transaction(durable=False) as tx:
            tx.access.touch_key(key.id, now)
    return Principal(
        workspace=key.workspace,
        role=key.role,
        actor=f"key:{key.id}",
        key_id=key.id,
        connector=key.connector,
    )


def create_key(
    ports: Ports,
    caller: Principal,
    name: str,
    role: Role,
    connector: str,
    expires_at: datetime | None,
    finish: Finish[tuple[ApiKey, str]],
) -> tuple[ApiKey, str]:
    """Make a key; its secret is in the answer and nowhere else."""
    if not name.strip():
        raise invalid("name", "say what the key is for")
    if expires_at is not None and expires_at <= ports.clock.now():
        raise invalid("expires_at", "lies in the past")
    with ports.store.transaction() as tx:
        made = add_key(
            tx, ports, caller.workspace, name, role, connector, expires_at, caller.actor
        )
        audit(tx, ports, caller, "key.create", made[0].id, role.value)
        finish(tx, made)
    return made


def add_key(
    tx: Transaction,
    ports: Ports,
    workspace: str,
    name: str,
    role: Role,
    connector: str,
    expires_at: datetime | None,
    created_by: str,
) -> tuple[ApiKey, str]:
    """Store a new key and return it with its secret."""
    now = ports.clock.now()
    secret = new_secret(KEY_PREFIX)
    key = ApiKey(
        id=new_id("key", now),
        workspace=workspace,
        name=name.strip(),
        role=role,
        connector=connector,
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
        created_by=created_by,
    )
    tx.access.add_key(key, digest_of(secret))
    return key, secret


def list_keys(ports: Ports, caller: Principal) -> Sequence[ApiKey]:
    """Return the workspace's keys, never their secrets."""
    with ports.store.reading() as tx:
        return tx.access.keys(caller.workspace)


def revoke_key(ports: Ports, caller: Principal, key_id: str) -> None:
    """End a key at once."""
    with ports.store.transaction() as tx:
        if not tx.access.revoke_key(caller.workspace, key_id, ports.clock.now()):
            raise LookElsewhere(Reason.KEY_NOT_FOUND, key_id)
        audit(tx, ports, caller, "key.revoke", key_id)


def list_audit(
    ports: Ports, caller: Principal, size: int, cursor: str
) -> Page[AuditEntry]:
    """Return a page of the audit log, newest first."""
    with ports.store.reading() as tx:
        return tx.access.audit(caller.workspace, size, cursor)
