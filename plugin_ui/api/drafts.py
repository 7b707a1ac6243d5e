"""A draft as it is written: one JSON object a line, each line already checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, stream_with_context

from plugin_ui.api.bearer import call_options, person
from plugin_ui.errors import as_body
from plugin_ui.wire import from_body, set_field, to_json
from sidecar.client import SidecarError
from sidecar.v1 import assist_pb2

bp = Blueprint("drafts", __name__, url_prefix="/api")


@bp.post("/tickets/<ticket_id>/draft")
def stream(ticket_id: str) -> Response:
    """Stream progress, checked sentences and, last, the draft that decides.

    The first step is awaited, so that a refusal has its own status; a failure later
    is the last line.
    """
    client = person()
    message = from_body(assist_pb2.StreamDraftReplyRequest)
    set_field(message, "ticket_id", ticket_id)
    steps: Any = client.assist.StreamDraftReply(message, **call_options())
    first = next(steps, None)

    def lines() -> Iterator[str]:
        try:
            if first is not None:
                yield _line(to_json(first))
            for step in steps:
                yield _line(to_json(step))
        except SidecarError as error:
            yield _line(as_body(error))
        finally:
            # A closed browser stops the work in the sidecar, not only the reading.
            steps.cancel()

    response = Response(stream_with_context(lines()), mimetype="application/x-ndjson")
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _line(step: dict[str, Any]) -> str:
    return json.dumps(step, ensure_ascii=False) + "\n"
