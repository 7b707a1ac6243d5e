"""Requests and answers of the connector service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sidecar.domain.connector import (
    MAX_RECORD_BYTES,
    ChangeState,
    ConnectorRecord,
    Health,
    Mode,
    Report,
    VendorChange,
)
from sidecar.domain.connector_settings import CATALOGUE, MAX_VALUE
from sidecar.errors import FieldViolation, MendRequest, Reason, invalid
from sidecar.rpc.translate import limits
from sidecar.usecases.connectors import SaveCommand
from sidecar.v1 import connector_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sidecar.usecases.connector_state import Status, Tested
    from sidecar.usecases.connectors import Credentials, Saved, SetUp

MASK = "••••••••"
_MOST_SETTINGS = 50
_LONGEST_VALUE = 20_000

_MODES_OUT = {
    Mode.OFF: pb.CONNECTOR_MODE_OFF,
    Mode.SHADOW: pb.CONNECTOR_MODE_SHADOW,
    Mode.SUGGEST: pb.CONNECTOR_MODE_SUGGEST,
    Mode.AUTOMATE: pb.CONNECTOR_MODE_AUTOMATE,
}
_MODES_IN: dict[int, Mode | None] = {
    pb.CONNECTOR_MODE_UNSPECIFIED: None,
    **{number: mode for mode, number in _MODES_OUT.items()},
}
_HEALTH_OUT = {
    Health.OFF: pb.CONNECTOR_HEALTH_OFF,
    Health.OK: pb.CONNECTOR_HEALTH_OK,
    Health.DEGRADED: pb.CONNECTOR_HEALTH_DEGRADED,
    Health.FAILING: pb.CONNECTOR_HEALTH_FAILING,
    Health.NOT_RUNNING: pb.CONNECTOR_HEALTH_NOT_RUNNING,
}
_HEALTH_IN: dict[int, Health] = {
    pb.CONNECTOR_HEALTH_UNSPECIFIED: Health.OK,
    **{number: health for health, number in _HEALTH_OUT.items()},
}


def name(value: str) -> str:
    """Return a connector's name."""
    return limits.identifier("connector", value, required=True, longest=64)


def save(request: pb.SaveConnectorRequest, *, test_hosts: bool) -> SaveCommand:
    """Return what to change; ``mode`` may be given among the settings, by its word."""
    limits.check_count("settings", len(request.settings), _MOST_SETTINGS)
    limits.check_count(
        "cleared_settings", len(request.cleared_settings), _MOST_SETTINGS
    )
    settings = {
        limits.identifier("settings", key, required=True, longest=64): limits.text(
            f"settings[{key}]", value, _LONGEST_VALUE
        ).strip()
        for key, value in request.settings.items()
    }
    mode = limits.choice("mode", request.mode, _MODES_IN)
    word = settings.pop("mode", "")
    if word and mode is None:
        try:
            mode = Mode(word.lower())
        except ValueError:
            said = "Must be off, shadow, suggest or automate."
            raise invalid("settings[mode]", said) from None
    return SaveCommand(
        name=name(request.connector),
        mode=mode,
        settings=settings,
        cleared=tuple(request.cleared_settings),
        etag=limits.identifier("etag", request.etag),
        test_hosts=test_hosts,
    )


def saved(found: Saved) -> pb.SaveConnectorResponse:
    """Return the connector as set up."""
    return pb.SaveConnectorResponse(
        connector=connector(found.set_up), cleared_secrets=found.cleared_secrets
    )


def listed(
    found: Iterable[SetUp], statuses: Iterable[Status]
) -> pb.ListConnectorsResponse:
    """Return all connectors, and how those that were ever set up are doing."""
    return pb.ListConnectorsResponse(
        connectors=[connector(item) for item in found],
        statuses=[status(item) for item in statuses],
    )


def connector(found: SetUp) -> pb.Connector:
    """Return a connector, secrets masked."""
    kept = found.connector
    answer = pb.Connector(
        connector=kept.name,
        mode=_MODES_OUT[kept.mode],
        settings=[
            pb.ConnectorSetting(
                name=item.name,
                value=_shown(found, item.name, hide=item.secret),
                secret=item.secret,
                required=item.required,
                is_set=item.name in found.filled_in,
                help=item.help,
            )
            for item in CATALOGUE[kept.name]
        ],
        etag=kept.etag,
        updated_by=kept.updated_by,
        configured=found.is_complete,
    )
    if kept.updated_at is not None:
        answer.updated_at.FromDatetime(kept.updated_at)
    return answer


def _shown(found: SetUp, setting: str, *, hide: bool) -> str:
    if not hide:
        return found.values.get(setting, "")
    return MASK if setting in found.filled_in else ""


def credentials(found: Credentials) -> pb.GetConnectorCredentialsResponse:
    """Return everything in clear."""
    return pb.GetConnectorCredentialsResponse(
        connector=found.connector.name,
        mode=_MODES_OUT[found.connector.mode],
        settings=dict(found.values),
        etag=found.connector.etag,
        writing_paused=found.writing_paused,
    )


