"""The parts between an SDK and a result: waits, shapes, addresses, prompts, prices."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.budget import Budget, Prices, Spent, Tokens, tokens_at_most
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.errors import Misconfigured
from sidecar.llm.remote.answers import Statements
from sidecar.llm.remote.conversation import conversation
from sidecar.llm.remote.failure import Failure, ProviderFailed
from sidecar.llm.remote.http_status import failed_with, retry_after
from sidecar.llm.remote.opening import check_address
from sidecar.llm.remote.prompts import prompt
from sidecar.llm.remote.schemas import DRAFT, SUMMARY, classification

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("1.5", 1.5),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sunday, 01-Mar-26 12:00:30 GMT", 30.0),
        ("99999999999", 86_400.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after_has_two_forms(given_header: str, seconds: float | None) -> None:
    """Seconds or a date; what means nothing counts as not said, a day is the most."""
    assert retry_after({"retry-after": given_header}, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (302, Failure.REQUEST),
        (400, Failure.REQUEST),
        (401, Failure.UNAUTHORIZED),
        (402, Failure.UNAUTHORIZED),
        (403, Failure.UNAUTHORIZED),
        (404, Failure.REQUEST),
        (408, Failure.TIMEOUT),
        (429, Failure.RATE_LIMITED),
        (500, Failure.SERVER),
        (503, Failure.OVERLOADED),
        (504, Failure.TIMEOUT),
        (529, Failure.OVERLOADED),
        (599, Failure.SERVER),
    ],
)
def test_every_status_has_a_meaning(status: int, why: Failure) -> None:
    """What a status stands for decides whether asking again can help."""
    assert failed_with(status, {}).why is why


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "http://10.0.0.5/v1",
        "ftp://api.example.com",
        "https://user:pass@api.example.com/v1",
        "https://api.example.com/v1?key=1",
        "https://",
        "api.example.com",
        "https://127.0.0.1/v1",
        "http://localhost:8000/v1",
        "http://[::1]:8000",
        "https://api.example.com:99999/v1",
        "",
    ],
)
def test_texts_of_customers_go_to_no_such_address(url: str) -> None:
    """Https only, nothing on this machine, and the setting is named."""
    with pytest.raises(Misconfigured, match="OPENAI_BASE_URL"):
        check_address(url, "OPENAI_BASE_URL", test_hosts=False)


def test_a_provider_on_this_machine_is_for_tests() -> None:
    """With the switch for test hosts loopback is fine; other hosts stay as strict."""
    assert check_address("http://127.0.0.1:1/v1", "X", test_hosts=True)
    assert not check_address("https://api.openai.com/v1", "X", test_hosts=False)
    with pytest.raises(Misconfigured):
        check_address("http://api.openai.com/v1", "X", test_hosts=True)


ANSWER = {
    "blocker": "none",
    "blocker_text": 'she said "statements": [1',
    "statements": [{"text": 'a } ] , " \\ é 😀'}, {"text": "b", "more": [{"c": []}]}],
    "after": {"statements": [1, 2]},
}


@given(st.lists(st.integers(1, 40), max_size=60), st.booleans())
def test_statements_are_found_however_the_answer_is_cut(
    cuts: list[int], spaced: bool
) -> None:
    """Any cutting into pieces gives the same statements, each once, in order."""
    text = json.dumps(ANSWER, indent=2 if spaced else None, ensure_ascii=False)
    reader, found, at = Statements(), [], 0
    for cut in (*cuts, len(text)):
        found += list(reader.take(text[at : at + cut]))
        at += cut
    assert found == ANSWER["statements"]
    assert reader.head is not None
    assert reader.head["blocker"] == "none"
    assert reader.end() == ANSWER


def _read(*pieces: str) -> None:
    reader = Statements()
    for piece in pieces:
        list(reader.take(piece))
    reader.end()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"statements": []',
        '{"statements": [1]}',
        '{"statements": {}}',
        '{"blocker": "none"}',
        '{"statements": [{"a": 1}]} and more',
        '{"statements": [{"a": 1},, {"b": 2}]}',
        "[" * 5000,
    ],
)
def test_what_is_not_made_so_is_malformed(text: str) -> None:
    """An answer of another shape is refused and nothing crashes."""
    with pytest.raises(ProviderFailed) as refused:
        _read(text)
    assert refused.value.why in (Failure.MALFORMED, Failure.TOO_LONG)


def test_an_endless_head_or_statement_is_not_read_to_its_end() -> None:
    """Reading stops at a length no prompt asks for."""
    for start in ("{", '{"statements": [{"text": "'):
        with pytest.raises(ProviderFailed) as refused:
            _read(start, *["x" * 1000] * 100)
        assert refused.value.why is Failure.TOO_LONG


@pytest.mark.parametrize("name", ["draft", "classify", "summarize"])
def test_prompts_have_a_version_and_one_slot_for_data(name: str) -> None:
    """A file has version, fixed part and slots; customers' braces are not filled."""
    made = prompt(name)
    assert made.version.startswith(f"{name}-")
    assert "{{" not in made.fixed
    assert made.changing.count("{{data}}") == 1
    slots = dict.fromkeys(("tag", "purpose", "tone", "language", "kind"), "x")
    filled = made.filled({**slots, "data": "{{tag}} {{unknown}}"})
    assert "{{tag}} {{unknown}}" in filled


@pytest.mark.parametrize("schema", [DRAFT, SUMMARY, classification(["a"], ["b", "c"])])
def test_schemas_are_as_strict_as_providers_want(schema: dict[str, Any]) -> None:
    """Every object requires all its properties and allows no others."""

    def check(part: Any) -> None:
        if not isinstance(part, dict):
            return
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])
        for child in (*part.get("properties", {}).values(), part.get("items")):
            check(child)

    check(schema)


def test_a_large_taxonomy_is_no_enum() -> None:
    """Beyond what strict mode takes the values are checked when they come back."""
    many = [f"value_{n}" for n in range(500)]
    assert "enum" not in classification(many, many)["properties"]["intent"]


def test_prices_and_budgets() -> None:
    """A dollar a million is a millionth a token; limits of 0 are none."""
    prices = Prices(1.0, 5.0, 0.1, 1.25)
    assert prices.cost(Tokens(fresh=1000, output=100)) == 1500
    assert prices.cost(Tokens(cache_read=1000)) == 100
    assert prices.most(Tokens(fresh=1000, output=100)) == 1750
    assert Budget().allows(Spent(10**12, 10**12))
    assert Budget(daily_limit=5).allows(Spent(9, 5))
    assert not Budget(daily_limit=5).allows(Spent(9, 6))
    assert Budget(monthly_limit=9).is_exhausted(Spent(9, 0))


@given(st.text(max_size=500))
def test_a_token_estimate_is_never_below_a_quarter_of_the_characters(text: str) -> None:
    """Four characters a token is what English takes; everything else takes more."""
    assert tokens_at_most(text) >= len(text) / 4


@given(
    st.lists(st.integers(0, 20_000), min_size=1, max_size=40), st.integers(2000, 9000)
)
def test_a_conversation_never_exceeds_its_tokens(sizes: list[int], most: int) -> None:
    """Whatever the messages' lengths, the blocks fit; what is left out is said."""
    author = Author(AuthorRole.CUSTOMER)
    messages = tuple(
        Message(str(n), author, "word " * (size // 5)) for n, size in enumerate(sizes)
    )
    found = conversation(Ticket("t", "c", "subject", messages), most)
    spent = sum(tokens_at_most(block.text) for block in found.blocks)
    assert spent <= most
    assert found.cut or len(found.blocks) == len(messages) + 1
