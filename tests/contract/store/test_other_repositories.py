"""Escalations, documents, access, policies, jobs and events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.clock import FixedClock
from sidecar.domain.access import AuditEntry, Role
from sidecar.domain.classification import Reason as Why
from sidecar.domain.classification import ReasonCode
from sidecar.domain.escalation import EscalationState
from sidecar.domain.knowledge import DocumentFilter, DocumentState
from sidecar.errors import ChangeStateFirst, ReadAgain, Reason
from sidecar.store.sql import SqlStore
from tests.contract.store import samples
from tests.contract.store.samples import AT, LEASE

W = "acme"


def test_a_second_reason_joins_the_open_escalation(store: SqlStore) -> None:
    """One ticket, one open escalation: reasons unite, the level only rises."""
    why = Why(ReasonCode.LEGAL, "a lawyer is named")
    with store.transaction() as tx:
        own_id = tx.tickets.upsert(W, samples.ticket()).id
        first, created = tx.escalations.open(W, samples.escalation(own_id, level=2))
        assert created
        same, created = tx.escalations.open(W, samples.escalation(own_id))
        assert (same, created) == (first, False)
        more = samples.escalation(own_id, level=3, reasons=(*first.reasons, why))
        raised, created = tx.escalations.open(W, more)
        assert not created
        assert tx.escalations.open_for(W, own_id) == raised
    assert (raised.id, raised.level) == (first.id, 3)
    assert raised.reasons == (*first.reasons, why)
    assert raised.etag != first.etag


def test_a_resolved_escalation_is_final_and_frees_the_ticket(store: SqlStore) -> None:
    """After the end nothing changes, and a new one may be opened."""
    with store.transaction() as tx:
        own_id = tx.tickets.upsert(W, samples.ticket()).id
        first, _ = tx.escalations.open(W, samples.escalation(own_id))
        taken = tx.escalations.change(
            W, first.id, first.etag, EscalationState.ASSIGNED, "jo", "on it"
        )
        assert taken is not None
        with pytest.raises(ReadAgain) as loser:
            tx.escalations.change(
                W, first.id, first.etag, EscalationState.RESOLVED, None, ""
            )
        done = tx.escalations.change(
            W, first.id, taken.etag, EscalationState.RESOLVED, None, ""
        )
        assert done is not None
        assert (done.assignee, done.note) == ("jo", "on it")
        with pytest.raises(ChangeStateFirst):
            tx.escalations.change(
                W, first.id, done.etag, EscalationState.OPEN, None, ""
            )
        assert tx.escalations.open_for(W, own_id) is None
        second, created = tx.escalations.open(W, samples.escalation(own_id))
        assert created
        page = tx.escalations.page(W, [EscalationState.RESOLVED], 5, "")
        both = tx.escalations.page(W, [], 1, "")
        rest = tx.escalations.page(W, [], 1, both.next_cursor)
    assert loser.value.reason is Reason.ETAG_MISMATCH
    assert page.items == (done,)
    assert {both.items[0].id, rest.items[0].id} == {first.id, second.id}
    assert rest.next_cursor == ""


def test_only_ready_documents_are_quoted(store: SqlStore) -> None:
    """Passages are answered while their document is READY and not otherwise."""
    with store.transaction() as tx:
        stored = tx.documents.put(
            W, samples.document(), [samples.passage(0), samples.passage(1)]
        )
        ids = [p.id for p in tx.documents.passages_of(W, stored.id)]
        assert stored.state is DocumentState.INDEXING
        assert tx.documents.passages(W, ids) == {}
        tx.documents.set_state(W, stored.id, DocumentState.READY)
        found = tx.documents.passages(W, [*ids, "psg_none"])
        assert set(found) == set(ids)
        assert found[ids[0]][1] == replace(stored, state=DocumentState.READY)
        assert tx.documents.set_state_of_all(W, DocumentState.PENDING) == 1
        assert tx.documents.passages(W, ids) == {}
        assert tx.documents.count(W) == (1, 2)


def test_a_document_is_replaced_with_all_its_passages(store: SqlStore) -> None:
    """The same id again leaves nothing of the old text."""
    with store.transaction() as tx:
        first = tx.documents.put(W, samples.document(), [samples.passage()])
        changed = replace(first, version=2, created_at=None, updated_at=None)
        second = tx.documents.put(W, changed, [samples.passage(0, "New")])
        passages = tx.documents.passages_of(W, first.id)
        assert [p.text for p in passages] == ["New"]
        assert second.created_at == first.created_at
        assert tx.documents.find_same(W, "upload", "Refunds.md") == second
        assert tx.documents.find_same(W, "upload", "Refunds.md ") is None
        assert tx.documents.delete(W, first.id)
        assert not tx.documents.delete(W, first.id)
        assert tx.documents.count(W) == (0, 0)


def test_documents_are_listed_by_title_whatever_the_case(store: SqlStore) -> None:
    """Pages are stable, in one order on every database."""
    titles = ["beta", "Alpha", "alpha", "Ärger", "100%", "zeta 🧯", "Gamma"]
    with store.transaction() as tx:
        for title in titles:
            tx.documents.put(W, samples.document(title), [])
        seen, cursor = [], ""
        while True:
            page = tx.documents.page(W, DocumentFilter(("upload",)), 2, cursor)
            seen += [d.title for d in page.items]
            cursor = page.next_cursor
            if not cursor:
                break
        assert tx.documents.page(W, DocumentFilter(("elsewhere",)), 5, "").items == ()
        found = tx.documents.page(W, DocumentFilter(text="0%"), 5, "").items
        both = tx.documents.page(W, DocumentFilter(text="ALPHA"), 5, "").items
    assert [t.casefold() for t in seen] == sorted(t.casefold() for t in titles)
    assert [d.title for d in found] == ["100%"]
    assert len(both) == 2


def test_the_sweeper_sees_what_was_left_behind(
    store: SqlStore, clock: FixedClock
) -> None:
    """A state's age counts from its start, not from the document's date."""
    with store.transaction() as tx:
        stored = tx.documents.put(W, samples.document(), [])
        left = [DocumentState.INDEXING, DocumentState.DELETING]
        assert tx.documents.in_state(left, clock.now(), 5) == []
        clock.advance(timedelta(minutes=5))
        assert tx.documents.in_state(left, clock.now(), 5) == [(W, stored)]
        tx.documents.set_state(W, stored.id, DocumentState.FAILED, "R", "why")
        failed = tx.documents.get(W, stored.id)
        assert tx.documents.in_state(left, clock.now(), 5) == []
    assert failed is not None
    assert (failed.error_reason, failed.error_message) == ("R", "why")
    assert failed.updated_at == stored.updated_at


def test_a_key_is_found_by_digest_until_revoked_and_after(store: SqlStore) -> None:
    """Its state travels with it; the caller of key_by_digest judges."""
    key = samples.api_key(W)
    with store.transaction() as tx:
        tx.access.add_key(key, "d1")
        tx.access.touch_key(key.id, AT)
        assert tx.access.revoke_key(W, key.id, AT)
        assert not tx.access.revoke_key(W, "key_none", AT)
        expected = replace(key, revoked_at=AT, last_used_at=AT)
        assert tx.access.key_by_digest("d1") == expected
        assert tx.access.key_by_digest("D1") is None
        assert list(tx.access.keys(W)) == [expected]
        with pytest.raises(ChangeStateFirst):
            tx.access.add_key(replace(key, id="key_2"), "d1")


def test_one_address_is_one_member(store: SqlStore) -> None:
    """An address is the same in capitals; a second member with it is refused."""
    member = samples.member(W, email="Jo@X.org")
    with store.transaction() as tx:
        tx.access.add_member(member, "hash")
        assert tx.access.member_by_email(W, "jo@x.ORG") == (member, "hash")
        with pytest.raises(ChangeStateFirst) as refused:
            tx.access.add_member(samples.member(W, "mbr_2", "JO@x.org"), "")
        changed = replace(member, name="J", role=Role.ADMIN, active=False)
        assert tx.access.update_member(changed)
        assert not tx.access.update_member(replace(member, id="mbr_none"))
        assert tx.access.member(W, member.id) == changed
        assert list(tx.access.members(W)) == [changed]
    assert refused.value.reason is Reason.ALREADY_EXISTS


def test_sessions_end_and_are_purged(store: SqlStore) -> None:
    """A session lives until it is ended or its time is over for long."""
    with store.transaction() as tx:
        for n in range(4):
            until = AT + timedelta(minutes=n)
            tx.access.add_session(samples.session(W, f"s{n}", until))
        assert tx.access.session("s3") == samples.session(W, "s3", until)
        assert tx.access.end_session("s3")
        assert not tx.access.end_session("s3")
        assert tx.access.purge_sessions(AT + timedelta(minutes=2), 1) == 1
        assert tx.access.purge_sessions(AT + timedelta(minutes=2), 9) == 1
        assert tx.access.session("s2") is not None


def test_the_audit_log_is_read_newest_first(store: SqlStore) -> None:
    """Lines come in the order of writing, page by page."""
    with store.transaction() as tx:
        for n in range(5):
            tx.access.add_audit(W, AuditEntry(0, AT, "me", "did", str(n), "r", "{}"))
        first = tx.access.audit(W, 3, "")
        second = tx.access.audit(W, 3, first.next_cursor)
    lines = [*first.items, *second.items]
    assert [line.target for line in lines] == ["4", "3", "2", "1", "0"]
    assert len({line.id for line in lines}) == 5
    assert second.next_cursor == ""


def test_a_policy_is_written_by_the_holder_of_its_etag(store: SqlStore) -> None:
    """'' creates and never overwrites; an old etag loses."""
    with store.transaction() as tx:
        first = tx.policies.put(W, "rules", "{}", "")
        second = tx.policies.put(W, "rules", '{"a":1}', first.etag)
        for stale in ("", first.etag):
            with pytest.raises(ReadAgain) as loser:
                tx.policies.put(W, "rules", "[]", stale)
            assert loser.value.reason is Reason.ETAG_MISMATCH
        with pytest.raises(ReadAgain):
            tx.policies.put(W, "absent", "[]", first.etag)
        assert tx.policies.get(W, "rules") == second
        assert tx.policies.get(W, "absent") is None


def test_a_job_is_held_by_one_worker_at_a_time(
    store: SqlStore, clock: FixedClock
) -> None:
    """Oldest first; a dead worker's job is taken over, and its word is void."""
    with store.transaction() as tx:
        tx.jobs.add(samples.job(W, "job_2", AT + timedelta(seconds=1)))
        tx.jobs.add(samples.job("other", "job_1", AT))
        one = tx.jobs.lease("a", LEASE)
        two = tx.jobs.lease("a", LEASE)
        assert one is not None
        assert two is not None
        assert (one.id, two.id) == ("job_1", "job_2")
        assert (one.workspace, one.state) == ("other", "running")
        assert tx.jobs.lease("b", LEASE) is None
        clock.advance(LEASE / 2)
        assert tx.jobs.progress(replace(two, done=5), "a", LEASE)
        clock.advance(LEASE / 2)
        stolen = tx.jobs.lease("b", LEASE)
        assert stolen is not None
        assert stolen.id == "job_1"
        assert tx.jobs.lease("b", LEASE) is None
        assert not tx.jobs.progress(replace(one, done=9), "a", LEASE)
        assert tx.jobs.progress(replace(stolen, state="done"), "b", LEASE)
        assert not tx.jobs.progress(stolen, "b", LEASE)
        ended = tx.jobs.get("other", "job_1")
        assert ended is not None
        assert (ended.state, ended.done) == ("done", 0)
        assert [job.id for job in tx.jobs.newest(W, 5)] == ["job_2"]
        with pytest.raises(ChangeStateFirst):
            tx.jobs.add(samples.job(W, "job_2"))


