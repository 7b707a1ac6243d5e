"""Whose account at a vendor it is, and acting for that person."""

from __future__ import annotations

from sidecar.domain.access import Account, Member, Principal, Role
from sidecar.domain.permissions import may
from sidecar.errors import AskSomebodyElse, LookElsewhere, Reason
from sidecar.store.port import Transaction
from sidecar.usecases.ports import Ports
from sidecar.usecases.record import audit


def link_account(
    ports: Ports, caller: Principal, account: Account, verified_email: str
) -> tuple[Member, bool]:
    """Return the member an account belongs to, and whether it was linked just now.

    An account that is not linked yet is linked with the member who has the address
    that the vendor has verified. Raises ``LookElsewhere(MEMBER_NOT_FOUND)`` when
    there is none who may sign in, and ``AskSomebodyElse(PERMISSION_MISSING)`` for
    another connector's account.
    """
    _check_connector(caller, account)
    with ports.store.reading() as tx:
        known = tx.access.member_by_account(caller.workspace, account)
    if known is not None:
        return _active(known), False
    with ports.store.transaction() as tx:
        return _link(tx, ports, caller, account, verified_email)


def acting_for(
    ports: Ports, caller: Principal, account: Account | None, method: str
) -> Principal:
    """Return who acts: the linked member where a connector acts for a person.

    Raises ``LookElsewhere(MEMBER_NOT_FOUND)`` for an account that is not linked, and
    ``AskSomebodyElse(PERMISSION_MISSING)`` when the member may not call ``method``, or
    the caller is no connector.
    """
    if account is None:
        return caller
    _check_connector(caller, account)
    with ports.store.reading() as tx:
        member = tx.access.member_by_account(caller.workspace, account)
    if member is None:
        raise LookElsewhere(Reason.MEMBER_NOT_FOUND, "account is not linked")
    person = _active(member)
    if not may(person.role, method):
        raise AskSomebodyElse(Reason.PERMISSION_MISSING, method)
    return Principal(
        workspace=caller.workspace,
        role=person.role,
        actor=f"member:{person.id}",
        key_id=caller.key_id,
        member_id=person.id,
    )


def _link(
    tx: Transaction,
    ports: Ports,
    caller: Principal,
    account: Account,
    verified_email: str,
) -> tuple[Member, bool]:
    # Asked again inside: another process may have linked it a moment ago.
    known = tx.access.member_by_account(caller.workspace, account)
    if known is not None:
        return _active(known), False
    found = (
        tx.access.member_by_email(caller.workspace, verified_email)
        if verified_email
        else None
    )
    if found is None:
        raise LookElsewhere(Reason.MEMBER_NOT_FOUND, "no member has the address")
    member = _active(found[0])
    tx.access.link_account(caller.workspace, account, member.id, ports.clock.now())
    audit(tx, ports, caller, "member.link_account", member.id, account.connector)
    return member, True


def _check_connector(caller: Principal, account: Account) -> None:
    """Only connectors speak for other people, and each only for its own."""
    own = caller.connector in ("", account.connector)
    if caller.role is not Role.SERVICE or not own:
        raise AskSomebodyElse(Reason.PERMISSION_MISSING, account.connector)


def _active(member: Member) -> Member:
    if not member.active:
        raise LookElsewhere(Reason.MEMBER_NOT_FOUND, "the member is disabled")
    return member
