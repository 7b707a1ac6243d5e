"""A storm small enough for every test run: nothing lost, no effect doubled."""

from __future__ import annotations

import pytest

from tests.storm.run import Storm, broken

KILLS = 8


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_eight_kills_among_webhooks_lose_and_double_nothing() -> None:
    """Receivers, workers and two sidecars killed and restarted: the ledger agrees."""
    said: list[str] = []
    storm = Storm(
        kills=KILLS,
        seconds=8.0,
        warm_seconds=0.0,
        calm_seconds=2.0,
        rate=3.0,
        say=said.append,
    )
    result = storm.on_sqlite()
    print(f"{result['kills']=} {result['answers']=}")
    assert sum(result["kills"].values()) == KILLS
    assert broken(result) == [], (result, said)
    assert result["inside"]["accepted"] > 10
    assert result["zendesk"]["tickets"] > 3
    assert result["slack"]["questions"] >= 1
