"""Trained classifiers and the texts that wait for a training: their repository."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sidecar.domain.training import ClassifierVersion


class ClassifierRepository(Protocol):
    """Versions of a workspace's trained classifier, and what a training reads."""

    def add_texts(self, workspace: str, job_id: str, part: int, content: bytes) -> None:
        """Keep a part of the texts of a training until it is over."""

    def texts(self, workspace: str, job_id: str) -> list[bytes]:
        """Return the parts in order."""

    def drop_texts(self, workspace: str, job_id: str) -> None:
        """Forget the texts."""

    def add(self, workspace: str, item: ClassifierVersion) -> ClassifierVersion:
        """Store it under the next version number and return it with that."""

    def get(self, workspace: str, version: int) -> ClassifierVersion | None:
        """Return a version with its content."""

    def of_job(self, workspace: str, job_id: str) -> ClassifierVersion | None:
        """Return the version a training made, without content."""

    def versions(self, workspace: str) -> Sequence[ClassifierVersion]:
        """Return all versions, newest first, without content."""

    def delete(self, workspace: str, version: int) -> bool:
        """Delete a version; False when it was not there."""
