"""Section D, data: whose it is, how much of it, and what of it is shown or logged."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from sidecar.bootstrap import House, open_house
from sidecar.client import SidecarClient
from sidecar.client_errors import SidecarError
from sidecar.domain.access import Role
from sidecar.furnish import wiring_of
from sidecar.server import Options, SidecarServer
from sidecar.settings import Settings
from sidecar.usecases.access import add_key
from sidecar.usecases.index_tickets import index_changed_tickets
from sidecar.v1 import (
    assist_pb2,
    classification_pb2,
    common_pb2,
    knowledge_pb2,
    ticket_pb2,
)
from sidecar.v1 import ticket_service_pb2 as tickets_pb2
from tests.contract.rpc.tiny import UNLIMITED
from tests.flow.guarded_house import ARTICLE

PERSONAL = {
    "email": "ann.secret@private.test",
    "phone": "+49 171 2345678",
    "iban": "DE89 3704 0044 0532 0130 00",
    "card": "4111 1111 1111 1111",
    "password": "Tr0ub4dor!x",
    "key": "sk-live-" + "abcd1234" * 3,
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl",
}
LEAKY = (
    "The locker door is stuck and the badge does not open it. Write to {email} or call"
    " {phone}. IBAN {iban}, card {card}, password: {password}, key {key}, token {jwt}."
).format(**PERSONAL)


@dataclass
class Served:
    """A real server on loopback, and clients of two workspaces."""

    house: House
    folder: Path
    client: SidecarClient
    elsewhere: SidecarClient


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The whole house behind gRPC; the knowledge belongs to 'default' alone."""
    folder = tmp_path_factory.mktemp("served")
    house = open_house(Settings(data_dir=folder, embedder="none"))
    keys = []
    with house.ports.store.transaction() as tx:
        for workspace in ("default", "elsewhere"):
            _, key = add_key(
                tx, house.ports, workspace, "k", Role.ADMIN, "", None, "test"
            )
            keys.append(key)
    server = SidecarServer(wiring_of(house), Options(limits=UNLIMITED))
    server.start()
    address = f"127.0.0.1:{server.port}"
    with SidecarClient(address, keys[0]) as one, SidecarClient(address, keys[1]) as two:
        one.upload(
            ARTICLE.encode(),
            knowledge_pb2.AddDocumentHeader(
                file_name="returns.txt", visibility=common_pb2.VISIBILITY_PUBLIC
            ),
        )
        yield Served(house, folder, one, two)
    server.stop(1.0)
    house.close()


def letter(number: str, *bodies: str, subject: str = "Locker") -> ticket_pb2.Ticket:
    customer = ticket_pb2.Customer(
        external_id=f"c-{number}", email=f"{number}@customer.test", name="Ann Secretson"
    )
    messages = [
        ticket_pb2.Message(
            external_id=f"{number}-{place}",
            author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER),
            body=body,
        )
        for place, body in enumerate(bodies)
    ]
    return ticket_pb2.Ticket(
        external_id=number,
        connector="test",
        subject=subject,
        customer=customer,
        messages=messages,
    )


def test_d07_another_workspace_sees_nothing_of_it(served: Served) -> None:
    """D07: no text, title, id or count of what only the other workspace knows."""
    asked = assist_pb2.RetrieveRequest(query="return any device within 14 days")
    ours = served.client.assist.Retrieve(asked)
    assert ours.passages
    theirs = served.elsewhere.assist.Retrieve(asked)
    assert not theirs.passages
    assert not theirs.answerable
    listed = served.elsewhere.knowledge.ListDocuments(
        knowledge_pb2.ListDocumentsRequest()
    )
    assert not listed.documents
    with pytest.raises(SidecarError) as caught:
        served.elsewhere.knowledge.GetDocument(
            knowledge_pb2.GetDocumentRequest(document_id=ours.passages[0].document_id)
        )
    assert caught.value.code is grpc.StatusCode.NOT_FOUND
    answer = served.elsewhere.assist.DraftReply(
        assist_pb2.DraftReplyRequest(
            request_id="d07", ticket=letter("d07", "How do I return a device?")
        )
    )
    told = str(answer).lower()
    assert "14 days" not in told
    assert "label" not in told
    assert ours.passages[0].passage_id not in told
    assert answer.draft.blocker == assist_pb2.BLOCKER_KNOWLEDGE_MISSING


def test_d10_a_ticket_of_two_megabytes_is_answered_and_noted(served: Served) -> None:
    """D10: head and tail are read, in seconds, and the draft says so."""
    huge = "How do I return a device? " + "blah blah. " * 180_000 + " Return a device?"
    started = time.perf_counter()
    made = letter("d10-big", huge[: 2 * 1024 * 1024], subject="Return a device")
    classified = served.client.assist.Classify(
        assist_pb2.ClassifyRequest(request_id="d10-c", ticket=made)
    )
    assert classified.classification.priority >= 1
    draft = served.client.assist.DraftReply(
        assist_pb2.DraftReplyRequest(request_id="d10-d", ticket_id=classified.ticket_id)
    ).draft
    assert time.perf_counter() - started < 20
    assert common_pb2.WARNING_THREAD_TRUNCATED in draft.warnings
    assert len(draft.text) < 20_000


