"""Connector settings through a real server: masked, sealed, and handed to their own."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from sqlalchemy import create_engine, text

from sidecar.client import SidecarClient, SidecarError
from sidecar.domain.access import Role
from sidecar.usecases.access import add_key
from sidecar.v1 import connector_pb2 as pb
from sidecar.v1 import event_pb2, insight_pb2
from tests.contract.rpc.conftest import Running

ZENDESK = {
    "subdomain": "acme",
    "email": "bot@acme.example",
    "api_token": "tok-3141",
    "webhook_secret": "whs-2718",
}


@pytest.fixture(scope="module")
def admin(running: Running) -> Iterator[SidecarClient]:
    """An administrator's client."""
    with running.client() as found:
        yield found


def key_of(running: Running, connector: str, workspace: str = "default") -> str:
    """Return a service key that belongs to one connector."""
    with running.house.ports.store.transaction() as tx:
        _, secret = add_key(
            *(tx, running.house.ports, workspace, connector),
            *(Role.SERVICE, connector, None, "test"),
        )
    return secret


def save(
    client: SidecarClient, connector: str = "zendesk", **changes: object
) -> pb.SaveConnectorResponse:
    """Save settings, given as keyword arguments; ``mode`` and ``etag`` are fields."""
    request = pb.SaveConnectorRequest(
        request_id=uuid.uuid4().hex,
        connector=connector,
        mode=changes.pop("mode", pb.CONNECTOR_MODE_UNSPECIFIED),  # type: ignore[arg-type]  # values by name
        etag=str(changes.pop("etag", "")),
        settings={name: str(value) for name, value in changes.items()},
    )
    return client.connectors.SaveConnector(request)


def credentials(
    running: Running, key: str, connector: str = "zendesk"
) -> dict[str, str]:
    """Return a connector's settings in clear."""
    with SidecarClient(running.address, key) as client:
        request = pb.GetConnectorCredentialsRequest(connector=connector)
        return dict(client.connectors.GetConnectorCredentials(request).settings)


def refused(error: pytest.ExceptionInfo[SidecarError]) -> grpc.StatusCode:
    """Return the status of a refusal."""
    return error.value.code


def test_every_known_connector_is_listed_with_help(admin: SidecarClient) -> None:
    """In alphabetical order, each setting with its help, the names as documented."""
    found = admin.connectors.ListConnectors(pb.ListConnectorsRequest()).connectors
    names = [item.connector for item in found]
    assert names == ["email", "salesforce", "slack", "webhooks", "zendesk"]
    by_name = {c.connector: {s.name for s in c.settings} for c in found}
    assert by_name["slack"] >= {"bot_token", "signing_secret", "team_id", "channel"}
    assert by_name["email"] >= {"imap_url", "smtp_url", "address", "inbound_secret"}
    assert all(s.help for c in found for s in c.settings)


def test_secrets_are_masked_sealed_and_handed_to_their_connector_only(
    running: Running, admin: SidecarClient
) -> None:
    """Nobody reads them but a service key of that connector, or of all."""
    answer = save(admin, mode=pb.CONNECTOR_MODE_SUGGEST, **ZENDESK)
    assert answer.connector.configured
    shown = {s.name: (s.value, s.is_set) for s in answer.connector.settings}
    assert shown["subdomain"] == ("acme", True)
    assert shown["api_token"] == ("••••••••", True)
    own = key_of(running, "zendesk")
    assert credentials(running, own) == ZENDESK
    assert credentials(running, running.keys["service"]) == ZENDESK
    for key in (key_of(running, "slack"), running.keys["admin"]):
        with pytest.raises(SidecarError) as error:
            credentials(running, key)
        assert refused(error) is grpc.StatusCode.PERMISSION_DENIED
    engine = create_engine(running.house.settings.effective_database_url)
    with engine.connect() as connection:
        dump = str(connection.execute(text("SELECT * FROM connectors")).all())
        audit = str(connection.execute(text("SELECT * FROM audit")).all())
        kept = str(connection.execute(text("SELECT answer FROM requests")).all())
    engine.dispose()
    assert "connector.credentials" in audit
    assert "acme" in dump
    for secret in ("tok-3141", "whs-2718"):
        assert secret not in dump + audit + kept


