"""Changing the taxonomy: what is kept, what is refused, and who wins a race."""

from __future__ import annotations

import threading
from collections.abc import Callable

import grpc
import pytest

from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import (
    assist_pb2,
    classification_pb2,
    policy_pb2,
    rules_pb2,
    ticket_pb2,
)
from tests.contract.rpc.conftest import Running

CATEGORY = classification_pb2.CLASSIFICATION_FIELD_CATEGORY
INTENT = classification_pb2.CLASSIFICATION_FIELD_INTENT


def small() -> rules_pb2.Taxonomy:
    """Return a taxonomy of two categories and two intents."""
    value = rules_pb2.TaxonomyValue
    return rules_pb2.Taxonomy(
        categories=[
            value(key="boats", description="About boats.", enabled=True),
            value(key="cars", description="About cars.", enabled=True, team="garage"),
        ],
        intents=[
            value(
                key="leaking_boat",
                description="Water comes in.",
                examples=["My boat leaks", "Water in the boat"],
                enabled=True,
                category="boats",
            ),
            value(
                key="flat_tyre",
                description="A tyre lost its air.",
                examples=["My tyre is flat"],
                enabled=True,
                category="cars",
            ),
        ],
    )


def stored(client: SidecarClient) -> rules_pb2.Taxonomy:
    """Read the taxonomy as it stands."""
    return client.policies.GetTaxonomy(policy_pb2.GetTaxonomyRequest()).taxonomy


def update(
    client: SidecarClient, taxonomy: rules_pb2.Taxonomy, request_id: str = ""
) -> rules_pb2.Taxonomy:
    """Replace the taxonomy."""
    request = policy_pb2.UpdateTaxonomyRequest(request_id=request_id, taxonomy=taxonomy)
    return client.policies.UpdateTaxonomy(request).taxonomy


def test_what_was_read_can_be_written_back(running: Running) -> None:
    """Nothing is lost on the way in and out, intents keep their categories."""
    with running.client() as client:
        before = stored(client)
        after = update(client, before)
        again = stored(client)
    assert again == after
    assert before.etag != after.etag
    for made in (before, after):
        made.ClearField("etag")
        made.ClearField("config_version")
    assert after == before
    assert all(intent.category for intent in after.intents)


def test_tickets_get_the_new_values(running: Running) -> None:
    """The next ticket is sorted into what the administrator wrote."""
    with running.client() as client:
        wanted = small()
        wanted.etag = stored(client).etag
        update(client, wanted)
        answer = client.assist.Classify(
            assist_pb2.ClassifyRequest(
                ticket=ticket_pb2.Ticket(
                    external_id="taxonomy-1",
                    connector="zendesk",
                    messages=[ticket_pb2.Message(body="Help, my boat leaks!")],
                )
            )
        )
        found = answer.classification
    assert found.intent.value == "leaking_boat"
    assert found.category.value == "boats"


def test_a_repeat_returns_the_first_answer(running: Running) -> None:
    """The etag has moved on, and the repeat still succeeds."""
    with running.client() as client:
        wanted = small()
        wanted.etag = stored(client).etag
        first = update(client, wanted, "taxonomy-once")
        assert update(client, wanted, "taxonomy-once") == first
        assert stored(client).etag == first.etag


