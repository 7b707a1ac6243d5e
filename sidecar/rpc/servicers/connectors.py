"""Connectors: set up, tried, watched, and given what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.rpc.translate import connectors as translate
from sidecar.rpc.translate.limits import MAX_NOTE, identifier, page_size, text
from sidecar.usecases.changes import (
    list_changes,
    record_change,
    report_revert,
    revert_change,
)
from sidecar.usecases.connector_state import (
    TEST_SECONDS,
    connector_status,
    connector_statuses,
    get_record,
    put_record,
    report_status,
    try_connector,
)
from sidecar.usecases.connectors import (
    connector_credentials,
    get_connector,
    list_connectors,
    save_connector,
)
from sidecar.v1 import connector_pb2 as pb

if TYPE_CHECKING:
    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk

# The answer must be on its way before the caller's deadline.
_MARGIN = 0.3


class Connectors:
    """``ConnectorService``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ports = desk.ports

    def list_connectors(
        self, _request: pb.ListConnectorsRequest, call: Call
    ) -> pb.ListConnectorsResponse:
        """Return every connector the product knows, and how it is doing."""
        found = list_connectors(self._ports, call.caller)
        return translate.listed(found, connector_statuses(self._ports, call.caller))

    def get_connector(
        self, request: pb.GetConnectorRequest, call: Call
    ) -> pb.GetConnectorResponse:
        """Return one connector, secrets masked."""
        name = translate.name(request.connector)
        found = get_connector(self._ports, call.caller, name)
        return pb.GetConnectorResponse(connector=translate.connector(found))

    def save_connector(
        self, request: pb.SaveConnectorRequest, call: Call
    ) -> pb.SaveConnectorResponse:
        """Set a connector up."""
        command = translate.save(request, test_hosts=self._desk.test_hosts)
        return self._desk.once.run(
            call,
            request,
            lambda finish: save_connector(self._ports, call.caller, command, finish),
            translate.saved,
        )

    def test_connector(
        self, request: pb.TestConnectorRequest, call: Call
    ) -> pb.TestConnectorResponse:
        """Ask the running connector to try its connection."""
        name = translate.name(request.connector)
        seconds = min(TEST_SECONDS, max(call.remaining - _MARGIN, 0.0))
        found = try_connector(self._ports, call.caller, name, seconds, call.is_active)
        return translate.tested(found)

    def get_connector_status(
        self, request: pb.GetConnectorStatusRequest, call: Call
    ) -> pb.GetConnectorStatusResponse:
        """Return how a connector is doing."""
        name = translate.name(request.connector)
        found = connector_status(self._ports, call.caller, name)
        return pb.GetConnectorStatusResponse(status=translate.status(found))

    def report_connector_status(
        self, request: pb.ReportConnectorStatusRequest, call: Call
    ) -> pb.ReportConnectorStatusResponse:
        """Take a connector's own report."""
        report = translate.report(request, self._ports.clock.now())
        report_status(self._ports, call.caller, report)
        return pb.ReportConnectorStatusResponse()

    def get_connector_credentials(
        self, request: pb.GetConnectorCredentialsRequest, call: Call
    ) -> pb.GetConnectorCredentialsResponse:
        """Return everything in clear to the connector itself."""
        name = translate.name(request.connector)
        found = connector_credentials(
            self._ports, call.caller, name, safe=self._desk.private
        )
        return translate.credentials(found)

    def get_connector_record(
        self, request: pb.GetConnectorRecordRequest, call: Call
    ) -> pb.GetConnectorRecordResponse:
        """Return a small fact a connector keeps."""
        name = translate.name(request.connector)
        key = translate.record_key(request.key)
        found = get_record(self._ports, call.caller, name, key)
        if found is None:
            return pb.GetConnectorRecordResponse()
        return pb.GetConnectorRecordResponse(record=translate.record(found))

    def put_connector_record(
        self, request: pb.PutConnectorRecordRequest, call: Call
    ) -> pb.PutConnectorRecordResponse:
        """Keep a small fact for a connector."""
        wanted = translate.new_record(request)
        found = put_record(self._ports, call.caller, wanted)
        return pb.PutConnectorRecordResponse(record=translate.record(found))

    def record_change(
        self, request: pb.RecordChangeRequest, call: Call
    ) -> pb.RecordChangeResponse:
        """Write down what a connector changed at its vendor."""
        wanted = translate.new_change(request)
        found = record_change(self._ports, call.caller, wanted)
        return pb.RecordChangeResponse(change=translate.change(found))

    def list_changes(
        self, request: pb.ListChangesRequest, call: Call
    ) -> pb.ListChangesResponse:
        """Return a page of changes, newest first."""
        connector = identifier("connector", request.connector, longest=64)
        ticket_id = identifier("ticket_id", request.ticket_id)
        size = page_size(request.page_size)
        cursor = self._desk.pages.open(call, request)
        page = list_changes(
            self._ports, call.caller, connector, ticket_id, size, cursor
        )
        return pb.ListChangesResponse(
            changes=[translate.change(item) for item in page.items],
            next_page_token=self._desk.pages.seal(call, request, page.next_cursor),
        )

    def revert_change(
        self, request: pb.RevertChangeRequest, call: Call
    ) -> pb.RevertChangeResponse:
        """Ask the connector to take a change back."""
        known = identifier("change_id", request.change_id, required=True)
        return self._desk.once.run(
            call,
            request,
            lambda finish: revert_change(self._ports, call.caller, known, finish),
            lambda found: pb.RevertChangeResponse(change=translate.change(found)),
        )

    def report_revert(
        self, request: pb.ReportRevertRequest, call: Call
    ) -> pb.ReportRevertResponse:
        """Note what came of taking a change back."""
        known = identifier("change_id", request.change_id, required=True)
        said = text("message", request.message, MAX_NOTE)
        found = report_revert(self._ports, call.caller, known, request.reverted, said)
        return pb.ReportRevertResponse(change=translate.change(found))
