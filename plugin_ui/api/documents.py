"""Uploading knowledge from the administration page."""

from __future__ import annotations

import json
from typing import BinaryIO, cast

from flask import Blueprint, Response, jsonify, request
from google.protobuf import json_format

from plugin_ui.api.bearer import person
from plugin_ui.errors import BadRequest
from plugin_ui.wire import to_json
from sidecar.v1 import knowledge_pb2

bp = Blueprint("documents", __name__, url_prefix="/api")


@bp.post("/documents")
def add() -> Response:
    """Take a form with ``file`` and, as JSON, ``header``; answer the document."""
    client = person()
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadRequest("choose a file")
    try:
        header = json_format.ParseDict(
            json.loads(request.form.get("header", "{}")),
            knowledge_pb2.AddDocumentHeader(),
        )
    except (ValueError, json_format.ParseError) as error:
        raise BadRequest("the header is not what the contract says") from error
    # The path a browser may add is nobody's business.
    header.file_name = file.filename.replace("\\", "/").rpartition("/")[2]
    return jsonify(to_json(client.upload(cast("BinaryIO", file.stream), header)))
