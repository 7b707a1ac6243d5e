"""The quick sum over shared features is the plain one, to the last bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import log

import numpy as np
import pytest

from sidecar.llm.local.features import TfIdf, letter_features, word_features

Features = Callable[[str], Counter[str]]

_KNOWN = [
    "where is my refund",
    "my order has not arrived",
    "cancel my subscription, please cancel it now",
    "how do I reset the password of my account",
]


@pytest.mark.parametrize("features", [word_features, letter_features])
@pytest.mark.parametrize(
    "text", ["refund of my refund and of my order", "zzz", "", " ".join(_KNOWN * 3)]
)
def test_similarities_are_those_of_a_plain_loop(features: Features, text: str) -> None:
    """Feature by feature, in the order of the text, repeated ones damped."""
    counted = [features(one) for one in _KNOWN]
    model = TfIdf(counted)

    def unit(counts: Counter[str]) -> dict[str, float]:
        raw = {
            feature: (1.0 + log(count))
            * (1.0 + log(5 / (1 + sum(feature in other for other in counted))))
            for feature, count in counts.items()
        }
        length = sum(weight * weight for weight in raw.values()) ** 0.5 or 1.0
        return {feature: weight / length for feature, weight in raw.items()}

    expected = np.zeros(len(_KNOWN))
    known = [unit(counts) for counts in counted]
    for feature, weight in unit(features(text)).items():
        for row, weights in enumerate(known):
            expected[row] += weight * weights.get(feature, 0.0)
    assert model.similarities(features(text)).tolist() == expected.tolist()
