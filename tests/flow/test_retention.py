"""What nobody needs any more goes by itself, while the server runs."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from sidecar.background import KEEP_CALLS, Background
from sidecar.bootstrap import open_house
from sidecar.domain.budget import ModelCall
from sidecar.settings import Settings


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
