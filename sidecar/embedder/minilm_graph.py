"""The ONNX graph of all-MiniLM-L6-v2, made from the original weights alone.

Used once for each cached graph: the only file that imports ``onnx``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LAYERS = 6
HEADS = 12
HIDDEN = 384
WINDOW = 256
LAYER_NORM_EPSILON = 1e-12
QUANT_BLOCK = 64
INT8_ACTIVATIONS = 4  # ``accuracy_level`` of MatMulNBits: multiply in int8

_MS = "com.microsoft"
_OPSET = 20
_MS_OPSET = 1
_IR_VERSION = 10

Weights = dict[str, NDArray[np.float32]]


class _Graph:
    """Collects nodes and initialisers; every method returns the name of a result."""

    def __init__(self, weights: Weights, quantised: bool) -> None:
        self._weights = weights
        self._quantised = quantised
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._known: set[str] = set()

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        if name not in self._known:
            self._known.add(name)
            self.initializers.append(
                numpy_helper.from_array(np.ascontiguousarray(value), name)
            )
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self._weights[name])

    def node(
        self,
        op: str,
        inputs: list[str],
        output: str,
        domain: str = "",
        **attributes: Any,
    ) -> str:
        self.nodes.append(
            helper.make_node(
                op, inputs, [output], name=output, domain=domain, **attributes
            )
        )
        return output

    def embed(self) -> str:
        """Word, position and segment embeddings, added and normalised."""
        table = "embeddings.{}.weight"
        self.nodes.append(
            helper.make_node(
                "EmbedLayerNormalization",
                [
                    "input_ids",
                    "",
                    self.weight(table.format("word_embeddings")),
                    self.constant(
                        "positions",
                        self._weights[table.format("position_embeddings")][:WINDOW],
                    ),
                    # Every text is segment 0, so its row is folded into one table.
                    "",
                    self.weight("embeddings.LayerNorm.weight"),
                    self.weight("embeddings.LayerNorm.bias"),
                    "attention_mask",
                ],
                ["embedded", "lengths"],
                domain=_MS,
                epsilon=LAYER_NORM_EPSILON,
            )
        )
        return "embedded"

    def layer(self, index: int, hidden: str) -> str:
        """One transformer block: attention, then the feed-forward part."""
        at = f"encoder.layer.{index}."
        attended = self._attention(at, hidden)
        normal = self._add_and_normalise(
            at + "attention.output",
            self._dense(at + "attention.output", attended),
            hidden,
        )
        wide = self._dense(at + "intermediate", normal)
        active = self.node(
            "BiasGelu",
            [wide, self.weight(at + "intermediate.dense.bias")],
            at + "gelu",
            _MS,
        )
        return self._add_and_normalise(
            at + "output", self._dense(at + "output", active), normal
        )

    def pool(self, hidden: str) -> None:
        """Mean over the tokens that are text, scaled to length one."""
        mask = self.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
        axis = self.constant("axis_1", np.array([1], np.int64))
        last = self.constant("axis_2", np.array([2], np.int64))
        column = self.node("Unsqueeze", [mask, last], "mask_column")
        masked = self.node("Mul", [hidden, column], "masked")
        total = self.node("ReduceSum", [masked, axis], "total", keepdims=0)
        count = self.node("ReduceSum", [mask, axis], "count", keepdims=1)
        mean = self.node("Div", [total, count], "mean")
        self.node("LpNormalization", [mean], "sentence_embedding", axis=-1, p=2)

    def _attention(self, at: str, hidden: str) -> str:
        names = [f"{at}attention.self.{part}" for part in ("query", "key", "value")]
        kernel = np.concatenate([self._weights[n + ".weight"].T for n in names], axis=1)
        bias = np.concatenate([self._weights[n + ".bias"] for n in names])
        bias_name = self.constant(at + "qkv.bias", bias)
        if not self._quantised:
            kernel_name = self.constant(at + "qkv", kernel)
            return self.node(
                "Attention",
                [hidden, kernel_name, bias_name, "lengths"],
                at + "attended",
                _MS,
                num_heads=HEADS,
            )
        packed = self._multiply(at + "qkv", kernel, hidden)
        parts = [at + part for part in ("q", "k", "v")]
        self.nodes.append(
            helper.make_node("Split", [packed], parts, axis=-1, num_outputs=3)
        )
        return self.node(
            "MultiHeadAttention",
            [*parts, bias_name, "attention_mask"],
            at + "attended",
            _MS,
            num_heads=HEADS,
        )

    def _dense(self, at: str, value: str) -> str:
        """A linear layer without its bias, which a fused operator adds later."""
        return self._multiply(at, self._weights[at + ".dense.weight"].T, value)

    def _multiply(self, name: str, kernel: NDArray[np.float32], value: str) -> str:
        if not self._quantised:
            return self.node(
                "MatMul", [value, self.constant(name + ".kernel", kernel)], name
            )
        codes, scales = quantise_blocks(kernel)
        rows, columns = kernel.shape
        return self.node(
            "MatMulNBits",
            [
                value,
                self.constant(name + ".codes", codes),
                self.constant(name + ".scales", scales),
            ],
            name,
            _MS,
            K=rows,
            N=columns,
            bits=8,
            block_size=QUANT_BLOCK,
            accuracy_level=INT8_ACTIVATIONS,
        )

    def _add_and_normalise(self, at: str, value: str, skip: str) -> str:
        return self.node(
            "SkipLayerNormalization",
            [
                value,
                skip,
                self.weight(at + ".LayerNorm.weight"),
                self.weight(at + ".LayerNorm.bias"),
                self.weight(at + ".dense.bias"),
            ],
            at + ".normal",
            _MS,
            epsilon=LAYER_NORM_EPSILON,
        )


def quantise_blocks(
    kernel: NDArray[np.float32],
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Round a (K, N) kernel to 8 bits in blocks of ``QUANT_BLOCK`` along K.

    Returns codes of shape (N, K / block, block), zero at 128, and one scale a block:
    the layout of ONNX Runtime's ``MatMulNBits``.
    """
    rows, columns = kernel.shape
    blocks = kernel.T.reshape(columns, rows // QUANT_BLOCK, QUANT_BLOCK)
    scales = np.abs(blocks).max(axis=2) / 127
    safe = np.where(scales == 0, 1, scales)
    codes = np.rint(blocks / safe[:, :, None]) + 128
    return codes.astype(np.uint8), scales.astype(np.float32)


def build(weights: Weights, quantised: bool) -> onnx.ModelProto:
    """Return the model: token ids and mask in, L2-normalised mean vectors out."""
    weights = dict(weights)
    positions = "embeddings.position_embeddings.weight"
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    weights[positions] = weights[positions] + segment
    graph = _Graph(weights, quantised)
    hidden = graph.embed()
    for index in range(LAYERS):
        hidden = graph.layer(index, hidden)
    graph.pool(hidden)
    tokens = ["batch", "tokens"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [
                helper.make_tensor_value_info(name, TensorProto.INT32, tokens)
                for name in ("input_ids", "attention_mask")
            ],
            [
                helper.make_tensor_value_info(
                    "sentence_embedding", TensorProto.FLOAT, ["batch", HIDDEN]
                )
            ],
            graph.initializers,
        ),
        opset_imports=[
            helper.make_opsetid("", _OPSET),
            helper.make_opsetid(_MS, _MS_OPSET),
        ],
        producer_name="deskside",
    )
    model.ir_version = _IR_VERSION
    return model


def save(model: onnx.ModelProto, path: Path) -> None:
    """Write the model with its large tensors beside it, so that they can be mapped."""
    onnx.save_model(
        model,
        str(path),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=path.name + ".data",
        size_threshold=4096,
    )
