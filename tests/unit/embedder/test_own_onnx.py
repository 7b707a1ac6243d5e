"""An ONNX model of the user's own: taken when it fits, named when it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from sidecar.embedder.minilm import MiniLmEmbedder
from sidecar.embedder.weights import TOKENIZER_FILE
from sidecar.errors import Misconfigured

WIDTH = 8


def _model(
    path: Path,
    *,
    inputs: tuple[str, ...] = ("input_ids", "attention_mask"),
    kind: int = TensorProto.INT64,
    sides: tuple[Any, ...] = ("batch", "tokens"),
    pooled: bool = False,
    scale: float = 1,
) -> Path:
    """Write a model that looks token ids up in a table (and may pool them)."""
    table = np.random.default_rng(0).normal(size=(30522, WIDTH)).astype(np.float32)
    nodes = [helper.make_node("Gather", ["table", inputs[0]], ["hidden"])]
    constants = [numpy_helper.from_array(table * np.float32(scale), "table")]
    shape: list[Any] = [*sides, WIDTH]
    if pooled:
        constants.append(numpy_helper.from_array(np.array([1], np.int64), "axis"))
        nodes.append(
            helper.make_node("ReduceMean", ["hidden", "axis"], ["out"], keepdims=0)
        )
        shape = [sides[0], WIDTH]
    output = "out" if pooled else "hidden"
    graph = helper.make_graph(
        nodes,
        "own",
        [helper.make_tensor_value_info(name, kind, list(sides)) for name in inputs],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 10
    onnx.save_model(model, str(path))
    return path


@pytest.fixture
def tokenizer(weights_dir: Path) -> Path:
    return weights_dir / TOKENIZER_FILE


@pytest.mark.parametrize("kind", [TensorProto.INT64, TensorProto.INT32])
def test_hidden_states_are_averaged_and_normalised(
    tmp_path: Path, tokenizer: Path, kind: int
) -> None:
    """A model without pooling becomes one of unit sentence vectors."""
    path = _model(tmp_path / "own.onnx", kind=kind)
    embedder = MiniLmEmbedder.from_onnx(path, tokenizer)
    found = embedder.embed(["hello there", "hello there my friend"])
    assert found.shape == (2, WIDTH)
    assert embedder.dimensions == WIDTH
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-5
    assert embedder.embed(["hello there"])[0] == pytest.approx(found[0], abs=1e-6)


def test_its_content_names_it(tmp_path: Path, tokenizer: Path) -> None:
    """Another file under the same name is another model to the index."""
    first = MiniLmEmbedder.from_onnx(_model(tmp_path / "own.onnx"), tokenizer).model
    again = _model(tmp_path / "own.onnx", scale=2)
    assert first.startswith("own/")
    assert MiniLmEmbedder.from_onnx(again, tokenizer).model != first


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inputs": ("ids", "attention_mask")}, "must take input_ids"),
        ({"inputs": ("input_ids", "attention_mask", "pixels")}, "pixels"),
        ({"sides": (1, 16)}, "dynamic"),
        ({"sides": ("batch", 16)}, "dynamic"),
        ({"pooled": True, "scale": 30}, "L2-normalised"),
    ],
)
def test_a_model_that_does_not_fit_is_named(
    tmp_path: Path, tokenizer: Path, fields: dict[str, Any], message: str
) -> None:
    """Inputs, shapes and length of the output are checked at start."""
    path = _model(tmp_path / "own.onnx", **fields)
    with pytest.raises(Misconfigured, match=message):
        MiniLmEmbedder.from_onnx(path, tokenizer)


def test_files_that_are_missing_or_garbage_are_named(
    tmp_path: Path, tokenizer: Path
) -> None:
    """The message names the file."""
    with pytest.raises(Misconfigured, match=r"nowhere\.onnx does not exist"):
        MiniLmEmbedder.from_onnx(tmp_path / "nowhere.onnx", tokenizer)
    garbage = tmp_path / "garbage.onnx"
    garbage.write_bytes(b"garbage")
    with pytest.raises(Misconfigured, match="not a usable ONNX model"):
        MiniLmEmbedder.from_onnx(garbage, tokenizer)
    with pytest.raises(Misconfigured, match=r"not a usable tokenizer\.json"):
        MiniLmEmbedder.from_onnx(_model(tmp_path / "own.onnx"), garbage)
