"""Judging whether what was found can answer."""

from __future__ import annotations

from sidecar.domain.ranking import ANSWERABLE_FROM, error_codes, fit


def test_a_code_in_question_and_passage_makes_it_answerable() -> None:
    """A table of codes is far in meaning from a story in another language."""
    assert fit(0.1, 0.05) < ANSWERABLE_FROM
    assert fit(0.1, 0.05, has_code=True) >= ANSWERABLE_FROM
    assert fit(None, 0.05, has_code=True) >= ANSWERABLE_FROM


def test_a_code_never_lowers_what_fits_better() -> None:
    """The code sets a floor."""
    assert fit(0.75, 1.0, has_code=True) == fit(0.75, 1.0)


def test_orders_invoices_and_dates_are_no_codes() -> None:
    """Only short numbers behind short letters are error codes."""
    asked = "order NH-104233, invoice TW-2026-03877 of 2026-11-18, e-57"
    assert error_codes(asked) == {"E-57"}
