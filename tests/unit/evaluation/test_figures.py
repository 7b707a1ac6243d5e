"""The statistics behind every row, against values known from elsewhere."""

from __future__ import annotations

import pytest

from sidecar.evaluation import figures


def test_wilson_is_the_published_interval() -> None:
    """0 of 10 is 0 to .2775 and 5 of 10 is .2366 to .7634 (Newcombe 1998)."""
    assert figures.wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert figures.wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def test_a_share_of_nothing_known_is_anything() -> None:
    """Without items the interval is everything."""
    assert figures.wilson(0, 0) == (0.0, 1.0)


def test_the_bootstrap_holds_the_value_and_repeats_itself() -> None:
    """Two runs print the same interval, and the mean lies in it."""
    first = figures.mean("row", [0.0, 1.0] * 50, "mean")
    assert first == figures.mean("row", [0.0, 1.0] * 50, "mean")
    assert first.low < first.value == 0.5 < first.high


def test_macro_f1_weighs_small_labels_as_large_ones() -> None:
    """Three of four right: F1 .8 and 0 make .4 (a label never found counts)."""
    assert figures.macro_f1(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx(0.4)


def test_micro_f1_counts_labels_not_messages() -> None:
    """Two of three labels found and one too many: 2*2/(3+3)."""
    found = figures.micro_f1([{"a", "b"}, {"c"}], [{"a"}, {"c", "d"}])
    assert found == pytest.approx(4 / 6)


def test_ece_is_the_gap_between_said_and_right() -> None:
    """Said .8 and always right: .2; said .5 and right half the time: 0."""
    assert figures.ece([0.8] * 4, [True] * 4) == pytest.approx(0.2)
    assert figures.ece([0.5] * 4, [True, False] * 2) == pytest.approx(0.0)


def test_auroc_counts_pairs_and_ties_half() -> None:
    """One of two pairs right and one tied is .75."""
    assert figures.auroc([0.9, 0.1, 0.9], [True, False, False]) == pytest.approx(0.75)


def test_ndcg_discounts_by_place() -> None:
    """The only relevant one on the second place is 1/log2(3)."""
    assert figures.ndcg([0, 1], [1, 0]) == pytest.approx(0.6309, abs=1e-4)


def test_rouge1_is_shared_words() -> None:
    """Two of three words shared on both sides is two thirds."""
    assert figures.rouge1("the red car", "a red Car") == pytest.approx(2 / 3)


def test_f2_weighs_recall_over_precision() -> None:
    """With recall .5 and precision 1 it is nearer to the recall."""
    assert figures.f_beta(1.0, 0.5) == pytest.approx(0.5556, abs=1e-4)