def test_of_writers_that_race_one_wins(running: Running) -> None:
    """All have read the same version; the others are told to read again."""
    with running.client() as client:
        wanted = small()
        wanted.etag = stored(client).etag
        outcomes: list[str] = []

        def write() -> None:
            try:
                outcomes.append(update(client, wanted).etag)
            except SidecarError as error:
                outcomes.append(f"{error.code.name} {error.reason}")

        threads = [threading.Thread(target=write) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes.count("ABORTED ETAG_MISMATCH") == 5
        assert stored(client).etag in outcomes


def test_each_workspace_has_its_own(running: Running) -> None:
    """What one writes the other does not read."""
    with running.client() as client, running.client("elsewhere") as other:
        theirs = stored(other)
        wanted = small()
        wanted.etag = stored(client).etag
        update(client, wanted)
        assert stored(other) == theirs


def thresholds(
    *given: tuple[int, float, float, float],
) -> list[rules_pb2.DecisionThresholds]:
    return [
        rules_pb2.DecisionThresholds(field=f, automate=a, select=s, suggest=g)  # type: ignore[arg-type]  # its number
        for f, a, s, g in given
    ]


def more(count: int) -> list[rules_pb2.TaxonomyValue]:
    return [rules_pb2.TaxonomyValue(key=f"k{n}", enabled=True) for n in range(count)]


BROKEN: dict[str, tuple[str, Callable[[rules_pb2.Taxonomy], object]]] = {
    "no key": ("categories[0].key", lambda t: t.categories[0].ClearField("key")),
    "long key": ("categories[0].key", lambda t: _set(t.categories[0], key="k" * 101)),
    "odd key": ("categories[0].key", lambda t: _set(t.categories[0], key="Boats!")),
    "key twice": ("categories[1].key", lambda t: _set(t.categories[1], key="boats")),
    "own name": ("intents[0].name", lambda t: _set(t.intents[0], name="Leaky boat")),
    "long name": ("intents[0].name", lambda t: _set(t.intents[0], name="n" * 101)),
    "switched off": (
        "intents[1].enabled",
        lambda t: t.intents[1].ClearField("enabled"),
    ),
    "long description": (
        "intents[0].description",
        lambda t: _set(t.intents[0], description="d" * 1_001),
    ),
    "long example": (
        "intents[0].examples[2]",
        lambda t: t.intents[0].examples.append("e" * 1_001),
    ),
    "empty example": (
        "intents[0].examples[2]",
        lambda t: t.intents[0].examples.append(" "),
    ),
    "many examples": (
        "intents[0].examples",
        lambda t: t.intents[0].examples.extend(["e"] * 100),
    ),
    "long team": (
        "categories[1].team",
        lambda t: _set(t.categories[1], team="t" * 101),
    ),
    "unknown category": (
        "intents[0].category",
        lambda t: _set(t.intents[0], category="planes"),
    ),
    "no category": (
        "intents[0].category",
        lambda t: t.intents[0].ClearField("category"),
    ),
    "category of a category": (
        "categories[0].category",
        lambda t: _set(t.categories[0], category="cars"),
    ),
    "many categories": ("categories", lambda t: t.categories.extend(more(499))),
    "many intents": ("intents", lambda t: t.intents.extend(more(499))),
    "no categories": ("categories", lambda t: t.ClearField("categories")),
    "no intents": ("intents", lambda t: t.ClearField("intents")),
    "thresholds of another field": (
        "thresholds[0].field",
        lambda t: t.thresholds.extend(thresholds((0, 0.9, 0.5, 0.3))),
    ),
    "thresholds of one field": (
        "thresholds",
        lambda t: t.thresholds.extend(thresholds((CATEGORY, 0.9, 0.5, 0.3))),
    ),
    "thresholds that differ": (
        "thresholds",
        lambda t: t.thresholds.extend(
            thresholds((CATEGORY, 0.9, 0.5, 0.3), (INTENT, 0.8, 0.5, 0.3))
        ),
    ),
    "thresholds out of order": (
        "thresholds",
        lambda t: t.thresholds.extend(
            thresholds((CATEGORY, 0.9, 0.5, 0.6), (INTENT, 0.9, 0.5, 0.6))
        ),
    ),
    "no number": (
        "thresholds",
        lambda t: t.thresholds.extend(
            thresholds((CATEGORY, 9.0, float("nan"), 0), (INTENT, 9.0, 0.5, 0))
        ),
    ),
}


def _set(value: rules_pb2.TaxonomyValue, **fields: str) -> None:
    for name, text in fields.items():
        setattr(value, name, text)


@pytest.mark.parametrize("case", BROKEN)
def test_each_limit_names_its_field(running: Running, case: str) -> None:
    """One thing is wrong; exactly that field is named, and nothing changes."""
    field, damage = BROKEN[case]
    with running.client() as client:
        before = stored(client)
        wanted = small()
        wanted.etag = before.etag
        damage(wanted)
        with pytest.raises(SidecarError) as caught:
            update(client, wanted)
        assert stored(client) == before
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert f"taxonomy.{field}" in {v.field for v in caught.value.violations}


def test_above_one_nothing_is_automated(running: Running) -> None:
    """The contract says so, and it comes back as it was set."""
    with running.client() as client:
        wanted = small()
        wanted.etag = stored(client).etag
        wanted.thresholds.extend(
            thresholds((INTENT, 2.0, 0.5, 0.3), (CATEGORY, 2.0, 0.5, 0.3))
        )
        kept = update(client, wanted).thresholds
    assert {(t.automate, t.select, t.suggest) for t in kept} == {(2.0, 0.5, 0.3)}


def test_a_request_without_a_taxonomy_is_refused(running: Running) -> None:
    """Forgetting the field must not empty the taxonomy."""
    with running.client() as client, pytest.raises(SidecarError) as caught:
        client.policies.UpdateTaxonomy(policy_pb2.UpdateTaxonomyRequest())
    assert [v.field for v in caught.value.violations] == ["taxonomy"]
