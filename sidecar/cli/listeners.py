"""Who listens on a port of this machine, so that "address in use" names somebody."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from pathlib import Path

import click

_LISTEN = "0A"
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def check_free(addresses: Mapping[str, str]) -> None:
    """Raise ``ClickException`` when one is taken; keys are the variables to set."""
    taken = [
        f"{address} is in use{by(address)}. Stop that, or set {variable} to another"
        " HOST:PORT."
        for variable, address in addresses.items()
        if is_taken(address)
    ]
    if taken:
        raise click.ClickException("\n".join(taken))


def is_taken(address: str) -> bool:
    """Say whether something listens there; an address that cannot be judged is free."""
    host, _, port = address.rpartition(":")
    if address.startswith("unix:") or not port.isdigit():
        return False
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            # Lets through what is only left over from a connection that was closed.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
    except OverflowError:
        return False
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def by(address: str) -> str:
    """Return " by NAME (process N)", or "" when that cannot be seen."""
    port = int(address.rpartition(":")[2])
    inodes = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = {str(entry.readlink()) for entry in (process / "fd").iterdir()}
            if inodes.isdisjoint(links):
                continue
            words = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        command = " ".join(words.split("\0")).strip()[:80]
        return f" by process {process.name} ({command})"
    return ""


def _inodes(port: int) -> set[str]:
    found = set()
    for table in _TABLES:
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            local, state, inode = fields[1], fields[3], fields[9]
            if state == _LISTEN and int(local.rpartition(":")[2], 16) == port:
                found.add(inode)
    return found
