"""The tone of a short English text, learned: letters, words and the text's vector.

A multinomial logistic regression over hashed words, word pairs and letter groups
(TF-IDF, length 1) and the vector the ticket is read with anyway; without a vector, one
over the hashed features alone. Fitted by ``tests/bench/fit_tone.py`` on the training
part of GoEmotions (Demszky et al. 2020, Apache-2.0; see NOTICE). It has learned from
forum posts, not from tickets: ``tone.py`` says where it is asked.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

GROUPS = ("negative", "neutral", "positive", "ambiguous")
"""The groups of emotions; ambiguous are surprise, confusion, curiosity, realisation."""

PATH = Path(__file__).parent / "weights" / "tone.npz"

_PIECE = re.compile(r"\w+|[!?]+|[^\w\s]")
_LETTERS = (3, 4, 5)
_LETTERS_WEIGHT = 0.4
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class _Head:
    hashed: NDArray[np.float32]
    vector: NDArray[np.float32]
    bias: NDArray[np.float64]


def tone_odds(text: str, vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities of ``GROUPS``; the vector may be empty."""
    rarity, heads = _loaded()
    head = heads[bool(vector.size)]
    counts = counted(text[:_LONGEST], len(rarity))
    places = np.fromiter(counts, np.int64, len(counts))
    values = np.fromiter(counts.values(), np.float64, len(counts)) * rarity[places]
    values /= sqrt(float(values @ values)) or 1.0
    scores = values @ head.hashed[places] + head.bias
    if vector.size:
        scores = scores + vector @ head.vector
    odds = np.exp(scores - scores.max())
    return np.asarray(odds / odds.sum(), np.float64)


def counted(text: str, buckets: int) -> dict[int, float]:
    """Return the hashed features of a text with their damped counts, by bucket."""
    pieces = _PIECE.findall(text.lower())
    counts: dict[str, float] = {}
    before = ""
    for piece in pieces:
        counts[f"w{piece}"] = counts.get(f"w{piece}", 0.0) + 1.0
        if before:
            pair = f"b{before} {piece}"
            counts[pair] = counts.get(pair, 0.0) + 1.0
        before = piece
        if piece.isalpha() and len(piece) > _LETTERS[0]:
            edged = f"^{piece}$"
            for size in _LETTERS:
                for first in range(len(edged) - size + 1):
                    group = "c" + edged[first : first + size]
                    counts[group] = counts.get(group, 0.0) + _LETTERS_WEIGHT
    found: dict[int, float] = {}
    for feature, count in counts.items():
        bucket = zlib.crc32(feature.encode()) % buckets
        damped = count if count < 1.0 else 1.0 + log(count)
        found[bucket] = found.get(bucket, 0.0) + damped
    return found


@cache
def _loaded() -> tuple[NDArray[np.float64], dict[bool, _Head]]:
    with np.load(PATH, allow_pickle=False) as stored:
        heads = {
            name == "both": _Head(
                stored[f"{name}_hashed"].astype(np.float32)
                * np.float32(stored[f"{name}_step"][0]),
                stored[f"{name}_vector"],
                stored[f"{name}_bias"],
            )
            for name in ("words", "both")
        }
        return stored["rarity"].astype(np.float64), heads
