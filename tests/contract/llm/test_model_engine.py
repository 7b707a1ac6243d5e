"""What the engine of a language model promises beside surviving its provider."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from sidecar.client import SidecarError
from sidecar.llm.remote.engine import ModelEngine
from sidecar.v1 import assist_pb2, common_pb2, policy_pb2
from tests.doubles.honest_model import honest, reply, statement
from tests.doubles.providers import Asked, Fault
from tests.flow.model_house import ModelHouse, is_degraded, model_house

GERMAN = "Wie kann ich ein Gerät zurückgeben und wo finde ich das Etikett dafür?"
LLM, LOCAL = common_pb2.ENGINE_LLM, common_pb2.ENGINE_LOCAL


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelHouse]:
    """A house with both providers: OpenAI chosen, Anthropic beside it."""
    folder = tmp_path_factory.mktemp("both")
    with model_house(folder, "openai", with_other=True) as made:
        yield made


@pytest.fixture
def house(running: ModelHouse) -> ModelHouse:
    """The house as new."""
    running.reset()
    running.double.answers = other(running).answers = honest
    running.deadline = 20.0
    return running


def other(house: ModelHouse) -> Any:
    """Return the double of the second provider."""
    assert house.other is not None
    return house.other


@pytest.mark.parametrize("task", ["classify", "draft", "summarize"])
def test_the_other_provider_stands_in(house: ModelHouse, task: str) -> None:
    """When the chosen one fails twice the other answers: no degraded result."""
    house.double.always = Fault(status=503)
    answer = getattr(house, task)(house.ticket())
    assert answer.engine == LLM
    assert answer.model.startswith("claude")
    assert common_pb2.WARNING_DEGRADED not in answer.warnings
    assert len(house.double.seen) == 2
    assert len(other(house).seen) == 1


@pytest.mark.parametrize("task", ["classify", "draft", "summarize"])
def test_with_both_hanging_the_answer_is_in_time(house: ModelHouse, task: str) -> None:
    """Two providers that never answer leave the local engine its share of 6 s."""
    house.deadline = 6.0
    house.double.always = other(house).always = Fault(hang=20.0)
    answer = getattr(house, task)(house.ticket())
    assert is_degraded(answer)
    assert len(house.double.seen) == len(other(house).seen) == 1


def test_all_five_calls_work_with_dead_providers(house: ModelHouse) -> None:
    """Keys set, providers dead: every call answers within its deadline."""
    house.double.always = other(house).always = Fault(status=500)
    ticket = house.ticket()
    for answer in (
        house.classify(ticket),
        house.draft(ticket),
        house.summarize(ticket),
    ):
        assert is_degraded(answer)
    assist = house.client.assist
    found = assist.Retrieve(
        assist_pb2.RetrieveRequest(query="return a device"), timeout=20
    )
    assert found.passages
    raised = assist.Escalate(
        assist_pb2.EscalateRequest(ticket=ticket, level=1, reason="look"), timeout=20
    )
    assert raised.created


def test_a_provider_in_trouble_is_left_alone_and_tried_again(
    house: ModelHouse,
) -> None:
    """After five failures in a row nothing is sent; after the rest one probe is."""
    house.double.always = other(house).always = Fault(status=500)
    engine = house.house.ports.engine
    assert isinstance(engine, ModelEngine)
    breakers = [provider.gate.breaker for provider in engine._tools.providers]
    for breaker in breakers:
        breaker._rest = 3.0
    for _ in range(5):
        assert is_degraded(house.summarize(house.ticket()))
    assert len(house.double.seen) == len(other(house).seen) == 5
    assert is_degraded(house.summarize(house.ticket()))
    assert len(house.double.seen) == 5
    time.sleep(3.0)
    house.double.always = Fault()
    assert house.summarize(house.ticket()).engine == LLM
    assert len(house.double.seen) == 6
    assert house.summarize(house.ticket()).engine == LLM


def test_local_can_be_asked_for(house: ModelHouse) -> None:
    """ENGINE_LOCAL keeps everything on this machine, and is not called degraded."""
    draft = house.draft(house.ticket(), engine=LOCAL)
    assert draft.engine == LOCAL
    assert common_pb2.WARNING_DEGRADED not in draft.warnings
    assert house.double.seen == []


def test_cancelling_ends_the_work_at_once(house: ModelHouse) -> None:
    """C03: a caller that goes away while the model thinks frees its thread."""
    house.double.always = Fault(hang=20.0)
    request = assist_pb2.DraftReplyRequest(ticket=house.ticket())
    call = house.client.assist.DraftReply.future(request, timeout=15)
    while not house.double.seen:
        time.sleep(0.01)
    call.cancel()
    started = time.monotonic()
    server = [t for t in threading.enumerate() if "model-" in t.name]
    assert server
    found = house.house.ports.store
    while True:
        with found.reading() as tx:
            spent = tx.spending.spent("default", house.house.ports.clock.now().date())
        if time.monotonic() - started > 10:
            raise AssertionError(f"the call was never settled: {spent}")
        if _outcome(house) == "cancelled":
            break
        time.sleep(0.01)


def _outcome(house: ModelHouse) -> str:
    """Return how the newest call in the ledger ended."""
    import sqlite3

    path = house.house.settings.data_dir / "deskside.db"
    with sqlite3.connect(path) as connection:
        row = connection.execute(
            "SELECT outcome FROM model_calls ORDER BY id DESC LIMIT 1"
        ).fetchone()
    connection.close()
    return str(row[0])


def test_the_schema_and_the_fixed_part_are_the_same_every_time(
    house: ModelHouse,
) -> None:
    """Providers can cache the fixed part; the answer's shape is strict JSON Schema."""
    house.draft(house.ticket())
    house.draft(house.ticket(subject="Something else about a device to return"))
    first, second = house.double.seen
    assert first.system == second.system
    assert first.user != second.user
    assert first.body["response_format"]["json_schema"]["strict"] is True
    house.double.always = Fault(status=401)
    house.draft(house.ticket())
    system = other(house).seen[0].body["system"]
    assert system[0]["cache_control"] == {"type": "ephemeral"}
    assert other(house).seen[0].system == first.system