def test_another_host_clears_the_secrets(
    running: Running, admin: SidecarClient
) -> None:
    """A token is never sent where it was not meant for; one given anew is kept."""
    save(admin, **ZENDESK)
    answer = save(admin, subdomain="evil", webhook_secret="new")
    assert list(answer.cleared_secrets) == ["api_token"]
    assert not answer.connector.configured
    found = credentials(running, running.keys["service"])
    assert "api_token" not in found
    assert found["webhook_secret"] == "new"
    save(admin, **ZENDESK)
    assert list(save(admin, subdomain="acme").cleared_secrets) == []


@pytest.mark.parametrize(
    ("connector", "name", "value"),
    [
        ("zendesk", "base_url", "http://127.0.0.1:9"),
        ("zendesk", "base_url", "https://zendesk.com.evil.example"),
        ("zendesk", "base_url", "https://acme.zendesk.com@evil.example/"),
        ("zendesk", "subdomain", "evil.example/"),
        ("salesforce", "instance_url", "https://evil.example"),
        ("slack", "base_url", "https://localhost"),
        ("email", "imap_url", "imaps://u:p@127.0.0.1/INBOX"),
        ("email", "smtp_url", "smtps://u:p@169.254.169.254"),
        ("email", "imap_url", "imaps://u:p@0x7f000001/"),
        ("zendesk", "unknown", "x"),
    ],
)
def test_hosts_outside_the_vendor_are_refused(
    admin: SidecarClient, connector: str, name: str, value: str
) -> None:
    """Only DESKSIDE_ALLOW_TEST_HOSTS=1 lets a connector talk to other hosts."""
    with pytest.raises(SidecarError) as error:
        save(admin, connector, **{name: value})
    assert refused(error) is grpc.StatusCode.INVALID_ARGUMENT
    assert error.value.violations[0].field == f"settings[{name}]"


def test_a_stale_etag_loses(admin: SidecarClient) -> None:
    """Two administrators at once: the second is told."""
    etag = save(admin, **ZENDESK).connector.etag
    save(admin, etag=etag, email="other@acme.example")
    with pytest.raises(SidecarError) as error:
        save(admin, etag=etag, email="late@acme.example")
    assert refused(error) is grpc.StatusCode.ABORTED


def test_small_facts_are_compared_and_set(running: Running) -> None:
    """The loser of a race is told; another connector's key is refused."""
    with SidecarClient(running.address, key_of(running, "zendesk")) as client:
        ask = pb.GetConnectorRecordRequest(connector="zendesk", key="cursor")
        assert not client.connectors.GetConnectorRecord(ask).HasField("record")
        new = pb.ConnectorRecord(connector="zendesk", key="cursor", value=b"\x00a")
        put = client.connectors.PutConnectorRecord
        etag = put(pb.PutConnectorRecordRequest(record=new)).record.etag
        found = client.connectors.GetConnectorRecord(ask).record
        assert (found.value, found.etag) == (b"\x00a", etag)
        with pytest.raises(SidecarError) as error:
            put(pb.PutConnectorRecordRequest(record=new))
        assert refused(error) is grpc.StatusCode.ABORTED
        foreign = pb.ConnectorRecord(connector="slack", key="x")
        with pytest.raises(SidecarError) as error:
            put(pb.PutConnectorRecordRequest(record=foreign))
        assert refused(error) is grpc.StatusCode.PERMISSION_DENIED
        large = pb.ConnectorRecord(
            connector="zendesk", key="big", value=b"x" * (64 * 1024 + 1)
        )
        with pytest.raises(SidecarError) as error:
            put(pb.PutConnectorRecordRequest(record=large))
        assert refused(error) is grpc.StatusCode.INVALID_ARGUMENT


def test_status_joins_what_the_connector_and_the_road_say(
    admin: SidecarClient,
) -> None:
    """Not running without a report; then what it says, and what waits."""
    save(admin, mode=pb.CONNECTOR_MODE_SUGGEST, **ZENDESK)
    ask = pb.GetConnectorStatusRequest(connector="zendesk")
    before = admin.connectors.GetConnectorStatus(ask).status
    assert before.health == pb.CONNECTOR_HEALTH_NOT_RUNNING
    said = pb.ConnectorStatus(
        connector="zendesk",
        health=pb.CONNECTOR_HEALTH_OK,
        credentials_valid=True,
        rate_limit_remaining=650,
    )
    admin.connectors.ReportConnectorStatus(pb.ReportConnectorStatusRequest(status=said))
    event = event_pb2.Event(
        type="zendesk.ticket.created",
        schema_version=1,
        source="zendesk",
        source_event_id=uuid.uuid4().hex,
    )
    admin.events.PublishEvent(event_pb2.PublishEventRequest(event=event))
    after = admin.connectors.GetConnectorStatus(ask).status
    assert after.health == pb.CONNECTOR_HEALTH_OK
    assert (after.credentials_valid, after.rate_limit_remaining) == (True, 650)
    assert after.pending_count == 1
    whole = admin.insight.GetStatus(insight_pb2.GetStatusRequest())
    assert "zendesk" in {item.connector for item in whole.connectors}
    assert after.HasField("last_event_at")


