"""A trained model as bytes and back: arrays without pickled objects."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict

import numpy as np

from sidecar.domain.classification import Thresholds
from sidecar.llm.local.trained.lexical import Vocabulary
from sidecar.llm.local.trained.model import Calibration, TrainedModel

FORMAT = 1
_BROKEN = (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile)


class Unreadable(ValueError):
    """The bytes are no trained model of this format."""


def packed(model: TrainedModel) -> bytes:
    """Return the model as a compressed NPZ; large weights in half precision."""
    meta = {
        "format": FORMAT,
        "labels": model.labels,
        "embedder": model.embedder,
        "several": model.several,
        "gamma": model.gamma,
        "thresholds": asdict(model.thresholds),
        "calibration": {
            **asdict(model.calibration),
            "weights": [float(w) for w in model.calibration.weights],
        },
    }
    known = model.vocabulary
    file = io.BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        meta=np.frombuffer(json.dumps(meta).encode(), np.uint8),
        words=known.words,
        word_idf=known.word_idf,
        letters=known.letters,
        letter_idf=known.letter_idf,
        landmarks=model.landmarks.astype(np.float16),
        by_vector=model.by_vector,
        by_words=model.by_words.astype(np.float16),
    )
    return file.getvalue()


def unpacked(content: bytes) -> TrainedModel:
    """Return the model; raises ``Unreadable``."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        meta = json.loads(arrays["meta"].tobytes())
        if meta["format"] != FORMAT:
            raise Unreadable(f"format {meta['format']} is not {FORMAT}")
        fitted = dict(meta["calibration"])
        fitted["weights"] = np.array(fitted["weights"])
        fitted["label_cuts"] = tuple(fitted.get("label_cuts", ()))
        return TrainedModel(
            labels=tuple(meta["labels"]),
            embedder=str(meta["embedder"]),
            vocabulary=Vocabulary(
                *(
                    arrays[name]
                    for name in ("words", "word_idf", "letters", "letter_idf")
                )
            ),
            landmarks=arrays["landmarks"].astype(np.float32),
            by_vector=arrays["by_vector"].astype(np.float32),
            by_words=arrays["by_words"].astype(np.float32),
            calibration=Calibration(**fitted),
            thresholds=Thresholds(**meta["thresholds"]),
            gamma=float(meta["gamma"]),
            several=bool(meta["several"]),
        )
    except _BROKEN as error:
        raise Unreadable(str(error)) from error