def test_a_cancelled_job_is_taken_from_its_worker_for_good(
    store: SqlStore, clock: FixedClock
) -> None:
    """Its word is void, nobody takes it up, and it is cancelled once."""
    with store.transaction() as tx:
        tx.jobs.add(samples.job(W, "job_1"))
        one = tx.jobs.lease("a", LEASE)
        assert one is not None
        assert one.attempts == 1
        clock.advance(LEASE)
        two = tx.jobs.lease("b", LEASE)
        assert two is not None
        assert two.attempts == 2
        assert tx.jobs.cancel(W, "job_1")
        assert not tx.jobs.cancel(W, "job_1")
        assert not tx.jobs.progress(replace(two, state="done"), "b", LEASE)
        clock.advance(LEASE)
        assert tx.jobs.lease("c", LEASE) is None
        ended = tx.jobs.get(W, "job_1")
        assert ended is not None
        assert ended.state == "cancelled"


def test_events_are_purged_by_age(store: SqlStore, clock: FixedClock) -> None:
    """Each event has its own id; old ones go in portions."""
    event = samples.event()
    with store.transaction() as tx:
        assert len({tx.events.add(W, event, []) for _ in range(3)}) == 3
        clock.advance(timedelta(days=1))
        tx.events.add(W, event, [])
        assert tx.events.purge(clock.now(), 2) == 2
        assert tx.events.purge(clock.now(), 2) == 1
        assert tx.events.purge(clock.now(), 2) == 0
