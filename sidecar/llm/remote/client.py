"""What the two SDKs look like from here: one request out, pieces of text back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from sidecar.domain.budget import Tokens


@dataclass(frozen=True, slots=True)
class Letter:
    """A request as it leaves the house; built in ``door.py`` and nowhere else.

    ``fixed`` is the same for every request of a prompt's version, so that providers
    can cache it. ``schema`` is the JSON Schema the answer must follow.
    """

    fixed: str
    changing: str
    schema: Mapping[str, Any]
    schema_name: str
    most_output_tokens: int


class End(Enum):
    """How an answer ended."""

    DONE = "done"
    TOO_LONG = "too_long"
    REFUSED = "refused"


Piece = str | Tokens | End
"""Text of the answer, usage (the newest counts), or how it ended."""


class Pieces(Protocol):
    """An answer under way; ``close`` may be called from another thread."""

    def __iter__(self) -> Iterator[Piece]: ...

    def close(self) -> None:
        """Hang up."""


class ModelClient(Protocol):
    """One provider's SDK, wrapped in one file."""

    @property
    def name(self) -> str:
        """``openai`` or ``anthropic``."""

    @property
    def model(self) -> str:
        """The model that is asked."""

    def send(self, letter: Letter, seconds: float) -> Pieces:
        """Ask; no single wait takes longer than ``seconds``.

        Raises ``ProviderFailed``, here or while the pieces are read.
        """

    def close(self) -> None:
        """Release connections."""
