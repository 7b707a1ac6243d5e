"""Notice connectors that stop, and tell the administrator once."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from sidecar.domain.access import Principal, Role
from sidecar.domain.connector import Health, Report
from sidecar.domain.event import OURS
from sidecar.domain.event_routing import CONNECTOR_FAILING, CONNECTOR_RECOVERED
from sidecar.errors import ChangeStateFirst, Reason
from sidecar.usecases.connector_state import LAGS_AFTER, Status, status_of
from sidecar.usecases.flags import WRITING_PAUSED, flag
from sidecar.usecases.ports import Ports
from sidecar.usecases.record import audit, send

log = logging.getLogger(__name__)

ALERT_AFTER = timedelta(minutes=2)
"""A restart is no trouble: this long it may last before anybody is told."""


def watch_connectors(ports: Ports) -> int:
    """Look at every connector that should work; return how many alerts were made.

    Any number of processes may look: an alert is named by when the trouble began,
    which is kept with the connector, and an event of one name is stored once.
    """
    with ports.store.reading() as tx:
        active = [(w, c) for w, c in tx.connectors.everywhere() if c.active]
    return sum(_look(ports, workspace, c.name) for workspace, c in active)


def _look(ports: Ports, workspace: str, name: str) -> bool:
    now = ports.clock.now()
    with ports.store.reading() as tx:
        status = status_of(tx, workspace, name, now)
        paused = flag(tx, workspace, WRITING_PAUSED)
    since = status.report.trouble_since if status.report else None
    if is_trouble(status, paused=paused):
        if since is None:
            _keep(ports, workspace, status, now)
            return False
        if now - since < ALERT_AFTER:
            return False
        told = _tell(ports, workspace, CONNECTOR_FAILING, status, since)
        if told:
            log.warning("connector %s is in trouble: %s", name, status.message)
        return told
    if since is None:
        return False
    told = _was_told(ports, workspace, name, since)
    if told:
        _tell(ports, workspace, CONNECTOR_RECOVERED, status, since)
    _keep(ports, workspace, status, None)
    return told


def is_trouble(status: Status, *, paused: bool) -> bool:
    """Say whether somebody has to look at the connector.

    While an administrator has paused writing, events wait because they shall.
    """
    stopped = status.health in (Health.FAILING, Health.NOT_RUNNING)
    return stopped or (status.lag > LAGS_AFTER and not paused)


def _keep(ports: Ports, workspace: str, status: Status, since: datetime | None) -> None:
    """Remember since when it is in trouble; the first one to notice decides."""
    with ports.store.transaction(durable=False) as tx:
        before = tx.connectors.report(workspace, status.name)
        if before is None:
            # It never reported: what it would say is that it does not run.
            long_ago = ports.clock.now() - timedelta(days=365)
            before = Report(status.name, Health.NOT_RUNNING, "", long_ago)
        if since is None or before.trouble_since is None:
            tx.connectors.put_report(workspace, replace(before, trouble_since=since))


def _was_told(ports: Ports, workspace: str, name: str, since: datetime) -> bool:
    with ports.store.reading() as tx:
        once = _once(CONNECTOR_FAILING, name, since)
        return tx.events.find(workspace, OURS, once) is not None


def _tell(
    ports: Ports, workspace: str, kind: str, status: Status, since: datetime
) -> bool:
    once = _once(kind, status.name, since)
    with ports.store.reading() as tx:
        if tx.events.find(workspace, OURS, once):
            return False
    facts = {"connector": status.name, "message": status.message}
    try:
        with ports.store.transaction() as tx:
            send(tx, workspace, kind, status.name, once, facts)
            # Written down as well: the one that fails may be the one that tells.
            watch = Principal(workspace, Role.SERVICE, "watch", "")
            audit(tx, ports, watch, kind, status.name, _why(status))
    except ChangeStateFirst as other:
        if other.reason is not Reason.ALREADY_EXISTS:
            raise
        return False
    return True


def _why(status: Status) -> str:
    lags = f" lag={int(status.lag.total_seconds())}s" if status.lag > LAGS_AFTER else ""
    return f"health={status.health.value}{lags}"


def _once(kind: str, name: str, since: datetime) -> str:
    return f"{kind}:{name}:{since.isoformat()}"
