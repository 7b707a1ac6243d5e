"""The trainer port: labelled texts in, a classifier the engine can use out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sidecar.domain.training import LabelledText

Progress = Callable[[int, int, str], None]
"""Told steps finished, steps in all, what is being done; raises to stop the work."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier as bytes, the embedder it needs, and its report as JSON."""

    content: bytes
    embedder: str
    report: str


class TrainingFailed(Exception):
    """The training ended without a classifier; the message is public."""


class Trainer(Protocol):
    """Trains without slowing down who classifies meanwhile."""

    def train(self, rows: Sequence[LabelledText], say: Progress) -> Trained:
        """Train on the rows; raises ``TrainingFailed``."""
