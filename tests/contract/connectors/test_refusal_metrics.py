"""A refused signature is counted under its reason, the same word for every hook."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors import metrics
from tests.contract.connectors.cases import CASES, HookCase
from tests.contract.connectors.conftest import Answer, Receiver

REASONS = ("signature_missing", "signature_wrong", "signature_stale")


def counted(case: HookCase) -> dict[str, float]:
    """Return how often each reason was counted for the hook's connector."""
    return {
        reason: metrics.HOOKS.labels(case.connector, reason)._value.get()
        for reason in REASONS
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_refused_signature_is_counted_by_its_reason(
    receiver: Receiver, case: HookCase
) -> None:
    """B12: missing, wrong and old fail closed, each with a metric of its own."""
    refused: dict[str, Callable[[], Answer]] = {
        "signature_missing": lambda: receiver.hook(
            case, case.body(), drop=case.signature_headers
        ),
        "signature_wrong": lambda: receiver.hook(case, case.body(), secret="another"),
        "signature_stale": lambda: receiver.hook(case, case.body(), ago=301),
    }
    for reason, send in refused.items():
        before = counted(case)
        answer = send()
        assert answer.status == 401
        assert reason.encode() in answer.body
        assert counted(case) == {**before, reason: before[reason] + 1}
    assert receiver.gateway.published == 0
