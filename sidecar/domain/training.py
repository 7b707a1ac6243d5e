"""Labelled texts, and the classifiers that were trained on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

MOST_TEXTS = 200_000
MOST_LABELS = 1_000
LONGEST_TEXT = 10_000
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text and the intents it has; most have one."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrainedClassifier:
    """What an engine needs of a version: equal where version and digest are.

    ``parents`` pairs each label with its category.
    """

    version: int
    digest: str
    content: bytes = field(compare=False, repr=False)
    parents: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ClassifierVersion:
    """A version of a workspace's trained classifier; ``report`` is JSON.

    ``embedder`` names the model of its vectors: with another one it is not used.
    ``content`` is empty where versions are listed; ``digest`` is its SHA-256.
    """

    version: int
    embedder: str
    labels: int
    texts: int
    report: str
    job_id: str
    digest: str
    created_at: datetime
    content: bytes = field(default=b"", repr=False)