def record_key(value: str) -> str:
    """Return the key of a small fact."""
    return limits.identifier("key", value, required=True, longest=300)


def new_record(request: pb.PutConnectorRecordRequest) -> ConnectorRecord:
    """Return the small fact to keep."""
    given = request.record
    if len(given.value) > MAX_RECORD_BYTES:
        violation = FieldViolation("record.value", "At most 64 KiB are allowed.")
        raise MendRequest(Reason.FIELD_TOO_LONG, (violation,))
    return ConnectorRecord(
        name(given.connector),
        record_key(given.key),
        given.value,
        limits.identifier("record.etag", given.etag),
    )


def record(found: ConnectorRecord) -> pb.ConnectorRecord:
    """Return a small fact."""
    answer = pb.ConnectorRecord(
        connector=found.connector, key=found.name, value=found.value, etag=found.etag
    )
    if found.updated_at is not None:
        answer.updated_at.FromDatetime(found.updated_at)
    return answer


def report(request: pb.ReportConnectorStatusRequest, now: datetime) -> Report:
    """Return what a connector says about itself."""
    given = request.status
    return Report(
        connector=name(given.connector),
        health=limits.choice("status.health", given.health, _HEALTH_IN),
        message=limits.text("status.message", given.message, limits.MAX_NOTE),
        reported_at=now,
        last_event_at=limits.moment(
            "status.last_event_at",
            given.last_event_at,
            present=given.HasField("last_event_at"),
        ),
        credentials_valid=given.credentials_valid,
        rate_limit_remaining=given.rate_limit_remaining,
        rate_limit_reset_at=limits.moment(
            "status.rate_limit_reset_at",
            given.rate_limit_reset_at,
            present=given.HasField("rate_limit_reset_at"),
        ),
    )


def status(found: Status) -> pb.ConnectorStatus:
    """Return how a connector is doing."""
    said = found.report
    answer = pb.ConnectorStatus(
        connector=found.name,
        health=_HEALTH_OUT[found.health],
        message=found.message,
        pending_count=found.backlog.pending,
        dead_count=found.backlog.dead,
        recent_error_count=found.backlog.recent_errors,
        credentials_valid=said.credentials_valid if said else False,
        rate_limit_remaining=said.rate_limit_remaining if said else -1,
    )
    answer.lag.FromTimedelta(max(found.lag, timedelta(0)))
    moments = [found.backlog.latest, said.last_event_at if said else None]
    if known := [moment for moment in moments if moment is not None]:
        answer.last_event_at.FromDatetime(max(known))
    if said is not None:
        answer.reported_at.FromDatetime(said.reported_at)
        if said.rate_limit_reset_at is not None:
            answer.rate_limit_reset_at.FromDatetime(said.rate_limit_reset_at)
    return answer


def tested(found: Tested) -> pb.TestConnectorResponse:
    """Return what came of trying a connection."""
    answer = pb.TestConnectorResponse(
        ok=found.ok,
        checks=[
            pb.ConnectorCheck(name=c.name, ok=c.ok, message=c.message)
            for c in found.checks
        ],
        connector_running=found.running,
    )
    answer.tested_at.FromDatetime(found.at)
    return answer


_CHANGE_STATES = {
    ChangeState.MADE: pb.CHANGE_STATE_MADE,
    ChangeState.REVERT_REQUESTED: pb.CHANGE_STATE_REVERT_REQUESTED,
    ChangeState.REVERTED: pb.CHANGE_STATE_REVERTED,
    ChangeState.REVERT_FAILED: pb.CHANGE_STATE_REVERT_FAILED,
}


def new_change(request: pb.RecordChangeRequest) -> VendorChange:
    """Return the change to write down."""
    given = request.change
    return VendorChange(
        connector=name(given.connector),
        external_id=limits.identifier(
            "change.external_id", given.external_id, required=True
        ),
        field=limits.identifier(
            "change.field", given.field, required=True, longest=100
        ),
        before=limits.text("change.before", given.before, MAX_VALUE),
        after=limits.text("change.after", given.after, MAX_VALUE),
        mark=limits.identifier("change.mark", given.mark, required=True, longest=200),
        ticket_id=limits.identifier("change.ticket_id", given.ticket_id, longest=32),
    )


def change(found: VendorChange) -> pb.VendorChange:
    """Return a change at a vendor."""
    answer = pb.VendorChange(
        change_id=found.id,
        connector=found.connector,
        ticket_id=found.ticket_id,
        external_id=found.external_id,
        field=found.field,
        before=found.before,
        after=found.after,
        mark=found.mark,
        state=_CHANGE_STATES[found.state],
        message=found.message,
        reverted_by=found.reverted_by,
    )
    if found.made_at is not None:
        answer.made_at.FromDatetime(found.made_at)
    return answer
