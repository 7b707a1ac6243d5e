"""Section D, D13 and D16: metadata and secrets of every form stay in the house."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from sidecar.logs import JsonLines
from sidecar.v1 import ticket_pb2
from tests.flow.model_house import ModelHouse, model_house

MAIL, PHONE = "maria.huber@privat.example", "+49 151 23456789"
CARD, IBAN = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"
PERSONAL = f"{MAIL} {PHONE} {CARD} {IBAN}"
# Made from parts, so that nobody takes this file for a leak.
KEYS = {
    "openai": "sk-" + "proj-9f8e7d6c5b4a39281706f5e4",
    "github": "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4",
    "aws": "AKIA" + "QX7VH2JLM4N6P8RT",
    "slack": "xoxb-" + "123456789012-abcdefGHIJKL",
    "google": "AIza" + "SyD3f4G5h6J7k8L9m0N1b2V3c4X5z6A7s8D",
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiJtYXJpYSJ9.c2lnbmF0dXJlLW9m",
    "private key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhk\n"
    "-----END PRIVATE KEY-----",
}
PASSWORDS = {
    "en": ("My password is {}", "Tr0ub4dor!x"),
    "de": ("Mein Passwort lautet {}", "Gl0cken!spiel"),
    "fr": ("Mon mot de passe : {}", "Ch4teau!fort"),
    "es": ("Mi contraseña es {}", "C4sa!blanca"),
    "pt": ("A minha senha é {}", "P4o!doce"),
    "it": ("La mia password è {}", "0fficina-1987!"),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelHouse]:
    """One house with an honest model for all of them."""
    with model_house(tmp_path_factory.mktemp("redaction")) as made:
        yield made


@pytest.fixture
def house(shared: ModelHouse) -> ModelHouse:
    """The house, with nothing seen yet."""
    shared.reset()
    return shared


def _all_calls(house: ModelHouse, made: ticket_pb2.Ticket) -> str:
    """Make the calls that ask a model; return all that it was sent."""
    house.deadline = 20.0
    house.classify(made)
    house.draft(made)
    house.summarize(made)
    assert house.double.seen, "nobody was asked: nothing is proved"
    return "\n".join(f"{asked.system}\n{asked.user}" for asked in house.double.seen)


def _logged(caplog: pytest.LogCaptureFixture) -> str:
    lines = [JsonLines().format(record) for record in caplog.records]
    return "\n".join(lines)


def test_d13_metadata_and_attachments_reach_no_model_and_no_log(
    house: ModelHouse, caplog: pytest.LogCaptureFixture
) -> None:
    """D13: not from tags, addresses, areas, assignees, teams or attached texts."""
    caplog.set_level(logging.DEBUG)
    made = house.ticket()
    made.tags.extend([MAIL, PHONE])
    made.url = f"https://desk.example/tickets/1?mail={MAIL}"
    made.product_area, made.brand = f"locker {PHONE}", f"shop {CARD}"
    made.assignee, made.team = MAIL, f"team {IBAN}"
    made.vendor_priority = f"high {CARD}"
    made.messages[0].attachments.add(
        external_id="a",
        file_name=f"statement {IBAN}.txt",
        content_type="text/plain",
        text=f"Statement of {PERSONAL}",
    )
    told = _all_calls(house, made) + _logged(caplog)
    for value in (MAIL, PHONE, CARD, IBAN):
        assert value not in told


@pytest.mark.parametrize("kind", KEYS)
def test_d16_keys_of_every_form_reach_no_model_and_no_log(
    house: ModelHouse, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """D16: masked by their makers' own forms, in the body and in the subject."""
    caplog.set_level(logging.DEBUG)
    key = KEYS[kind]
    body = f"How do I return a device? It stopped with {key} in the settings."
    told = _all_calls(house, house.ticket(body, subject=f"Return {key}"))
    told += _logged(caplog)
    assert key not in told
    assert key.splitlines()[len(key.splitlines()) // 2] not in told


@pytest.mark.parametrize("language", PASSWORDS)
def test_d16_passwords_in_six_languages_reach_no_model(
    house: ModelHouse, language: str
) -> None:
    """D16: what stands behind the word for it is the secret."""
    said, password = PASSWORDS[language]
    body = f"How do I return a device? {said.format(password)}"
    assert password not in _all_calls(house, house.ticket(body))


def test_d13_a_phone_beside_a_card_reaches_no_model(house: ModelHouse) -> None:
    """D13: two numbers in a row are two numbers."""
    body = f"How do I return a device? Call {PHONE} {CARD} or {CARD} {PHONE}."
    told = _all_calls(house, house.ticket(body))
    assert PHONE not in told
    assert CARD not in told
