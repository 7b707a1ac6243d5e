"""The command that runs everything in the foreground."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sidecar.cli.connection import sidecar_address
from sidecar.cli.serve import has_connectors

if TYPE_CHECKING:
    from sidecar.cli.supervise import Part
    from sidecar.settings import Settings

DEMO_DATA_DIR = "./.deskside-demo"


@click.command()
@click.option(
    "--demo",
    is_flag=True,
    help="Add an invented company's knowledge and tickets, and a page that plays"
    " the helpdesk. On this machine only; no sign-in.",
)
def up(demo: bool) -> None:
    """Run sidecar and panel together, in the foreground, until Ctrl-C.

    Lines of all processes appear here, with their names. A process that falls is
    started again. Ctrl-C ends all in order, a second Ctrl-C at once; nothing stays
    behind, not even when this command is killed. Data is kept in DESKSIDE_DATA_DIR
    (./.deskside; with --demo ./.deskside-demo).

    \b
    Examples:
      deskside up --demo         then open http://127.0.0.1:8080/demo
      deskside up
      DESKSIDE_PANEL_ADDRESS=127.0.0.1:9000 deskside up

    Exit status: 0 stopped on request, 1 failed (a port is taken, a setting is
    wrong, a process cannot start), 2 wrong use.
    """
    began = time.monotonic()
    if demo:
        os.environ["DESKSIDE_DEMO"] = "1"
        os.environ["DESKSIDE_DATA_DIR"] = (
            os.environ.get("DESKSIDE_DATA_DIR") or DEMO_DATA_DIR
        )
    from sidecar.cli import demo_vendors
    from sidecar.cli.listeners import check_free
    from sidecar.cli.supervise import run
    from sidecar.settings import load_settings

    settings = load_settings()
    if demo:
        _check_demo(settings)
        # Where the demo's Zendesk and Slack are; only its own processes may go there.
        os.environ["DESKSIDE_DEMO_VENDORS"] = demo_vendors.choose_place()
        os.environ["DESKSIDE_ALLOW_TEST_HOSTS"] = "1"
    _check_trust(settings)
    check_free(_addresses(settings))
    # Children may not depend on the folder this was started in.
    os.environ["DESKSIDE_DATA_DIR"] = str(settings.data_dir.absolute())
    parts = _parts(settings, demo=demo)
    announce = _announcement(settings, demo=demo)
    status = run(parts, announce, began, settings.drain_seconds)
    click.get_current_context().exit(status)


def _addresses(settings: Settings) -> dict[str, str]:
    found = {
        "DESKSIDE_SIDECAR_ADDRESS": settings.sidecar_address,
        "DESKSIDE_METRICS_ADDRESS": settings.metrics_address,
        "DESKSIDE_PANEL_ADDRESS": settings.panel_address,
    }
    if has_connectors():
        found["DESKSIDE_CONNECTORS_ADDRESS"] = settings.connectors_address
    return found


def _check_demo(settings: Settings) -> None:
    from sidecar.settings import is_loopback

    for name, address in _addresses(settings).items():
        if not is_loopback(address):
            raise click.ClickException(
                f"The demo needs no sign-in, so it stays on this machine: {name} is"
                f" {address}. Unset it, or use 127.0.0.1."
            )
    if settings.database_url:
        raise click.ClickException(
            "The demo would put invented tickets into the database of"
            " DESKSIDE_DATABASE_URL. Unset it: the demo has a database of its own."
        )


def _check_trust(settings: Settings) -> None:
    if settings.tls_cert and not os.environ.get("DESKSIDE_TLS_CA"):
        raise click.ClickException(
            "The sidecar has a certificate (DESKSIDE_TLS_CERT), and the panel has to"
            " trust it: set DESKSIDE_TLS_CA to the authority that signed it."
        )


def _parts(settings: Settings, *, demo: bool) -> list[Part]:
    from sidecar.cli.children import Child
    from sidecar.cli.supervise import Part

    command = (sys.executable, "-m", "sidecar.cli.main")
    # A sidecar that listens on every address is called on this machine's own, and a
    # client reads its own key's file, not the key of whoever starts all this.
    client = {
        **os.environ,
        "DESKSIDE_SIDECAR_ADDRESS": sidecar_address(),
        "DESKSIDE_API_KEY": "",
    }
    sidecar = Child("sidecar", (*command, "sidecar"), dict(os.environ))
    panel = Child("panel", (sys.executable, "-m", "plugin_ui"), client)
    parts = [
        Part(sidecar, f"http://{settings.metrics_address}/readyz"),
        Part(panel, f"http://{settings.panel_address}/readyz"),
    ]
    if has_connectors():
        child = Child("connectors", (*command, "connectors"), client)
        ready = f"http://{settings.connectors_address}/readyz"
        parts.append(Part(child, ready))
    if demo:
        # A client like any other: the demo can be used while it is at work.
        seed = Child("seed", (*command, "seed"), client, once=True)
        parts.append(Part(seed, after_ready=True))
    return parts


def _announcement(settings: Settings, *, demo: bool) -> list[str]:
    key = _near(settings.data_dir / "admin.key")
    lines = [
        f"gRPC on {settings.sidecar_address}, key in {key}",
        f"panel on http://{settings.panel_address}/admin",
        f"webhooks on http://{settings.connectors_address}",
        f"health and metrics on http://{settings.metrics_address}",
    ]
    if demo:
        return [*lines, f"Open http://{settings.panel_address}/demo"]
    return lines


def _near(path: Path) -> str:
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
