"""Texts to vectors through one ONNX Runtime session and one tokenizer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from sidecar.embedder.port import Vectors
from sidecar.errors import Misconfigured

_KNOWN_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_Integer = type[np.int32] | type[np.int64]
_INTEGERS: dict[str, _Integer] = {
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}
# The window is 256 tokens, about 1,500 characters: what lies beyond this many cannot
# matter in any real text, and tokenizing megabytes would only cost time.
_MAX_CHARACTERS = 16_384
# Texts sorted by length and encoded together. The arena keeps the memory of the
# largest batch for ever, so a batch of long texts holds fewer.
_BATCH_TEXTS = 32
_BATCH_TOKENS = 2_048
_CHUNK_TEXTS = 1_024


class OnnxEncoder:
    """A session with its tokenizer; safe to use from many threads."""

    def __init__(
        self,
        model: Path,
        tokenizer: Path,
        *,
        window: int,
        threads: int,
        batched: bool,
    ) -> None:
        self._tokenizer = _load_tokenizer(tokenizer, window)
        self._session = _load_session(model, threads)
        self._batched = batched
        self._inputs = _checked_inputs(self._session, model)
        self.dimensions, self._pooled = _checked_output(self._session, model)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised row a text, shape (len(texts), dimensions)."""
        rows = np.empty((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), _CHUNK_TEXTS):
            part = [_clean(text) for text in texts[start : start + _CHUNK_TEXTS]]
            # Without padding; one by one, because a pool of threads of the
            # tokenizer's own would compete with the server's.
            tokens = [self._tokenizer.encode(text).ids for text in part]
            order = sorted(range(len(part)), key=lambda i: len(tokens[i]))
            for batch in self._batches(order, tokens):
                vectors = self._run([tokens[i] for i in batch])
                rows[[start + i for i in batch]] = vectors
        return rows

    def _batches(
        self, order: list[int], tokens: list[list[int]]
    ) -> Iterator[list[int]]:
        """Cut texts, shortest first, into batches; one text each if not batched."""
        batch: list[int] = []
        for at in order:
            full = len(batch) >= (_BATCH_TEXTS if self._batched else 1)
            if batch and (full or (len(batch) + 1) * len(tokens[at]) > _BATCH_TOKENS):
                yield batch
                batch = []
            batch.append(at)
        if batch:
            yield batch

    def _run(self, batch: list[list[int]]) -> Vectors:
        width = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), width), np.int64)
        mask = np.zeros((len(batch), width), np.int64)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        values = {"input_ids": ids, "attention_mask": mask}
        feed = {
            name: (values[name] if name in values else np.zeros_like(ids)).astype(
                kind, copy=False
            )
            for name, kind in self._inputs.items()
        }
        output: NDArray[np.float32] = self._session.run(None, feed)[0]
        if self._pooled:
            return output
        return _mean_and_normalise(output, mask)


def _clean(text: str) -> str:
    text = text[:_MAX_CHARACTERS]
    if text.isascii():
        return text
    # Half a surrogate pair is legal in a Python string, but not in UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def _mean_and_normalise(
    hidden: NDArray[np.float32], mask: NDArray[np.int64]
) -> Vectors:
    weight = mask[:, :, None].astype(np.float32)
    mean = (hidden * weight).sum(axis=1) / weight.sum(axis=1)
    length = np.linalg.norm(mean, axis=1, keepdims=True)
    result: Vectors = (mean / np.maximum(length, 1e-12)).astype(np.float32)
    return result


def _load_tokenizer(path: Path, window: int) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        raise Misconfigured(f"{path} is not a usable tokenizer.json: {error}") from (
            error
        )
    tokenizer.enable_truncation(window)
    tokenizer.no_padding()
    return tokenizer


def _load_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The arena stays on: it saves a tenth of the time of a long text for 10 MB
    # (measured). Idle threads must sleep, since other work shares the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # several classes without a common public root
        raise Misconfigured(f"{path} is not a usable ONNX model: {error}") from error


def _checked_inputs(
    session: onnxruntime.InferenceSession, path: Path
) -> dict[str, _Integer]:
    inputs = {item.name: item for item in session.get_inputs()}
    unknown = sorted(set(inputs) - _KNOWN_INPUTS)
    missing = sorted({"input_ids", "attention_mask"} - set(inputs))
    if unknown or missing:
        raise Misconfigured(
            f"{path} must take input_ids and attention_mask (token_type_ids is "
            f"allowed); missing: {missing}, unknown: {unknown}"
        )
    kinds: dict[str, _Integer] = {}
    for name, item in inputs.items():
        if item.type not in _INTEGERS or len(item.shape) != 2:
            raise Misconfigured(
                f"{path}: input {name} must be int32 or int64 of shape "
                f"(batch, tokens), but is {item.type} {item.shape}"
            )
        if any(isinstance(side, int) for side in item.shape):
            raise Misconfigured(
                f"{path}: input {name} has the fixed shape {item.shape}; export the "
                "model with dynamic batch and token axes"
            )
        kinds[name] = _INTEGERS[item.type]
    return kinds


def _checked_output(
    session: onnxruntime.InferenceSession, path: Path
) -> tuple[int, bool]:
    """Return the dimensions and whether the output is already one row a text."""
    output = session.get_outputs()[0]
    width = output.shape[-1] if output.shape else None
    ranks = {2: True, 3: False}
    if (
        output.type != "tensor(float)"
        or len(output.shape) not in ranks
        or not isinstance(width, int)
    ):
        raise Misconfigured(
            f"{path}: the first output must be float32 of shape (batch, dimensions) "
            f"or (batch, tokens, dimensions), but is {output.type} {output.shape}"
        )
    return width, ranks[len(output.shape)]
