"""A model's draft is as sure as its sources carry its wording."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sidecar.usecases.draft_guard import READ_FIRST
from sidecar.v1 import assist_pb2
from tests.doubles.honest_model import honest, reply, statement
from tests.doubles.providers import Asked
from tests.flow.model_house import ModelHouse, model_house

QUOTE = "Print the return label in the portal and put it on the parcel"
RETOLD = "Travellers might label the portal, while print shops return a parcel fee."


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelHouse]:
    """A house with one provider."""
    with model_house(tmp_path_factory.mktemp("wording"), "openai") as made:
        yield made


def drafted(house: ModelHouse, fact: str) -> assist_pb2.Draft:
    """Return the draft of a model that states this fact with a true quote."""
    text = json.dumps(
        reply(
            statement("Hello and thank you for writing to us today.", "greeting"),
            statement(fact, sources=[(1, QUOTE)]),
        )
    )

    def answer(asked: Asked) -> str:
        return text if asked.task == "draft" else honest(asked)

    house.double.answers = answer
    draft: assist_pb2.Draft = house.draft(house.ticket())
    assert fact in draft.text
    return draft


def test_words_of_the_source_told_otherwise_are_for_a_person(house: ModelHouse) -> None:
    """Each word may be known and the quote true: what it says together is not."""
    told, retold = drafted(house, f"{QUOTE}."), drafted(house, RETOLD)
    assert told.confidence > READ_FIRST
    assert retold.confidence <= READ_FIRST
    assert retold.outcome == assist_pb2.DRAFT_OUTCOME_SUGGESTED
