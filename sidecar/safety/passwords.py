"""Passwords as argon2id digests, few at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sidecar.errors import Reason, TryAgain

# A digest takes 64 MiB: unbounded parallel logins would be a memory attack.
AT_ONCE = 2
WAIT_SECONDS = 2.0


class Argon2Passwords:
    """argon2id with the library's current defaults (64 MiB, 3 passes, 4 lanes)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def digest(self, password: str) -> str:
        """Return the text to store: algorithm, parameters, salt and digest."""
        with self._place():
            return self._hasher.hash(password)

    def fits(self, stored: str, password: str) -> bool:
        """Say whether the password is the stored one; '' fits nobody, as slowly."""
        with self._place():
            try:
                right = self._hasher.verify(stored or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
            return right and bool(stored)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=WAIT_SECONDS):
            wait = timedelta(seconds=WAIT_SECONDS)
            raise TryAgain(Reason.OVERLOADED, wait, "too many logins at once")
        try:
            yield
        finally:
            self._places.release()
