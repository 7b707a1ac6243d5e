"""The caller of an API request: a person with a session."""

from __future__ import annotations

import re
from typing import Any

from flask import g, request

from plugin_ui.errors import NoSession
from plugin_ui.gateway import gateway
from sidecar.client import SidecarClient

_BEARER = re.compile(r"Bearer ([A-Za-z0-9._~+/=-]{16,4096})")


def person() -> SidecarClient:
    """Return the sidecar as the signed-in person sees it; raises ``NoSession``."""
    match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if not match:
        raise NoSession
    return gateway().as_person(match.group(1))


def call_options(seconds: float | None = None) -> dict[str, Any]:
    """Return what every call carries: its request id, and no wait for a dead server."""
    options: dict[str, Any] = {
        "metadata": (("x-request-id", g.request_id),),
        "wait_for_ready": False,
    }
    return options if seconds is None else {**options, "timeout": seconds}
