"""Answers are kept for a while: by what was asked, for one workspace, without names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.cache.memory import MemoryCache
from sidecar.client import SidecarClient
from sidecar.v1 import assist_pb2, common_pb2, policy_pb2, ticket_pb2
from tests.doubles.honest_model import honest, reply, statement
from tests.doubles.providers import Asked, Fault
from tests.flow.model_house import ModelHouse, is_degraded, model_house

BODY = "How do I return a device? Write to maria@privat.example, please."


def by_name(asked: Asked) -> str:
    """Greet by the placeholder that the prompt gives."""
    if asked.task != "draft":
        return honest(asked)
    name = asked.blocks("customer name")[0]
    text = f"Hello {name}, thank you for writing to us about it today."
    return json.dumps(reply(statement(text, "greeting")))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelHouse]:
    """A house that keeps answers for an hour."""
    folder = tmp_path_factory.mktemp("cache")
    with model_house(folder, answers=by_name, llm_cache_seconds=3600) as made:
        yield made


@pytest.fixture
def house(running: ModelHouse) -> ModelHouse:
    """The house with nothing kept."""
    running.reset()
    running.house.ports.cache.drop("default", "")
    running.house.ports.cache.drop("elsewhere", "")
    return running


def kept(house: ModelHouse) -> str:
    """Return everything that is in the cache, keys included."""
    cache = house.house.ports.cache
    assert isinstance(cache, MemoryCache)
    return repr(cache._values)


@pytest.mark.parametrize("task", ["classify", "draft", "summarize"])
def test_the_same_question_is_asked_once(house: ModelHouse, task: str) -> None:
    """The second answer is the first one's, costs nothing and needs no provider."""
    ask = getattr(house, task)
    first = ask(house.ticket(BODY))
    house.double.always = Fault(status=500)
    second = ask(house.ticket(BODY))
    assert len(house.double.seen) == 1
    assert second.engine == common_pb2.ENGINE_LLM
    assert first.usage.cost_micros_usd > 0
    assert second.usage.cost_micros_usd == 0


def test_a_kept_answer_names_the_one_who_asks_now(house: ModelHouse) -> None:
    """Two customers with the same words share the answer, not the name."""
    one = house.draft(house.ticket(BODY, name="Zoltan Nagyváradi"))
    two = house.draft(house.ticket(BODY, name="Annika Bergström"))
    assert len(house.double.seen) == 1
    assert "Zoltan" in one.text
    assert "Annika" in two.text
    assert "Zoltan" not in two.text


def test_nothing_raw_is_kept(house: ModelHouse) -> None:
    """Neither the question nor anybody's data stands in the cache, only answers."""
    ticket = house.ticket(BODY, name="Zoltan Nagyváradi")
    house.draft(ticket)
    house.summarize(ticket)
    house.classify(ticket)
    found = kept(house)
    assert "llm:" in found
    for raw in ("Zoltan", "Nagyváradi", "maria@privat.example"):
        assert raw not in found


def test_what_changes_is_asked_anew(house: ModelHouse) -> None:
    """Another message, article, language or taxonomy is another question."""
    ticket = house.ticket(BODY)
    house.draft(ticket)
    added = ticket.messages.add(
        external_id="2", body="It is a blue device, by the way."
    )
    added.author.role = ticket_pb2.AUTHOR_ROLE_CUSTOMER
    house.draft(ticket)
    assert len(house.double.seen) == 2
    house.draft(ticket, tone=assist_pb2.TONE_FORMAL)
    assert len(house.double.seen) == 3
    other = house.ticket(BODY)
    house.classify(other)
    policies = house.client.policies
    taxonomy = policies.GetTaxonomy(policy_pb2.GetTaxonomyRequest()).taxonomy
    taxonomy.categories[0].description += " And nothing else."
    policies.UpdateTaxonomy(policy_pb2.UpdateTaxonomyRequest(taxonomy=taxonomy))
    house.classify(house.ticket(BODY))
    assert len(house.double.seen) == 5
    house.learn("Returning a device\n\nReturn labels are in the portal.\n", "new.txt")
    house.draft(ticket)
    assert len(house.double.seen) == 6


def test_another_workspace_asks_for_itself(house: ModelHouse) -> None:
    """What one workspace was answered is not there for another."""
    house.summarize(house.ticket(BODY))
    with SidecarClient(house.keys["address"], house.keys["elsewhere"]) as client:
        theirs = ModelHouse(house.house, client, house.double)
        theirs.summarize(house.ticket(BODY))
    assert len(house.double.seen) == 2


@pytest.mark.parametrize("fault", [{"content": "{}"}, {"content": ""}, {"status": 500}])
def test_a_bad_answer_is_not_kept(house: ModelHouse, fault: dict[str, Any]) -> None:
    """Only what passed the checks is kept."""
    house.double.expect(Fault(**fault), Fault(**fault))
    assert is_degraded(house.draft(house.ticket(BODY)))
    assert "llm:" not in kept(house)
    assert house.draft(house.ticket(BODY)).engine == common_pb2.ENGINE_LLM


def test_a_failing_redaction_sends_nothing(house: ModelHouse) -> None:
    """Fails closed: when redaction raises no provider hears a word."""
    from sidecar.llm.remote.engine import ModelEngine

    engine = house.house.ports.engine
    assert isinstance(engine, ModelEngine)
    door = engine._tools.door

    class Broken:
        """A guard whose redaction is out of order."""

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("out of order")

    whole, door._safety = door._safety, Broken()
    try:
        for task in ("classify", "draft", "summarize"):
            assert is_degraded(getattr(house, task)(house.ticket(BODY)))
    finally:
        door._safety = whole
    assert house.double.seen == []
