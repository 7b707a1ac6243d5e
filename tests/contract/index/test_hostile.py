"""Text of any content is only text to every index."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.index.port import Index, IndexFilter
from tests.contract.index.sample import (
    PASSAGE,
    WORKSPACE,
    by_vector,
    by_words,
    entry,
    put,
    vector,
)

HOSTILE = {
    "empty": "",
    "spaces": " \t\r\n\u00a0",
    "quotes": '"" \'\' """ printer"',
    "operators": "printer AND OR NOT NEAR(printer, 2) ^ * + - : { } ( )",
    "columns": "title:printer text : x {title text} : printer",
    "sql": "printer'); DROP TABLE entries; --",
    "nul": "prin\0ter printer\0",
    "emoji": "🖨️🔥 printer 👩‍👩‍👧‍👦",
    "half surrogate": "printer \ud83d",
    "right to left": "الطابعة לא עובדת printer \u202e",
    "combining": "p\u0301\u0301\u0301rinter " + "\u0301" * 500,
    "one endless word": "a" * 100_000,
    "100 kB of words": "printer jam " * 8_500,
    "100 kB of different words": " ".join(f"w{n}" for n in range(15_000)),
    "100 kB of CJK": "返品手続" * 25_000,
    "100 kB of quotes": '"' * 100_000,
    "percent": "%s %d {} {0} \\ \\x00",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_query_is_an_operator_or_an_error(index: Index, name: str) -> None:
    """Any query answers, and finds an entry when one of its words is there."""
    put(index, entry("p", text="the printer is jammed"), entry("o", "h", text="no"))
    for where in (IndexFilter(), IndexFilter(public_only=True)):
        found = by_words(index, HOSTILE[name], where)
        assert set(found) <= {"p", "o"}
        if " printer " in f" {HOSTILE[name]} ":
            assert found[0] == "p"


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_can_be_stored_replaced_and_deleted(index: Index, name: str) -> None:
    """Any content is stored and goes without a trace."""
    text = HOSTILE[name]
    hostile = entry("h", text=f"{text} marker", title=text, tags=(text[:50],))
    put(index, hostile, entry("o", "other", text="marker"))
    assert set(by_words(index, "marker")) == {"h", "o"}
    put(index, hostile)
    index.delete_group(WORKSPACE, PASSAGE, "g")
    assert by_words(index, "marker") == ["o"]
    assert by_vector(index, vector(1)) == ["o"]


@pytest.mark.parametrize("name", ["quotes", "sql", "emoji", "percent", "columns"])
def test_ids_and_filters_may_be_any_text(index: Index, name: str) -> None:
    """Workspace, ids and filter values are data too."""
    odd = HOSTILE[name]
    put(index, entry(odd, odd, source=odd, text="x"), workspace=odd)
    put(index, entry("plain", "plain", text="x"), workspace=odd)
    where = IndexFilter(sources=(odd,), exclude_groups=("plain", odd + "!"))
    found = index.by_words(odd, PASSAGE, "x", 5, where)
    assert [hit.entry_id for hit in found] == [odd]
    assert index.groups(odd, PASSAGE) == {odd, "plain"}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.text(max_size=80), st.text(max_size=80))
def test_every_stored_text_can_be_asked_for_itself(
    index: Index, text: str, query: str
) -> None:
    """No pair of stored text and query raises; a shared ASCII word is found."""
    put(index, entry("x", text=f"{text} sharedword"))
    by_words(index, query)
    assert by_words(index, f"{query} sharedword") == ["x"]
