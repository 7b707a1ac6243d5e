"""What connectors keep and report, how they are doing, and trying one out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sidecar.domain.access import Principal
from sidecar.domain.connector import Connector, ConnectorRecord, Health, Mode, Report
from sidecar.domain.connector_settings import CATALOGUE
from sidecar.domain.event import OURS, Backlog, Event
from sidecar.domain.event_routing import TEST_REQUESTED
from sidecar.store.port import Transaction
from sidecar.usecases.connectors import get_connector, require_connector
from sidecar.usecases.events import check_own
from sidecar.usecases.ports import Ports
from sidecar.usecases.record import audit

SILENT_AFTER = timedelta(minutes=2)
"""A connector reports every 15 s; after this without a report it is not running."""

LAGS_AFTER = timedelta(minutes=10)
TEST_SECONDS = 10.0
_RECENT = timedelta(hours=1)
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Status:
    """How a connector is doing; ``lag`` is the age of the oldest event that waits."""

    name: str
    health: Health
    message: str
    report: Report | None
    backlog: Backlog
    lag: timedelta


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried."""

    name: str
    ok: bool
    message: str


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of trying a connection; ``running`` is false when nobody answered."""

    checks: tuple[Check, ...]
    running: bool
    at: datetime

    @property
    def ok(self) -> bool:
        """Say whether every check worked."""
        return self.running and all(check.ok for check in self.checks)


def get_record(
    ports: Ports, caller: Principal, connector: str, name: str
) -> ConnectorRecord | None:
    """Return a small fact a connector keeps, None when there is none."""
    require_connector(connector)
    check_own(caller, connector)
    with ports.store.reading() as tx:
        return tx.connectors.record(caller.workspace, connector, name)


def put_record(
    ports: Ports, caller: Principal, record: ConnectorRecord
) -> ConnectorRecord:
    """Keep a small fact; raises ``ReadAgain(ETAG_MISMATCH)`` for the loser."""
    require_connector(record.connector)
    check_own(caller, record.connector)
    with ports.store.transaction() as tx:
        return tx.connectors.put_record(caller.workspace, record)


def report_status(ports: Ports, caller: Principal, report: Report) -> None:
    """Take a connector's own report; since when it is in trouble is remembered."""
    require_connector(report.connector)
    check_own(caller, report.connector)
    workspace = caller.workspace
    with ports.store.transaction(durable=False) as tx:
        before = tx.connectors.report(workspace, report.connector)
        since = before.trouble_since if before else None
        if report.health is not Health.FAILING:
            # The watch tells that it recovered, and ends the trouble then.
            kept = since
        else:
            kept = since or report.reported_at
        tx.connectors.put_report(workspace, replace(report, trouble_since=kept))


def connector_status(ports: Ports, caller: Principal, name: str) -> Status:
    """Return how a connector is doing."""
    require_connector(name)
    with ports.store.reading() as tx:
        return status_of(tx, caller.workspace, name, ports.clock.now())


def connector_statuses(ports: Ports, caller: Principal) -> tuple[Status, ...]:
    """Return how each connector that was ever set up is doing, by name."""
    with ports.store.reading() as tx:
        return statuses_of(tx, caller.workspace, ports.clock.now())


def statuses_of(tx: Transaction, workspace: str, now: datetime) -> tuple[Status, ...]:
    """Put together how each connector that was ever set up is doing, by name."""
    names = sorted(connector.name for connector in tx.connectors.all(workspace))
    return tuple(status_of(tx, workspace, name, now) for name in names)


def status_of(tx: Transaction, workspace: str, name: str, now: datetime) -> Status:
    """Put together what the connector says and what the road knows."""
    connector = tx.connectors.get(workspace, name) or Connector(name)
    report = tx.connectors.report(workspace, name)
    backlog = tx.deliveries.backlog(workspace, name, now - _RECENT)
    lag = timedelta(0)
    if backlog.oldest is not None:
        lag = max(now - backlog.oldest, lag)
    health, message = _judge(connector, report, backlog, lag, now)
    return Status(name, health, message, report, backlog, lag)


