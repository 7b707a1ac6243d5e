"""The trained classifier: learning, confidence, storage, and what it refuses."""

from __future__ import annotations

import hashlib
import io
import json
import logging
from dataclasses import replace

import numpy as np
import pytest

from sidecar.domain.classification import Decision
from sidecar.domain.default_taxonomy import DEFAULT_TAXONOMY
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.domain.training import LabelledText, TrainedClassifier
from sidecar.embedder.none import NoEmbedder
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.local.labels import spoken
from sidecar.llm.local.language import LanguageDetector
from sidecar.llm.local.read import Reader
from sidecar.llm.local.trained import fit, kernel, solve
from sidecar.llm.local.trained.archive import Unreadable, packed, unpacked
from sidecar.llm.local.trained.calibrate import calibrated
from sidecar.llm.local.trained.lexical import learn_vocabulary
from sidecar.llm.local.trained.model import TrainedModel
from sidecar.llm.local.trained.train import train
from tests.unit.llm.little_training import labelled


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    """Return a classifier of the little helpdesk, by words alone."""
    return _trained(labelled())


def _trained(rows: tuple[LabelledText, ...]) -> TrainedModel:
    embedder = NoEmbedder()
    reader = Reader(embedder, LanguageDetector())
    return train(rows, embedder, reader.texts, spoken, lambda *_: None)[0]


def _stored(model: TrainedModel, version: int = 1) -> TrainedClassifier:
    content = packed(model)
    return TrainedClassifier(version, hashlib.sha256(content).hexdigest(), content)


def _ticket(text: str) -> Ticket:
    message = Message("m1", Author(AuthorRole.CUSTOMER), text)
    return Ticket("t1", "", messages=(message,))


def _intent(trained: TrainedClassifier, text: str) -> tuple[str, float, Decision]:
    taxonomy = replace(DEFAULT_TAXONOMY, trained=trained)
    intent = LocalEngine(NoEmbedder()).read(_ticket(text), taxonomy, None).intent
    return intent.value, intent.confidence, intent.decision


def test_new_words_of_a_label_are_read_as_that_label(model: TrainedModel) -> None:
    """A text that was never seen gets the label whose texts it resembles."""
    stored = _stored(model)
    assert _intent(stored, "Could you reset the password? It is forgotten.")[0] == (
        "password"
    )
    assert _intent(stored, "The parcel is still late, where is it?")[0] == "parcel_late"


def test_what_was_never_seen_gets_less_confidence(model: TrainedModel) -> None:
    """An unknown matter stays below every known one, and nothing is done with it."""
    stored = _stored(model)
    known = _intent(stored, "Hello, the printer is offline, please help me")
    strange = _intent(stored, "Quokkas graze beside juniper bushes at dusk")
    assert strange[1] < known[1] / 2
    assert strange[2] is Decision.ABSTAIN


def test_the_best_scores_are_answered_however_unlikely(model: TrainedModel) -> None:
    """Where shown probabilities are equal, the scores decide and not the alphabet."""
    never_sure = replace(model.calibration, weights=np.array([-4.0, 0, 0, 0, 0]))
    unsure = replace(model, calibration=never_sure)
    text = "Your shop was closed on Sunday, so my parcel is late"
    scores, _ = unpacked(packed(unsure)).scores(np.zeros(0, np.float32), text)
    order = np.argsort(-scores, kind="stable")[:3]
    taxonomy = replace(DEFAULT_TAXONOMY, trained=_stored(unsure))
    intent = LocalEngine(NoEmbedder()).read(_ticket(text), taxonomy, None).intent
    assert [other.value for other in intent.alternatives] == [
        model.labels[i] for i in order
    ]
    assert len({other.confidence for other in intent.alternatives[:2]}) == 1