def test_a_test_travels_the_road(running: Running, admin: SidecarClient) -> None:
    """The connector answers it by completing an event; what it found is returned."""
    save(admin, "slack", bot_token="x", signing_secret="y", team_id="T", channel="C")
    stop = threading.Event()

    def connector() -> None:
        with SidecarClient(running.address, key_of(running, "slack")) as client:
            while not stop.is_set():
                request = event_pb2.LeaseEventsRequest(
                    subscriber="slack", wait=Duration(seconds=1)
                )
                for item in client.events.LeaseEvents(request).leases:
                    checks = b'{"checks":[{"name":"token","ok":true,"message":"Yes."}]}'
                    client.events.CompleteEvent(
                        event_pb2.CompleteEventRequest(
                            delivery_id=item.delivery_id,
                            lease_token=item.lease_token,
                            result_json=checks,
                        )
                    )

    thread = threading.Thread(target=connector)
    thread.start()
    answer = admin.connectors.TestConnector(pb.TestConnectorRequest(connector="slack"))
    stop.set()
    thread.join(5)
    assert answer.ok
    assert [(c.name, c.message) for c in answer.checks] == [("token", "Yes.")]


def test_a_connector_that_does_not_run_is_said_not_to_run(admin: SidecarClient) -> None:
    """The answer comes within the deadline, and the question is withdrawn."""
    save(admin, "slack", bot_token="x", signing_secret="y", team_id="T", channel="C")
    request = pb.TestConnectorRequest(connector="slack")
    answer = admin.connectors.TestConnector(request, timeout=1.5)
    assert (answer.ok, answer.connector_running) == (False, False)
    assert "not running" in answer.checks[0].message
    late = event_pb2.LeaseEventsRequest(subscriber="slack")
    assert not admin.events.LeaseEvents(late).leases


def test_a_change_at_a_vendor_is_written_down_and_taken_back(
    running: Running, admin: SidecarClient
) -> None:
    """Once for its mark; the connector gets an event and says what came of it."""
    with SidecarClient(running.address, key_of(running, "zendesk")) as client:
        change = pb.VendorChange(
            connector="zendesk",
            external_id="35436",
            field="priority",
            before="normal",
            after="urgent",
            mark=uuid.uuid4().hex,
        )
        record = client.connectors.RecordChange
        first = record(pb.RecordChangeRequest(change=change)).change
        assert record(pb.RecordChangeRequest(change=change)).change == first
        page = admin.connectors.ListChanges(pb.ListChangesRequest(connector="zendesk"))
        assert list(page.changes) == [first]
        revert = pb.RevertChangeRequest(
            request_id=uuid.uuid4().hex, change_id=first.change_id
        )
        asked = admin.connectors.RevertChange(revert).change
        assert asked.state == pb.CHANGE_STATE_REVERT_REQUESTED
        revert.request_id = uuid.uuid4().hex
        with pytest.raises(SidecarError):
            admin.connectors.RevertChange(revert)
        request = event_pb2.LeaseEventsRequest(
            subscriber="zendesk", types=["zendesk.change.*"]
        )
        (item,) = client.events.LeaseEvents(request).leases
        assert item.event.type == "zendesk.change.revert_requested"
        assert b'"before": "normal"' in item.event.payload_json
        done = client.connectors.ReportRevert(
            pb.ReportRevertRequest(change_id=first.change_id, reverted=True)
        ).change
        assert done.state == pb.CHANGE_STATE_REVERTED
        with pytest.raises(SidecarError) as error:
            client.connectors.ListChanges(pb.ListChangesRequest())
        assert refused(error) is grpc.StatusCode.PERMISSION_DENIED
