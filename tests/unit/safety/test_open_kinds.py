"""People, places and addresses: hidden by lists and surroundings, and words left."""

from __future__ import annotations

import time

import pytest

from sidecar.safety.redact import redact, restore

HIDDEN = [
    ("PERSON", "Naomi Ryan", "I'm {}, and my laptop is broken"),
    ("PERSON", "Kaczmarek", "please call Mr. {} back"),
    ("PERSON", "Björgvinsdóttir", "Sehr geehrte Frau {}, danke"),
    ("PERSON", "Mathias Ruud", "the account is under {}"),
    ("PERSON", "James Sparks", "Producer {} explained it"),
    ("PERSON", "patricia desrosiers", "follow up with {} in march"),
    ("PLACE", "Estonia", "we moved to {} last year"),
    ("PLACE", "Rotterdam", "our office in {} is offline"),
    ("ORG", "Shepherd Ltd", "the invoice of {} is wrong"),
    ("ORG", "White, Willis and Hoffman", "I write for {} today"),
    ("ADDRESS", "12 Crown Street, Suite 321, LONDON", "send it to {}."),
    ("ADDRESS", "Werkstraße 8", "Wir sitzen in der {}."),
    ("ADDRESS", "137 Avenue Teboulbi", "entrez par {} svp"),
    ("AGE", "38", "a {}-year-old man"),
    ("DATE", "2/8/1935", "she was born on {}, in May"),
    ("ID", "F162823540116", "my driver's license is {}"),
    ("URL", "https://shop.example/basket?x=1", "see {}."),
]


@pytest.mark.parametrize(("kind", "value", "around"), HIDDEN)
def test_what_names_somebody_is_hidden(kind: str, value: str, around: str) -> None:
    """Each kind is found where a sentence carries it, and comes back exactly."""
    text = around.format(value)
    found = redact(text)
    assert found.originals == {f"<{kind}_1>": value}
    assert restore(found.text, found.originals) == text


@pytest.mark.parametrize(
    "text",
    [
        "Why does Outlook not open in Chrome since the update on Monday?",
        "I Want My Money Back Now",
        "PLEASE CALL ME BACK TODAY OR I CANCEL",
        "Error 0x80070005 in Windows 11, build 22631",
        "Der Drucker im Flur druckt nur noch leere Seiten.",
        "My Visa card was declined in the app 3 times",
        "The meeting room display shows Wednesday, 14:00",
        "Le mot de passe ne fonctionne plus depuis mardi.",
    ],
)
def test_ordinary_requests_stay_as_they_are(text: str) -> None:
    """Products, weekdays, shouting and capitals of other languages name nobody."""
    assert redact(text).text == text


def test_what_is_no_proof_is_not_looked_for_when_only_proof_counts() -> None:
    """A check whether a draft leaks must not stumble over a greeting."""
    text = "Dear Mr. Kaczmarek, see https://a.example; write to jo@a.example."
    assert redact(text, proven_only=True).originals == {"<EMAIL_1>": "jo@a.example"}


@pytest.mark.parametrize(
    "piece", ["John ", "Street 1 ", "Aa, Bb and ", "apt 1", "A ", "1 Ab 1 ", "in X "]
)
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    """200 kB of what these rules like best take less than a second and a half."""
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    redact(text)
    assert time.process_time() - started < 5.0


@pytest.mark.parametrize("end", ["!", " is my key", " invested", ", Ab and "])
@pytest.mark.parametrize("piece", ["Ab-", "K7QX-", "A'", "A-A’’-", "Ab-cd-", "A''"])
def test_a_name_in_pieces_without_end_is_read_once(piece: str, end: str) -> None:
    """Each piece once more doubled the time; 30 of them stood still for minutes."""
    started = time.process_time()
    for pieces in (40, 30_000):
        redact(f"My key: {(piece * pieces)[:-1]}{end}")
    assert time.process_time() - started < 5.0


@pytest.mark.parametrize("before", ["", "'", "(", "“", "- ", "-"])
def test_a_firm_of_two_names_is_found_behind_an_opening_sign(before: str) -> None:
    """A quote or a dash before it is no part of it."""
    found = redact(f"{before}Vance-Okafor has invested").originals
    assert found == {"<ORG_1>": "Vance-Okafor"}
