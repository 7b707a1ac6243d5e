"""The deployment's own secrets: made, read, rotated, and tried before anybody calls.

The file holds 32 random bytes in base64, one key a line, the newest first. The newest
signs and seals; the older ones only open what they sealed, and the next start seals
that anew. So a key is retired by rotating, starting every process once, and removing
its line.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import secrets
from typing import TYPE_CHECKING

from sidecar.errors import Misconfigured
from sidecar.safety.port import WrongKey

if TYPE_CHECKING:
    from pathlib import Path

    from sidecar.settings import Settings
    from sidecar.usecases.ports import Ports

log = logging.getLogger(__name__)

_BYTES = 32
MOST_KEYS = 10


def key_file(settings: Settings) -> Path:
    """Return where the secrets are."""
    return settings.secret_key_file or settings.data_dir / "secret.key"


def read_secrets(settings: Settings) -> tuple[bytes, ...]:
    """Return the deployment's secrets, newest first; the first start makes one.

    Raises ``Misconfigured`` when the file does not hold 32 bytes in base64 a line.
    """
    path = key_file(settings)
    if not path.exists():
        if settings.secret_key_file is not None:
            raise Misconfigured(f"DESKSIDE_SECRET_KEY_FILE: {path} does not exist.")
        write_private(path, _new_line())
    try:
        lines = path.read_text().split()
        found = tuple(base64.urlsafe_b64decode(line) for line in lines)
    except (binascii.Error, ValueError, OSError):
        found = ()
    if not found or any(len(secret) != _BYTES for secret in found):
        raise Misconfigured(
            f"DESKSIDE_SECRET_KEY_FILE: {path} must hold 32 random bytes in base64,"
            " one key a line, the newest first."
        )
    return found


def rotate(settings: Settings) -> int:
    """Put a new key before the others; return how many there are now.

    Raises ``Misconfigured`` when the file cannot be used or written.
    """
    path = key_file(settings)
    try:
        before = read_secrets(settings)
        old = path.read_text().split()
        lines = [_new_line().strip(), *old][:MOST_KEYS]
        write_private(path, "\n".join(lines) + "\n")
    except OSError as error:
        name = "SECRET_KEY_FILE" if settings.secret_key_file else "DATA_DIR"
        raise Misconfigured(
            f"DESKSIDE_{name}: cannot write {path} ({error.strerror}). Make its folder"
            " writable for this user; no secret has changed."
        ) from None
    return min(len(before) + 1, MOST_KEYS)


def reseal(ports: Ports) -> int:
    """Seal with the newest key what an older one sealed; return how many.

    Raises ``Misconfigured`` when something cannot be opened: with a wrong key every
    connector would seem never to have been set up.
    """
    with ports.store.reading() as tx:
        kept = [item for item in tx.connectors.everywhere() if item[1].sealed]
    done = 0
    for workspace, connector in kept:
        if ports.vault.is_current(connector.sealed):
            continue
        try:
            text = ports.vault.open(connector.sealed)
        except WrongKey:
            raise Misconfigured(
                "DESKSIDE_SECRET_KEY_FILE: this key does not open the credentials that"
                f" are stored for {connector.name}. Put the key they were stored with"
                " into the file, as a line below the new one if there is one."
            ) from None
        with ports.store.transaction() as tx:
            done += tx.connectors.reseal(workspace, connector, ports.vault.seal(text))
    if done:
        log.info("sealed %d connectors with the newest key", done)
    return done


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _new_line() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).decode() + "\n"
