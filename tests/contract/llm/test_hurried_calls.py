"""Callers with short deadlines while both providers hang."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sidecar.client import SidecarError
from sidecar.llm.remote.engine import ModelEngine
from sidecar.v1 import common_pb2
from tests.doubles.providers import Fault
from tests.flow.model_house import is_degraded, model_house

FEW = 4
"""Failures that open the hurried breaker here; fifteen would wait fifteen seconds."""


def test_hurried_callers_soon_wait_for_no_provider_that_hangs(tmp_path: Path) -> None:
    """They are answered locally without asking; who has time is answered by a model."""
    with model_house(tmp_path, with_other=True) as house:
        assert house.other is not None
        house.deadline = 20.0
        house.classify(house.ticket())
        engine = house.house.ports.engine
        assert isinstance(engine, ModelEngine)
        gates = [provider.gate for provider in engine._tools.providers]
        for gate in gates:
            gate.hurried._most = FEW
        house.double.always = house.other.always = Fault(hang=60.0)
        # Less than a second for one provider, even where the other is not asked.
        house.deadline = 1.2
        for _ in range(5 * FEW):
            # On a busy machine so short a deadline may pass without an answer.
            with suppress(SidecarError):
                house.classify(house.ticket())
            if all(gate.is_open for gate in gates):
                break
        house.double.reset()
        house.other.reset()
        with suppress(SidecarError):
            assert is_degraded(house.classify(house.ticket()))
        assert house.double.seen == house.other.seen == []
        house.deadline = 20.0
        answer = house.classify(house.ticket())
        assert answer.engine == common_pb2.ENGINE_LLM
