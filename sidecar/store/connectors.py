"""Connectors: settings, small facts and reports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Update, bindparam, select, update

from sidecar.domain.connector import Connector, ConnectorRecord, Health, Mode, Report
from sidecar.domain.ids import new_etag
from sidecar.errors import ReadAgain, Reason
from sidecar.store.context import Context, Record
from sidecar.store.tables import connector_records as records
from sidecar.store.tables import connector_reports as reports
from sidecar.store.tables import connectors as t

_THIS = (t.c.workspace == bindparam("of")) & (t.c.name == bindparam("named"))
_ACTIVE = select(t.c.name, t.c.active).where(t.c.workspace == bindparam("of"))
_GET = select(t).where(_THIS)
_ALL = select(t).where(t.c.workspace == bindparam("of")).order_by(t.c.name)
_EVERYWHERE = select(t).order_by(t.c.workspace, t.c.name)
_SAVE = update(t).where(_THIS, t.c.etag == bindparam("seen"))
_KEPT = (
    (records.c.workspace == bindparam("of"))
    & (records.c.connector == bindparam("by"))
    & (records.c.name == bindparam("named"))
)
_RECORD = select(records).where(_KEPT)
_PUT_RECORD = update(records).where(_KEPT, records.c.etag == bindparam("seen"))
_SAID = (reports.c.workspace == bindparam("of")) & (
    reports.c.connector == bindparam("by")
)
_REPORT = select(reports).where(_SAID)
_PUT_REPORT = update(reports).where(_SAID)


class SqlConnectors:
    """Connectors of a workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def active(self, workspace: str) -> Mapping[str, bool]:
        """Return, for each that was ever saved, whether it works."""
        rows = self._context.run(_ACTIVE, {"of": workspace})
        return {row.name: row.active for row in rows}

    def get(self, workspace: str, name: str) -> Connector | None:
        """Return one."""
        found = self._context.run(_GET, {"of": workspace, "named": name}).first()
        return _connector(found) if found else None

    def all(self, workspace: str) -> Sequence[Connector]:
        """Return those that were ever saved, by name."""
        return [_connector(row) for row in self._context.run(_ALL, {"of": workspace})]

    def everywhere(self) -> Sequence[tuple[str, Connector]]:
        """Return (workspace, connector) of all workspaces."""
        rows = self._context.run(_EVERYWHERE)
        return [(row.workspace, _connector(row)) for row in rows]

    def save(self, workspace: str, connector: Connector) -> Connector:
        """Compare and set; see the port."""
        new = replace(connector, etag=new_etag(), updated_at=self._context.now())
        values = {
            "mode": new.mode.value,
            "active": new.active,
            "settings": json.dumps(dict(new.settings), ensure_ascii=False),
            "secrets": new.sealed,
            "etag": new.etag,
            "updated_at": new.updated_at,
            "updated_by": new.updated_by,
        }
        place = {"of": workspace, "named": new.name}
        if connector.etag:
            kept = self._context.changed(
                _SAVE, {**place, "seen": connector.etag, **values}
            )
        else:
            row = {"workspace": workspace, "name": new.name, **values}
            created = self._context.insert_or_keep(t, row)
            if created is None:
                created = self._context.run(_GET, place).one().etag == new.etag
            kept = created
        if not kept:
            raise ReadAgain(Reason.ETAG_MISMATCH)
        return new

    def reseal(self, workspace: str, connector: Connector, sealed: str) -> bool:
        """Replace the encrypted text alone; False when it was changed meanwhile."""
        place = {"of": workspace, "named": connector.name, "seen": connector.etag}
        return self._context.changed(_SAVE, {**place, "secrets": sealed})

    def record(
        self, workspace: str, connector: str, name: str
    ) -> ConnectorRecord | None:
        """Return a small fact."""
        place = {"of": workspace, "by": connector, "named": name}
        found = self._context.run(_RECORD, place).first()
        if found is None:
            return None
        return ConnectorRecord(
            found.connector, found.name, found.value, found.etag, found.updated_at
        )

    def put_record(self, workspace: str, record: ConnectorRecord) -> ConnectorRecord:
        """Compare and set; see the port."""
        new = replace(record, etag=new_etag(), updated_at=self._context.now())
        values = {"value": new.value, "etag": new.etag, "updated_at": new.updated_at}
        place = {"of": workspace, "by": new.connector, "named": new.name}
        if record.etag:
            kept = self._context.changed(
                _PUT_RECORD, {**place, "seen": record.etag, **values}
            )
        else:
            row = {"workspace": workspace, "connector": new.connector}
            created = self._context.insert_or_keep(
                records, {**row, "name": new.name, **values}
            )
            if created is None:
                created = self._context.run(_RECORD, place).one().etag == new.etag
            kept = created
        if not kept:
            raise ReadAgain(Reason.ETAG_MISMATCH)
        return new

    def report(self, workspace: str, connector: str) -> Report | None:
        """Return what its process last said."""
        place = {"of": workspace, "by": connector}
        found = self._context.run(_REPORT, place).first()
        return _report(found) if found else None

    def put_report(self, workspace: str, report: Report) -> None:
        """Keep what its process says."""
        values = _values(report)
        row = {"workspace": workspace, "connector": report.connector, **values}
        if not self._context.insert_or_keep(reports, row):
            statement: Update = _PUT_REPORT
            place = {"of": workspace, "by": report.connector}
            self._context.changed(statement, {**place, **values})


def _connector(row: Record) -> Connector:
    return Connector(
        name=row.name,
        mode=Mode(row.mode),
        settings=json.loads(row.settings),
        sealed=row.secrets,
        active=row.active,
        etag=row.etag,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )


def _values(report: Report) -> dict[str, Any]:
    return {
        "health": report.health.value,
        "message": report.message,
        "reported_at": report.reported_at,
        "last_event_at": report.last_event_at,
        "credentials_valid": report.credentials_valid,
        "rate_limit_remaining": report.rate_limit_remaining,
        "rate_limit_reset_at": report.rate_limit_reset_at,
        "trouble_since": report.trouble_since,
    }


def _report(row: Record) -> Report:
    return Report(
        connector=row.connector,
        health=Health(row.health),
        message=row.message,
        reported_at=row.reported_at,
        last_event_at=row.last_event_at,
        credentials_valid=row.credentials_valid,
        rate_limit_remaining=row.rate_limit_remaining,
        rate_limit_reset_at=row.rate_limit_reset_at,
        trouble_since=row.trouble_since,
    )
