"""The same request id: the first answer again, on the real database."""

from __future__ import annotations

import threading

import grpc
import pytest

from sidecar.client import SidecarError
from sidecar.v1 import assist_pb2, ticket_pb2, ticket_service_pb2
from tests.contract.rpc.conftest import Running


def ticket(name: str, subject: str = "I cannot log in") -> ticket_pb2.Ticket:
    return ticket_pb2.Ticket(
        external_id=name,
        connector="zendesk",
        subject=subject,
        messages=[ticket_pb2.Message(body="The password is refused since today.")],
    )


def test_a_repeat_returns_the_first_answer(running: Running) -> None:
    """AIP-155: equal bytes, and nothing is done twice."""
    request = assist_pb2.ClassifyRequest(request_id="same", ticket=ticket("once-1"))
    with running.client() as client:
        first = client.assist.Classify(request)
        request.ticket.id = "ignored"
        again = client.assist.Classify(request)
    assert again == first


def test_another_body_under_the_same_id_is_refused(running: Running) -> None:
    """REQUEST_ID_REUSED: the caller made a mistake it must hear of."""
    with running.client() as client:
        ask = assist_pb2.ClassifyRequest
        client.assist.Classify(ask(request_id="reused", ticket=ticket("once-2")))
        with pytest.raises(SidecarError) as caught:
            client.assist.Classify(
                ask(request_id="reused", ticket=ticket("once-2", "Other"))
            )
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.reason == "REQUEST_ID_REUSED"


def test_ids_of_different_workspaces_and_rpcs_do_not_meet(running: Running) -> None:
    """Scope is workspace and RPC."""
    with running.client() as client, running.client("elsewhere") as other:
        ask = assist_pb2.ClassifyRequest(request_id="scope", ticket=ticket("once-3"))
        mine = client.assist.Classify(ask)
        theirs = other.assist.Classify(ask)
        assert mine.ticket_id != theirs.ticket_id
        client.assist.Escalate(
            assist_pb2.EscalateRequest(request_id="scope", ticket_id=mine.ticket_id)
        )


def test_a_failed_request_may_be_repeated(running: Running) -> None:
    """The claim is given back, so the repeat does the work."""
    with running.client() as client:
        add = ticket_service_pb2.AddMessageRequest(
            request_id="failed-first",
            ticket_id="tkt_unknown",
            message=ticket_pb2.Message(body="hello"),
        )
        for _ in range(2):
            with pytest.raises(SidecarError) as caught:
                client.tickets.AddMessage(add)
            assert caught.value.reason == "TICKET_NOT_FOUND"


def test_equal_requests_at_once_make_one_effect(running: Running) -> None:
    """Callers that race get one answer, all of them."""
    answers: list[str] = []
    request = assist_pb2.EscalateRequest(request_id="race", ticket=ticket("once-4"))

    def call() -> None:
        with running.client() as client:
            made = client.assist.Escalate(request)
            answers.append(made.SerializeToString(deterministic=True).hex())

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1


def test_a_secret_is_never_kept_as_an_answer(running: Running) -> None:
    """A repeated CreateApiKey makes another key instead of showing the first again."""
    from sidecar.v1 import access_pb2

    with running.client() as client:
        ask = access_pb2.CreateApiKeyRequest(
            request_id="key", name="ci", role=access_pb2.ROLE_SERVICE
        )
        first, second = client.access.CreateApiKey(ask), client.access.CreateApiKey(ask)
    assert first.secret != second.secret
