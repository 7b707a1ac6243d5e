"""Commands that are one process each: sidecar, panel, connectors."""

from __future__ import annotations

import importlib.util
import os
import runpy
import sys

import click


@click.command()
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    help="How many processes share the port. [DESKSIDE_PROCESSES, else 1]",
)
def sidecar(processes: int | None) -> None:
    """Run the gRPC service that thinks; it alone holds state.

    The first start makes the database and an administrator's key in the data folder
    (DESKSIDE_DATA_DIR). Health, readiness and metrics are on DESKSIDE_METRICS_ADDRESS.
    Logs are JSON lines on standard error. SIGTERM ends it after the calls in flight.

    \b
    Examples:
      deskside sidecar
      DESKSIDE_DATA_DIR=/srv/deskside deskside sidecar --processes 4

    Exit status: 0 stopped on request, 1 failed, 2 wrong use.
    """
    from sidecar.cli.listeners import check_free
    from sidecar.settings import load_settings

    given = {} if processes is None else {"processes": processes}
    settings = load_settings(**given)
    check_free(
        {
            "DESKSIDE_SIDECAR_ADDRESS": settings.sidecar_address,
            "DESKSIDE_METRICS_ADDRESS": settings.metrics_address,
        }
    )
    from sidecar.supervisor import run

    # Its own statuses tell kinds of failure apart; here 2 would mean wrong use.
    click.get_current_context().exit(1 if run(settings) else 0)


@click.command()
def panel() -> None:
    """Run the pages that agents and administrators see.

    It holds no data: it talks to the sidecar with the key in panel.key of the data
    folder, or DESKSIDE_PANEL_KEY. It listens on DESKSIDE_PANEL_ADDRESS.

    \b
    Example:
      deskside panel

    Exit status: 0 stopped on request, 1 failed, 2 wrong use.
    """
    from sidecar.cli.listeners import check_free

    address = os.environ.get("DESKSIDE_PANEL_ADDRESS") or "127.0.0.1:8080"
    check_free({"DESKSIDE_PANEL_ADDRESS": address})
    # The panel never imports the sidecar's rooms, nor they it: it is run as a program.
    sys.argv = ["deskside panel"]
    runpy.run_module("plugin_ui", run_name="__main__", alter_sys=True)


def has_connectors() -> bool:
    """Say whether this version brings a program that runs connectors."""
    try:
        return importlib.util.find_spec("connectors.__main__") is not None
    except ModuleNotFoundError:
        return False


@click.command()
@click.option(
    "--only",
    metavar="NAMES",
    default="",
    help="Only these connectors, separated by commas, such as zendesk,slack.",
)
def connectors(only: str) -> None:
    """Receive webhooks and carry events to and from your helpdesk.

    It holds no data: it talks to the sidecar with the keys in connectors.key of the
    data folder, or DESKSIDE_API_KEY. It listens on DESKSIDE_CONNECTORS_ADDRESS, with
    health, readiness and metrics there. SIGTERM ends it after the work in hand.
    Zendesk needs an extra: pip install 'deskside[zendesk]'.

    \b
    Examples:
      deskside connectors
      deskside connectors --only zendesk

    Exit status: 0 stopped on request, 1 failed, 2 wrong use.
    """
    from sidecar.cli.listeners import check_free

    address = os.environ.get("DESKSIDE_CONNECTORS_ADDRESS") or "127.0.0.1:8081"
    check_free({"DESKSIDE_CONNECTORS_ADDRESS": address})
    # Like the panel: neither imports the other's rooms, so it is run as a program.
    sys.argv = ["deskside connectors", *(["--only", only] if only else [])]
    runpy.run_module("connectors", run_name="__main__", alter_sys=True)
