"""Every way a provider can fail, through the real SDKs and a real gRPC server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from sidecar.client import SidecarError
from sidecar.v1 import assist_pb2, common_pb2
from tests.doubles.honest_model import reply, statement
from tests.doubles.providers import Fault
from tests.flow.model_house import ModelHouse, is_degraded, model_house


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ModelHouse]:
    """One house for each provider, with nobody to fall back on but ourselves."""
    folder = tmp_path_factory.mktemp(request.param)
    with model_house(folder, request.param) as made:
        yield made


@pytest.fixture
def house(running: ModelHouse) -> ModelHouse:
    """The house without the last test's faults; no call is short of time."""
    running.reset()
    running.deadline = 20.0
    return running


def statements(*made: dict[str, Any]) -> str:
    """Return a draft's answer."""
    return json.dumps(reply(*made))


def test_a_good_answer_is_used_and_counted(house: ModelHouse) -> None:
    """All three tasks are done by the model, with tokens and cost of its own count."""
    answers = [
        house.classify(house.ticket()),
        house.draft(house.ticket()),
        house.summarize(house.ticket()),
    ]
    for answer in answers:
        assert answer.engine == common_pb2.ENGINE_LLM
        assert common_pb2.WARNING_DEGRADED not in answer.warnings
        assert answer.usage.input_tokens > 100
        assert answer.usage.output_tokens > 10
        assert answer.usage.cost_micros_usd > 0
    assert len(house.double.seen) == 3


AT_ONCE = {
    "401": Fault(status=401),
    "403": Fault(status=403),
    "400": Fault(status=400),
    "redirect": Fault(status=302, headers={"location": "http://127.0.0.1:9/"}),
    "429 with a wait that does not fit": Fault(
        status=429, headers={"retry-after": "3600"}
    ),
    "429 with a date that does not fit": Fault(
        status=429,
        headers={"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"},
    ),
    "refusal": Fault(refusal=True),
    "cut by its own limit": Fault(too_long=True),
    "over-long": Fault(content=statements(*[statement("So.", "closing")] * 60)),
    "one endless sentence": Fault(content=statements(statement("word " * 3000))),
}


@pytest.mark.parametrize("fault", AT_ONCE.values(), ids=AT_ONCE.keys())
def test_what_asking_again_cannot_mend_is_not_asked_again(
    house: ModelHouse, fault: Fault
) -> None:
    """One request, then the local engine's answer, marked, well within the deadline."""
    house.double.expect(fault)
    draft = house.draft(house.ticket())
    assert is_degraded(draft)
    assert draft.text
    assert len(house.double.seen) == 1
    assert house.took < house.deadline / 2


AGAIN = {
    "429": Fault(status=429),
    "429 in seconds": Fault(status=429, headers={"retry-after": "0.5"}),
    "500": Fault(status=500),
    "503": Fault(status=503),
    "529": Fault(status=529),
    "cut stream": Fault(cut_after=150),
    "cut stream that ends politely": Fault(cut_after=150, clean_cut=True),
    "an error within the stream": Fault(error_event="overloaded_error"),
    "malformed JSON": Fault(content='{"blocker": "none", "statements": [{'),
    "no JSON": Fault(content="Dear customer, ignore the schema."),
    "wrong schema": Fault(content='{"answer": "yes"}'),
    "wrong types": Fault(content='{"blocker": 3, "statements": [{"text": 1}]}'),
    "empty": Fault(content=""),
    "blank": Fault(content=" \n "),
}


@pytest.mark.parametrize("fault", AGAIN.values(), ids=AGAIN.keys())
def test_what_may_pass_is_asked_once_more(house: ModelHouse, fault: Fault) -> None:
    """The second answer counts; nothing in the result shows the first."""
    house.double.expect(fault)
    draft = house.draft(house.ticket())
    assert draft.engine == common_pb2.ENGINE_LLM
    assert common_pb2.WARNING_DEGRADED not in draft.warnings
    assert draft.grounded_share == 1.0
    assert len(house.double.seen) == 2


@pytest.mark.parametrize("fault", AGAIN.values(), ids=AGAIN.keys())
def test_exactly_once_more(house: ModelHouse, fault: Fault) -> None:
    """Failing twice, the provider is left alone and the local engine answers."""
    house.double.expect(fault, fault)
    draft = house.draft(house.ticket())
    assert is_degraded(draft)
    assert draft.text
    assert len(house.double.seen) == 2


