"""The error catalogue is complete and says nothing it should not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from sidecar.errors import (
    FieldViolation,
    MendRequest,
    NotAvailable,
    ReadAgain,
    Reason,
    TryAgain,
)
from sidecar.rpc.status import CATALOGUE, refusal_of, trailers_of


def test_every_reason_has_an_entry() -> None:
    """A reason without a status would fail at the moment it is needed."""
    assert set(CATALOGUE) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_every_entry_is_a_sentence_with_a_failing_code(reason: Reason) -> None:
    """Callers read it: a capital letter, a full stop, nothing technical inside."""
    entry = CATALOGUE[reason]
    assert entry.code is not grpc.StatusCode.OK
    assert entry.sentence[0].isupper()
    assert entry.sentence.endswith(".")
    assert "Traceback" not in entry.sentence


def test_unavailable_means_that_repeating_may_help() -> None:
    """AIP-194: clients repeat UNAVAILABLE by themselves, so nothing else may use it."""
    unavailable = {
        reason
        for reason, entry in CATALOGUE.items()
        if entry.code is grpc.StatusCode.UNAVAILABLE
    }
    assert unavailable == {
        Reason.DATABASE_UNAVAILABLE,
        Reason.INDEX_UNAVAILABLE,
        Reason.SHUTTING_DOWN,
    }


def test_the_private_detail_stays_private() -> None:
    """Neither our own details nor a stranger's words leave the service."""
    for error in (
        ReadAgain(Reason.ETAG_MISMATCH, "secret"),
        TryAgain(Reason.DATABASE_UNAVAILABLE, detail="secret"),
        RuntimeError("secret"),
        KeyError("secret"),
    ):
        assert "secret" not in refusal_of(error).sentence


def test_details_travel_as_google_rpc() -> None:
    """ErrorInfo always; BadRequest and RetryInfo where they say something."""
    error = MendRequest(
        Reason.FIELD_INVALID, (FieldViolation("ticket.subject", "Too long."),)
    )
    info, bad = _details(error)
    assert (info.reason, info.domain) == ("FIELD_INVALID", "deskside")
    assert info.metadata["request_id"] == "r1"
    assert bad.field_violations[0].field == "ticket.subject"
    _, retry = _details(TryAgain(Reason.RATE_LIMITED, timedelta(milliseconds=250)))
    assert retry.retry_delay.ToMilliseconds() == 250


def test_what_is_not_built_yet_says_when() -> None:
    """The explanation of NotAvailable is public by its nature."""
    refusal = refusal_of(NotAvailable("It arrives with the connectors."))
    assert refusal.code is grpc.StatusCode.UNIMPLEMENTED
    assert refusal.sentence == "It arrives with the connectors."


def _details(error: Exception) -> list[Any]:
    ((_, packed),) = trailers_of(refusal_of(error), "r1")
    status = status_pb2.Status.FromString(packed)
    kinds = {
        kind.DESCRIPTOR.full_name: kind
        for kind in (
            error_details_pb2.ErrorInfo,
            error_details_pb2.BadRequest,
            error_details_pb2.RetryInfo,
        )
    }
    made = []
    for packed_detail in status.details:
        detail = kinds[packed_detail.TypeName()]()
        packed_detail.Unpack(detail)
        made.append(detail)
    return made