def _judge(
    connector: Connector,
    report: Report | None,
    backlog: Backlog,
    lag: timedelta,
    now: datetime,
) -> tuple[Health, str]:
    if connector.mode is Mode.OFF:
        return Health.OFF, "Switched off. Choose a mode to turn it on."
    if not connector.active:
        return Health.OFF, "Not set up yet: something required is not filled in."
    if report is None or now - report.reported_at > SILENT_AFTER:
        return Health.NOT_RUNNING, "No process reports. Start it: deskside connectors"
    if report.health is Health.FAILING:
        return Health.FAILING, report.message
    if lag > LAGS_AFTER:
        return Health.DEGRADED, "It lags behind: events wait longer than 10 minutes."
    if backlog.dead:
        said = f"{backlog.dead} events were given up. See: deskside dead-letters list"
        return Health.DEGRADED, said
    if report.health is Health.DEGRADED:
        return Health.DEGRADED, report.message
    return Health.OK, report.message or "Works."


def try_connector(
    ports: Ports,
    caller: Principal,
    name: str,
    seconds: float,
    still_wanted: Callable[[], bool],
) -> Tested:
    """Ask the running connector over the event road to try its connection.

    Waits at most ``seconds``. What is not filled in is said without asking.
    """
    found = get_connector(ports, caller, name)
    missing = [
        s.name for s in CATALOGUE[name] if s.required and s.name not in found.filled_in
    ]
    if missing:
        said = f"Not filled in: {', '.join(missing)}."
        return Tested((Check("settings", False, said),), True, ports.clock.now())
    with ports.store.transaction() as tx:
        event = Event(TEST_REQUESTED, OURS, "", f'{{"connector": "{name}"}}')
        event_id = tx.events.add(caller.workspace, event, [name])
        audit(tx, ports, caller, "connector.test", name)
    result = _await(ports, caller, event_id, name, seconds, still_wanted)
    if result is None:
        return Tested((_silence(ports, caller, name),), False, ports.clock.now())
    return Tested(_checks(result.get("checks")), True, ports.clock.now())


def _silence(ports: Ports, caller: Principal, name: str) -> Check:
    """Say why nobody answered: it is not there, or has too much to do."""
    now = ports.clock.now()
    with ports.store.reading() as tx:
        report = tx.connectors.report(caller.workspace, name)
    if report is not None and now - report.reported_at <= SILENT_AFTER:
        said = "The connector runs, but has too much to do to answer in time."
        return Check("busy", False, said)
    said = "The connector is not running. Start it: deskside connectors"
    return Check("running", False, said)


def _await(
    ports: Ports,
    caller: Principal,
    event_id: str,
    name: str,
    seconds: float,
    still_wanted: Callable[[], bool],
) -> Mapping[str, Any] | None:
    ends = time.monotonic() + seconds
    while True:
        with ports.store.reading() as tx:
            result = tx.deliveries.result(caller.workspace, event_id, name)
        left = ends - time.monotonic()
        if result is not None or left <= 0 or not still_wanted():
            break
        time.sleep(min(_LOOK_SECONDS, left))
    if result is None:
        # Nobody waits for the answer any more: it must not be given hours later.
        with ports.store.transaction(durable=False) as tx:
            tx.deliveries.withdraw(caller.workspace, event_id, name)
    return result


def _checks(given: object) -> tuple[Check, ...]:
    """Read what a connector says it tried; a shape we do not know is said to be so."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        return (Check("answer", False, "The connector gave no list of checks."),)
    return tuple(
        Check(
            str(item.get("name", ""))[:100],
            item.get("ok") is True,
            str(item.get("message", ""))[:2000],
        )
        for item in given
        if isinstance(item, Mapping)
    )
