"""A summary's line against the conversation: what it denies is not affirmed."""

# ruff: noqa: E501 - a sentence broken in two is read wrong
from __future__ import annotations

import pytest

from sidecar.safety.negation import contradicts

SAID = "I cannot sign in to the portal and the device does not work. Will you refund the parcel? No agent answered."

CONTRARY = [
    ("The customer can sign in to the portal and the device works.", SAID),
    ("The customer can sign in and wants nothing", SAID),
    ("The device works.", SAID),
    (
        "The customer did not receive the parcel.",
        "I received the parcel yesterday. The box was open.",
    ),
    ("The customer received the parcel.", "I never received the parcel."),
    ("The agent answered.", SAID),
    (
        "Der Kunde kann sich im Portal anmelden.",
        "Ich kann mich nicht im Portal anmelden.",
    ),
    (
        "Le client peut se connecter au portail.",
        "Je ne peux pas me connecter au portail.",
    ),
    ("El cliente puede acceder al portal.", "No puedo acceder al portal."),
    ("Il cliente può accedere al portale.", "Non posso accedere al portale."),
    ("O cliente consegue entrar no portal.", "Não consigo entrar no portal."),
    ("The export is enabled.", "The export is disabled since Monday."),
]

TOLD = [
    ("The customer cannot sign in to the portal and the device does not work.", SAID),
    ("The customer has problems signing in to the portal.", SAID),
    ("The customer wants to sign in to the portal.", SAID),
    ("The customer asks whether the parcel will be refunded.", SAID),
    ("No agent has answered so far.", SAID),
    ("Sign-in to the portal fails.", SAID),
    ("The customer is unable to sign in.", SAID),
    ("Customer can't sign in", SAID),
    ("The device is not working.", SAID),
    ("The customer cannot log in.", "My login fails with error 5."),
    ("The customer cannot use the portal.", "I cannot sign in and use the portal."),
    (
        "The customer returned the device and has no refund yet.",
        "I returned the device. I have no refund.",
    ),
    ("The customer asks: Cannot sign in", "Cannot sign in\n" + SAID),
    ("The customer cannot sign in", "Cannot sign in\n" + SAID),
    (
        "Der Kunde kann sich nicht im Portal anmelden.",
        "Ich kann mich nicht im Portal anmelden.",
    ),
    ("Le client ne peut pas se connecter.", "Je ne peux pas me connecter au portail."),
    ("The export stopped working.", "The export does not work."),
    (
        "The customer tried to reset the password without success.",
        "I tried to reset my password but it did not help.",
    ),
    (
        "The refund has not arrived.",
        "I am still waiting for the refund. It has not arrived.",
    ),
    (
        "The agent asked for the order number.",
        "Could you send us the order number? I do not have an order number.",
    ),
    (
        "The customer wants the subscription cancelled.",
        "I don't want the subscription any more, please cancel it.",
    ),
    (
        "The printer prints again after the restart.",
        "The printer does not print. \nPlease restart it.\nIt prints again after the restart, thanks.",
    ),
]

WRAPPED = "I have told you several times that I still cannot\nsign in to the portal."


@pytest.mark.parametrize(("line", "said"), CONTRARY)
def test_what_is_denied_is_not_affirmed(line: str, said: str) -> None:
    """Nor is what the conversation affirms denied."""
    assert contradicts(line, said)


@pytest.mark.parametrize(
    ("line", "said"), [*TOLD, ("The customer cannot sign in to the portal.", WRAPPED)]
)
def test_what_is_told_in_other_words_stays(line: str, said: str) -> None:
    """Denials of the same, trouble for "not", wishes and questions contradict nothing."""
    assert not contradicts(line, said)
