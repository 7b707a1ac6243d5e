"""Solving ``(K + ridge) dual = wanted``: few texts exactly, many step by step.

``K`` is ``features features' + share lexical lexical'``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sidecar.llm.local.trained.kernel import Known, Space
from sidecar.llm.local.trained.lexical import Floats

_STEPS = 100
_TOLERANCE = 1e-3
_HEAVY = 512
_ROUNDING = 1e-6
_LEAST = 1e-30


def exact(known: Known, space: Space, wanted: Floats) -> tuple[Floats, Floats]:
    """Return the dual weights and each text's scores by all the others.

    Shapes (texts, labels). Raises ``ArithmeticError`` when there is no inverse.
    """
    kernel = np.asarray((known.lexical @ known.lexical.T).toarray(), np.float32)
    kernel *= np.float32(space.lexical_share)
    kernel += space.features @ space.features.T
    kernel[np.diag_indices(len(kernel))] += np.float32(known.kernel.ridge)
    factor, _ = linalg.cho_factor(
        kernel, lower=True, overwrite_a=True, check_finite=False
    )
    dual = linalg.cho_solve((factor, True), wanted, check_finite=False)
    inverse, failed = linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise ArithmeticError("the regression has no inverse")
    left_out = wanted - dual / np.diag(inverse)[:, None]
    return dual.astype(np.float32), left_out.astype(np.float32)


class Steps:
    """Conjugate gradients for any number of texts, all labels at once.

    Texts have much in common, so a few directions of ``K`` weigh ten thousand times
    what the ridge does, and plain steps in single precision never arrive: 43,410 posts
    with several labels ended, with the same ridge, at a macro F1 of .32 instead of .60.
    Therefore the steps are taken where the Gaussian part and the heaviest words are
    already solved (preconditioned: Nocedal and Wright, Numerical Optimization,
    algorithm 5.3). SciPy's ``cg`` takes one label at a time; here all share a step's
    products.
    """

    def __init__(self, known: Known, space: Space) -> None:
        self._features = space.features
        self._share = np.float32(space.lexical_share)
        self._lexical = known.lexical
        self._transposed = known.lexical.T.tocsr()
        weight = np.asarray(known.lexical.power(2).sum(axis=0)).ravel()
        heavy = np.sort(np.argsort(-weight, kind="stable")[:_HEAVY])
        root = np.float32(self._share**0.5)
        self._heavy = (known.lexical[:, heavy] * root).tocsr()
        self._heavy_transposed = self._heavy.T.tocsr()
        self._gram = self._products()

    def dual(self, wanted: Floats, ridge: float) -> Floats:
        """Return the dual weights, shape of ``wanted`` (texts, labels)."""
        factor, margin = self._factor(ridge)
        dual = np.zeros_like(wanted)
        left = wanted.copy()
        near = self._nearly_solved(left, factor, margin)
        step = near.copy()
        size = _along(left, near)
        goal = _along(wanted, wanted) * _TOLERANCE**2
        for _ in range(_STEPS):
            if (_along(left, left) <= goal).all():
                break
            product = self._times(step, ridge)
            length = size / np.maximum(_along(step, product), _LEAST)
            dual += length.astype(np.float32) * step
            left -= length.astype(np.float32) * product
            near = self._nearly_solved(left, factor, margin)
            new = _along(left, near)
            step = near + (new / np.maximum(size, _LEAST)).astype(np.float32) * step
            size = new
        return dual

    def _times(self, dual: Floats, ridge: float) -> Floats:
        product: Floats = self._features @ (self._features.T @ dual)
        product += np.float32(ridge) * dual
        product += self._share * (self._lexical @ (self._transposed @ dual))
        return product

    def _products(self) -> NDArray[np.float64]:
        """Return the products of the columns that are solved beforehand."""
        features, heavy = self._features, self._heavy_transposed
        across = heavy @ features
        words = (heavy @ self._heavy).toarray()
        gram = np.block([[features.T @ features, across.T], [across, words]])
        return gram.astype(np.float64)

    def _factor(self, ridge: float) -> tuple[Any, float]:
        margin = max(ridge, _ROUNDING * float(self._gram.diagonal().max(initial=0.0)))
        shifted = self._gram.copy()
        shifted[np.diag_indices(len(shifted))] += margin
        return linalg.cho_factor(shifted, lower=True, overwrite_a=True), margin

    def _nearly_solved(self, left: Floats, factor: Any, margin: float) -> Floats:
        """Solve with the prepared columns alone (Woodbury's identity)."""
        inside = np.concatenate(
            [self._features.T @ left, self._heavy_transposed @ left]
        )
        inside = linalg.cho_solve(factor, inside, check_finite=False).astype(np.float32)
        split = self._features.shape[1]
        known: Floats = self._features @ inside[:split]
        known += self._heavy @ inside[split:]
        return (left - known) / np.float32(margin)


def _along(one: Floats, other: Floats) -> NDArray[np.float64]:
    """Return the products of the columns, summed in double precision."""
    summed: NDArray[np.float64] = np.einsum("ij,ij->j", one, other, dtype=np.float64)
    return summed
