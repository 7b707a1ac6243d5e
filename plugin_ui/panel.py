"""The panel as helpdesks open it: a signed token in, a page with a session out."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, current_app, g, render_template, request

from plugin_ui.gateway import QUICK_SECONDS, gateway
from plugin_ui.settings import PanelSettings
from plugin_ui.wire import to_json
from sidecar.client import SidecarError
from sidecar.v1 import session_pb2

bp = Blueprint("panel", __name__)
log = logging.getLogger(__name__)


@bp.get("/panel/zendesk")
def zendesk_unsigned() -> tuple[str, int]:
    """Show how to turn signing on: a plain GET never carries a token."""
    return _how_to_sign("zendesk", 200)


@bp.post("/panel/zendesk")
def zendesk() -> tuple[str, int]:
    """Open the panel for the person whom Zendesk's signed token names."""
    token = request.form.get("token", "")
    request_ = session_pb2.CreateSessionRequest(
        zendesk_token=session_pb2.ZendeskTokenCredential(token=token)
    )
    return _open("zendesk", token, request_)


@bp.get("/panel/salesforce")
def salesforce_unsigned() -> tuple[str, int]:
    """Show how to turn signing on: Canvas posts, it never gets."""
    return _how_to_sign("salesforce", 200)


@bp.post("/panel/salesforce")
def salesforce() -> tuple[str, int]:
    """Open the panel for the person whom Salesforce's signed request names."""
    signed = request.form.get("signed_request", "")
    request_ = session_pb2.CreateSessionRequest(
        salesforce_canvas=session_pb2.SalesforceCanvasCredential(signed_request=signed)
    )
    return _open("salesforce", signed, request_)


def _open(
    connector: str, proof: str, credential: session_pb2.CreateSessionRequest
) -> tuple[str, int]:
    if not proof:
        return _how_to_sign(connector, 401)
    try:
        answer = (
            gateway()
            .as_panel()
            .sessions.CreateSession(
                credential, timeout=QUICK_SECONDS, wait_for_ready=False
            )
        )
    except SidecarError as error:
        log.info("panel of %s not opened: %s", connector, error.reason or error.code)
        return _how_to_sign(connector, 503 if error.is_unreachable else 401)
    _may_be_framed_by_helpdesks()
    return _page(to_json(answer.session)), 200


def _page(session: dict[str, Any]) -> str:
    boot = {"mode": "helpdesk", "session": session}
    return render_template("panel.html", boot=boot)


def _how_to_sign(connector: str, status: int) -> tuple[str, int]:
    _may_be_framed_by_helpdesks()
    return render_template("signing.html", connector=connector, status=status), status


def _may_be_framed_by_helpdesks() -> None:
    settings: PanelSettings = current_app.extensions["deskside-settings"]
    g.frame_ancestors = " ".join(settings.frame_origins) or "'none'"
