"""Secrets at rest: encrypted with the deployment's key, readable with older ones."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from sidecar.safety.port import WrongKey

_PURPOSE = b"deskside secrets at rest"


class FernetVault:
    """Fernet (AES-128-CBC, HMAC-SHA256); the newest key seals, every key opens.

    The keys are derived from the server's secrets, which serve other purposes too.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        keys = [
            Fernet(base64.urlsafe_b64encode(hmac.digest(s, _PURPOSE, "sha256")))
            for s in secrets
        ]
        self._newest = keys[0]
        self._all = MultiFernet(keys)

    def seal(self, text: str) -> str:
        """Encrypt."""
        return self._newest.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt; raises ``WrongKey`` when no key fits."""
        try:
            return self._all.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise WrongKey from None

    def is_current(self, sealed: str) -> bool:
        """Say whether the newest key sealed it."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True
