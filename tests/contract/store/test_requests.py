"""Answers already given: claimed once, saved once, forgotten after a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sidecar.clock import FixedClock
from sidecar.errors import MendRequest, ReadAgain, Reason
from sidecar.store.sql import SqlStore
from tests.contract.store.samples import LEASE, request_key

W = "acme"


def test_a_finished_request_gives_its_first_answer(store: SqlStore) -> None:
    """The same id and body again returns the saved bytes, '' included."""
    for name, answer in (("a", b"\x00\xff"), ("b", b"")):
        key = request_key(W, name)
        with store.transaction(durable=False) as tx:
            assert tx.requests.begin(key, LEASE) is None
        with store.transaction() as tx:
            tx.requests.finish(key, answer)
        with store.transaction() as tx:
            assert tx.requests.begin(request_key(W, name), LEASE) == answer


def test_another_body_under_the_same_id_is_refused(store: SqlStore) -> None:
    """A request id means one request, running or done."""
    key = request_key(W)
    other = request_key(W, digest="e")
    with store.transaction() as tx:
        tx.requests.begin(key, LEASE)
        with pytest.raises(MendRequest) as running:
            tx.requests.begin(other, LEASE)
        tx.requests.finish(key, b"x")
        with pytest.raises(MendRequest) as done:
            tx.requests.begin(other, LEASE)
    assert running.value.reason is done.value.reason is Reason.REQUEST_ID_REUSED


def test_a_running_request_is_not_started_twice(
    store: SqlStore, clock: FixedClock
) -> None:
    """The second caller waits while the first one's lease runs."""
    with store.transaction() as tx:
        tx.requests.begin(request_key(W), LEASE)
    clock.advance(LEASE - timedelta(microseconds=1))
    with store.transaction() as tx, pytest.raises(ReadAgain) as refused:
        tx.requests.begin(request_key(W), LEASE)
    assert refused.value.reason is Reason.REQUEST_IN_PROGRESS


def test_a_dead_holders_claim_is_taken_over_and_lost_to_it(
    store: SqlStore, clock: FixedClock
) -> None:
    """After the lease the next one works; the late first one writes nothing."""
    dead, alive = request_key(W), request_key(W)
    with store.transaction() as tx:
        tx.requests.begin(dead, LEASE)
    clock.advance(LEASE)
    with store.transaction() as tx:
        assert tx.requests.begin(alive, LEASE) is None
    with pytest.raises(ReadAgain) as lost, store.transaction() as tx:
        tx.requests.finish(dead, b"late")
    assert lost.value.reason is Reason.REQUEST_IN_PROGRESS
    with store.transaction() as tx:
        tx.requests.abandon(dead)
        tx.requests.finish(alive, b"right")
        assert tx.requests.begin(request_key(W), LEASE) == b"right"


def test_an_abandoned_request_may_run_at_once(store: SqlStore) -> None:
    """A failure gives the claim back, for another body too."""
    key = request_key(W)
    with store.transaction() as tx:
        tx.requests.begin(key, LEASE)
        tx.requests.abandon(key)
        assert tx.requests.begin(request_key(W, digest="e"), LEASE) is None


def test_a_finished_request_cannot_be_finished_or_abandoned_again(
    store: SqlStore,
) -> None:
    """The first answer stands."""
    key = request_key(W)
    with store.transaction() as tx:
        tx.requests.begin(key, LEASE)
        tx.requests.finish(key, b"first")
        with pytest.raises(ReadAgain):
            tx.requests.finish(key, b"second")
        tx.requests.abandon(key)
        assert tx.requests.begin(request_key(W), LEASE) == b"first"


def test_a_claim_needs_no_answer_of_another_scope(store: SqlStore) -> None:
    """Workspace, RPC and id together make the request; a space is a character."""
    with store.transaction() as tx:
        for where, name in (("a", "r"), ("b", "r"), ("a", "r "), ("a", "R")):
            assert tx.requests.begin(request_key(where, name), LEASE) is None


def test_old_answers_are_purged_in_portions(store: SqlStore, clock: FixedClock) -> None:
    """What is older than the limit goes, at most so many at a time."""
    with store.transaction() as tx:
        for n in range(5):
            tx.requests.begin(request_key(W, f"old{n}"), LEASE)
    clock.advance(timedelta(days=31))
    before = clock.now() - timedelta(days=30)
    with store.transaction() as tx:
        tx.requests.begin(request_key(W, "new"), LEASE)
        assert tx.requests.purge(before, 3) == 3
        assert tx.requests.purge(before, 3) == 2
        assert tx.requests.purge(before, 3) == 0
        with pytest.raises(ReadAgain):
            tx.requests.begin(request_key(W, "new"), LEASE)
