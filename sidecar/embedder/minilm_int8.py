"""The int8 variant of the graph: products of 8-bit numbers, the rest in float32.

Each product gets the way of rounding that loses least for its time, found by
measurement (docs/decisions/0003-embedder.md). All of them scale every token by
itself, so no text's vector depends on what stands beside it in a batch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from sidecar.embedder.minilm_graph import FUSED, HEADS, Graph, Weights

QUANT_BLOCK = 64
_INT8_ACTIVATIONS = 4  # ``accuracy_level`` of MatMulNBits: multiply in int8
_LARGEST = 127
# Without VNNI an x86 processor adds two products in 16 bits, which must not overflow.
_LARGEST_WITHOUT_VNNI = 63
# GELU is never below -0.16998: shifted by this, its 8 bits need no sign.
_GELU_SHIFT = 0.17
_UNSIGNED_LARGEST = 255
# A normalised channel is taken to reach its shift plus three times its scale; the
# exponent says how much of its size moves from activation to weight (SmoothQuant,
# Xiao et al. 2022, formula 4).
_DEVIATIONS = 3.0
_SMOOTHING = 0.8

Kernel = NDArray[np.float32]


class Int8Graph(Graph):
    """The same graph with quantised products; ``vnni`` says what the processor has."""

    def __init__(self, weights: Weights, *, vnni: bool) -> None:
        super().__init__(weights)
        self._weight_largest = _LARGEST if vnni else _LARGEST_WITHOUT_VNNI

    def attention(self, at: str, hidden: str) -> str:
        """Queries and keys suffer most from rounding: blocks of their own scale."""
        kernel, bias = self.joined(at)
        packed = self._by_blocks(at + "qkv", kernel, hidden)
        parts = [at + part for part in ("q", "k", "v")]
        self.nodes.append(
            helper.make_node("Split", [packed], parts, axis=-1, num_outputs=3)
        )
        return self.node(
            "MultiHeadAttention",
            [*parts, self.constant(at + "qkv.bias", bias), "attention_mask"],
            at + "attended",
            FUSED,
            num_heads=HEADS,
        )

    def dense(self, at: str, value: str) -> str:
        """A linear layer without its bias."""
        kernel = self._weights[at + ".dense.weight"].T
        if at.endswith(".attention.output"):
            return self._by_rows(at, kernel, value)
        if at.endswith(".intermediate"):
            smooth = self._smoothing(at, kernel)
            inverse = self.constant(at + ".smoothing", 1 / smooth)
            value = self.node("Mul", [value, inverse], at + ".smooth")
            return self._by_rows(at, kernel * smooth[:, None], value)
        # What the shift adds to the product is taken off the bias.
        bias = at + ".dense.bias"
        self._weights[bias] = self._weights[bias] - np.float32(
            _GELU_SHIFT
        ) * kernel.sum(axis=0)
        shift = self.constant("gelu_shift", np.array(_GELU_SHIFT, np.float32))
        value = self.node("Add", [value, shift], at + ".shifted")
        return self._by_rows(at, kernel, value, signed=False)

    def _smoothing(self, at: str, kernel: Kernel) -> NDArray[np.float32]:
        norm = at.replace(".intermediate", ".attention.output.LayerNorm")
        scale = np.abs(self._weights[norm + ".weight"])
        reach = np.abs(self._weights[norm + ".bias"]) + _DEVIATIONS * scale
        weight = np.abs(kernel).max(axis=1)
        factor = reach**_SMOOTHING / weight ** (1 - _SMOOTHING)
        result: NDArray[np.float32] = factor / np.exp(np.log(factor).mean())
        return result.astype(np.float32)

    def _by_rows(
        self, name: str, kernel: Kernel, value: str, *, signed: bool = True
    ) -> str:
        """Multiply with one scale a token and one a column of the kernel."""
        scales = np.abs(kernel).max(axis=0) / self._weight_largest
        codes = np.rint(kernel / scales).astype(np.int8)
        largest = _LARGEST if signed else _UNSIGNED_LARGEST
        limit = self.constant(f"limit_{largest}", np.array(largest, np.float32))
        size = self.node("Abs", [value], name + ".size") if signed else value
        axis = self.constant("last_axis", np.array([-1], np.int64))
        top = self.node("ReduceMax", [size, axis], name + ".top", keepdims=1)
        factor = self.node("Div", [limit, top], name + ".factor")
        rounded = self.node(
            "Round", [self.node("Mul", [value, factor], name + ".scaled")], name + ".r"
        )
        zero = np.array(128 if signed else 0, np.uint8)
        if signed:
            middle = self.constant("middle", np.array(128, np.float32))
            rounded = self.node("Add", [rounded, middle], name + ".unsigned")
        product = self.node(
            "MatMulIntegerToFloat",
            [
                self.node("Cast", [rounded], name + ".codes", to=TensorProto.UINT8),
                self.constant(name + ".kernel", codes),
                self.constant(f"unit_{largest}", np.array(1 / largest, np.float32)),
                self.constant(name + ".scales", scales.astype(np.float32)),
                self.constant(f"zero_{largest}", zero),
            ],
            name + ".product",
            FUSED,
        )
        return self.node("Mul", [product, top], name)

    def _by_blocks(self, name: str, kernel: Kernel, value: str) -> str:
        """Multiply with a scale for each ``QUANT_BLOCK`` numbers of both sides."""
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
            FUSED,
            K=rows,
            N=columns,
            bits=8,
            block_size=QUANT_BLOCK,
            accuracy_level=_INT8_ACTIVATIONS,
        )


def quantise_blocks(
    kernel: Kernel,
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Round a (K, N) kernel to 8 bits in blocks of ``QUANT_BLOCK`` along K.

    Returns codes of shape (N, K / block, block), zero at 128, and one scale a block:
    the layout of ONNX Runtime's ``MatMulNBits``.
    """
    rows, columns = kernel.shape
    blocks = kernel.T.reshape(columns, rows // QUANT_BLOCK, QUANT_BLOCK)
    scales = np.abs(blocks).max(axis=2) / _LARGEST
    safe = np.where(scales == 0, 1, scales)
    codes = np.rint(blocks / safe[:, :, None]) + 128
    return codes.astype(np.uint8), scales.astype(np.float32)
