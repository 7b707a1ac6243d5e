"""People's short sessions: open, renew, end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sidecar.domain.access import Member, Principal, Role
from sidecar.domain.ids import new_id
from sidecar.errors import (
    AskSomebodyElse,
    LookElsewhere,
    Reason,
    SignIn,
    invalid,
)
from sidecar.store.port import Session, Transaction
from sidecar.usecases.access import SESSION_PREFIX, digest_of, new_secret
from sidecar.usecases.ports import Ports
from sidecar.usecases.record import audit

SESSION_LIFE = timedelta(minutes=10)
DEMO_MEMBER = "demo.agent@deskside.example"
_LEAST_PASSWORD = 12


@dataclass(frozen=True, slots=True)
class Opened:
    """A session with its bearer, which is shown only here."""

    session: Session
    token: str
    member: Member


def sign_in(ports: Ports, caller: Principal, email: str, password: str) -> Opened:
    """Open a session for a person who knows the password.

    Raises ``SignIn(CREDENTIALS_INVALID)`` without saying which part was wrong.
    """
    with ports.store.reading() as tx:
        found = tx.access.member_by_email(caller.workspace, email.strip().lower())
    member, stored_hash = found or (None, "")
    if not ports.passwords.fits(stored_hash, password) or member is None:
        raise SignIn(Reason.CREDENTIALS_INVALID, "e-mail or password is wrong")
    with ports.store.transaction() as tx:
        # Checking a password takes long; the person may have been changed meanwhile.
        now = tx.access.member(caller.workspace, member.id)
        if now is None or not now.active:
            raise SignIn(Reason.CREDENTIALS_INVALID, f"{member.id} is not active")
        return _open(tx, ports, now, "password")


def demo_session(
    ports: Ports, caller: Principal, role: Role, demo_is_on: bool
) -> Opened:
    """Open a session of the demo's agent; only where the operator started the demo."""
    if not demo_is_on:
        raise AskSomebodyElse(Reason.DEMO_ONLY, "demo session asked for")
    if role not in (Role.AGENT, Role.VIEWER, Role.ADMIN):
        raise invalid("role", "the demo plays an agent, a viewer or an admin")
    email = DEMO_MEMBER.replace("agent", role.value)
    with ports.store.transaction() as tx:
        found = tx.access.member_by_email(caller.workspace, email)
        if found is None:
            name = {Role.AGENT: "Robin Demo", Role.ADMIN: "Alex Demo"}.get(role, "Demo")
            member = _member(ports, caller.workspace, email, name, role)
            tx.access.add_member(member, "")
        else:
            member = found[0]
        return _open(tx, ports, member, "demo")


def refresh_session(ports: Ports, bearer: str) -> Opened:
    """Exchange a running session for a new one; the old one ends."""
    digest = digest_of(bearer)
    with ports.store.transaction() as tx:
        session = tx.access.session(digest)
        if session is None or session.expires_at <= ports.clock.now():
            raise SignIn(Reason.CREDENTIALS_EXPIRED, "session is over")
        member = tx.access.member(session.workspace, session.member_id)
        if member is None or not member.active:
            raise SignIn(Reason.CREDENTIALS_INVALID, "member is gone")
        tx.access.end_session(digest)
        return _open(tx, ports, member, "refresh")


def revoke_session(ports: Ports, bearer: str) -> None:
    """End a session at once; ending one that is not there is fine."""
    with ports.store.transaction() as tx:
        tx.access.end_session(digest_of(bearer))


def create_member(
    ports: Ports, caller: Principal, email: str, name: str, role: Role, password: str
) -> Member:
    """Add a person; an empty password means signing in through the helpdesk only."""
    email = email.strip().lower()
    if "@" not in email or len(email) > 254:
        raise invalid("email", "is not an e-mail address")
    if role not in (Role.ADMIN, Role.AGENT, Role.VIEWER):
        raise invalid("role", "a person is an admin, an agent or a viewer")
    if password:
        check_password(password)
    member = _member(ports, caller.workspace, email, name.strip(), role)
    stored_hash = ports.passwords.digest(password) if password else ""
    with ports.store.transaction() as tx:
        if tx.access.member_by_email(caller.workspace, email) is not None:
            raise invalid("email", "is already a member")
        tx.access.add_member(member, stored_hash)
        audit(tx, ports, caller, "member.create", member.id, role.value)
    return member


def check_password(password: str) -> None:
    """Raise ``MendRequest`` for a password that is too short."""
    if len(password) < _LEAST_PASSWORD:
        raise invalid("password", f"needs at least {_LEAST_PASSWORD} characters")


def who_am_i(ports: Ports, caller: Principal) -> Member:
    """Return the person behind a session."""
    with ports.store.reading() as tx:
        member = tx.access.member(caller.workspace, caller.member_id)
    if member is None:
        raise LookElsewhere(Reason.MEMBER_NOT_FOUND, caller.actor)
    return member


def _member(ports: Ports, workspace: str, email: str, name: str, role: Role) -> Member:
    now = ports.clock.now()
    return Member(new_id("mem", now), workspace, email, name, role, True, now)


def _open(tx: Transaction, ports: Ports, member: Member, how: str) -> Opened:
    now = ports.clock.now()
    token = new_secret(SESSION_PREFIX)
    session = Session(
        digest=digest_of(token),
        workspace=member.workspace,
        member_id=member.id,
        role=member.role,
        actor=f"member:{member.id}",
        created_at=now,
        expires_at=now + SESSION_LIFE,
    )
    tx.access.add_session(session)
    person = Principal(member.workspace, member.role, session.actor, "", member.id)
    audit(tx, ports, person, "session.open", member.id, how)
    return Opened(session, token, member)
