"""What the connectors process reads from its environment, once, at the start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sidecar.client import DEFAULT_ADDRESS, is_loopback

DEFAULT_LISTEN = "127.0.0.1:8081"
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:/]+):(\d{1,5})")


class ConnectorsMisconfigured(Exception):
    """A setting is wrong; the message says which one and what to set."""


@dataclass(frozen=True, slots=True)
class ConnectorsSettings:
    """Where to listen, whom to ask, and how eagerly to work; times in seconds.

    ``environ`` is kept for the client's own settings (TLS towards the sidecar).
    """

    address: str = DEFAULT_LISTEN
    sidecar_address: str = DEFAULT_ADDRESS
    data_dir: Path = Path("./.deskside")
    api_key: str = field(default="", repr=False)
    drain_seconds: float = 10.0
    poll_seconds: float = 60.0
    lease_seconds: float = 30.0
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] | None = None
    ) -> ConnectorsSettings:
        """Read the environment; raises ``ConnectorsMisconfigured``."""
        env = dict(os.environ if environ is None else environ)
        settings = cls(
            address=env.get("DESKSIDE_CONNECTORS_ADDRESS") or DEFAULT_LISTEN,
            sidecar_address=env.get("DESKSIDE_SIDECAR_ADDRESS") or DEFAULT_ADDRESS,
            data_dir=Path(env.get("DESKSIDE_DATA_DIR") or "./.deskside"),
            api_key=env.get("DESKSIDE_API_KEY", ""),
            drain_seconds=_seconds(env, "DESKSIDE_DRAIN_SECONDS", 10.0, 0, 300),
            poll_seconds=_seconds(env, "DESKSIDE_POLL_SECONDS", 60.0, 0.2, 86400),
            lease_seconds=_seconds(env, "DESKSIDE_LEASE_SECONDS", 30.0, 5, 600),
            environ=env,
        )
        _check(settings, insecure=env.get("DESKSIDE_INSECURE") == "1")
        return settings

    def read_keys(self) -> tuple[str, ...]:
        """Return one key for each workspace; empty while there is none yet.

        Read again and again: the sidecar may write the file after this process
        started, and may replace it.
        """
        if self.api_key:
            return tuple(self.api_key.split())
        files = [
            self.data_dir / "connectors.key",
            *sorted(self.data_dir.glob("connectors.*.key")),
        ]
        keys = []
        for file in files:
            try:
                keys += file.read_text().split()
            except OSError:
                continue
        return tuple(dict.fromkeys(keys))


def _seconds(
    env: Mapping[str, str], name: str, default: float, least: float, most: float
) -> float:
    text = env.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise ConnectorsMisconfigured(
            f"{name} is {text!r}: write seconds from {least:g} to {most:g}"
        )
    return value


def _check(settings: ConnectorsSettings, *, insecure: bool) -> None:
    for name, address in (
        ("DESKSIDE_CONNECTORS_ADDRESS", settings.address),
        ("DESKSIDE_SIDECAR_ADDRESS", settings.sidecar_address),
    ):
        if not _ADDRESS.fullmatch(address) and not address.startswith("unix:"):
            raise ConnectorsMisconfigured(
                f"{name} is {address!r}: write HOST:PORT, such as {DEFAULT_LISTEN}"
            )
    if not is_loopback(settings.address) and not insecure:
        raise ConnectorsMisconfigured(
            f"DESKSIDE_CONNECTORS_ADDRESS is {settings.address}: off this machine"
            " webhooks would travel unprotected. Listen on 127.0.0.1 behind a proxy"
            " that speaks TLS, or set DESKSIDE_INSECURE=1."
        )
