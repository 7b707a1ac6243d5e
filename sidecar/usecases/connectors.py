"""Set connectors up, and hand their secrets to nobody but themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sidecar.domain.access import Principal
from sidecar.domain.connector import Connector, Mode
from sidecar.domain.connector_settings import (
    CATALOGUE,
    host_of,
    is_active,
    is_complete,
    problem,
    setting,
)
from sidecar.errors import (
    AskSomebodyElse,
    FieldViolation,
    LookElsewhere,
    MendRequest,
    ReadAgain,
    Reason,
)
from sidecar.store.port import Transaction
from sidecar.usecases.events import check_own
from sidecar.usecases.flags import WRITING_PAUSED, flag
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit


@dataclass(frozen=True, slots=True)
class SetUp:
    """A connector and which of its settings are filled in; secrets are left out."""

    connector: Connector
    values: Mapping[str, str]
    filled_in: frozenset[str]

    @property
    def is_complete(self) -> bool:
        """Say whether everything required is filled in."""
        return is_complete(self.connector.name, dict.fromkeys(self.filled_in, "x"))


@dataclass(frozen=True, slots=True)
class SaveCommand:
    """What to change: ``mode`` None and names not mentioned stay as they are."""

    name: str
    mode: Mode | None
    settings: Mapping[str, str]
    cleared: tuple[str, ...]
    etag: str
    test_hosts: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """The connector as set up, and secrets that went because a host changed."""

    set_up: SetUp
    cleared_secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything a connector needs, in clear."""

    connector: Connector
    values: Mapping[str, str]
    writing_paused: bool


def require_connector(name: str) -> None:
    """Raise ``LookElsewhere(CONNECTOR_NOT_FOUND)`` for what the product has not."""
    if name not in CATALOGUE:
        raise LookElsewhere(Reason.CONNECTOR_NOT_FOUND, name)


def list_connectors(ports: Ports, caller: Principal) -> list[SetUp]:
    """Return every connector the product knows, by name."""
    with ports.store.reading() as tx:
        kept = {found.name: found for found in tx.connectors.all(caller.workspace)}
    return [_set_up(ports, kept.get(n) or Connector(n)) for n in sorted(CATALOGUE)]


def get_connector(ports: Ports, caller: Principal, name: str) -> SetUp:
    """Return one; raises ``LookElsewhere(CONNECTOR_NOT_FOUND)``."""
    require_connector(name)
    with ports.store.reading() as tx:
        return _set_up(ports, _stored(tx, caller.workspace, name))


def save_connector(
    ports: Ports, caller: Principal, command: SaveCommand, finish: Finish[Saved]
) -> Saved:
    """Set a connector up; changing a host clears the secrets that are not given anew.

    Raises ``MendRequest`` naming the settings that will not do, ``ReadAgain`` when
    somebody else saved meanwhile.
    """
    require_connector(command.name)
    _check(command)
    with ports.store.transaction() as tx:
        before = _stored(tx, caller.workspace, command.name)
        if command.etag and command.etag != before.etag:
            raise ReadAgain(Reason.ETAG_MISMATCH)
        values = unsealed(ports, before)
        after = _changed(values, command)
        lost = _lost_secrets(values, after, command)
        for name in lost:
            del after[name]
        stored = tx.connectors.save(
            caller.workspace, _sealed(ports, before, command, after, caller)
        )
        audit(tx, ports, caller, "connector.save", command.name, _said(command, lost))
        result = Saved(_set_up(ports, stored), lost)
        finish(tx, result)
    return result


def connector_credentials(
    ports: Ports, caller: Principal, name: str, *, safe: bool
) -> Credentials:
    """Return everything in clear, with an audit line.

    ``safe`` says that nobody can listen to the answer. Raises ``AskSomebodyElse``
    otherwise, or when the caller's key is another connector's.
    """
    require_connector(name)
    check_own(caller, name)
    if not safe:
        said = "secrets travel over loopback or TLS only"
        raise AskSomebodyElse(Reason.PERMISSION_MISSING, said)
    with ports.store.transaction(durable=False) as tx:
        found = _stored(tx, caller.workspace, name)
        paused = flag(tx, caller.workspace, WRITING_PAUSED)
        audit(tx, ports, caller, "connector.credentials", name)
    return Credentials(found, unsealed(ports, found), paused)


def unsealed(ports: Ports, connector: Connector) -> dict[str, str]:
    """Return all values of a connector, secrets in clear."""
    values = dict(connector.settings)
    if connector.sealed:
        values |= json.loads(ports.vault.open(connector.sealed))
    return values


def _stored(tx: Transaction, workspace: str, name: str) -> Connector:
    return tx.connectors.get(workspace, name) or Connector(name)


def _set_up(ports: Ports, connector: Connector) -> SetUp:
    filled_in = frozenset(name for name, v in unsealed(ports, connector).items() if v)
    return SetUp(connector, connector.settings, filled_in)


def _check(command: SaveCommand) -> None:
    violations = []
    for name, value in command.settings.items():
        known, field = setting(command.name, name), f"settings[{name}]"
        if known is None:
            violations.append(FieldViolation(field, "There is no such setting."))
        elif value and (why := problem(known, value, test_hosts=command.test_hosts)):
            violations.append(FieldViolation(field, why))
    for name in command.cleared:
        if setting(command.name, name) is None:
            field = f"cleared_settings[{name}]"
            violations.append(FieldViolation(field, "There is no such setting."))
    if violations:
        raise MendRequest(Reason.FIELD_INVALID, tuple(violations))


def _changed(values: Mapping[str, str], command: SaveCommand) -> dict[str, str]:
    after = {**values, **command.settings}
    return {n: v for n, v in after.items() if v and n not in command.cleared}


def _lost_secrets(
    before: Mapping[str, str], after: Mapping[str, str], command: SaveCommand
) -> tuple[str, ...]:
    """Return secrets that a new host must not be handed: none of them was meant for it.

    One that is given in the same request was.
    """
    moved = any(
        before.get(s.name)
        and host_of(s, before[s.name]) != host_of(s, after.get(s.name, ""))
        for s in CATALOGUE[command.name]
        if s.host
    ) or any(
        # An address of its own takes the place of the usual one.
        s.host and not s.required and not s.secret and not before.get(s.name)
        and after.get(s.name)
        for s in CATALOGUE[command.name]
    )  # fmt: skip
    if not moved:
        return ()
    return tuple(
        s.name
        for s in CATALOGUE[command.name]
        if s.secret and s.name in after and not command.settings.get(s.name)
    )


def _sealed(
    ports: Ports,
    before: Connector,
    command: SaveCommand,
    values: Mapping[str, str],
    caller: Principal,
) -> Connector:
    secret = {s.name for s in CATALOGUE[command.name] if s.secret}
    hidden = {name: value for name, value in values.items() if name in secret}
    new = replace(
        before,
        mode=command.mode or before.mode,
        settings={n: v for n, v in values.items() if n not in secret},
        sealed=ports.vault.seal(json.dumps(hidden)) if hidden else "",
        updated_by=caller.member_id or caller.key_id or caller.actor,
    )
    return replace(new, active=is_active(new, values))


def _said(command: SaveCommand, lost: tuple[str, ...]) -> str:
    parts = {
        "mode": command.mode.value if command.mode else "",
        "set": ",".join(sorted(command.settings)),
        "cleared": ",".join(sorted({*command.cleared, *lost})),
    }
    return " ".join(f"{name}={text}" for name, text in parts.items() if text)