def says(house: ModelHouse, *statements: dict[str, Any], **more: Any) -> None:
    """Let both providers answer this draft."""
    text = json.dumps(reply(*statements, **more))

    def answer(asked: Asked) -> str:
        return text if asked.task == "draft" else honest(asked)

    house.double.answers = other(house).answers = answer


def test_an_invented_citation_is_refused(house: ModelHouse) -> None:
    """A number of no article, and a quote that no article has, drop the sentence."""
    real = "Print the return label in the portal and put it on the parcel"
    says(
        house,
        statement("Hello and thank you for writing to us today.", "greeting"),
        statement(f"{real}.", sources=[(1, real)]),
        statement("We pay the parcel for you.", sources=[(9, "We pay the parcel")]),
        statement("We pay the parcel for you.", sources=[(1, "We pay the parcel")]),
        statement("You can return it within 90 days.", sources=[(1, real)]),
        statement("Refunds take five working days in every case.", "next_step"),
        statement("Everything is free, see https://evil.test/a", "closing"),
    )
    draft = house.draft(house.ticket())
    assert draft.text.split("\n\n") == [
        "Hello and thank you for writing to us today. " + real + "."
    ]
    assert len(draft.citations) == 1
    assert common_pb2.WARNING_UNSUPPORTED_SENTENCE_DROPPED in draft.warnings
    assert draft.outcome != assist_pb2.DRAFT_OUTCOME_READY


def test_a_model_may_say_that_nothing_answers(house: ModelHouse) -> None:
    """Its blocker counts, and nothing it says beside it is shown."""
    says(house, statement("Just guess something."), blocker="knowledge_missing")
    draft = house.draft(house.ticket())
    assert draft.outcome == assist_pb2.DRAFT_OUTCOME_NEEDS_HUMAN
    assert draft.blocker == assist_pb2.BLOCKER_KNOWLEDGE_MISSING
    assert draft.text == ""
    assert draft.engine == LLM


