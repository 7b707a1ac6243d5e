"""What the panel reads from its environment, once, at the start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sidecar.client import is_loopback

DEFAULT_ADDRESS = "127.0.0.1:8080"
DEFAULT_SIDECAR = "127.0.0.1:50051"
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:/]+):(\d{1,5})")
# Exact origins only: a wildcard would let every customer of a vendor frame the panel.
_ORIGIN = re.compile(
    r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1):\d+"
)


class PanelMisconfigured(Exception):
    """A setting is wrong; the message says which one and what to set."""


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """Where to listen, whom to ask, and who may frame the panel.

    ``environ`` is kept for the client's own settings (TLS towards the sidecar).
    """

    address: str = DEFAULT_ADDRESS
    sidecar_address: str = DEFAULT_SIDECAR
    data_dir: Path = Path("./.deskside")
    panel_key: str = ""
    frame_origins: tuple[str, ...] = ()
    demo: bool = False
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] | None = None
    ) -> PanelSettings:
        """Read the environment; raises ``PanelMisconfigured`` that says what to set."""
        env = dict(os.environ if environ is None else environ)
        settings = cls(
            address=env.get("DESKSIDE_PANEL_ADDRESS") or DEFAULT_ADDRESS,
            sidecar_address=env.get("DESKSIDE_SIDECAR_ADDRESS") or DEFAULT_SIDECAR,
            data_dir=Path(env.get("DESKSIDE_DATA_DIR") or "./.deskside"),
            panel_key=env.get("DESKSIDE_PANEL_KEY", ""),
            frame_origins=tuple(env.get("DESKSIDE_FRAME_ORIGINS", "").split()),
            demo=env.get("DESKSIDE_DEMO", "").lower() in ("1", "true", "yes"),
            environ=env,
        )
        _check(settings, insecure=env.get("DESKSIDE_INSECURE") == "1")
        return settings

    @property
    def demo_is_served(self) -> bool:
        """Say whether the demo may exist: switched on, and wholly on this machine."""
        here = is_loopback(self.address) and is_loopback(self.sidecar_address)
        return self.demo and here

    def read_panel_key(self) -> str:
        """Return the panel's own key, or '' when there is none yet.

        It is read at each use: the sidecar may write it after the panel started, and
        may replace it.
        """
        if self.panel_key:
            return self.panel_key
        try:
            return (self.data_dir / "panel.key").read_text().strip()
        except OSError:
            return ""


def _check(settings: PanelSettings, *, insecure: bool) -> None:
    for name, address in (
        ("DESKSIDE_PANEL_ADDRESS", settings.address),
        ("DESKSIDE_SIDECAR_ADDRESS", settings.sidecar_address),
    ):
        if not _ADDRESS.fullmatch(address) and not address.startswith("unix:"):
            raise PanelMisconfigured(
                f"{name} is {address!r}: write HOST:PORT, such as {DEFAULT_ADDRESS}"
            )
    for origin in settings.frame_origins:
        if not _ORIGIN.fullmatch(origin):
            raise PanelMisconfigured(
                f"DESKSIDE_FRAME_ORIGINS names {origin!r}: write exact origins, "
                "such as https://yourteam.zendesk.com, separated by blanks"
            )
    if not is_loopback(settings.address) and not insecure:
        raise PanelMisconfigured(
            f"DESKSIDE_PANEL_ADDRESS is {settings.address}: off this machine people's "
            "sessions would travel unprotected. Listen on 127.0.0.1 behind a proxy "
            "that speaks TLS, or set DESKSIDE_INSECURE=1."
        )
