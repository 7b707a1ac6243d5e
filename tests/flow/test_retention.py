"""What nobody needs any more goes by itself, while the server runs."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from sidecar.background import (
    KEEP_ANSWERS,
    KEEP_CALLS,
    PURGED_AT_ONCE,
    Background,
)
from sidecar.bootstrap import open_house
from sidecar.clock import FixedClock
from sidecar.domain.budget import ModelCall
from sidecar.settings import Settings
from sidecar.store.sql import SqlStore
from tests.contract.store import samples


def test_old_calls_of_models_are_purged_in_the_background(tmp_path: Path) -> None:
    """The first round takes calls older than 400 days, and keeps what days cost."""
    house = open_house(Settings(data_dir=tmp_path, embedder="none"))
    today = house.ports.clock.now().date()
    old = today - KEEP_CALLS - timedelta(days=1)
    with house.ports.store.transaction() as tx:
        for name, day in (("old", old), ("new", today)):
            call = ModelCall(name, day, "openai", "m", "draft", name, cost=7)
            tx.spending.reserve("default", call)
    background = Background.start(house.ports, tmp_path, "default")
    try:
        until = time.monotonic() + 20
        left = -1
        while left and time.monotonic() < until:
            with house.ports.store.reading() as tx:
                left = tx.spending.of_ticket("default", "old")
            time.sleep(0.05)
    finally:
        background.stop()
    with house.ports.store.reading() as tx:
        assert left == 0
        assert tx.spending.of_ticket("default", "new") == 7
        assert tx.spending.spent("default", old).day == 7
    house.close()


def test_more_than_one_round_takes_is_purged_in_the_next(tmp_path: Path) -> None:
    """Where events come faster than a round every few minutes takes them, all go."""
    settings = Settings(data_dir=tmp_path, embedder="none")
    house = open_house(settings)
    long_ago = house.ports.clock.now() - KEEP_ANSWERS - timedelta(days=1)
    names = [f"old{number}" for number in range(2 * PURGED_AT_ONCE + 1)]
    then = SqlStore(settings.effective_database_url, FixedClock(long_ago))
    with then.transaction() as tx:
        for name in names:
            tx.events.add("default", samples.event(name), ())
    then.close()
    background = Background.start(house.ports, tmp_path, "default")
    try:
        until = time.monotonic() + 60
        left = names
        while left and time.monotonic() < until:
            with house.ports.store.reading() as tx:
                left = [n for n in left if tx.events.find("default", "zendesk", n)]
            time.sleep(0.1)
    finally:
        background.stop()
    assert left == []
    house.close()
