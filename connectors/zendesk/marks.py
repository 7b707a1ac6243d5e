"""How what is ours is known on a ticket: by the tags' beginning, and notes' marks."""

from __future__ import annotations

import re

# Tags with this beginning are ours: they are no part of what a ticket says.
TAG_PREFIX = "deskside"
_MARK = re.compile(r"\[deskside:[0-9a-f]{16}\]")
_SIGNED = re.compile(rf"{_MARK.pattern}\Z")


def mark_of(key: str) -> str:
    """Return the mark by which a note is found again."""
    return f"[deskside:{key.rpartition(':')[2][:16]}]"


def is_signed(note: str) -> bool:
    """Say whether a note ends with a mark, as ours do; whoever quotes one goes on."""
    return _SIGNED.search(note.rstrip()) is not None


def marks_in(note: str) -> list[str]:
    """Return the marks in one of our own notes."""
    return _MARK.findall(note)