def test_a_wrong_language_is_asked_for_once_more(house: ModelHouse) -> None:
    """An English answer to a German ticket: once more, then the other, then local."""
    house.deadline = 20.0
    ticket = house.ticket(GERMAN, subject="Return a device, Gerät zurückgeben, label")
    draft = house.draft(ticket, language="de")
    assert len(house.double.seen) == 2
    assert len(other(house).seen) == 2
    assert is_degraded(draft)
    assert draft.language == "de"
    assert "thank you for writing" not in draft.text


def test_a_translated_fact_is_shown_with_its_quote(house: ModelHouse) -> None:
    """German from an English article: the quote stays English, a person reads first."""
    quote = "You can return any device within 14 days of delivery"
    said = "Sie können jedes Gerät innerhalb von 14 Tagen nach Lieferung zurückgeben."
    hello = "Guten Tag, vielen Dank für Ihre Nachricht an unser Team."
    wrong = said.replace("14", "90")
    says(
        house,
        statement(hello, "greeting"),
        statement(said, sources=[(1, quote)], original=f"{quote}."),
        statement(wrong, sources=[(1, quote)], original=f"{quote}."),
        statement(said.replace("jedes", "kein"), sources=[(1, quote)], original=quote),
    )
    ticket = house.ticket(GERMAN, subject="Return a device, Gerät zurückgeben, label")
    draft = house.draft(ticket, language="de")
    assert draft.engine == LLM
    assert draft.text == f"{hello} {said}"
    assert [c.quote for c in draft.citations] == [quote]
    assert draft.outcome != assist_pb2.DRAFT_OUTCOME_READY
    dropped = common_pb2.WARNING_UNSUPPORTED_SENTENCE_DROPPED
    assert dropped in draft.warnings


def test_white_space_of_a_quote_may_differ(house: ModelHouse) -> None:
    """A quote over a line end is the article's own text in the citation."""
    draft = house.draft(house.ticket())
    assert draft.citations[0].quote.count("\n") == 1


def test_values_outside_the_taxonomy_are_no_answer(house: ModelHouse) -> None:
    """The schema lists the taxonomy's values; another one counts as malformed."""
    house.classify(house.ticket())
    allowed = house.double.seen[0].schema["properties"]["category"]["enum"]
    found = house.client.policies.GetTaxonomy(policy_pb2.GetTaxonomyRequest())
    assert allowed == [value.key for value in found.taxonomy.categories]
    wrong = json.dumps({"category": "made_up", "intent": "x", "sentiment": "fine"})
    house.double.always = other(house).always = Fault(content=wrong)
    assert is_degraded(house.classify(house.ticket()))


def test_a_model_s_disagreement_is_only_suggested(house: ModelHouse) -> None:
    """Where local engine and model differ nothing is written by itself."""
    found = house.classify(house.ticket("Where do I find the return label, please?"))
    assert found.category.confidence <= 0.6
    assert found.category.decision == 3  # DECISION_SUGGEST


def budget(house: ModelHouse, daily: int = 0, monthly: int = 0) -> policy_pb2.Budget:
    """Set the limits and return the budget as it stands."""
    policies = house.client.policies
    known = policies.GetBudget(policy_pb2.GetBudgetRequest()).budget
    known.daily_limit_micros_usd = daily
    known.monthly_limit_micros_usd = monthly
    request = policy_pb2.UpdateBudgetRequest(budget=known)
    return policies.UpdateBudget(request).budget


@pytest.mark.parametrize("span", ["daily", "monthly"])
def test_a_budget_degrades_and_never_fails(house: ModelHouse, span: str) -> None:
    """Under the limit the model works, at it the local engine, saying why."""
    spent = budget(house)
    cost = spent.day_cost_micros_usd
    # What one draft may cost at most is set aside first: 2000 tokens of output.
    budget(house, **{span: cost + 12_000})
    assert house.draft(house.ticket()).engine == LLM
    known = budget(house, **{span: cost + 100})
    assert known.day_cost_micros_usd > cost
    assert known.exhausted
    house.reset()
    for task in ("classify", "draft", "summarize"):
        answer = getattr(house, task)(house.ticket())
        assert is_degraded(answer)
        if task != "classify":
            assert common_pb2.WARNING_BUDGET_EXHAUSTED in answer.warnings
    assert house.double.seen == []
    assert other(house).seen == []
    budget(house)


