"""A customer is answered in the language of the ticket, by whichever engine."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sidecar.domain.classification import Sentiment
from sidecar.domain.reply import Purpose, SentenceRole, Tone
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.local.phrases import phrases
from sidecar.v1 import assist_pb2, common_pb2
from tests.doubles.honest_model import reply, statement
from tests.doubles.providers import Asked
from tests.flow.model_house import ModelHouse, is_degraded, model_house
from tests.unit.llm.conftest import bare_engine, ticket
from tests.unit.llm.test_composing import RETURNS, compose, passage, task

__all__ = ["bare_engine"]

QUESTIONS = {
    "en": "How do I return a device, and where do I find the return label for it?",
    "de": "Wie kann ich ein Gerät zurückgeben, und wo finde ich das Etikett dafür?",
    "fr": "Comment puis-je renvoyer un appareil, et où trouver l'étiquette de retour ?",
    "es": "¿Cómo puedo devolver un aparato y dónde encuentro la etiqueta para ello?",
    "pt": "Como posso devolver um aparelho e onde encontro a etiqueta para isso?",
    "it": "Come posso restituire un apparecchio e dove trovo l'etichetta per il reso?",
}
# What a model says that does not keep to the language it was asked for.
WRONG = {
    "de": "Guten Tag, vielen Dank für Ihre Nachricht an unser Team, wir helfen gern.",
    "en": "Hello and thank you for writing to our team, we are always glad to help.",
}


def _frame(engine: LocalEngine, language: str, **changes: object) -> str:
    """Return what a local draft says in words of its own, without name and facts."""
    about = ticket(QUESTIONS[language], subject="")
    one = task(passage(RETURNS), about=about, language=language, **changes)
    _, sentences, _ = compose(engine, one)
    return " ".join(
        s.sentence.text
        for s in sentences
        if s.sentence.role not in (SentenceRole.FACT, SentenceRole.GREETING)
    )


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("language", QUESTIONS)
def test_a_local_draft_is_framed_in_the_customer_s_language(
    bare_engine: LocalEngine, language: str, purpose: Purpose
) -> None:
    """Acknowledgement, questions, next step and closing are in that language."""
    if purpose in (Purpose.INITIAL_RESPONSE, Purpose.RESOLUTION):
        # Words alone answer no other language's question; the frame is the same.
        purpose = Purpose.CLARIFICATION
    said = _frame(bare_engine, language, purpose=purpose)
    assert said
    assert bare_engine.language_of(said) == language, said


@pytest.mark.parametrize("sentiment", [Sentiment.ANGRY, Sentiment.NEGATIVE])
@pytest.mark.parametrize("tone", [Tone.FORMAL, Tone.EMPATHETIC])
@pytest.mark.parametrize("language", QUESTIONS)
def test_the_tone_is_that_of_the_language(
    bare_engine: LocalEngine, language: str, tone: Tone, sentiment: Sentiment
) -> None:
    """Regret stands in the language's own words, and so does the closing."""
    said = _frame(
        bare_engine,
        language,
        purpose=Purpose.CLARIFICATION,
        tone=tone,
        sentiment=sentiment,
    )
    texts = phrases(language)
    assert texts["acknowledgement"][sentiment.value] in said
    assert texts["closing"][tone.value] in said


def test_no_two_languages_share_a_sentence() -> None:
    """Nothing was left untranslated: each sentence is one language's own."""
    seen: dict[str, str] = {}
    for language in QUESTIONS:
        texts = phrases(language)
        for part in ("acknowledgement", "heard", "outage", "details"):
            for text in texts[part].values():
                assert seen.setdefault(text, language) == language, text


def _answers_wrongly(asked: Asked) -> str:
    """Answer German to everybody, and English to Germans."""
    german = "Gerät" in asked.user
    text = WRONG["en" if german else "de"]
    if asked.task != "draft":
        return json.dumps({})
    return json.dumps(reply(statement(text, "greeting"), statement(text, "closing")))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelHouse]:
    """A house whose model does not keep to the language."""
    folder = tmp_path_factory.mktemp("languages")
    with model_house(folder, answers=_answers_wrongly) as made:
        yield made


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_model_s_draft_in_another_language_is_asked_for_again_and_then_dropped(
    house: ModelHouse, language: str
) -> None:
    """Asked twice, then the local engine writes in the right one, marked degraded."""
    house.reset()
    made = house.ticket(QUESTIONS[language], subject="")
    purpose = assist_pb2.DRAFT_PURPOSE_CLARIFICATION
    draft = house.draft(made, purpose=purpose)
    assert len(house.double.seen) == 2
    assert is_degraded(draft)
    assert draft.engine == common_pb2.ENGINE_LOCAL
    assert draft.language == language
    assert draft.text
    assert not any(text in draft.text for text in WRONG.values())
    assert phrases(language)["team"] in draft.text
