"""Judging how well what was found fits, and whether it can answer."""

from __future__ import annotations

import pytest

from sidecar.domain.answerable import (
    ANSWERABLE_FROM,
    Evidence,
    answerable_probability,
    lead_of,
)
from sidecar.domain.ranking import Coverage, Signs, error_codes, fit
from sidecar.domain.stems import stems

FAR = Evidence(cosine=0.15, lead=0.05, sentence=0.1, title=0.0)
NEAR = Evidence(cosine=0.75, lead=0.5, sentence=0.6, title=0.3)


def test_a_code_in_question_and_passage_makes_it_answerable() -> None:
    """A table of codes is far in meaning from a story in another language."""
    assert answerable_probability(FAR) < ANSWERABLE_FROM
    assert answerable_probability(FAR, has_code=True) >= ANSWERABLE_FROM
    assert fit(Signs(0.1, 0.05, has_code=True)) >= ANSWERABLE_FROM
    assert fit(Signs(None, 0.05, has_code=True)) >= ANSWERABLE_FROM


def test_a_code_never_lowers_what_fits_better() -> None:
    """The code sets a floor."""
    assert fit(Signs(0.75, 1.0, has_code=True)) == fit(Signs(0.75, 1.0))
    assert answerable_probability(NEAR, has_code=True) == answerable_probability(NEAR)


def test_orders_invoices_and_dates_are_no_codes() -> None:
    """Only short numbers behind short letters are error codes."""
    asked = "order NH-104233, invoice TW-2026-03877 of 2026-11-18, e-57"
    assert error_codes(asked) == {"E-57"}


def test_nearly_the_same_question_beats_a_like_one() -> None:
    """Meaning is told apart up to the top, whatever words the like one shares."""
    same, like = Signs(0.93, 0.19), Signs(0.76, 0.39)
    assert fit(same) > fit(like)


def test_words_decide_between_passages_equally_near() -> None:
    """Each kind of sign counts for the passage that has it."""
    plain = fit(Signs(0.6, 0.2))
    assert fit(Signs(0.6, 0.4)) > plain
    assert fit(Signs(0.6, 0.2, lexical=1.0)) > plain
    assert fit(Signs(0.6, 0.2, earlier=0.5)) > plain


@pytest.mark.parametrize("cosine", [-1.0, 0.0, 1.0, None])
def test_a_fit_is_a_share(cosine: float | None) -> None:
    """Whatever the signs, 0..1 comes out."""
    for signs in (Signs(cosine, 0.0), Signs(cosine, 1.0, 1.0, 1.0)):
        assert 0.0 <= fit(signs) <= 1.0


def test_rare_words_count_more_than_common_ones() -> None:
    """A word that all texts share says little."""
    texts = [stems("the printer jams"), stems("the invoice"), stems("the login")]
    coverage = Coverage("the printer", texts)
    assert coverage.share(texts[0]) == pytest.approx(1.0)
    assert 0.0 < coverage.share(texts[1]) < 0.5


def test_inflection_does_not_hide_a_word() -> None:
    """The word "prepared" covers "prepare"."""
    assert Coverage("prepare", [stems("prepared")]).share(stems("prepared")) == 1.0


def test_an_empty_question_is_covered_by_nothing() -> None:
    """Nothing asked, nothing found."""
    assert Coverage("", [stems("text")]).share(stems("text")) == 0.0


def test_a_topic_in_the_title_alone_is_no_answer() -> None:
    """The right article without a sentence about it is less sure than one with it."""
    about = Evidence(cosine=0.6, lead=0.35, sentence=0.1, title=0.6)
    says = Evidence(cosine=0.6, lead=0.35, sentence=0.7, title=0.6)
    assert answerable_probability(about) < answerable_probability(says)


def test_a_lead_over_few_passages_is_no_smaller_than_their_count_allows() -> None:
    """One passage alone leads over what unrelated ones usually reach."""
    assert lead_of(0.7, [0.7]) == pytest.approx(0.7 - (0.7 + 4.0) / 21)
    assert lead_of(0.7, [0.7] * 1000) < 0.02