def test_d10_a_thread_of_five_thousand_messages_is_answered(served: Served) -> None:
    """D10: classify, draft and summary stay bounded, and say what was left out."""
    bodies = [f"Message {n}: the locker is stuck again." for n in range(4_998)]
    made = letter("d10-long", "First: locker stuck.", *bodies, "Last: return a device?")
    started = time.perf_counter()
    classified = served.client.assist.Classify(
        assist_pb2.ClassifyRequest(request_id="d10-lc", ticket=made)
    )
    draft = served.client.assist.DraftReply(
        assist_pb2.DraftReplyRequest(
            request_id="d10-ld", ticket_id=classified.ticket_id
        )
    ).draft
    summary = served.client.assist.Summarize(
        assist_pb2.SummarizeRequest(ticket_id=classified.ticket_id)
    ).summary
    assert time.perf_counter() - started < 25
    assert common_pb2.WARNING_THREAD_TRUNCATED in draft.warnings
    assert common_pb2.WARNING_THREAD_TRUNCATED in summary.warnings
    assert len(str(summary)) < 20_000


def test_d12_numbers_of_things_stay_in_a_preview(served: Served) -> None:
    """D12: an order number failing Luhn, a date, a version, an invoice id are shown."""
    kept = ("1234567890123456", "2026-11-21", "10.4.2.1", "INV-2026-000123")
    body = (
        f"My wardrobe order {kept[0]} of {kept[1]}, version {kept[2]}, "
        f"invoice {kept[3]} has a broken hinge."
    )
    _classify(served, letter("d12-a", body, subject="Wardrobe hinge broken"))
    found = _similar_to(served, "d12-b", "Wardrobe hinge broken", "The hinge broke.")
    assert found
    assert all(number in found[0].snippet for number in kept)


def test_d16_what_was_pasted_is_masked_for_others(served: Served) -> None:
    """D13, D16: another customer's preview shows neither person nor secret."""
    subject = f"Locker door stuck {PERSONAL['email']}"
    _classify(served, letter("d16-a", LEAKY, subject=subject))
    found = _similar_to(served, "d16-b", "Locker door stuck", "The door is stuck.")
    assert found
    told = str(found)
    assert "<EMAIL_1>" in told
    for kind, value in PERSONAL.items():
        assert value not in told, kind
    assert "Secretson" not in told


def test_d13_d16_logs_and_errors_hold_no_personal_data(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """D13, D16: not in a log line at any level, not in an error's text."""
    caplog.set_level(logging.DEBUG)
    made = letter("d13", LEAKY, subject=f"Locker {PERSONAL['email']}")
    answer = _classify(served, made)
    served.client.assist.DraftReply(
        assist_pb2.DraftReplyRequest(request_id="d13-d", ticket_id=answer.ticket_id)
    )
    served.client.assist.Summarize(
        assist_pb2.SummarizeRequest(ticket_id=answer.ticket_id)
    )
    errors = []
    for wrong in (
        assist_pb2.RetrieveRequest(query=LEAKY * 60),
        assist_pb2.RetrieveRequest(ticket_id=PERSONAL["email"]),
        assist_pb2.RetrieveRequest(query=LEAKY, top_k=-1),
    ):
        with pytest.raises(SidecarError) as caught:
            served.client.assist.Retrieve(wrong)
        errors.append(f"{caught.value} {caught.value.violations}")
    told = caplog.text + "".join(str(r.__dict__) for r in caplog.records)
    for kind, value in PERSONAL.items():
        assert value not in told, kind
        assert value not in "".join(errors), kind
    assert "Secretson" not in told


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   \n\t ",
        "👍👍👍",
        "こんにちは、パスワードを忘れました。",
        "मैं लॉग इन नहीं कर सकता",
        "Ω≈ç√∫ 12345 ???",
        "Hallo, I cannot se connecter, porque la contraseña non funziona più.",
        "\u200b\u200b\u202e",
    ],
)
def test_d18_any_ticket_is_classified_and_never_surely_when_it_says_nothing(
    served: Served, body: str
) -> None:
    """D18: empty, emoji, other scripts and mixtures get a valid, modest answer."""
    made = letter(f"d18-{hash(body)}", body, subject="")
    found = _classify(served, made).classification
    assert 1 <= found.priority <= 10
    assert 0.0 <= found.risk <= 1.0
    assert found.severity != classification_pb2.SEVERITY_UNSPECIFIED
    assert found.sentiment != classification_pb2.SENTIMENT_UNSPECIFIED
    assert found.language
    assert 0.0 <= found.category.confidence <= 1.0
    if not any(c.isascii() and c.isalpha() for c in body):
        assert found.category.decision != classification_pb2.DECISION_AUTOMATE
        assert found.category.confidence < 0.7


def _classify(served: Served, made: ticket_pb2.Ticket) -> assist_pb2.ClassifyResponse:
    return served.client.assist.Classify(
        assist_pb2.ClassifyRequest(request_id=f"c-{made.external_id}", ticket=made)
    )


def _similar_to(
    served: Served, number: str, subject: str, body: str
) -> list[tickets_pb2.SimilarTicket]:
    """Return what an agent at another customer's ticket is shown as similar."""
    answer = _classify(served, letter(number, body, subject=subject))
    index_changed_tickets(served.house.ports, 100)
    asked = tickets_pb2.FindSimilarTicketsRequest(ticket_id=answer.ticket_id)
    return list(served.client.tickets.FindSimilarTickets(asked).tickets)
