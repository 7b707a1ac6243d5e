"""Whether what was found can answer, as a probability.

A question about the right topic finds passages that are near, and yet none that
answers. What tells the two apart: how near the best passage is, by how much it leads
the others, whether one sentence of it has the question's words together, and that not
the title alone has them. The weights are a logistic regression, fitted by
``python -m sidecar.evaluation.fit_answerable --data FOLDER``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sidecar.domain.ranking import CODE_FIT

ANSWERABLE_FROM = 0.42
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")

# Until twenty passages are compared, the others are taken to lie at this cosine.
_BACKGROUND, _BACKGROUND_COUNT = 0.20, 20

_INTERCEPT = -4.5
# Fitted where as many questions have no answer as have one. A helpdesk's customers ask
# about its own subject: three of four tickets of the sample are answered somewhere.
_PRIOR = math.log(3)
_WEIGHTS = (4.3, 5.38, 1.79, -2.41)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the best passage shows, each 0..1.

    ``cosine``, and ``lead`` over the mean of all found; ``sentence`` and ``title``:
    the share of the question's words in its best sentence and in its title.
    """

    cosine: float
    lead: float
    sentence: float
    title: float


def lead_of(best: float, cosines: Iterable[float]) -> float:
    """Return by how much the best cosine leads the mean of what was found."""
    found = list(cosines)
    total = math.fsum(found) + _BACKGROUND * _BACKGROUND_COUNT
    return best - total / (len(found) + _BACKGROUND_COUNT)


def sentences_of(text: str) -> list[str]:
    """Cut a passage into sentences and lines, roughly: only shares are taken of it."""
    return [part for part in _SENTENCE_END.split(text) if part.strip()]


def answerable_probability(evidence: Evidence, *, has_code: bool = False) -> float:
    """Return the probability 0..1 that the best passage answers the question."""
    signs = (evidence.cosine, evidence.lead, evidence.sentence, evidence.title)
    at = _PRIOR + _INTERCEPT + sum(w * x for w, x in zip(_WEIGHTS, signs, strict=True))
    found = 1 / (1 + math.exp(-at))
    return max(found, CODE_FIT) if has_code else found
