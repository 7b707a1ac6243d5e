"""The way to the running sidecar: its address, a key, and plain words for refusals."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from sidecar.client import SidecarClient, SidecarError

DEFAULT_ADDRESS = "127.0.0.1:50051"
KEY_FILE = "admin.key"
KEY_VARIABLE, FOLDER_VARIABLE = "DESKSIDE_API_KEY", "DESKSIDE_DATA_DIR"
_DATA_FOLDERS = ("./.deskside", "./.deskside-demo")
_CONNECT_SECONDS = 2.0
_LAST_PORT = 65535
# A person at a terminal would rather wait than ask twice, and may press Ctrl-C.
PATIENT = 60.0
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "::": "[::1]"}  # noqa: S104 - replaced, not bound


def sidecar_address() -> str:
    """Return where the sidecar is looked for."""
    address = os.environ.get("DESKSIDE_SIDECAR_ADDRESS") or DEFAULT_ADDRESS
    host, colon, port = address.rpartition(":")
    # A server that listens on every address is called on this machine's own.
    return f"{_WILDCARDS.get(host, host)}{colon}{port}"


def find_key() -> str:
    """Return the key to call with; raises ``ClickException`` saying where it looked."""
    return _find_key()[0]


def describe_key() -> str:
    """Return where the key comes from, and where another one lies that may be meant."""
    try:
        _, used = _find_key()
    except click.ClickException:
        return "The key can no longer be read."
    if used is None:
        said = f"The key comes from the variable {KEY_VARIABLE}."
        files = [place for place in _places() if place.exists()]
        # Without the variable the first file is the one that is read.
        return said + "".join(f" Unset it to use {place}." for place in files[:1])
    said = f"The key comes from {used.absolute()}."
    for folder in _DATA_FOLDERS:
        other = Path(folder) / KEY_FILE
        if other.exists() and not other.samefile(used):
            said += f" Another is in {other}: {FOLDER_VARIABLE}={folder} uses it."
    return said


def _find_key() -> tuple[str, Path | None]:
    """Return the key and its file, None when the variable holds it."""
    if key := os.environ.get(KEY_VARIABLE, "").strip():
        return key, None
    places = _places()
    for place in places:
        try:
            if key := place.read_text(encoding="ascii").strip():
                return key, place
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it holds no key"
            raise click.ClickException(f"Cannot read the key {place}: {reason}.") from (
                None
            )
    looked = " or ".join(str(place) for place in places)
    raise click.ClickException(
        f"No key: DESKSIDE_API_KEY is not set and {looked} is not there.\n"
        "The first start makes one (deskside up). Lost it? On the sidecar's machine:\n"
        "deskside keys create admin --role admin > admin.key"
    )


def _places() -> list[Path]:
    given = os.environ.get(FOLDER_VARIABLE)
    folders = (given,) if given else _DATA_FOLDERS
    return [Path(folder) / KEY_FILE for folder in folders]


@contextmanager
def connect() -> Iterator[SidecarClient]:
    """Open a client of the running sidecar; fails at once when nothing listens."""
    address = sidecar_address()
    _check_running(address)
    from sidecar.client import SidecarClient  # after it: gRPC takes a moment to load

    environment = {
        **os.environ,
        "DESKSIDE_SIDECAR_ADDRESS": address,
        "DESKSIDE_API_KEY": find_key(),
    }
    try:
        client = SidecarClient.from_environment(environment)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    with client:
        yield client


def _check_running(address: str) -> None:
    # The client waits patiently for a sidecar that restarts; a person who forgot to
    # start it should not wait with it.
    if address.startswith("unix:"):
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > _LAST_PORT:
        raise click.ClickException(
            f"DESKSIDE_SIDECAR_ADDRESS is {address}: write it as HOST:PORT, for example"
            f" {DEFAULT_ADDRESS}"
        )
    try:
        with socket.create_connection(
            (host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS
        ):
            return
    except (OSError, ValueError):
        raise click.ClickException(not_running(address)) from None


def not_running(address: str) -> str:
    """Return the sentence for a sidecar that is not there."""
    return f"The sidecar is not running at {address}. Start it: deskside up"


def describe_refusal(error: Exception) -> list[str]:
    """Return what a person should read about a call that was refused or failed."""
    refusal = cast("SidecarError", error)
    if refusal.is_unreachable:
        text = f"Error: The sidecar at {sidecar_address()} did not answer in time"
        return [f"{text} (is it busy, or something else there?). See: deskside doctor"]
    lines = [f"Error: {refusal.message or refusal.code.name}"]
    lines += [f"  {item.field}: {item.description}" for item in refusal.violations]
    if refusal.retry_after:
        lines.append(f"  Try again in {refusal.retry_after:.0f} s.")
    if refusal.reason in ("CREDENTIALS_INVALID", "CREDENTIALS_EXPIRED"):
        lines.append(f"  {describe_key()}")
    name = refusal.reason or refusal.code.name
    lines.append(f"  ({name}, request {refusal.request_id or 'unknown'})")
    return lines
