"""A key is set and the provider is dead: every call answers as if there were no key."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from sidecar.bootstrap import open_house
from sidecar.client import SidecarClient
from sidecar.domain.access import Role
from sidecar.furnish import wiring_of
from sidecar.rpc.interceptors.pace import Limits
from sidecar.server import Options, SidecarServer
from sidecar.settings import Settings
from sidecar.usecases.access import add_key
from sidecar.v1 import assist_pb2, common_pb2, knowledge_pb2, ticket_pb2
from tests.doubles.providers import Fault
from tests.flow.model_house import ARTICLE, ARTICLE_URL, ModelHouse, model_house

DEADLINE = 6.0
ANGRY = "I was charged twice and nobody answers! Refund me NOW. This is a scam."
QUESTION = "How do I return a device? Where do I find the return label?"
# Made anew for each ticket and moment, and what says that another engine stood in.
_MADE_ANEW = ("Id", "id", "etag", "Etag", "At", "createdBy", "configVersion", "latency")
_STOOD_IN = ("engine", "model", "usage", "degraded")


@pytest.fixture(scope="module")
def houses(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[SidecarClient, ModelHouse]]:
    """A house without a key, and one whose provider fails in the way a test says."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("keyless")
        keyless = open_house(Settings(data_dir=folder, embedder="none"))
        stack.callback(keyless.close)
        many = Limits(10**9, 10**9, 10**9)
        server = SidecarServer(wiring_of(keyless), Options(limits=many))
        server.start()
        stack.callback(server.stop, 0.5)
        with keyless.ports.store.transaction() as tx:
            _, key = add_key(
                tx, keyless.ports, "default", "t", Role.ADMIN, "", None, "test"
            )
        client = stack.enter_context(SidecarClient(f"127.0.0.1:{server.port}", key))
        header = knowledge_pb2.AddDocumentHeader(
            file_name="returns.txt",
            source_url=ARTICLE_URL,
            visibility=common_pb2.VISIBILITY_PUBLIC,
        )
        client.upload(ARTICLE.encode(), header)
        dead = stack.enter_context(model_house(tmp_path_factory.mktemp("dead")))
        # What a first call loads is not what these tests are about.
        for one in (client, dead.client):
            one.assist.Classify(
                assist_pb2.ClassifyRequest(ticket=_ticket("first", QUESTION)),
                timeout=60,
            )
        yield client, dead


def _ticket(number: str, body: str) -> ticket_pb2.Ticket:
    author = ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER, name="Jo Miller")
    message = ticket_pb2.Message(external_id=f"{number}-1", author=author, body=body)
    return ticket_pb2.Ticket(
        external_id=number,
        connector="test",
        subject="Return of a device",
        messages=[message],
        customer=ticket_pb2.Customer(external_id="c", name="Jo Miller"),
    )


def _escalated(client: SidecarClient, number: str) -> Message:
    made = _ticket(f"{number}-e", QUESTION)
    known = client.assist.Classify(
        assist_pb2.ClassifyRequest(ticket=made), timeout=DEADLINE
    )
    asked = assist_pb2.EscalateRequest(ticket_id=known.ticket_id, reason="asked for")
    return client.assist.Escalate(asked, timeout=DEADLINE)


CALLS: dict[str, Callable[[SidecarClient, str], Message]] = {
    "classify": lambda c, n: c.assist.Classify(
        assist_pb2.ClassifyRequest(ticket=_ticket(n, ANGRY)), timeout=DEADLINE
    ),
    "retrieve": lambda c, _: c.assist.Retrieve(
        assist_pb2.RetrieveRequest(query="return label"), timeout=DEADLINE
    ),
    "draft": lambda c, n: c.assist.DraftReply(
        assist_pb2.DraftReplyRequest(ticket=_ticket(n, QUESTION)), timeout=DEADLINE
    ),
    "summarize": lambda c, n: c.assist.Summarize(
        assist_pb2.SummarizeRequest(ticket=_ticket(n, QUESTION)), timeout=DEADLINE
    ),
    "escalate": _escalated,
}
DEATHS = {
    "server error": Fault(status=500),
    "wrong key": Fault(status=401),
    "hangs before the first byte": Fault(hang=60.0),
}


def _bare(value: Any) -> Any:
    """Return an answer without ids, times and the marks of an engine."""
    if isinstance(value, dict):
        kept = {
            key: _bare(item)
            for key, item in value.items()
            if not key.endswith(_MADE_ANEW) and key not in _STOOD_IN
        }
        # A list whose one mark is gone is as good as none.
        return {key: item for key, item in kept.items() if item != []}
    if not isinstance(value, list):
        return value
    marks = ("WARNING_DEGRADED", "REASON_CODE_DEGRADED")
    return [
        _bare(item)
        for item in value
        if item not in marks
        and not (isinstance(item, dict) and item.get("code") in marks)
    ]


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("call", CALLS)
def test_a_dead_provider_changes_no_answer_but_the_mark(
    houses: tuple[SidecarClient, ModelHouse], call: str, death: str
) -> None:
    """Each of the five calls: the same, marked degraded, within the deadline."""
    keyless, dead = houses
    dead.reset()
    dead.double.always = DEATHS[death]
    number = f"{call}-{death}"
    expected = MessageToDict(CALLS[call](keyless, number))
    started = time.monotonic()
    found = MessageToDict(CALLS[call](dead.client, number))
    # Two calls for an escalation; gRPC itself holds each to its deadline.
    calls = 2 if call == "escalate" else 1
    assert time.monotonic() - started < DEADLINE * calls + 1.0
    assert _bare(found) == _bare(expected)
    asks_a_model = call in ("classify", "draft", "summarize")
    assert ("DEGRADED" in repr(found)) is asks_a_model or call == "escalate"
    assert "DEGRADED" not in repr(expected)
    assert len(repr(_bare(expected))) > 100
