"""One sidecar and one connectors process with vendors that send until accepted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plugin_ui.doubles.slack import SlackDouble
from plugin_ui.doubles.zendesk import ZendeskDouble
from plugin_ui.doubles.zendesk.hooks import SECRET
from sidecar.v1 import connector_pb2
from tests.flow.connector_house import until
from tests.flow.connectors_process import ConnectorsProcess
from tests.flow.sidecar_process import SidecarProcess
from tests.storm import count
from tests.storm.senders import ASKER, Senders


@dataclass(slots=True)
class IngestHouse:
    """What a webhook passes; ``senders`` keep a ledger of what was accepted."""

    sidecar: SidecarProcess
    connectors: ConnectorsProcess
    senders: Senders
    zendesk: ZendeskDouble
    database_url: str

    @contextmanager
    def traffic(self, seconds: float, rate: float = 5.0) -> Iterator[None]:
        """Let vendors send beside the block, at most so long."""
        thread = threading.Thread(
            target=self.senders.make_traffic, args=(seconds, rate), name="traffic"
        )
        thread.start()
        try:
            yield
        finally:
            thread.join(seconds + 10)

    def refused(self) -> int:
        """Return how often the receiver has said 503."""
        return self.senders.ledger.statuses[503]

    def accepted(self) -> int:
        """Return how many events were answered with 2xx."""
        return len(self.senders.ledger.accepted)

    def counted(self) -> dict[str, int]:
        """Return the ledger against the database."""
        return count.inside(self.database_url, self.senders.ledger)

    def settle(self) -> None:
        """Wait until all is accepted and done; nothing is lost, doubled or dead."""
        assert self.senders.wait(60) == 0, self.senders.ledger.statuses
        # Reading beside a sidecar is allowed; the wait is for its workers.
        until(lambda: self.counted()["not_done"] == 0, 60, "deliveries")
        found = self.counted()
        wrong = ("lost", "unexpected", "stored_twice", "dead", "classified_twice")
        assert {name: found[name] for name in wrong if found[name]} == {}, found
        at_zendesk = count.at_zendesk(self.zendesk, self.senders.tickets)
        assert at_zendesk["doubled"] == at_zendesk["lost"] == 0, at_zendesk


@contextmanager
def ingest_house(
    folder: Path, database_url: str = "", *, reached_as: str = ""
) -> Iterator[IngestHouse]:
    """Lend a house; the sidecar may reach its database by another address."""
    zendesk, slack = ZendeskDouble(), SlackDouble()
    slack.add_user(ASKER, "ana@acme.example")
    own = {"DESKSIDE_ALLOW_TEST_HOSTS": "1", "DESKSIDE_EMBEDDER": "none"}
    if database_url:
        own["DESKSIDE_DATABASE_URL"] = reached_as or database_url
    data = folder / "data"
    sidecar = SidecarProcess(data, **own)
    connectors = ConnectorsProcess(
        data, sidecar.address, "zendesk,slack", DESKSIDE_ALLOW_TEST_HOSTS="1"
    )
    senders = Senders((connectors.port,), zendesk, slack)
    url = database_url or f"sqlite:///{data}/deskside.db"
    sidecar.start()
    try:
        sidecar.wait_until_serving()
        for name, settings in (
            ("zendesk", {**zendesk.settings, "webhook_secret": SECRET}),
            ("slack", slack.settings),
        ):
            _turn_on(sidecar, name, settings)
        connectors.start()
        yield IngestHouse(sidecar, connectors, senders, zendesk, url)
    finally:
        senders.close()
        connectors.kill()
        sidecar.kill()
        zendesk.close()
        slack.close()


def _turn_on(sidecar: SidecarProcess, name: str, settings: dict[str, str]) -> None:
    request = connector_pb2.SaveConnectorRequest(
        connector=name,
        mode=connector_pb2.CONNECTOR_MODE_SUGGEST,
        settings=settings,
    )
    with sidecar.client() as client:
        client.connectors.SaveConnector(request)