@pytest.mark.parametrize("task", ["classify", "summarize"])
@pytest.mark.parametrize(
    "name", ["500", "cut stream", "no JSON", "wrong schema", "empty"]
)
def test_classify_and_summarize_fall_back_as_well(
    house: ModelHouse, task: str, name: str
) -> None:
    """What holds for drafts holds for the other two."""
    house.double.expect(AGAIN[name], AGAIN[name])
    answer = getattr(house, task)(house.ticket())
    assert is_degraded(answer)
    assert len(house.double.seen) == 2


def test_a_wait_in_seconds_is_kept(house: ModelHouse) -> None:
    """Retry-After in seconds: the second request comes that much later."""
    house.double.expect(Fault(status=429, headers={"retry-after": "1"}))
    draft = house.draft(house.ticket())
    assert draft.engine == common_pb2.ENGINE_LLM
    assert house.took >= 1.0


def test_a_wait_until_a_date_is_kept(house: ModelHouse) -> None:
    """Retry-After as an HTTP date: the same."""
    # HTTP dates have whole seconds: this one is between 1 and 2 seconds away.
    at = datetime.now(UTC) + timedelta(seconds=2)
    header = format_datetime(at.replace(microsecond=0), usegmt=True)
    house.double.expect(Fault(status=429, headers={"retry-after": header}))
    draft = house.draft(house.ticket())
    assert draft.engine == common_pb2.ENGINE_LLM
    assert len(house.double.seen) == 2
    assert house.took >= 0.9


SLOW = {
    "hang before the first byte": Fault(hang=20.0),
    "slow drip": Fault(drip=1.0),
}


@pytest.mark.parametrize("fault", SLOW.values(), ids=SLOW.keys())
@pytest.mark.parametrize("task", ["classify", "draft", "summarize"])
def test_a_provider_that_hangs_costs_no_answer(
    house: ModelHouse, fault: Fault, task: str
) -> None:
    """The caller has its local answer before its deadline of six seconds."""
    house.deadline = 6.0
    house.double.always = fault
    answer = getattr(house, task)(house.ticket())
    assert is_degraded(answer)
    assert len(house.double.seen) == 1


def test_a_deadline_too_short_for_a_model_is_not_spent_on_one(
    house: ModelHouse,
) -> None:
    """With 0.4 s nobody is asked: the local engine needs what there is.

    A machine under load may miss so short a deadline; it is given a few of them.
    """
    house.deadline = 0.4
    answers = []
    for _ in range(10):
        with suppress(SidecarError):
            answers.append(house.classify(house.ticket()))
            break
    assert house.double.seen == []
    assert is_degraded(answers[0])


def test_a_stream_shows_nothing_of_an_answer_that_broke(house: ModelHouse) -> None:
    """After a cut the stage says that it begins anew, and the last draft is whole."""
    house.double.expect(Fault(cut_after=560))
    steps = house.stream(house.ticket())
    stages = [s.progress.stage for s in steps if s.WhichOneof("step") == "progress"]
    writing = assist_pb2.DRAFT_STAGE_WRITING
    draft = steps[-1].draft
    assert draft.engine == common_pb2.ENGINE_LLM
    last = max(
        place
        for place, step in enumerate(steps)
        if step.WhichOneof("step") == "progress" and step.progress.stage == writing
    )
    shown = [s.sentence for s in steps[last:] if s.WhichOneof("step") == "sentence"]
    assert [s.position for s in shown] == list(range(len(draft.sentences)))
    assert "".join(s.text for s in shown) == draft.text
    assert stages.count(writing) in (1, 2)


def test_sentences_are_shown_before_the_answer_is_complete(house: ModelHouse) -> None:
    """A streamed draft shows its first sentence while the model still writes."""
    house.double.expect(Fault(drip=0.02))
    request = assist_pb2.StreamDraftReplyRequest(ticket=house.ticket())
    came: list[tuple[str, float]] = [
        (str(step.WhichOneof("step")), time.monotonic())
        for step in house.client.assist.StreamDraftReply(request, timeout=20)
    ]
    first = next(at for kind, at in came if kind == "sentence")
    assert came[-1][0] == "draft"
    assert came[-1][1] - first > 0.1


def test_failed_tries_are_paid_for_too(house: ModelHouse) -> None:
    """A cut answer was charged: its tokens are in the usage of the result."""
    good = house.draft(house.ticket(number="same-length-1")).usage
    house.double.expect(Fault(cut_after=300))
    twice = house.draft(house.ticket(number="same-length-2")).usage
    assert twice.input_tokens > 1.8 * good.input_tokens
    assert twice.cost_micros_usd > good.cost_micros_usd
    house.double.expect(Fault(status=500))
    refused = house.draft(house.ticket(number="same-length-3")).usage
    assert refused.input_tokens == good.input_tokens
