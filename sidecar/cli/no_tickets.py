"""What is said when no ticket fits: a filter may have been mistyped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sidecar.cli.console import note

if TYPE_CHECKING:
    from sidecar.client import SidecarClient

# Tickets come from these without anybody setting a connector up.
_BUILT_IN = ("api", "cli", "demo")


def explain_no_tickets(client: SidecarClient, filters: dict[str, Any]) -> None:
    """Say that nothing fits and what is known; raises ``UsageError`` for a connector.

    A category that is no longer in the taxonomy may still be on old tickets, so it is
    said and not refused.
    """
    if connector := filters["connector"]:
        _check_connector(client, connector)
    note("No tickets fit.")
    if category := filters["category"]:
        known = _categories(client)
        if known and category not in known:
            note(f"There is no category {category}, but {', '.join(known)}.")


def _check_connector(client: SidecarClient, name: str) -> None:
    from sidecar.client import SidecarError
    from sidecar.v1 import connector_pb2, ticket_service_pb2

    # Programs of your own may call themselves what they like.
    request = ticket_service_pb2.ListTicketsRequest(connector=name, page_size=1)
    if client.tickets.ListTickets(request).tickets:
        return
    try:
        answer = client.connectors.ListConnectors(connector_pb2.ListConnectorsRequest())
    except SidecarError as error:
        if error.reason == "PERMISSION_MISSING":
            return  # A viewer's key may read tickets but not that.
        raise
    known = sorted({*_BUILT_IN, *(item.connector for item in answer.connectors)})
    if name not in known:
        raise click.UsageError(f"There is no connector {name}, but {', '.join(known)}.")


def _categories(client: SidecarClient) -> list[str]:
    from sidecar.v1 import policy_pb2

    answer = client.policies.GetTaxonomy(policy_pb2.GetTaxonomyRequest())
    return [item.key for item in answer.taxonomy.categories]
