"""Webhooks while the database dies, fills up or breaks off: refused or kept, once."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from plugin_ui.doubles.zendesk.hooks import SECRET, signed_headers
from tests.doubles.cutting_proxy import CuttingProxy
from tests.flow.connector_house import until
from tests.flow.ingest_house import IngestHouse, ingest_house
from tests.servers import DatabaseServer, start_mariadb

# A busy machine may need most of it; on a quiet one each takes less than half a minute.
pytestmark = pytest.mark.timeout(150)
TROUBLE = "Since this morning I cannot log in, the page says error 503."


@pytest.fixture
def own_mariadb() -> Iterator[DatabaseServer]:
    """A server of this test's own, since it will be killed."""
    server = start_mariadb()
    yield server
    server.stop()


@pytest.mark.slow
def test_webhooks_wait_for_a_database_that_was_killed(
    own_mariadb: DatabaseServer, tmp_path: Path
) -> None:
    """B06: MariaDB killed under load: 503 meanwhile, nothing accepted is missing."""
    with own_mariadb.database() as url, ingest_house(tmp_path, url) as house:
        with house.traffic(6):
            for _ in range(2):
                known = house.accepted()
                until(lambda: house.accepted() > known + 5, what="traffic")  # noqa: B023 - called at once
                own_mariadb.kill()
                refused, known = house.refused(), house.accepted()
                until(lambda: house.refused() > refused, 10, "a 503")  # noqa: B023 - called at once
                own_mariadb.start()
        house.settle()
        statuses = house.senders.ledger.statuses
        print(f"accepted={house.accepted()} answers={dict(statuses)}")
        assert set(statuses) <= {200, 503}
        assert house.accepted() > 20


def test_a_full_disk_is_503_until_there_is_space(tmp_path: Path) -> None:
    """B09: no write of the sidecar succeeds: 503, it lives on, and space heals it."""
    with ingest_house(tmp_path) as house:
        pid = house.sidecar.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        with house.traffic(4):
            until(lambda: house.accepted() > 5, what="traffic")
            # Beyond the first page no file can be written, the log neither.
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1]))
            refused = house.refused()
            until(lambda: house.refused() > refused + 5, 10, "503s")
            assert house.sidecar.process.poll() is None
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        house.settle()
        assert house.sidecar.process.pid == pid
        assert set(house.senders.ledger.statuses) <= {200, 503}
        file = sqlite3.connect(tmp_path / "data" / "deskside.db")
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file.close()


@pytest.mark.slow
def test_commits_that_break_off_are_repeated_and_kept_once(
    mariadb_url: str, tmp_path: Path
) -> None:
    """B11: cut before and after COMMIT, deadlock, lock wait: retried, never doubled."""
    url = make_url(mariadb_url)
    proxy = CuttingProxy(url.port or 0)
    reached_as = url.set(port=proxy.port).render_as_string(hide_password=False)
    faults = ("cut after", "deadlock", "cut before", "lock wait")
    try:
        with ingest_house(tmp_path, mariadb_url, reached_as=reached_as) as house:
            with house.traffic(6):
                for _ in range(8):
                    time.sleep(0.5)
                    proxy.spoil(*faults)
            house.settle()
            print(f"{proxy.done=} answers={dict(house.senders.ledger.statuses)}")
            assert set(house.senders.ledger.statuses) <= {200, 503}
            assert all(proxy.done[fault] >= 6 for fault in faults)
    finally:
        proxy.close()


class _Letter:
    """One webhook of Zendesk, sent when the test says so."""

    def __init__(self, house: IngestHouse) -> None:
        caught: list[dict[str, Any]] = []
        desk = house.zendesk.desk
        own, desk.emit = desk.emit, lambda _kind, event: caught.append(dict(event))
        self.ticket = desk.add_ticket("Killed", TROUBLE)
        desk.emit = own
        self.event_id = str(caught[0]["id"])
        self.body = json.dumps(caught[0]).encode()
        self._house = house

    def post(self) -> int:
        """Send it and return the status, 0 when the answer did not come."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        headers = {"Content-Type": "application/json"}
        headers |= signed_headers(SECRET, stamp, self.body)
        try:
            path = "/hooks/default/zendesk"
            return self._house.connectors.ask("POST", path, self.body, headers)[0]
        except OSError:
            return 0

    def rows(self) -> int:
        """Return how often it is stored."""
        path = self._house.sidecar.data_dir / "deskside.db"
        connection = sqlite3.connect(path)
        sql = "SELECT COUNT(*) FROM events WHERE source_event_id = ?"
        count: int = connection.execute(sql, (self.event_id,)).fetchone()[0]
        connection.close()
        return count


@pytest.mark.parametrize("committed", [True, False], ids=["B01", "B02"])
def test_a_receiver_killed_before_its_answer_is_asked_again(
    committed: bool, tmp_path: Path
) -> None:
    """B01, B02: killed behind or before COMMIT: one row and one note after a repeat.

    Another writer's lock holds the transaction open until the moment has come.
    """
    with ingest_house(tmp_path) as house:
        letter = _Letter(house)
        # A busy machine may not have got as far as the transaction: once more then.
        until(lambda: _killed_at_commit(house, letter, committed), 25, "the moment")
        assert letter.rows() == int(committed)
        if not committed:
            house.sidecar.start()
            house.sidecar.wait_until_serving()
        house.connectors.start()
        assert [letter.post(), letter.post()] == [200, 200]
        desk = house.zendesk.desk
        until(lambda: desk.notes(letter.ticket), what="the note")
        until(lambda: house.counted()["not_done"] == 0, what="the rest")
        assert letter.rows() == 1
        assert len(desk.notes(letter.ticket)) == 1


def _killed_at_commit(house: IngestHouse, letter: _Letter, committed: bool) -> bool:
    """Kill the receiver around a commit; say whether it was caught without answer."""
    file = house.sidecar.data_dir / "deskside.db"
    other = sqlite3.connect(file, isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    answers: list[int] = []
    sender = threading.Thread(target=lambda: answers.append(letter.post()))
    sender.start()
    time.sleep(0.3)
    if committed:
        os.kill(house.connectors.pid, signal.SIGSTOP)
        other.execute("ROLLBACK")
        with suppress(AssertionError):
            until(letter.rows, 2)
        house.connectors.kill()
    else:
        house.connectors.kill()
        house.sidecar.kill()
        other.execute("ROLLBACK")
    other.close()
    sender.join(10)
    caught = answers == [0] and letter.rows() == int(committed)
    if not caught:
        if not committed:
            house.sidecar.start()
            house.sidecar.wait_until_serving()
        house.connectors.start()
    return caught
