"""The demo's other side: a Zendesk and a Slack to watch Deskside work in."""

from __future__ import annotations

import importlib.util

from flask import Blueprint, Flask, Response, current_app, g, jsonify, render_template
from flask import request as asked

from plugin_ui.demo import only_here
from plugin_ui.doubles.rooms import Place, VendorRooms
from plugin_ui.errors import BadRequest
from plugin_ui.settings import PanelSettings

bp = Blueprint("demo_vendors", __name__, url_prefix="/demo/vendors")
bp.before_request(only_here)
_NAME = "deskside-demo-vendors"
_LONGEST = 20_000


def install(app: Flask, settings: PanelSettings) -> None:
    """Start both vendors when `deskside up --demo` has said where; else do nothing."""
    place = Place.from_environment(settings.environ)
    if place is None:
        return
    app.extensions[_NAME] = VendorRooms(place, settings.data_dir)
    app.register_blueprint(bp)


def close(app: Flask) -> None:
    """Stop both vendors, if they run."""
    rooms = app.extensions.get(_NAME)
    if rooms is not None:
        rooms.close()


def _rooms() -> VendorRooms:
    rooms = current_app.extensions[_NAME]
    assert isinstance(rooms, VendorRooms)
    return rooms


@bp.get("")
def page() -> str:
    """Show both vendors side by side."""
    # The connector's library is an extra, which `make run` does not choose for anyone.
    zendesk = importlib.util.find_spec("zenpy") is not None
    g.frame_ancestors = "'none'"
    return render_template("vendors.html", boot={"mode": "vendors", "zendesk": zendesk})


@bp.get("/state")
def state() -> Response:
    """Return what people see at both vendors."""
    return jsonify(_rooms().view())


@bp.post("/tickets")
def open_ticket() -> Response:
    """Open a ticket as the customer."""
    subject, body = _text("subject", 300), _text("body", _LONGEST)
    return jsonify({"number": _rooms().open_ticket(subject, body)})


@bp.post("/press")
def press() -> tuple[Response, int]:
    """Use an element of a card; 502 when the connectors do not take it."""
    try:
        status = _rooms().press(_text("ts", 40), _text("action", 40))
    except LookupError as error:
        raise BadRequest(str(error)) from None
    return jsonify({"status": status}), 200 if status == 200 else 502


def _text(name: str, longest: int) -> str:
    body = asked.get_json(silent=True)
    text = body.get(name) if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip() or len(text) > longest:
        raise BadRequest(f"{name} is a text of 1 to {longest} characters")
    return text.strip()
