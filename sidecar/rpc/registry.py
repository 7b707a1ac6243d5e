"""Which servicer answers which RPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar.rpc.contract import RPCS, Rpc, python_name
from sidecar.rpc.not_available import SENTENCES, refuse
from sidecar.rpc.servicers.access import Access
from sidecar.rpc.servicers.assist import Assist
from sidecar.rpc.servicers.connectors import Connectors
from sidecar.rpc.servicers.escalations import Escalations
from sidecar.rpc.servicers.events import Events
from sidecar.rpc.servicers.insight import Insight
from sidecar.rpc.servicers.knowledge import Knowledge
from sidecar.rpc.servicers.policies import Policies
from sidecar.rpc.servicers.sessions import Sessions
from sidecar.rpc.servicers.tickets import Tickets

if TYPE_CHECKING:
    from sidecar.rpc.servicers.desk import Desk


def methods(desk: Desk) -> dict[str, Any]:
    """Return the method of every RPC of the contract, by path.

    Raises ``LookupError`` when an RPC is neither answered nor declared missing.
    """
    servicers = {
        "AccessService": Access(desk),
        "AssistService": Assist(desk),
        "ConnectorService": Connectors(desk),
        "EscalationService": Escalations(desk),
        "EventService": Events(desk),
        "InsightService": Insight(desk),
        "KnowledgeService": Knowledge(desk),
        "PolicyService": Policies(desk),
        "SessionService": Sessions(desk),
        "TicketService": Tickets(desk),
    }
    return {path: _method(rpc, servicers) for path, rpc in RPCS.items()}


def _method(rpc: Rpc, servicers: dict[str, Any]) -> Any:
    service = rpc.service.rpartition(".")[2]
    method = getattr(servicers.get(service), python_name(rpc.name), None)
    if method is not None:
        return method
    sentence = SENTENCES.get(f"{service}/{rpc.name}")
    if sentence is None:
        raise LookupError(f"{rpc.path} has no method and no sentence")
    return refuse(sentence)
