"""Both SDKs against aimock, a double of the providers that is not ours."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.v1 import common_pb2
from tests import needs
from tests.doubles.honest_model import reply, statement
from tests.flow.model_house import ModelHouse, is_degraded, model_house
from tests.servers import free_port

QUOTE = "Print the return label in the portal and put it on the parcel"
DRAFT = reply(
    statement("Hello and thank you for writing to us today.", "greeting"),
    statement(f"{QUOTE}.", sources=[(1, QUOTE)]),
)
CLASSIFIED = {
    "category": "returns_refunds",
    "intent": "return_item",
    "sentiment": "neutral",
    "severity": "normal",
    "language": "en",
    "quote": "",
    "sure": True,
}
SUMMARY = {
    "headline": "Return of a device",
    "problem": "The customer asks for the label.",
    "steps_taken": [],
    "open_questions": [],
    "next_steps": [],
    "action_items": [],
    "resolution": "",
}
USAGE = {
    "prompt_tokens": 900,
    "completion_tokens": 80,
    "total_tokens": 980,
    "input_tokens": 900,
    "output_tokens": 80,
}


def _answer(words: str, content: Any, **more: Any) -> dict[str, Any]:
    response = {"content": json.dumps(content), "usage": USAGE}
    return {"match": {"userMessage": words}, "response": response, **more}


def _error(words: str, status: int) -> dict[str, Any]:
    error = {"message": "no", "type": "some_error"}
    response = {"error": error, "status": status}
    return {"match": {"userMessage": words}, "response": response}


# The first that matches answers: what stands in a ticket goes before the tasks.
FIXTURES = [
    _error("please-401", 401),
    _error("please-429", 429),
    _error("please-500", 500),
    _error("please-529", 529),
    _answer("please-cut", DRAFT, truncateAfterChunks=3, chunkSize=20),
    _answer("please-malformed", "no object at all"),
    _answer("Write the reply now", DRAFT),
    _answer("Sort the newest request now", CLASSIFIED),
    _answer("Sum up the conversation now", SUMMARY),
]


@pytest.fixture(scope="module")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run aimock on a free port of loopback."""
    command = needs.aimock()
    folder: Path = tmp_path_factory.mktemp("aimock")
    fixtures = folder / "fixtures.json"
    fixtures.write_text(json.dumps({"fixtures": FIXTURES}))
    port = free_port()
    words = ["--port", str(port), "--fixtures", str(fixtures), "--log-level", "silent"]
    with subprocess.Popen(
        [*command, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address)
            yield address
        finally:
            process.kill()


def _wait_for(address: str) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            _journal(address)
        except OSError:
            assert time.monotonic() < end, "aimock does not answer"
            time.sleep(0.05)
        else:
            return


def _journal(address: str) -> str:
    with urllib.request.urlopen(f"{address}/__aimock/journal", timeout=5) as answer:
        return str(answer.read().decode())


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def house(
    request: pytest.FixtureRequest,
    aimock: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ModelHouse]:
    """A house whose provider is aimock."""
    where: dict[str, Any] = {
        "openai_base_url": f"{aimock}/v1",
        "anthropic_base_url": aimock,
    }
    folder = tmp_path_factory.mktemp(request.param)
    with model_house(folder, request.param, **where) as made:
        yield made


def test_all_tasks_pass_through_both_protocols(house: ModelHouse) -> None:
    """Classify, draft (streamed too) and summarise, with the usage that was told."""
    found = house.classify(house.ticket())
    assert found.engine == common_pb2.ENGINE_LLM
    assert found.category.value == "returns_refunds"
    draft = house.draft(house.ticket())
    assert draft.engine == common_pb2.ENGINE_LLM
    assert draft.grounded_share == 1.0
    assert draft.usage.input_tokens == 900
    assert draft.usage.output_tokens == 80
    steps = house.stream(house.ticket())
    assert steps[-1].draft.text == draft.text
    summary = house.summarize(house.ticket())
    assert summary.engine == common_pb2.ENGINE_LLM
    assert summary.headline == "Return of a device"


@pytest.mark.parametrize("fault", ["401", "429", "500", "529", "cut", "malformed"])
def test_faults_end_in_a_local_answer(house: ModelHouse, fault: str) -> None:
    """Whatever fails there, the caller has a marked answer in time."""
    house.reset()
    house.deadline = 20.0
    draft = house.draft(house.ticket(f"How do I return a device? please-{fault}"))
    assert is_degraded(draft)


def test_the_journal_holds_no_personal_data(house: ModelHouse, aimock: str) -> None:
    """What aimock wrote down of the requests names nobody."""
    house.reset()
    body = "I am Maria Huber, maria@privat.example, +49 151 23456789. Return a device?"
    house.draft(house.ticket(body, name="Maria Huber", email="maria@privat.example"))
    journal = _journal(aimock)
    assert "Return a device?" in journal
    for secret in ("Huber", "maria@privat.example", "23456789"):
        assert secret not in journal
