"""How much is smoothed follows from texts left out, where labels have many."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.llm.local.trained import fit, kernel, ridge
from sidecar.llm.local.trained.lexical import Floats


def _texts(wrong: float, count: int = 1200) -> tuple[kernel.Known, Floats]:
    """Return texts of two matters, a share of which got the other's label."""
    random = np.random.default_rng(3)
    truth = random.integers(0, 2, count)
    words = (["invoice", "refund", "paid"], ["login", "password", "locked"])
    texts = [
        " ".join([*random.choice(words[at], 2), *random.choice(_FILLERS, 12)])
        for at in truth
    ]
    given = np.where(random.random(count) < wrong, 1 - truth, truth)
    wanted = np.eye(2, dtype=np.float32)[given]
    vectors = random.normal(size=(count, 24)) + 3 * np.eye(2, 24)[truth]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return kernel.known_texts(texts, vectors.astype(np.float32), 2), wanted


_FILLERS = [f"word{number}" for number in range(400)]


def test_hasty_labels_are_smoothed_more() -> None:
    """Texts with wrong labels get a larger ridge, and are told better for it."""
    known, wanted = _texts(wrong=0.3)
    chosen = ridge.with_chosen_ridge(known, wanted)
    assert chosen.kernel.ridge > known.kernel.ridge
    assert _right(chosen, wanted) > _right(known, wanted)


def test_few_texts_a_label_keep_the_usual_ridge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Below the limit nothing is tried: it would cost time and change nothing."""
    known, wanted = _texts(wrong=0.3)
    monkeypatch.setattr(ridge, "TEXTS_A_LABEL", 601)
    assert ridge.with_chosen_ridge(known, wanted) is known


def _right(known: kernel.Known, wanted: Floats) -> float:
    """Return the share of truly labelled texts that are told, each left out."""
    _, left_out = fit.fit(known, wanted)
    assert left_out is not None
    truth = known.vectors[:, :2].argmax(axis=1)
    return float((left_out.argmax(axis=1) == truth).mean())
