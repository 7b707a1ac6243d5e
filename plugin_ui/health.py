"""Whether the panel runs, and whether it reaches the sidecar."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from plugin_ui.gateway import gateway

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process lives; the sidecar's state is told, not judged."""
    return jsonify(status="ok", sidecar="serving" if gateway().is_serving() else "down")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 200 when a page would work: the sidecar answers."""
    ready = gateway().is_serving()
    return jsonify(status="ready" if ready else "sidecar down"), 200 if ready else 503
