"""JSON of the browser ↔ messages of the contract, by protobuf's own JSON mapping.

A field that the contract does not have is refused, not ignored: whoever sends
``role`` along with a ticket learns that it means nothing.
"""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from google.protobuf import json_format
from google.protobuf.message import Message

from plugin_ui.errors import BadRequest

M = TypeVar("M", bound=Message)


def to_json(message: Message) -> dict[str, Any]:
    """Return a message with the contract's own field names, zeros included."""
    return json_format.MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )


def from_body(kind: type[M]) -> M:
    """Read the request's JSON body as ``kind``; raises ``BadRequest``."""
    body = request.get_json(silent=True) if request.content_length else {}
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return _parse(body, kind)


def from_query(kind: type[M]) -> M:
    """Read the request's query as ``kind``; repeat a name for a list."""
    fields = kind.DESCRIPTOR.fields_by_name
    body: dict[str, Any] = {}
    for name, values in request.args.lists():
        field = fields.get(name)
        if field is not None and field.is_repeated:
            body[name] = values
        elif field is not None and field.type == field.TYPE_BOOL:
            body[name] = values[-1] == "true"
        else:
            body[name] = values[-1]
    return _parse(body, kind)


def set_field(message: Message, name: str, value: str) -> None:
    """Set what the path says; a body that says otherwise is refused."""
    given = getattr(message, name)
    if given and given != value:
        raise BadRequest(f"{name} differs between path and body")
    setattr(message, name, value)


def _parse(body: dict[str, Any], kind: type[M]) -> M:
    try:
        return json_format.ParseDict(body, kind())
    except json_format.ParseError as error:
        raise BadRequest(str(error).replace("\n", " ")[:300]) from error