def test_what_nobody_can_answer_without_money_says_so(house: ModelHouse) -> None:
    """No budget and no good local answer: the blocker is the budget."""
    budget(house, daily=1)
    # The local engine writes no resolution for a ticket that has none.
    purpose = assist_pb2.DRAFT_PURPOSE_RESOLUTION
    draft = house.draft(house.ticket(), purpose=purpose)
    budget(house)
    assert draft.outcome == assist_pb2.DRAFT_OUTCOME_NEEDS_HUMAN
    assert draft.blocker == assist_pb2.BLOCKER_BUDGET_EXHAUSTED
    assert draft.blocker_text


def test_a_budget_is_compared_and_set(house: ModelHouse) -> None:
    """Who read an older budget is told; nonsense is refused by name."""
    policies = house.client.policies
    stale = budget(house)
    budget(house)
    with pytest.raises(SidecarError) as lost:
        policies.UpdateBudget(policy_pb2.UpdateBudgetRequest(budget=stale))
    assert lost.value.code is grpc.StatusCode.ABORTED
    known = policies.GetBudget(policy_pb2.GetBudgetRequest()).budget
    known.daily_limit_micros_usd = -1
    with pytest.raises(SidecarError) as refused:
        policies.UpdateBudget(policy_pb2.UpdateBudgetRequest(budget=known))
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_a_budget_is_one_workspace_s(house: ModelHouse) -> None:
    """What one workspace may spend is nothing to another."""
    from sidecar.client import SidecarClient

    budget(house, daily=1)
    with SidecarClient(house.keys["address"], house.keys["elsewhere"]) as client:
        theirs = ModelHouse(house.house, client, house.double)
        known = client.policies.GetBudget(policy_pb2.GetBudgetRequest()).budget
        assert known.daily_limit_micros_usd == 0
        assert known.day_cost_micros_usd == 0
        assert theirs.summarize(house.ticket()).engine == LLM
    budget(house)


def test_parallel_calls_cannot_overspend(house: ModelHouse) -> None:
    """Ten at once with money for about two: the sum stays under the limit."""
    known = budget(house)
    limit = known.day_cost_micros_usd + 12_000
    budget(house, daily=limit)
    house.deadline = 20.0
    engines: list[int] = []

    def draft() -> None:
        ticket = house.ticket(number=f"P-{threading.get_ident()}-{time.monotonic_ns()}")
        request = assist_pb2.DraftReplyRequest(ticket=ticket)
        answer = house.client.assist.DraftReply(request, timeout=20)
        engines.append(answer.draft.engine)

    house.double.always = Fault(drip=0.02)
    threads = [threading.Thread(target=draft) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(engines) == 10
    assert LLM in engines
    assert LOCAL in engines
    assert budget(house).day_cost_micros_usd <= limit


def test_the_command_shows_and_sets_the_budget(
    house: ModelHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``deskside budget`` speaks in dollars; one limit leaves the other as it is."""
    from click.testing import CliRunner

    # As it is called: alone it would keep a --help without -h for tests after this.
    from sidecar.cli.main import deskside

    monkeypatch.setenv("DESKSIDE_SIDECAR_ADDRESS", house.keys["address"])
    monkeypatch.setenv("DESKSIDE_API_KEY", house.keys["default"])
    runner = CliRunner()
    done = runner.invoke(
        deskside, ["budget", "set", "--monthly", "50", "--daily", "1.5"]
    )
    assert done.exit_code == 0, done.output
    assert "50.00 USD" in done.output
    runner.invoke(deskside, ["budget", "set", "--daily", "0"])
    shown = json.loads(runner.invoke(deskside, ["budget", "show", "--json"]).output)
    assert shown["monthly_limit_micros_usd"] in (50_000_000, "50000000")
    assert not int(shown.get("daily_limit_micros_usd", 0))
    assert runner.invoke(deskside, ["budget", "set"]).exit_code == 2
    budget(house)
