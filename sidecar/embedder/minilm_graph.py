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

# Microsoft's fused operators, part of every ONNX Runtime.
FUSED = "com.microsoft"
_OPSET = 20
_FUSED_OPSET = 1
_IR_VERSION = 10

Weights = dict[str, NDArray[np.float32]]


class Graph:
    """Collects nodes and initialisers; methods return the name of a result.

    This one calculates in float32; ``minilm_int8.Int8Graph`` overrides the products.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = dict(weights)
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
                domain=FUSED,
                epsilon=LAYER_NORM_EPSILON,
            )
        )
        return "embedded"

    def layer(self, index: int, hidden: str) -> str:
        """One transformer block: attention, then the feed-forward part."""
        at = f"encoder.layer.{index}."
        attended = self.attention(at, hidden)
        normal = self._add_and_normalise(
            at + "attention.output",
            self.dense(at + "attention.output", attended),
            hidden,
        )
        wide = self.dense(at + "intermediate", normal)
        active = self.node(
            "BiasGelu",
            [wide, self.weight(at + "intermediate.dense.bias")],
            at + "gelu",
            FUSED,
        )
        return self._add_and_normalise(
            at + "output", self.dense(at + "output", active), normal
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

    def attention(self, at: str, hidden: str) -> str:
        """Self-attention of a layer, before its output's linear layer."""
        kernel, bias = self.joined(at)
        return self.node(
            "Attention",
            [
                hidden,
                self.constant(at + "qkv", kernel),
                self.constant(at + "qkv.bias", bias),
                "lengths",
            ],
            at + "attended",
            FUSED,
            num_heads=HEADS,
        )

    def dense(self, at: str, value: str) -> str:
        """A linear layer without its bias, which a fused operator adds later."""
        kernel = self._weights[at + ".dense.weight"].T
        return self.node("MatMul", [value, self.constant(at + ".kernel", kernel)], at)

    def joined(self, at: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return query, key and value as one kernel (384, 1152) and one bias."""
        names = [f"{at}attention.self.{part}" for part in ("query", "key", "value")]
        kernel = np.concatenate([self._weights[n + ".weight"].T for n in names], axis=1)
        return kernel, np.concatenate([self._weights[n + ".bias"] for n in names])

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
            FUSED,
            epsilon=LAYER_NORM_EPSILON,
        )


def with_segment(weights: Weights) -> Weights:
    """Return the weights with segment 0, that of every text, in the positions."""
    positions = "embeddings.position_embeddings.weight"
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    return weights | {positions: weights[positions] + segment}


def build(graph: Graph) -> onnx.ModelProto:
    """Return the model: token ids and mask in, L2-normalised mean vectors out."""
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
            helper.make_opsetid(FUSED, _FUSED_OPSET),
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
