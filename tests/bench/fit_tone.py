"""Fits the tone head's weights on the GoEmotions training part.

    .venv/bin/python tests/bench/fit_tone.py --data FOLDER

FOLDER holds ``goemotions/train.csv.gz`` (Demszky et al. 2020, Apache-2.0). Writes
``sidecar/llm/local/weights/tone.npz``. Needs scikit-learn. Two multinomial logistic
regressions with balanced classes (C 0.3): over hashed letters and words, and over
these and twice the text's vector; a text of several groups counts once for each.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sidecar.embedder.minilm import MiniLmEmbedder, find_weights
from sidecar.llm.local.tone_head import GROUPS, PATH, counted

_BUCKETS = 1 << 16
_SCALE = 2.0


def main() -> int:
    """Fit, round to bytes, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data / "goemotions"
    with gzip.open(folder / "train.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    hashed, rarity = _hashed(texts)
    vectors = sparse.csr_matrix(_SCALE * _vectors(texts))
    pairs = [
        (number, GROUPS.index(group))
        for number, row in enumerate(rows)
        for group in row["sentiment_group"].split("+")
    ]
    places, labels = [p for p, _ in pairs], [g for _, g in pairs]
    found: dict[str, Any] = {"rarity": rarity.astype(np.float16)}
    both = sparse.hstack([_SCALE * hashed, vectors]).tocsr()
    for name, features in (("words", _SCALE * hashed), ("both", both)):
        model = LogisticRegression(C=0.3, max_iter=200, class_weight="balanced")
        model.fit(features.tocsr()[places], labels)
        weights = _SCALE * model.coef_.T
        step = np.abs(weights[:_BUCKETS]).max() / 127
        found[f"{name}_hashed"] = np.round(weights[:_BUCKETS] / step).astype(np.int8)
        found[f"{name}_step"] = np.array([step])
        found[f"{name}_vector"] = weights[_BUCKETS:].astype(np.float32)
        found[f"{name}_bias"] = model.intercept_
    PATH.parent.mkdir(exist_ok=True)
    np.savez_compressed(PATH, **found)
    print(PATH, PATH.stat().st_size)
    return 0


def _hashed(texts: list[str]) -> tuple[sparse.csr_matrix, np.ndarray]:
    starts, places = [0], list[int]()
    values: list[float] = []
    for text in texts:
        counts = counted(text, _BUCKETS)
        places += counts.keys()
        values += counts.values()
        starts.append(len(places))
    matrix = sparse.csr_matrix(
        (np.array(values), places, starts), shape=(len(texts), _BUCKETS)
    )
    seen = np.bincount(matrix.indices, minlength=_BUCKETS)
    # Rounded first: reading uses the rounded figures too.
    rarity = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float16)
    weighted = matrix @ sparse.diags(rarity.astype(float))
    length = np.sqrt(weighted.multiply(weighted).sum(1)).A1
    return sparse.diags(1 / np.maximum(length, 1e-9)) @ weighted, rarity


def _vectors(texts: list[str]) -> np.ndarray:
    weights = find_weights()
    assert weights is not None, "make setup installs the model's weights"
    cache = Path(tempfile.gettempdir()) / "deskside-bench-graphs"
    threads = os.cpu_count() or 1
    embedder = MiniLmEmbedder.open(weights, cache, "int8", threads=threads)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = np.zeros((len(texts), embedder.dimensions), np.float32)
    for first in range(0, len(order), 64):
        part = order[first : first + 64]
        found[part] = embedder.embed([texts[i] for i in part])
    return found


if __name__ == "__main__":
    sys.exit(main())
