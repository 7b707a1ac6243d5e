"""Opening, renewing and ending a person's session; no cookie is ever set."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, jsonify, request

from plugin_ui.api.bearer import call_options, person
from plugin_ui.errors import BadRequest
from plugin_ui.gateway import gateway
from plugin_ui.security import came_from_this_machine
from plugin_ui.settings import PanelSettings
from plugin_ui.wire import from_body, to_json
from sidecar.v1 import session_pb2

bp = Blueprint("sessions", __name__, url_prefix="/api/session")


@bp.before_request
def json_only() -> None:
    """Take JSON only: a form of another site cannot send it without being asked."""
    if not request.is_json:
        raise BadRequest("send application/json")


@bp.post("/password")
def sign_in() -> Response:
    """Open a session with an address and a password."""
    credential = from_body(session_pb2.PasswordCredential)
    return _create(session_pb2.CreateSessionRequest(password=credential))


@bp.post("/demo")
def enter_demo() -> Response:
    """Open a session of the demo; elsewhere there is nothing here."""
    settings: PanelSettings = current_app.extensions["deskside-settings"]
    if not settings.demo_is_served or not came_from_this_machine():
        abort(404)
    credential = from_body(session_pb2.DemoCredential)
    return _create(session_pb2.CreateSessionRequest(demo=credential))


@bp.post("/refresh")
def refresh() -> Response:
    """Exchange a running session for a new one."""
    answer = person().sessions.RefreshSession(
        session_pb2.RefreshSessionRequest(), **call_options()
    )
    return jsonify(to_json(answer))


@bp.post("/revoke")
def revoke() -> Response:
    """End the session at once."""
    answer = person().sessions.RevokeSession(
        session_pb2.RevokeSessionRequest(), **call_options()
    )
    return jsonify(to_json(answer))


def _create(credential: session_pb2.CreateSessionRequest) -> Response:
    sessions = gateway().as_panel().sessions
    return jsonify(to_json(sessions.CreateSession(credential, **call_options())))
