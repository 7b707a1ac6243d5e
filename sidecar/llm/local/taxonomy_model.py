"""A compiled taxonomy: predicts intent and category together, so that they agree.

Intents are scored; a category's probability is the sum of its intents', and a category
without intents is scored like an intent of its own. The intent is then the best one of
the chosen category. Confidence is ``p * g`` with the probability ``p`` (temperature
fitted by leave-one-out, see ``labels``) and ``g = 1 / (1 + exp(-(s - s0) / w))``, where
``s`` is the similarity to the nearest known text: far from everything known, nothing is
likely, however much it beats the rest. ``s0`` and ``w`` were set on support mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import exp

import numpy as np

from sidecar.domain.classification import (
    Alternative,
    Decision,
    Label,
    Prediction,
    Reason,
    ReasonCode,
    Taxonomy,
    Thresholds,
)
from sidecar.embedder.port import Embedder, Vectors
from sidecar.llm.local.features import Array
from sidecar.llm.local.labels import LabelModel, Query, Scored, spoken
from sidecar.llm.local.trained.usable import usable

_GATE = {True: (0.28, 0.05), False: (0.10, 0.02)}
_TOP = 3
_LEAST_WORDS = 2
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_NOTHING = Prediction("", 0.0, (), Decision.ABSTAIN)
_TOO_LITTLE = (Reason(ReasonCode.NOT_ENOUGH_TEXT, "There is hardly any text to read."),)


@dataclass(frozen=True, slots=True)
class Read:
    """Both predictions and why."""

    category: Prediction
    intent: Prediction
    reasons: tuple[Reason, ...]
    intents: tuple[Alternative, ...] = ()


class TaxonomyModel:
    """Predicts category and intent for one version of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy, embedder: Embedder) -> None:
        self._thresholds = taxonomy.thresholds
        self.trained = usable(taxonomy.trained, embedder)
        self._categories = [label.name for label in taxonomy.categories]
        known = set(self._categories)
        parents = {i.parent for i in taxonomy.intents}
        childless = [
            replace(c, parent=c.name)
            for c in taxonomy.categories
            if c.name not in parents
        ]
        labels: list[Label] = [*taxonomy.intents, *childless]
        self._intents = {label.name for label in taxonomy.intents}
        if self.trained is not None and taxonomy.trained is not None:
            if taxonomy.thresholds == Thresholds():
                self._thresholds = self.trained.thresholds
            homes = {label.name: label.parent for label in taxonomy.intents}
            homes = dict(taxonomy.trained.parents) | homes
            labels = [
                Label(n, "", parent=homes.get(n, "")) for n in self.trained.labels
            ]
            self._intents = set(self.trained.labels)
        self._parents = [
            label.parent if label.parent in known else "" for label in labels
        ]
        learns = bool(labels) and self.trained is None
        self._model = LabelModel(labels, embedder) if learns else None
        self._gate = _GATE[embedder.dimensions > 0]

    def read(self, query: Query, text: str) -> Read:
        """Predict both fields for a text."""
        if self._model is None:
            return Read(_NOTHING, _NOTHING, ())
        scored = self._model.score(query)
        gate = self._trust(scored)
        enough = len(_LETTERS.findall(text[:400])) >= _LEAST_WORDS
        names = [label.name for label in self._model.labels]
        by_category = self._by_category(scored.probabilities)
        thresholds = self._thresholds if enough else _NEVER
        category = _prediction(by_category, gate, thresholds)
        inside = [
            (name, float(p))
            for name, p, parent in zip(
                names, scored.probabilities, self._parents, strict=True
            )
            if name in self._intents
        ]
        chosen = {
            name
            for name, parent in zip(names, self._parents, strict=True)
            if parent in ("", category.value)
        }
        # The intents of the chosen category first, so that the two never disagree.
        intent = _prediction(inside, gate, thresholds, chosen if by_category else None)
        return Read(category, intent, self._reasons(scored, intent, enough))

    def read_trained(self, vector: Vectors, text: str, short: str) -> Read:
        """Predict both fields by the trained classifier.

        ``text`` is the whole text, ``short`` what of it was embedded as ``vector``.
        """
        if (trained := self.trained) is None:
            raise AssertionError("no trained classifier")
        scores, nearest = trained.scores(vector, text)
        likely = trained.probabilities(scores, nearest)
        enough = len(_LETTERS.findall(short[:400])) >= _LEAST_WORDS
        thresholds = self._thresholds if enough else _NEVER
        by_category = self._by_category(likely)
        # By score: probabilities that are cut off at the first's are equal to it.
        order = np.argsort(-np.round(scores, 6), kind="stable")
        pairs = [(trained.labels[i], float(likely[i])) for i in order]
        intent = _prediction(pairs, 1.0, thresholds, ranked=True)
        home = self._parents[trained.labels.index(intent.value)]
        # The category of the chosen intent first, so that the two never disagree.
        category = _prediction(by_category, 1.0, thresholds, {home} if home else None)
        held: tuple[Alternative, ...] = ()
        if trained.several and enough:
            found = trained.all_that_hold(scores)
            held = tuple(Alternative(trained.labels[i], round(p, 3)) for i, p in found)
        if not enough:
            return Read(category, intent, _TOO_LITTLE)
        if intent.decision is Decision.ABSTAIN:
            return Read(category, intent, (), held)
        sentence = f"The trained classifier reads {spoken(intent.value)}."
        reason = Reason(ReasonCode.TRAINED_MODEL, sentence)
        return Read(category, intent, (reason,), held)

    def _trust(self, scored: Scored) -> float:
        middle, width = self._gate
        return 1.0 / (1.0 + exp(-(scored.similarity - middle) / width))

    def _by_category(self, probabilities: Array) -> list[tuple[str, float]]:
        totals = dict.fromkeys(self._categories, 0.0)
        for parent, p in zip(self._parents, np.asarray(probabilities), strict=True):
            if parent:
                totals[parent] += float(p)
        return list(totals.items())

    def _reasons(
        self, scored: Scored, intent: Prediction, enough: bool
    ) -> tuple[Reason, ...]:
        if not enough:
            return _TOO_LITTLE
        if intent.decision is Decision.ABSTAIN:
            return ()
        if scored.is_example:
            text = f"Like the example “{scored.nearest}” of {spoken(intent.value)}."
            return (Reason(ReasonCode.SIMILAR_EXAMPLE, text),)
        text = f"Fits the description of {spoken(intent.value)}."
        return (Reason(ReasonCode.DESCRIPTION_MATCH, text),)


_NEVER = Thresholds(automate=1.1, select=1.1, suggest=1.1)


def _prediction(
    scores: list[tuple[str, float]],
    gate: float,
    thresholds: Thresholds,
    first: set[str] | None = None,
    *,
    ranked: bool = False,
) -> Prediction:
    """Return the best of the scored names, those of ``first`` before all others.

    ``ranked`` says that they stand in order already, else equal ones go by name.
    """
    if not scores:
        return _NOTHING
    if not ranked:
        # Rounded, as the last bits depend on the number of threads; finer than what
        # is shown, or the alphabet would decide between labels of little likelihood.
        scores = sorted(scores, key=lambda item: (-round(item[1], 6), item[0]))
    if first:
        best = next((item for item in scores if item[0] in first), scores[0])
        scores = [best, *(item for item in scores if item is not best)]
    top = tuple(Alternative(name, round(p * gate, 3)) for name, p in scores[:_TOP])
    value, confidence = top[0].value, top[0].confidence
    return Prediction(value, confidence, top, thresholds.decide(confidence))