def test_typos_case_and_signature_change_no_label(model: TrainedModel) -> None:
    """The same matter in a sloppy mail is the same matter."""
    stored = _stored(model)
    sloppy = [
        "HELLO, MY PASSWORD IS FORGOTTEN",
        "hello my pasword is forgoten",
        "Hello, my password is forgotten.\n\n-- \nAnn Lee\nExample Ltd, Leeds",
        "Hello, my password is forgotten.\n\n> On Monday we wrote:\n> the invoice",
    ]
    assert [_intent(stored, text)[0] for text in sloppy] == ["password"] * 4


def test_stored_bytes_give_the_same_scores_within_half_precision(
    model: TrainedModel,
) -> None:
    """What is packed and unpacked predicts as before."""
    again = unpacked(packed(model))
    nothing = np.zeros(0, np.float32)
    before, _ = model.scores(nothing, "my invoice is missing")
    after, _ = again.scores(nothing, "my invoice is missing")
    assert again.labels == model.labels
    assert np.allclose(before, after, atol=2e-3)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"\x80\x04pickle"])
def test_bytes_that_are_no_model_are_refused(content: bytes) -> None:
    """Torn or foreign bytes raise, and nothing is unpickled."""
    with pytest.raises(Unreadable):
        unpacked(content)


def test_a_damaged_or_foreign_classifier_is_not_used_and_that_is_said(
    model: TrainedModel, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong digest or another embedder: intents come from the taxonomy again."""
    damaged = replace(_stored(model), digest="0" * 64)
    foreign = _stored(replace(model, embedder="all-MiniLM-L6-v2/int8"), version=2)
    names = {label.name for label in DEFAULT_TAXONOMY.intents}
    with caplog.at_level(logging.WARNING):
        for stored in (damaged, foreign):
            assert _intent(stored, "I forgot my password")[0] in names
    assert "is damaged" in caplog.text
    assert "train again" in caplog.text


def test_texts_with_several_labels_are_answered_with_all(model: TrainedModel) -> None:
    """Where texts have several labels, an answer names each that holds."""
    single = labelled()
    double = tuple(
        LabelledText(f"{a.text} {b.text}", (*a.labels, *b.labels))
        for a, b in zip(single, single[9:] + single[:9], strict=True)
    )
    trained = _trained(single + double)
    taxonomy = replace(DEFAULT_TAXONOMY, trained=_stored(trained))
    engine = LocalEngine(NoEmbedder())
    text = "Hello, the printer is offline. I write because the invoice is missing"
    found = {a.value for a in engine.read(_ticket(text), taxonomy, None).intents}
    assert found == {"printer", "invoice"}
    assert not model.several


def test_a_seldom_label_has_a_cut_of_its_own() -> None:
    """Its scores stay low: the common cut would never answer it."""
    random = np.random.default_rng(4)
    truth = np.zeros((4_000, 2))
    truth[:2_000, 0] = 1.0
    truth[3_500:, 1] = 1.0
    scores = truth * [0.5, 0.3] + [0.5, 0.0] + random.normal(0, 0.05, truth.shape)
    found = calibrated(scores, np.ones(len(scores)), truth, None)
    _, answered = found.labels_that_hold(scores)
    assert answered[truth[:, 1] == 1.0, 1].mean() > 0.95
    assert answered[truth[:, 1] == 0.0, 1].mean() < 0.01
    common = replace(found, label_cuts=())
    _, answered = common.labels_that_hold(scores)
    assert answered[truth[:, 1] == 1.0, 1].mean() < 0.8


def test_a_model_of_before_label_cuts_is_read(model: TrainedModel) -> None:
    """Bytes that a former version stored have one cut for all labels."""
    with np.load(io.BytesIO(packed(model)), allow_pickle=False) as found:
        arrays = dict(found)
    meta = json.loads(arrays["meta"].tobytes())
    del meta["calibration"]["label_cuts"]
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    before = unpacked(file.getvalue()).calibration
    assert before.label_cuts == ()
    assert before.label_cut == model.calibration.label_cut


def test_left_out_scores_are_those_of_a_training_without_the_text() -> None:
    """The closed form equals what it stands for: training anew without one text."""
    rows = labelled()[:27]
    texts = [row.text for row in rows]
    empty = np.zeros((len(rows), 0), np.float32)
    known = kernel.known_texts(texts, empty, 3)
    names = sorted({row.labels[0] for row in rows})
    wanted = np.zeros((27, 3), np.float32)
    wanted[np.arange(27), [names.index(row.labels[0]) for row in rows]] = 1
    _, left_out = fit.fit(known, wanted)
    assert left_out is not None
    others = np.arange(1, 27)
    fitted, _ = fit.fit(kernel.rows_of(known, others), wanted[1:])
    alone = fit.predict(fitted, empty[:1], known.lexical[:1])
    assert np.allclose(alone[0], left_out[0], atol=1e-3)


def test_conjugate_gradients_find_the_exact_solution(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Large trainings get the weights that small ones would get."""
    texts = [row.text for row in labelled()]
    random = np.random.default_rng(1)
    vectors = random.normal(size=(len(texts), 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    known = kernel.known_texts(texts, vectors, 2)
    wanted = random.integers(0, 2, (len(texts), 2)).astype(np.float32)
    exact, _ = fit.fit(known, wanted)
    monkeypatch.setattr(fit, "MOST_EXACT", 1)
    near, left_out = fit.fit(known, wanted)
    assert left_out is None
    both = [fit.predict(one, vectors, known.lexical) for one in (exact, near)]
    assert np.allclose(both[0], both[1], atol=2e-2)


def test_texts_that_have_much_in_common_are_solved_as_well() -> None:
    """Where one direction outweighs all others, the steps still arrive."""
    random = np.random.default_rng(2)
    points = 1.0 + 0.5 * random.normal(size=(3_000, 48))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    vectors = points.astype(np.float32)
    words = [f"please {random.integers(40)} help {i % 7}" for i in range(len(vectors))]
    known = kernel.known_texts(words, vectors, 3)
    known = replace(known, kernel=kernel.Kernel(0.5, 0.8, 0.01))
    wanted = (vectors @ random.normal(size=(48, 3)) > 0).astype(np.float32)
    space = kernel.space_of(known)
    exact, _ = solve.exact(known, space, wanted)
    steps = solve.Steps(known, space).dual(wanted, known.kernel.ridge)
    scores = [
        fit.predict(fit.weights(known, space, dual), vectors, known.lexical)
        for dual in (exact, steps)
    ]
    assert np.abs(scores[0] - scores[1]).max() < 0.02


def test_texts_trained_on_look_no_nearer_than_later_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nearness is measured to landmarks in which a text has no part."""
    random = np.random.default_rng(5)
    middles = random.normal(size=(40, 32))
    points = np.repeat(middles, 12, axis=0) + 0.7 * random.normal(size=(480, 32))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    vectors = random.permutation(points.astype(np.float32))
    seen, later = vectors[:240], vectors[240:]
    monkeypatch.setattr(kernel, "MOST_LANDMARKS", 100)
    known = kernel.known_texts([f"text {i}" for i in range(240)], seen, 2)
    landmarks = fit.fit(known, np.ones((240, 2), np.float32))[0].landmarks
    near_later = (later @ landmarks.T).max(axis=1).mean()
    with_own_part = (seen @ landmarks.T).max(axis=1).mean()
    assert with_own_part - near_later > 0.1
    assert abs(fit.nearest_others(seen, landmarks).mean() - near_later) < 0.01


def test_the_vocabulary_is_bounded() -> None:
    """However many features the texts have, only the most frequent ones are kept."""
    texts = [row.text for row in labelled()]
    vocabulary = learn_vocabulary(texts, most=50, least_texts=1)
    assert len(vocabulary.words) == 50
    assert len(vocabulary.letters) == 50
