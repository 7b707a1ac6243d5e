"""Complaints are heard in every language the engine speaks, calm reports stay calm."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sidecar.domain.classification import ReasonCode, Sentiment, Severity
from sidecar.llm.port import Signals

Read = Callable[..., Signals]
_UNHAPPY = (Sentiment.NEGATIVE, Sentiment.ANGRY)


@pytest.mark.parametrize(
    "text",
    [
        "Llevamos tres semanas así, no puede ser. Exijo una solución o me doy de baja.",
        "Nous vous écrivons une dernière fois. La présente vaut mise en demeure.",
        "Seit drei Wochen werden wir vertröstet, so geht das nicht.",
        "Há três semanas que ninguém respondeu. Exijo uma solução ou vou cancelar.",
        "Da tre settimane nessuno ha risposto. Pretendo una soluzione o disdico.",
        "I was promised a call and nobody called.",
    ],
)
def test_a_complaint_is_never_neutral(read: Read, text: str) -> None:
    """Complaint words, threats to leave and legal words show in the tone."""
    assert read(text).sentiment in _UNHAPPY


@pytest.mark.parametrize(
    "text",
    [
        "Buenos días, la aplicación no se sincroniza hoy, error SYNC-409. Gracias",
        "Bonjour, la page ne s'ouvre pas, code TW-5030. Merci d'avance.",
        "Guten Tag, der Drucker zeigt LP-31 und druckt nichts. Viele Grüße",
        "Bom dia, a aplicação não abre, aparece SYNC-409. Obrigado",
        "Buongiorno, l'app non si apre e mostra SYNC-409. Grazie mille",
        "Hello, the page is blank and shows TW-5030. Thank you in advance.",
    ],
)
def test_a_calm_report_stays_calm_and_is_a_report(read: Read, text: str) -> None:
    """What does not work is a report; saying so calmly is no anger."""
    found = read(text)
    assert found.sentiment is not Sentiment.ANGRY
    assert found.severity is not Severity.LOW


@pytest.mark.parametrize(
    "text",
    [
        "SYNC-409 again, is it my fault that it does not sync?",
        "SYNC-409, ¿por qué no funciona?",
        "SYNC-409, pourquoi ça ne fonctionne pas ?",
        "SYNC-409, warum geht das nicht?",
    ],
)
def test_a_code_with_failure_words_is_reported_broken(read: Read, text: str) -> None:
    """An error code with failure words never reads as a mere question."""
    found = read(text)
    assert ReasonCode.QUESTION_ONLY not in {r.code for r in found.reasons}
    assert found.severity is not Severity.LOW


def test_a_white_page_is_a_failure(read: Read) -> None:
    """People without words for it say what they see."""
    assert read("page is just white. did I break it?").severity is not Severity.LOW


def test_asking_after_a_code_is_a_question(read: Read) -> None:
    """Who only asks what a code means reports nothing broken."""
    found = read("Hello, what does SYNC-409 mean?")
    assert ReasonCode.QUESTION_ONLY in {r.code for r in found.reasons}


def test_silence_after_a_furious_mail_is_no_milder_than_that_mail(read: Read) -> None:
    """The newest turn counts, but a complaint of silence keeps the anger before it."""
    furious = "Esto es una vergüenza, estoy harto de SYNC-409 todo el día."
    waiting = "Son las 20:15 y aquí no ha escrito nadie."
    assert read(furious, "A: Hoy lo reviso.", waiting).sentiment is Sentiment.ANGRY
    assert read("Hola, SYNC-409.", "A: Hoy.", waiting).sentiment is Sentiment.NEGATIVE


def test_anger_is_over_when_the_customer_says_so(read: Read) -> None:
    """An apology after a furious mail is not angry."""
    found = read("THIS IS A DISGRACE!!!", "A: Fixed.", "its gone. ok. sorry for that")
    assert found.sentiment is Sentiment.NEUTRAL
