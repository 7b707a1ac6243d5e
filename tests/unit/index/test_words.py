"""How text becomes terms, and how a long query is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.index import embedded_words
from sidecar.index.embedded import EmbeddedIndex
from sidecar.index.embedded_words import folded, prepare, terms
from tests.contract.index.sample import by_words, entry, put


def test_terms_are_different_words_in_lower_case() -> None:
    """Case, order, punctuation and repetition."""
    assert terms("The VPN, the vpn_client (v4.2)!") == [
        "the",
        "vpn",
        "client",
        "v4",
        "2",
    ]


def test_runs_without_spaces_become_pairs() -> None:
    """Pairs overlap; text around them is left alone."""
    assert prepare("ab返品手c").split() == ["ab", "返品", "品手", "c"]
    assert terms("返") == ["返"]
    assert prepare("plain, ascii") == "plain, ascii"


def test_terms_are_bounded() -> None:
    """Neither their number nor the length of one grows with the query."""
    assert len(terms(" ".join(f"w{n}" for n in range(5000)))) == 256
    assert terms("x" * 500 + " short") == ["short"]


@pytest.mark.parametrize(
    ("term", "stored"),
    [("café", "cafe"), ("ガム", "ガム"), ("환불", "환불"), ("a", "a")],
)
def test_accents_fold_but_other_scripts_stay(term: str, stored: str) -> None:
    """Only letters with accents lose them, as in the word index."""
    assert folded(term) == stored


@pytest.fixture
def crowded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedIndex]:
    monkeypatch.setattr(embedded_words, "POSTINGS_BUDGET", 50)
    index = EmbeddedIndex(tmp_path, model="unit", dimensions=0)
    common = [f"common usual everyday word{n}" for n in range(200)]
    put(index, *(entry(f"e{n}", text=text) for n, text in enumerate(common)))
    yield index
    index.close()


def test_a_cut_query_keeps_its_rare_words(crowded: EmbeddedIndex) -> None:
    """Common words cost most and say least, so they are left out first."""
    found = by_words(crowded, "usual common word17 everyday", limit=300)
    assert found[0] == "e17"


def test_a_query_of_common_words_alone_still_finds(crowded: EmbeddedIndex) -> None:
    """The rarest few terms are always asked for."""
    assert len(by_words(crowded, "common usual everyday", limit=300)) == 200


def test_words_that_occur_nowhere_cost_nothing(crowded: EmbeddedIndex) -> None:
    """Only absent words: no hit, no error."""
    assert by_words(crowded, "zebra xylophone " + "quux " * 50) == []
