"""What is set aside because it tries to instruct the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.domain.quarantine import QuarantinedItem, QuarantineState
from sidecar.rpc.translate import enums, limits
from sidecar.v1 import policy_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable


def states(request: policy_pb2.ListQuarantineRequest) -> list[QuarantineState]:
    """Return the states to list; none means HELD."""
    limits.check_count("states", len(request.states), len(QuarantineState))
    return [
        limits.choice(f"states[{i}]", number, enums.QUARANTINE_STATE_IN)
        for i, number in enumerate(request.states)
    ]


def page(
    items: Iterable[QuarantinedItem], token: str
) -> policy_pb2.ListQuarantineResponse:
    """Return a page of items."""
    return policy_pb2.ListQuarantineResponse(
        items=[_item(item) for item in items], next_page_token=token
    )


def released(item: QuarantinedItem) -> policy_pb2.ReleaseQuarantinedResponse:
    """Return what was let go."""
    return policy_pb2.ReleaseQuarantinedResponse(item=_item(item))


def discarded(item: QuarantinedItem) -> policy_pb2.DiscardQuarantinedResponse:
    """Return what was thrown away."""
    return policy_pb2.DiscardQuarantinedResponse(item=_item(item))


def _item(item: QuarantinedItem) -> policy_pb2.QuarantinedItem:
    made = policy_pb2.QuarantinedItem(
        item_id=item.id,
        ticket_id=item.ticket_id,
        excerpt=item.excerpt,
        confidence=item.confidence,
        state=enums.QUARANTINE_STATE[item.state],
        decided_by=item.decided_by,
    )
    if item.document_id:
        made.document_id = item.document_id
    else:
        made.message_id = item.message_id
    made.created_at.FromDatetime(item.created_at)
    return made
