"""A language model beside a classifier that the team has trained."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.domain.training import LabelledText
from sidecar.llm.local.engine import LocalEngine
from sidecar.training import ChildTrainer
from sidecar.usecases.run_training import run_next_training
from sidecar.usecases.taxonomy import current_taxonomy
from sidecar.v1 import classification_pb2, common_pb2, policy_pb2
from tests.doubles.honest_model import classify
from tests.doubles.providers import Asked
from tests.flow.model_house import ModelHouse, model_house
from tests.unit.llm.little_training import labelled

LLM, LOCAL = common_pb2.ENGINE_LLM, common_pb2.ENGINE_LOCAL
PARCEL = "Hello, my parcel has not arrived."
BOTH = "my parcel has not arrived and my money was not refunded"


def _gloomy(asked: Asked) -> str:
    """Answer what is asked, and find every customer negative."""
    return json.dumps({**classify(asked), "sentiment": "negative"})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelHouse]:
    """A house with a model in which nothing is trained yet."""
    with model_house(tmp_path_factory.mktemp("trained"), answers=_gloomy) as made:
        made.deadline = 20.0
        yield made


def _train(house: ModelHouse, rows: Sequence[LabelledText]) -> None:
    header = policy_pb2.TrainClassifierHeader(add_missing_labels=True)
    texts = [
        policy_pb2.LabelledText(text=r.text, labels=[f"our_{x}" for x in r.labels])
        for r in rows
    ]
    steps = [
        policy_pb2.TrainClassifierRequest(header=header),
        policy_pb2.TrainClassifierRequest(batch=policy_pb2.LabelledTexts(texts=texts)),
    ]
    house.client.policies.TrainClassifier(iter(steps))
    assert run_next_training(house.house.ports, "w", ChildTrainer(Path(), "", 1))


def _labels(read: classification_pb2.Classification) -> list[object]:
    return [read.category, read.intent, list(read.intents)]


def test_the_labels_of_a_trained_classifier_stand(house: ModelHouse) -> None:
    """The model is not asked for them, and its answer changes nothing about them."""
    _train(house, labelled())
    local = house.classify(house.ticket(PARCEL), engine=LOCAL)
    house.double.seen.clear()
    read = house.classify(house.ticket(PARCEL))
    assert (local.engine, read.engine) == (LOCAL, LLM)
    assert read.intent.value == "our_parcel_late"
    assert _labels(read) == _labels(local)
    [asked] = house.double.seen
    assert set(asked.schema["properties"]) == {"sentiment", "severity", "language"}
    assert asked.blocks("values that may be chosen") == []
    assert asked.blocks("customer message") == [PARCEL]


def test_tone_and_reasons_are_those_of_both(house: ModelHouse) -> None:
    """Beside a trained classifier the model still reads the tone, and both say so."""
    _train(house, labelled())
    read = house.classify(house.ticket(PARCEL))
    assert read.sentiment == classification_pb2.SENTIMENT_NEGATIVE
    codes = [reason.code for reason in read.reasons]
    assert classification_pb2.REASON_CODE_TRAINED_MODEL in codes
    assert classification_pb2.REASON_CODE_LANGUAGE_MODEL in codes


def test_several_intents_of_a_trained_classifier_stand(house: ModelHouse) -> None:
    """Where texts have several labels, all that hold are answered."""
    two = LabelledText(BOTH, ("parcel_late", "refund"))
    more = [replace(two, text=f"{BOTH}, please {n}") for n in range(9)]
    _train(house, [*labelled(), *more])
    local = house.classify(house.ticket(BOTH), engine=LOCAL)
    read = house.classify(house.ticket(BOTH))
    assert {i.value for i in read.intents} >= {"our_parcel_late", "our_refund"}
    assert _labels(read) == _labels(local)


def test_without_a_version_in_use_the_model_is_asked_again(house: ModelHouse) -> None:
    """Going back to no classifier goes back to the labels of the taxonomy."""
    none = policy_pb2.ActivateClassifierVersionRequest(version=0)
    house.client.policies.ActivateClassifierVersion(none)
    house.double.seen.clear()
    house.classify(house.ticket(PARCEL))
    [asked] = house.double.seen
    assert {"category", "intent", "sentiment"} <= set(asked.schema["properties"])


def test_a_damaged_classifier_decides_nothing(house: ModelHouse) -> None:
    """What cannot be used must not keep the model from naming labels either."""
    _train(house, labelled())
    ports = house.house.ports
    with ports.store.reading() as tx:
        taxonomy = current_taxonomy(tx, "default")
    assert taxonomy.trained is not None
    broken = replace(taxonomy, trained=replace(taxonomy.trained, digest="0"))
    engine = LocalEngine(ports.embedder)
    assert engine.is_trained(taxonomy)
    assert not engine.is_trained(broken)
