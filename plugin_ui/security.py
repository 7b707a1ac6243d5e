"""What every answer carries, and which requests are refused before they are read.

There is no cookie anywhere, so a forged request of another site has no rights; it is
refused all the same, before a handler sees it.
"""

from __future__ import annotations

import ipaddress
import secrets
import uuid
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from plugin_ui.settings import PanelSettings

_SAFE = {"GET", "HEAD", "OPTIONS"}
# Helpdesks post their signed token here from their own origin.
_POSTED_FROM_OUTSIDE = ("/panel/",)
_FEATURES = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), payment=(), usb=(), clipboard-write=(self)"
)


def install(app: Flask, settings: PanelSettings) -> None:
    """Add the checks before and the headers after every request."""

    def before() -> None:
        g.nonce = secrets.token_urlsafe(16)
        g.frame_ancestors = "'none'"
        g.frame_src = ""
        g.request_id = _given_request_id() or uuid.uuid4().hex
        if request.method not in _SAFE and is_cross_site():
            abort(403, "CROSS_SITE_REQUEST")

    app.before_request(before)
    app.after_request(_add_headers)
    app.extensions["deskside-settings"] = settings


def is_cross_site() -> bool:
    """Say whether the browser states that another site made this request."""
    if request.path.startswith(_POSTED_FROM_OUTSIDE):
        return False
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in (
        "same-origin",
        "none",
    ):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def came_from_this_machine() -> bool:
    """Say whether the peer and the name it used are this machine's loopback.

    The name is checked too: a page of another site can point its own name at
    127.0.0.1 (DNS rebinding). A proxy's header means that the peer is not the person.
    """
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    host = urlsplit(f"//{request.host}").hostname or ""
    return _is_loopback(request.remote_addr or "") and (
        host == "localhost" or _is_loopback(host)
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _given_request_id() -> str:
    given = request.headers.get("X-Request-Id", "")
    fits = 8 <= len(given) <= 64 and given.replace("-", "").isalnum()
    return given if fits and given.isascii() else ""


def _add_headers(response: Response) -> Response:
    headers = response.headers
    nonce = getattr(g, "nonce", "")
    ancestors = getattr(g, "frame_ancestors", "'none'")
    frames = getattr(g, "frame_src", "")
    headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "connect-src 'self'; img-src 'self' data:; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {ancestors}"
        + (f"; frame-src {frames}" if frames else "")
    )
    if ancestors == "'none'":
        headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Permissions-Policy"] = _FEATURES
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-Request-Id"] = getattr(g, "request_id", "")
    headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
