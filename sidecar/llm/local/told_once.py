"""What the notes of a talk say need not be said again beside them."""

from __future__ import annotations

from sidecar.llm.local.features import content_stems

_LEFT_OUT = 0.2


def opening_note(said: str) -> str:
    """Return the first note of a talk, without its speaker."""
    first = said.split(". ", maxsplit=1)[0].rstrip(".")
    return first.rsplit(": ", maxsplit=1)[-1]


def unsaid(texts: tuple[str, ...], said: str) -> tuple[str, ...]:
    """Drop what the notes say already; nobody reads it twice.

    A note leaves out fillers, so a fifth of a sentence's words may be missing there.
    A speaker's name before a text does not count.
    """
    known = set(content_stems(said))

    def adds(text: str) -> bool:
        own = set(content_stems(text.split(": ", maxsplit=1)[-1]))
        return len(own - known) > _LEFT_OUT * len(own)

    return tuple(text for text in texts if adds(text))
