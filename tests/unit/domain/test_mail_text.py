"""Quotes, forwarded heads and signatures are set aside, never deleted."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.mail_text import PartKind, new_text, split_mail

NEW = "The printer still does not work."

TAILS = [
    "On Mon, 2 Mar 2026 at 10:00, Support <a@b.example> wrote:\n> try again\n> please",
    "On Mon, 2 Mar 2026 at 10:00, Northwind Harbor Support\n<a@b.c> wrote:\nold",
    "Am 02.03.2026 um 10:00 schrieb Support:\n> bitte neu starten",
    "Le 2 mars 2026 à 10:00, Support a écrit :\n> redémarrez",
    "El lun, 2 mar 2026 a las 10:00, Soporte escribió:\n> reinicie",
    "Em seg., 2 de mar. de 2026 às 10:00, Suporte escreveu:\n> reinicie",
    "Il giorno lun 2 mar 2026 alle ore 10:00 Supporto ha scritto:\n> riavvii",
    "-----Original Message-----\nFrom: Support\nold text",
    "-----Ursprüngliche Nachricht-----\nVon: Support\nalter Text",
    "From: Support <a@b.example>\nSent: Monday\nTo: me\nSubject: printer\n\nold text",
    "Von: Support\nGesendet: Montag\nAn: mich\nBetreff: Drucker\n\nalt",
    "> quoted line",
    "-- \nAnna Schmidt\nACME Ltd",
    "--\nAnna",
    "Kind regards,\nAnna Schmidt\n+49 30 1234567",
    "Mit freundlichen Grüßen\nAnna Schmidt",
    "Cordialement,\nAnna",
    "Un saludo,\nAnna",
    "Erin MacAllister\nDigital Workplace Lead\nGreyfriars Council\n+44 131 496 0188",
    "Nadia Benali\nBenali Conseil – 01 99 00 41 27",
    "Jo Weber\njo@weber.example",
    "Sent from my iPhone",
    "Von meinem iPhone gesendet",
    "This e-mail and any attachments are confidential and intended only for you.",
]


@pytest.mark.parametrize("tail", TAILS)
def test_only_the_new_part_is_read(tail: str) -> None:
    """In six languages, what is not new is blank and what is new is all there."""
    assert new_text(f"{NEW}\n\n{tail}").split() == NEW.split()


@pytest.mark.parametrize(
    "body",
    [
        "I tried this:\n- switch off\n- switch on\n\nNothing helped.",
        "From: the beginning it failed.\nIt is new.",
        "Regards the invoice: it is wrong.",
        "Please call.\n\nMy number is new, it is\n+49 30 1234567.",
        "Hello,\n\nPaid twice\n01.11.2026 112.00\n05.11.2026 112.00",
        "It fails.\n\nSerial numbers\nHT29-011873\n192.168.0.12",
        "Anna Schmidt\n+49 30 1234567",
        "Best,\nis what I expected, but " + "this printer is a total failure. " * 4,
    ],
)
def test_ordinary_text_is_not_taken_for_a_quote(body: str) -> None:
    """A single head-like line or a list is the customer's own text."""
    assert new_text(body) == body


def test_answers_between_quoted_lines_are_read() -> None:
    """Interleaved replies keep every own line."""
    body = "> first question?\nYes.\n> second question?\nNo, never."
    assert new_text(body).split() == ["Yes.", "No,", "never."]


def test_a_mail_that_is_only_forwarded_is_read() -> None:
    """Otherwise there would be nothing to read."""
    body = (
        "---------- Forwarded message ---------\nFrom: Bo <b@c.example>\n"
        "Date: Monday\nSubject: help\nTo: us\n\nThe reader is broken."
    )
    assert "The reader is broken." in new_text(body)


@given(st.text(alphabet=st.sampled_from("ab >\n-:.FromOwrte"), max_size=200))
def test_parts_cover_the_message_and_offsets_stay(body: str) -> None:
    """Parts join to the message; the new text has its length and its characters."""
    parts = split_mail(body)
    assert "".join(body[p.start : p.end] for p in parts) == body
    new = new_text(body)
    assert len(new) == len(body)
    for part in parts:
        if part.kind is PartKind.NEW:
            assert new[part.start : part.end] == body[part.start : part.end]


def test_a_message_of_two_megabytes_is_split_in_a_second() -> None:
    """No pattern goes wild on long lines or many lines."""
    for body in ("a b " * 500_000, "On x\n" * 400_000, "> q\n" * 500_000):
        assert len(new_text(body)) == len(body)


@pytest.mark.parametrize(
    "body",
    [
        "How?\n" + "--\n" * 60_000,
        "How?\n" + "__________\n2026-11-01 12:00 ERROR in the module\n" * 20_000,
        "How?\n" + "Best,\n" * 60_000,
        "How?\nBest" + " " * 200_000 + "x\nAnn",
        "How?\n\nAnn Lee\n" + "a@a" * 60_000,
        "How?\n\nAnn Lee\n" + " 01-" * 60_000,
    ],
)
def test_rules_and_closings_without_end_are_read_once(body: str) -> None:
    """A log of separator lines takes a second, not an hour: each line is read once."""
    started = time.process_time()
    new_text(body)
    assert time.process_time() - started < 5.0


@pytest.mark.parametrize(("short", "kept"), [(12, False), (13, True)])
def test_a_signature_has_at_most_twelve_lines(short: int, kept: bool) -> None:
    """Whatever stands before it; after one more line the mark is no signature's."""
    body = "It fails.\n--\n" + "> quoted\n\n" * 30 + "Ann\n\n" * short
    assert ("Ann" in new_text(body)) is kept
