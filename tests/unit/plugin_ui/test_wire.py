"""JSON of the browser and messages of the contract."""

from __future__ import annotations

import pytest
from flask import Flask

from plugin_ui.errors import BadRequest
from plugin_ui.wire import from_body, from_query, set_field, to_json
from sidecar.v1 import assist_pb2, ticket_service_pb2

APP = Flask(__name__)


def test_what_the_contract_does_not_know_is_refused() -> None:
    """A field too many is an error, so that nobody believes it was obeyed."""
    with (
        APP.test_request_context(method="POST", json={"ticket_id": "t", "role": "x"}),
        pytest.raises(BadRequest, match="role"),
    ):
        from_body(assist_pb2.ClassifyRequest)


@pytest.mark.parametrize("body", [b"[1]", b"not json", b'"text"', b"\xff\xfe"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    """Only a JSON object is read."""
    with (
        APP.test_request_context(
            method="POST", data=body, content_type="application/json"
        ),
        pytest.raises(BadRequest),
    ):
        from_body(assist_pb2.ClassifyRequest)


def test_a_query_is_read_by_the_contracts_types() -> None:
    """Numbers, booleans, enums and lists come out of a query string."""
    query = {
        "page_size": "5",
        "unattended": "true",
        "statuses": ["TICKET_STATUS_NEW", "TICKET_STATUS_OPEN"],
        "risk_min": "0.5",
    }
    with APP.test_request_context(query_string=query):
        found = from_query(ticket_service_pb2.ListTicketsRequest)
    assert found.page_size == 5
    assert found.unattended is True
    assert list(found.statuses) == [1, 2]
    assert found.risk_min == 0.5


def test_path_and_body_must_agree() -> None:
    """A body cannot quietly mean another ticket than the address."""
    message = assist_pb2.ClassifyRequest(ticket_id="a")
    set_field(message, "ticket_id", "a")
    with pytest.raises(BadRequest, match="ticket_id"):
        set_field(message, "ticket_id", "b")


def test_zeros_are_written_out() -> None:
    """Scripts may rely on every field of the contract being there."""
    found = to_json(assist_pb2.Draft())
    assert found["text"] == ""
    assert found["citations"] == []
    assert found["grounded_share"] == 0
    assert "blocker" not in found
