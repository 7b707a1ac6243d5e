"""all-MiniLM-L6-v2 on ONNX Runtime: 384 dimensions, 256 tokens, no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sidecar.embedder import graph_cache, weights
from sidecar.embedder.onnx_encoder import OnnxEncoder
from sidecar.embedder.port import Vectors
from sidecar.embedder.weights import WeightsMissing, find_weights
from sidecar.errors import Misconfigured

__all__ = ["DEFAULT_VARIANT", "MiniLmEmbedder", "WeightsMissing", "find_weights"]

VARIANTS = ("fp32", "int8")
DEFAULT_VARIANT = "int8"
WINDOW = 256


class MiniLmEmbedder:
    """Sentence vectors from all-MiniLM-L6-v2, or from an ONNX file of the user's own.

    Safe to share between threads. A text longer than 256 tokens is cut off there
    (and before it after 16,384 characters, so that megabytes cost no time).
    """

    def __init__(self, model: str, encoder: OnnxEncoder) -> None:
        self._model = model
        self._encoder = encoder

    @classmethod
    def open(
        cls,
        weights_dir: Path,
        cache_dir: Path,
        variant: str = DEFAULT_VARIANT,
        threads: int = 1,
    ) -> MiniLmEmbedder:
        """Load the graph from ``cache_dir``, building it from the weights if need be.

        Raises ``WeightsMissing`` when a file is not there and ``Misconfigured`` when
        a file, the variant, the thread count or the cache folder is not usable.
        """
        if variant not in VARIANTS:
            raise Misconfigured(
                f"embedder variant {variant!r} is unknown: set one of {VARIANTS}"
            )
        _check_threads(threads)
        weights.require_files(weights_dir)
        tokenizer = weights_dir / weights.TOKENIZER_FILE
        weights.checked_bytes(tokenizer, weights.TOKENIZER_SHA256)
        model = graph_cache.graph_path(weights_dir, cache_dir, variant)
        try:
            encoder = _minilm_encoder(model, tokenizer, variant, threads)
        except Misconfigured:
            # A cached file damaged on disk is the one thing that mends itself.
            graph_cache.discard(model)
            model = graph_cache.graph_path(weights_dir, cache_dir, variant)
            encoder = _minilm_encoder(model, tokenizer, variant, threads)
        return cls(f"all-MiniLM-L6-v2/{variant}", encoder)

    @classmethod
    def from_onnx(
        cls, model: Path, tokenizer: Path, threads: int = 1
    ) -> MiniLmEmbedder:
        """Use another BERT-like ONNX model with its ``tokenizer.json``.

        It takes ``input_ids`` and ``attention_mask`` (int32 or int64) and answers
        (batch, dimensions) or (batch, tokens, dimensions), the latter averaged over
        the text's tokens; else ``Misconfigured``.
        """
        _check_threads(threads)
        for path in (model, tokenizer):
            if not path.is_file():
                raise Misconfigured(f"{path} does not exist or is not a file")
        # Its content names it, so that a changed file never meets old vectors.
        digest = hashlib.sha256(model.read_bytes()).hexdigest()[:12]
        encoder = OnnxEncoder(
            model, tokenizer, window=WINDOW, threads=threads, batched=False
        )
        return cls(f"{model.stem}/{digest}", _normalised_or_refused(encoder, model))

    @property
    def model(self) -> str:
        """Name and variant of the model."""
        return self._model

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._encoder.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised float32 row a text, shape (len(texts), dimensions).

        fp32 encodes texts of similar length together (differences stay below 1e-6);
        int8 encodes one by one, where a batch would gain nothing (measured).
        """
        return self._encoder.encode(texts)


def _minilm_encoder(
    model: Path, tokenizer: Path, variant: str, threads: int
) -> OnnxEncoder:
    return OnnxEncoder(
        model, tokenizer, window=WINDOW, threads=threads, batched=variant == "fp32"
    )


def _check_threads(threads: int) -> None:
    if threads < 1:
        raise Misconfigured(f"embedder threads is {threads}: set 1 or more")


def _normalised_or_refused(encoder: OnnxEncoder, model: Path) -> OnnxEncoder:
    """Try the model on a text: a pooled output must already have length one."""
    try:
        row = encoder.encode(["a trial sentence"])[0]
    except Exception as error:  # the runtime has no common root class
        raise Misconfigured(f"{model} fails on a trial sentence: {error}") from error
    length = float(np.linalg.norm(row))
    if not np.isfinite(row).all() or abs(length - 1) > 1e-3:
        raise Misconfigured(
            f"{model} answers a vector of length {length:.3f}: its output must be "
            "L2-normalised, or be the hidden states of the tokens"
        )
    return encoder
