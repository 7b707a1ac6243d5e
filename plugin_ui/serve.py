"""Serves the app with waitress and ends when it is told to."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType

from waitress.server import create_server

from plugin_ui import demo_vendors
from plugin_ui.app import create_app
from plugin_ui.gateway import Gateway
from plugin_ui.settings import PanelMisconfigured, PanelSettings

# A draft holds a thread while it is written; reads must not wait for it.
THREADS = 16
log = logging.getLogger(__name__)


def main() -> int:
    """Run until SIGINT or SIGTERM; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        settings = PanelSettings.from_environment()
        app = create_app(settings)
        server = create_server(
            app,
            listen=settings.address,
            threads=THREADS,
            ident="",
            clear_untrusted_proxy_headers=False,
            channel_timeout=120,
        )
    except (PanelMisconfigured, ValueError) as error:
        sys.stderr.write(f"deskside panel: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"deskside panel: {settings.address}: {error.strerror}\n")
        return 1
    if not settings.address.startswith(("127.", "localhost:", "[::1]:")):
        log.warning("listening on %s without TLS", settings.address)
    if settings.demo and not settings.demo_is_served:
        log.warning("the demo is not served: an address is not on this machine")

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Ends the loop; closing now would take the wake-up pipe from running calls.
        raise SystemExit(0)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    log.info("panel on http://%s/admin", settings.address)
    try:
        server.run()
    except SystemExit:
        pass
    finally:
        server.close()
        demo_vendors.close(app)
        gateway = app.extensions["deskside-gateway"]
        assert isinstance(gateway, Gateway)
        gateway.close()
    return 0
