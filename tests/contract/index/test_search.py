"""What every index finds, and in which order."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.index.port import EntryKind, Index, IndexFilter
from tests.contract.index.conftest import Opener
from tests.contract.index.sample import (
    ANY,
    DIMENSIONS,
    PASSAGE,
    WORKSPACE,
    by_vector,
    by_words,
    entry,
    put,
    vector,
)


def test_nothing_is_found_in_an_empty_index(index: Index) -> None:
    """A search before the first write is empty, not an error."""
    assert by_words(index, "anything") == []
    assert by_vector(index, vector(1)) == []
    assert index.groups(WORKSPACE, PASSAGE) == set()
    assert index.status(WORKSPACE).passages == 0


def test_the_nearest_vector_comes_first_with_its_cosine(index: Index) -> None:
    """Scores are cosines in falling order."""
    put(index, *(entry(f"e{n}", f"g{n}", vector=vector(n)) for n in range(50)))
    hits = index.by_vector(WORKSPACE, PASSAGE, vector(7), 10, ANY)
    assert hits[0].entry_id == "e7"
    assert hits[0].group_id == "g7"
    assert hits[0].score == pytest.approx(1, abs=1e-5)
    expected = sorted((float(vector(n) @ vector(7)) for n in range(50)), reverse=True)
    assert [hit.score for hit in hits] == pytest.approx(expected[:10], abs=1e-5)


def test_length_of_vectors_does_not_matter(index: Index) -> None:
    """Cosine, not dot product: a long vector does not push itself forward."""
    put(index, entry("near", "a", vector=vector(1)))
    put(index, entry("long", "b", vector=vector(2) * 50))
    assert by_vector(index, vector(1) * 3)[0] == "near"


def test_an_entry_needs_not_hold_all_words(index: Index) -> None:
    """Words are alternatives; who holds more and rarer ones comes first."""
    put(
        index,
        entry("both", "a", text="the printer prints a blank page"),
        entry("one", "b", text="the scanner is broken, a page is torn"),
        entry("none", "c", text="salaries come on Friday"),
    )
    assert by_words(index, "blank page from my printer") == ["both", "one"]


def test_title_and_text_are_searched_and_case_and_accents_do_not_matter(
    index: Index,
) -> None:
    """Words match whatever their case and accents."""
    put(index, entry("t", "a", title="Café Réservation"), entry("o", "b"))
    assert by_words(index, "CAFE") == ["t"]
    assert by_words(index, "re\u0301servation") == ["t"]
    assert by_words(index, "réservation") == ["t"]


def test_words_inside_a_sentence_without_spaces_are_found(index: Index) -> None:
    """Chinese, Japanese and Thai are found by a part of a sentence."""
    put(
        index,
        entry("ja", "a", text="注文した商品の返品手続きを教えてください"),
        entry("zh", "b", text="我想申请退款，请问需要多长时间"),
        entry("th", "c", text="ฉันต้องการคืนเงินสำหรับคำสั่งซื้อ"),
        entry("ko", "d", text="환불 요청은 어떻게 하나요"),
    )
    assert by_words(index, "返品手続き")[0] == "ja"
    assert by_words(index, "退款")[0] == "zh"
    assert by_words(index, "คืนเงิน")[0] == "th"
    assert by_words(index, "환불")[0] == "ko"


def test_word_scores_are_higher_for_better_hits(index: Index) -> None:
    """BM25 is turned so that higher is better, and hits come in that order."""
    put(index, entry("a", "a", text="refund refund refund"), entry("c", "c"))
    put(index, entry("b", "b", text="a refund was asked for by somebody long ago"))
    hits = index.by_words(WORKSPACE, PASSAGE, "refund", 10, ANY)
    assert [hit.entry_id for hit in hits] == ["a", "b"]
    assert hits[0].score > hits[1].score > 0


def test_limit_is_kept(index: Index) -> None:
    """No more than asked for, and nothing for a limit of nothing."""
    put(index, *(entry(f"e{n}", text="same words") for n in range(30)))
    for limit in (0, 1, 7):
        assert len(by_words(index, "same", limit=limit)) == limit
        assert len(by_vector(index, vector(1), limit=limit)) == limit
    assert len(by_words(index, "same", limit=1000)) == 30


def test_workspaces_never_meet(index: Index) -> None:
    """Equal ids and words in two workspaces are different things."""
    put(index, entry("e", text="alpha"), workspace="one")
    put(index, entry("e", text="beta"), workspace="two")
    assert index.by_words("one", PASSAGE, "beta", 5, ANY) == []
    assert len(index.by_vector("one", PASSAGE, vector(1), 5, ANY)) == 1
    index.delete_group("one", PASSAGE, "g")
    assert len(index.by_words("two", PASSAGE, "beta", 5, ANY)) == 1
    assert index.groups("one", PASSAGE) == set()


def test_another_workspaces_words_do_not_weigh_in_scores(index: Index) -> None:
    """A score tells nothing about how often a word occurs elsewhere."""
    put(index, entry("e", "a", text="invoice"), entry("f", "b", text="other"))
    before = index.by_words(WORKSPACE, PASSAGE, "invoice", 5, ANY)
    put(index, *(entry(f"x{n}", text="invoice") for n in range(20)), workspace="b")
    assert index.by_words(WORKSPACE, PASSAGE, "invoice", 5, ANY) == before


def test_kinds_never_meet(index: Index) -> None:
    """A ticket and a passage of one id stand side by side."""
    put(index, entry("e", text="alpha"))
    put(index, entry("e", text="alpha", kind=EntryKind.TICKET))
    assert len(index.by_words(WORKSPACE, EntryKind.TICKET, "alpha", 5, ANY)) == 1
    status = index.status(WORKSPACE)
    assert (status.passages, status.tickets) == (1, 1)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (IndexFilter(public_only=True), {"public"}),
        (IndexFilter(sources=("wiki",)), {"wiki"}),
        (IndexFilter(sources=("wiki", "faq")), {"wiki", "german"}),
        (IndexFilter(languages=("de",)), {"german"}),
        (IndexFilter(tags=("vpn",)), {"tagged", "two tags"}),
        (IndexFilter(tags=("vpn", "mail")), {"tagged", "two tags"}),
        (IndexFilter(sources=("nowhere",)), set()),
        (IndexFilter(languages=("de",), sources=("wiki",)), set()),
        (
            IndexFilter(exclude_groups=("wiki", "german", "missing")),
            {"public", "tagged", "two tags"},
        ),
    ],
)
def test_filters_let_exactly_the_right_entries_through(
    index: Index, where: IndexFilter, expected: set[str]
) -> None:
    """Fields of a filter all hold; of a field's values one is enough."""
    given: dict[str, dict[str, object]] = {
        "public": {"public": True},
        "wiki": {"source": "wiki"},
        "german": {"language": "de", "source": "faq"},
        "tagged": {"tags": ("vpn",)},
        "two tags": {"tags": ("mail", "vpn")},
    }
    for name, fields in given.items():
        default: dict[str, object] = {"public": False, "text": "same"}
        put(index, entry(name, name, **(default | fields)))
    assert set(by_words(index, "same", where)) == expected
    assert set(by_vector(index, vector(3), where)) == expected


