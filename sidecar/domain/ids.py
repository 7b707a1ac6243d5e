"""Identifiers: sortable by the time they were made, unguessable in the rest."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_LENGTH = 26

_lock = threading.Lock()
_last = 0


def new_id(prefix: str, at: datetime) -> str:
    """Return ``prefix_`` and 26 characters: 48 bits of ``at`` in ms, 80 random ones.

    The layout is that of a ULID (github.com/ulid/spec). Ids made by one process in
    the same millisecond count upwards, so that their order is that of making.
    """
    global _last  # noqa: PLW0603 - the order within a process is the process's state
    stamp = int(at.timestamp() * 1000)
    with _lock:
        if _last >> _RANDOM_BITS == stamp:
            value = _last + 1
        else:
            value = (stamp << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        _last = value
    shifts = range(5 * (_LENGTH - 1), -1, -5)
    return f"{prefix}_{''.join([_ALPHABET[(value >> s) & 31] for s in shifts])}"


def new_etag() -> str:
    """Return a version mark that was never used before; it says nothing else."""
    return secrets.token_urlsafe(12)