def test_a_selective_filter_finds_the_few_among_many(index: Index) -> None:
    """Filters are applied before the limit, not to what is left after it."""
    many = [entry(f"e{n}", text="common", public=n == 731) for n in range(1000)]
    put(index, *many)
    where = IndexFilter(public_only=True)
    assert by_words(index, "common", where, limit=1) == ["e731"]
    assert by_vector(index, vector(5), where, limit=1) == ["e731"]


def test_an_entry_without_vector_is_found_by_words_only(index: Index) -> None:
    """A missing or directionless vector is no obstacle."""
    nothing = np.zeros(DIMENSIONS, np.float32)
    put(index, entry("none", "a", vector=None, text="words"))
    put(index, entry("zero", "b", vector=nothing, text="words"), entry("v", "c"))
    assert set(by_words(index, "words")) == {"none", "zero"}
    assert by_vector(index, vector(1)) == ["v"]
    assert by_vector(index, nothing) == []


def test_without_an_embedder_search_goes_on_by_words(open_index: Opener) -> None:
    """With 0 dimensions the vector leg is empty and the word leg works."""
    index = open_index("none", 0)
    empty = np.empty(0, np.float32)
    put(index, entry("a", vector=empty, text="password reset"))
    assert by_words(index, "password") == ["a"]
    assert by_vector(index, empty) == []
    assert index.status(WORKSPACE).notes == ()


def test_a_vector_of_another_length_is_refused_at_once(index: Index) -> None:
    """A wrong dimension is a programming error and changes nothing."""
    with pytest.raises(ValueError, match="dimensions"):
        put(index, entry("a", vector=vector(1, 3)))
    with pytest.raises(ValueError, match="dimensions"):
        by_vector(index, vector(1, 3))
    assert index.groups(WORKSPACE, PASSAGE) == set()


def test_vectors_are_given_back_in_the_order_asked(index: Index) -> None:
    """Unit rows; zeros for what is not there, has none, or is another workspace's."""
    put(index, entry("a", "g1", vector=3 * vector(1)), entry("b", "g1", vector=None))
    put(index, entry("c", "g2", vector=vector(2)))
    rows = index.vectors(WORKSPACE, PASSAGE, ["c", "gone", "a", "b"])
    assert rows.shape == (4, DIMENSIONS)
    assert rows[0] == pytest.approx(vector(2), abs=1e-6)
    assert rows[2] == pytest.approx(vector(1), abs=1e-6)
    assert not rows[[1, 3]].any()
    assert not index.vectors("other", PASSAGE, ["a", "c"]).any()


def test_a_removed_entry_gives_no_vector(index: Index) -> None:
    """What was deleted is zeros from the next call on."""
    put(index, entry("a", "g", vector=vector(1)))
    index.delete_group(WORKSPACE, PASSAGE, "g")
    assert not index.vectors(WORKSPACE, PASSAGE, ["a"]).any()
