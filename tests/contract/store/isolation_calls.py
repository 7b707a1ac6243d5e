"""Every method of the store port, called with another workspace's ids."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sidecar.domain.access import Account, AuditEntry
from sidecar.domain.budget import ModelCall
from sidecar.domain.connector import ChangeState
from sidecar.domain.escalation import EscalationState
from sidecar.domain.event import DeadLetterFilter, Failure, FailureKind
from sidecar.domain.knowledge import DocumentFilter, DocumentState
from sidecar.domain.quarantine import QuarantineState
from sidecar.domain.reply import Purpose, ReplyTemplate
from sidecar.domain.ticket import Feedback, FeedbackKind, TicketFilter
from sidecar.store.sql import SqlStore
from tests.contract.store import samples
from tests.contract.store.samples import AT, LEASE

THEIR_ACCOUNT = Account("slack", "T1", "U1")

# By contract these look at all workspaces: sweepers, and what a secret opens.
ACROSS = {
    "requests.purge",
    "spending.purge",
    "tickets.unindexed",
    "documents.in_state",
    "access.workspaces",
    "access.key_by_digest",
    "access.touch_key",
    "access.session",
    "access.end_session",
    "access.purge_sessions",
    "events.purge",
    "deliveries.leased",
    "deliveries.take_back",
    "connectors.everywhere",
    "jobs.lease",
}


def _model_call(name: str, ticket_id: str) -> ModelCall:
    """Return a call of a model that begins."""
    return ModelCall(name, AT.date(), "openai", "m", "draft", ticket_id, cost=7)


@dataclass
class Theirs:
    """What the other workspace has; an intruder may know all of it."""

    workspace: str
    ticket: Any
    etag: str
    customer: str
    draft: Any
    document: Any
    passages: list[str]
    escalation: Any
    policy: Any
    key: Any
    member: Any
    request: Any
    job: Any
    lease: Any
    connector: Any
    record: Any
    change: Any
    quarantined: Any


def furnish(store: SqlStore, workspace: str) -> Theirs:
    """Put one of everything into a workspace."""
    name = secrets.token_hex(8)
    with store.transaction() as tx:
        ticket = tx.tickets.upsert(workspace, samples.ticket())
        tx.classifications.add(workspace, samples.classification(ticket.id))
        draft = tx.drafts.add(workspace, samples.draft(ticket.id))
        template = ReplyTemplate("t1", "n", Purpose.RESOLUTION, "en", "theirs")
        tx.drafts.save_template(workspace, template)
        document = tx.documents.put(workspace, samples.document(), [samples.passage()])
        tx.documents.set_state(workspace, document.id, DocumentState.READY)
        escalation, _ = tx.escalations.open(workspace, samples.escalation(ticket.id))
        key = samples.api_key(workspace, name)
        tx.access.add_key(key, name)
        member = samples.member(workspace)
        tx.access.add_member(member, "their hash")
        tx.access.link_account(workspace, THEIR_ACCOUNT, member.id, AT)
        tx.access.add_session(samples.session(workspace, name))
        tx.access.add_audit(workspace, AuditEntry(0, AT, "they", "did", "it", "r"))
        tx.events.add(workspace, samples.event("known"), ["slack"])
        (lease,) = tx.deliveries.lease(workspace, "slack", (), 9, LEASE, "w")
        connector = tx.connectors.save(workspace, samples.connector())
        record = tx.connectors.put_record(workspace, samples.record())
        tx.connectors.put_report(workspace, samples.report())
        change = tx.changes.add(workspace, samples.change())
        policy = tx.policies.put(workspace, "rules", '"theirs"', "")
        job = samples.job(workspace, "job_1")
        tx.jobs.add(job)
        tx.classifiers.add_texts(workspace, job.id, 0, b"theirs")
        tx.classifiers.add(workspace, samples.classifier(job.id))
        tx.spending.reserve(workspace, _model_call("theirs", ticket.id))
        quarantined = samples.quarantined("qrn_theirs", ticket.id)
        tx.quarantine.add(workspace, quarantined)
        request = samples.request_key(workspace)
        tx.requests.begin(request, LEASE)
        return Theirs(
            workspace=workspace,
            ticket=ticket,
            etag=ticket.etag,
            customer=ticket.customer.id,
            draft=draft,
            document=document,
            passages=[p.id for p in tx.documents.passages_of(workspace, document.id)],
            escalation=escalation,
            policy=policy,
            key=key,
            member=member,
            request=request,
            job=job,
            lease=lease,
            connector=connector,
            record=record,
            change=change,
            quarantined=quarantined,
        )


def mine(theirs: Theirs, workspace: str) -> Any:
    """Return the request as the intruder would repeat it."""
    return replace(theirs.request, workspace=workspace)


ALL_DEAD = DeadLetterFilter()
WHY = Failure(FailureKind.GIVE_UP, "STOLEN", "stolen")
Call = Callable[[Any, str, Theirs], Any]
# Reads that must find nothing and writes that must not arrive, with foreign ids.
NOTHING: dict[str, Call] = {
    "requests.abandon": lambda tx, w, o: tx.requests.abandon(mine(o, w)),
    "tickets.add_message": lambda tx, w, o: tx.tickets.add_message(
        w, o.ticket.id, samples.message("x"), o.etag
    ),
    "spending.settle": lambda tx, w, o: tx.spending.settle(
        w, _model_call("theirs", o.ticket.id)
    ),
    "spending.of_ticket": lambda tx, w, o: tx.spending.of_ticket(w, o.ticket.id),
    "tickets.get": lambda tx, w, o: tx.tickets.get(w, o.ticket.id),
    "tickets.get_many": lambda tx, w, o: tx.tickets.get_many(w, [o.ticket.id]),
    "tickets.heads": lambda tx, w, o: tx.tickets.heads(w, [o.ticket.id]),
    "tickets.set_resolution": lambda tx, w, o: tx.tickets.set_resolution(
        w, o.ticket.id, "stolen", 5
    ),
    "tickets.rewrite": lambda tx, w, o: tx.tickets.rewrite(
        w, replace(o.ticket, subject="stolen")
    ),
    "tickets.delete": lambda tx, w, o: tx.tickets.delete(w, o.ticket.id),
    "tickets.customer": lambda tx, w, o: tx.tickets.customer(w, o.customer),
    "tickets.history": lambda tx, w, o: tx.tickets.history(w, o.customer, 9, ""),
    "tickets.mark_indexed": lambda tx, w, o: tx.tickets.mark_indexed(
        w, o.ticket.id, o.etag
    ),
    "classifications.latest_of": lambda tx, w, o: tx.classifications.latest_of(
        w, [o.ticket.id]
    ),
    "classifications.latest": lambda tx, w, o: tx.classifications.latest(
        w, o.ticket.id
    ),
    "drafts.get": lambda tx, w, o: tx.drafts.get(w, o.draft.id),
    "drafts.latest": lambda tx, w, o: tx.drafts.latest(w, o.ticket.id),
    "documents.get": lambda tx, w, o: tx.documents.get(w, o.document.id),
    "documents.passages_of": lambda tx, w, o: tx.documents.passages_of(
        w, o.document.id
    ),
    "documents.passages": lambda tx, w, o: tx.documents.passages(w, o.passages),
    "documents.set_state": lambda tx, w, o: tx.documents.set_state(
        w, o.document.id, DocumentState.FAILED, "x", "x"
    ),
    "documents.delete": lambda tx, w, o: tx.documents.delete(w, o.document.id),
    "documents.set_state_of_all": lambda tx, w, _: tx.documents.set_state_of_all(
        w, DocumentState.PENDING
    ),
    "escalations.open_for_many": lambda tx, w, o: tx.escalations.open_for_many(
        w, [o.ticket.id]
    ),
    "escalations.open_for": lambda tx, w, o: tx.escalations.open_for(w, o.ticket.id),
    "escalations.get": lambda tx, w, o: tx.escalations.get(w, o.escalation.id),
    "escalations.change": lambda tx, w, o: tx.escalations.change(
        w, o.escalation.id, o.escalation.etag, EscalationState.RESOLVED, "me", "x"
    ),
    "access.revoke_key": lambda tx, w, o: tx.access.revoke_key(w, o.key.id, AT),
    "access.member": lambda tx, w, _: tx.access.member(w, "mbr_theirs"),
    "access.member_by_account": lambda tx, w, _: tx.access.member_by_account(
        w, THEIR_ACCOUNT
    ),
    "access.update_member": lambda tx, w, o: tx.access.update_member(
        replace(o.member, workspace=w, id="mbr_theirs", name="x")
    ),
    "access.set_password": lambda tx, w, _: tx.access.set_password(
        w, "mbr_theirs", "x"
    ),
    "access.end_sessions_of": lambda tx, w, _: tx.access.end_sessions_of(
        w, "mbr_theirs"
    ),
    "events.ticket_key": lambda tx, w, o: tx.events.ticket_key(w, o.ticket.id),
    "deliveries.get": lambda tx, w, o: tx.deliveries.get(w, o.lease.delivery_id),
    "deliveries.renew": lambda tx, w, o: tx.deliveries.renew(
        w, o.lease.delivery_id, o.lease.token, LEASE
    ),
    "deliveries.complete": lambda tx, w, o: tx.deliveries.complete(
        w, o.lease.delivery_id, o.lease.token, "{}"
    ),
    "deliveries.give_back": lambda tx, w, o: tx.deliveries.give_back(
        w, o.lease.delivery_id, o.lease.token, LEASE, 0, WHY
    ),
    "deliveries.bury": lambda tx, w, o: tx.deliveries.bury(
        w, o.lease.delivery_id, o.lease.token, WHY
    ),
    "deliveries.withdraw": lambda tx, w, o: tx.deliveries.withdraw(
        w, o.lease.event.id, "slack"
    ),
    "deliveries.result": lambda tx, w, o: tx.deliveries.result(
        w, o.lease.event.id, "slack"
    ),
    "changes.get": lambda tx, w, o: tx.changes.get(w, o.change.id),
    "changes.move": lambda tx, w, o: tx.changes.move(
        *(w, o.change.id, (ChangeState.MADE,), ChangeState.REVERTED, "x", "me")
    ),
    "connectors.reseal": lambda tx, w, o: tx.connectors.reseal(
        w, o.connector, "stolen"
    ),
    "jobs.cancel": lambda tx, w, o: tx.jobs.cancel(w, o.job.id),
    "jobs.progress": lambda tx, w, o: tx.jobs.progress(
        replace(o.job, workspace=w, state="done"), "", LEASE
    ),
}
# Needs the ticket of the other workspace, which is not there.
REFUSED: dict[str, Call] = {
    "requests.finish": lambda tx, w, o: tx.requests.finish(mine(o, w), b"x"),
    "classifications.add": lambda tx, w, o: tx.classifications.add(
        w, samples.classification(o.ticket.id)
    ),
    "drafts.add": lambda tx, w, o: tx.drafts.add(w, samples.draft(o.ticket.id)),
    "drafts.add_feedback": lambda tx, w, o: tx.drafts.add_feedback(
        w, Feedback(o.ticket.id, FeedbackKind.USED, "me")
    ),
    "escalations.open": lambda tx, w, o: tx.escalations.open(
        w, samples.escalation(o.ticket.id)
    ),
}
# Uses the same names as the other workspace, in its own.
OWN: dict[str, Call] = {
    "quarantine.add": lambda tx, w, _: tx.quarantine.add(
        w, samples.quarantined("qrn_mine")
    ),
    "quarantine.documents": lambda tx, w, _: tx.quarantine.documents(w),
    "quarantine.page": lambda tx, w, _: tx.quarantine.page(w, (), 9, "").items,
    "requests.begin": lambda tx, w, o: tx.requests.begin(
        replace(samples.request_key(w, o.request.request_id, "other body")), LEASE
    ),
    "tickets.upsert": lambda tx, w, o: tx.tickets.upsert(
        w, replace(o.ticket, subject="mine", id="", etag="")
    ),
    "tickets.find": lambda tx, w, _: tx.tickets.find(w, "zendesk", "1"),
    "tickets.page": lambda tx, w, _: tx.tickets.page(w, TicketFilter(), 99, ""),
    "drafts.templates": lambda tx, w, _: tx.drafts.templates(w),
    "drafts.hold_template": lambda tx, w, _: tx.drafts.hold_template(w, "t1"),
    "drafts.save_template": lambda tx, w, _: tx.drafts.save_template(
        w, ReplyTemplate("t1", "n", Purpose.RESOLUTION, "en", "mine")
    ),
    "drafts.delete_template": lambda tx, w, _: tx.drafts.delete_template(w, "t1"),
    "documents.put": lambda tx, w, o: tx.documents.put(
        w, replace(o.document, title="mine"), [samples.passage(0, "mine")]
    ),
    "documents.find_same": lambda tx, w, o: tx.documents.find_same(
        w, o.document.source, o.document.file_name
    ),
    "documents.page": lambda tx, w, _: tx.documents.page(w, DocumentFilter(), 99, ""),
    "documents.count": lambda tx, w, _: tx.documents.count(w),
    "tickets.message_counts": lambda tx, w, o: tx.tickets.message_counts(
        w, [o.ticket.id]
    ),
    "tickets.count": lambda tx, w, _: tx.tickets.count(w),
    "tickets.unmark_indexed": lambda tx, w, _: tx.tickets.unmark_indexed(w),
    "escalations.page": lambda tx, w, _: tx.escalations.page(w, [], 99, ""),
    "access.add_key": lambda tx, w, _: tx.access.add_key(
        samples.api_key(w, f"k{secrets.token_hex(8)}"), secrets.token_hex(16)
    ),
    "access.keys": lambda tx, w, _: tx.access.keys(w),
    "access.add_member": lambda tx, w, _: tx.access.add_member(
        samples.member(w, f"m{secrets.token_hex(8)}", secrets.token_hex(8)), "mine"
    ),
    "access.member_by_email": lambda tx, w, o: tx.access.member_by_email(
        w, o.member.email
    ),
    "access.link_account": lambda tx, w, o: tx.access.link_account(
        w, Account("slack", "T1", secrets.token_hex(8)), o.member.id, AT
    ),
    "access.hold_members": lambda tx, w, _: tx.access.hold_members(w),
    "access.members": lambda tx, w, _: tx.access.members(w),
    "access.add_session": lambda tx, w, _: tx.access.add_session(
        samples.session(w, secrets.token_hex(16))
    ),
    "access.add_audit": lambda tx, w, _: tx.access.add_audit(
        w, AuditEntry(0, AT, "me", "did", "it", "r")
    ),
    "access.audit": lambda tx, w, _: tx.access.audit(w, 99, ""),
    "events.add": lambda tx, w, _: tx.events.add(
        w, replace(samples.event(), payload="{}"), ["email"]
    ),
    "events.find": lambda tx, w, _: tx.events.find(w, "zendesk", "known"),
    "deliveries.left_by": lambda tx, w, _: tx.deliveries.left_by(w, "slack", "w"),
    "deliveries.has_due": lambda tx, w, _: tx.deliveries.has_due(w, "email"),
    "deliveries.lease": lambda tx, w, _: tx.deliveries.lease(
        w, "email", (), 9, LEASE, "w"
    ),
    "deliveries.dead": lambda tx, w, _: tx.deliveries.dead(w, ALL_DEAD, 99, ""),
    "deliveries.replay": lambda tx, w, _: tx.deliveries.replay(w, ALL_DEAD),
    "deliveries.discard": lambda tx, w, _: tx.deliveries.discard(w, ALL_DEAD),
    "deliveries.backlog": lambda tx, w, _: tx.deliveries.backlog(w, "slack", AT),
    "changes.add": lambda tx, w, _: tx.changes.add(w, samples.change("mine")),
    "changes.page": lambda tx, w, _: tx.changes.page(w, "", "", 99, ""),
    "connectors.active": lambda tx, w, _: tx.connectors.active(w),
    "connectors.get": lambda tx, w, _: tx.connectors.get(w, "slack"),
    "connectors.all": lambda tx, w, _: tx.connectors.all(w),
    "connectors.save": lambda tx, w, o: tx.connectors.save(
        w, replace(samples.connector("mine"), etag=secrets.choice(["", o.etag]))
    ),
    "connectors.record": lambda tx, w, _: tx.connectors.record(w, "slack", "cursor"),
    "connectors.put_record": lambda tx, w, o: tx.connectors.put_record(
        w, replace(samples.record("mine"), etag=secrets.choice(["", o.record.etag]))
    ),
    "connectors.report": lambda tx, w, _: tx.connectors.report(w, "slack"),
    "connectors.put_report": lambda tx, w, _: tx.connectors.put_report(
        w, samples.report("mine")
    ),
    "policies.get": lambda tx, w, _: tx.policies.get(w, "rules"),
    "policies.put": lambda tx, w, o: tx.policies.put(
        w, "rules", "mine", secrets.choice(["", o.policy.etag])
    ),
    "jobs.add": lambda tx, w, _: tx.jobs.add(
        samples.job(w, f"j{secrets.token_hex(8)}")
    ),
    "classifiers.add_texts": lambda tx, w, o: tx.classifiers.add_texts(
        w, o.job.id, secrets.randbits(40), b"ours"
    ),
    "classifiers.texts": lambda tx, w, o: tx.classifiers.texts(w, o.job.id),
    "classifiers.drop_texts": lambda tx, w, o: tx.classifiers.drop_texts(w, o.job.id),
    "classifiers.add": lambda tx, w, o: tx.classifiers.add(
        w, samples.classifier(o.job.id)
    ),
    "quarantine.get": lambda tx, w, o: tx.quarantine.get(w, o.quarantined.id),
    "quarantine.states": lambda tx, w, o: tx.quarantine.states(w, [o.quarantined.id]),
    "quarantine.decide": lambda tx, w, o: tx.quarantine.decide(
        w, o.quarantined.id, QuarantineState.RELEASED, "mine"
    ),
    "classifiers.get": lambda tx, w, _: tx.classifiers.get(w, 1),
    "classifiers.of_job": lambda tx, w, o: tx.classifiers.of_job(w, o.job.id),
    "classifiers.versions": lambda tx, w, _: tx.classifiers.versions(w),
    "classifiers.delete": lambda tx, w, _: tx.classifiers.delete(w, 1),
    "jobs.get": lambda tx, w, o: tx.jobs.get(w, o.job.id),
    "jobs.newest": lambda tx, w, _: tx.jobs.newest(w, 99),
    "spending.reserve": lambda tx, w, o: tx.spending.reserve(
        w, _model_call(secrets.token_hex(8), o.ticket.id)
    ),
    "spending.spent": lambda tx, w, _: tx.spending.spent(w, AT.date()),
}
CALLS = {**NOTHING, **REFUSED, **OWN}
# Refused by what the intruder did before in its own place.
MAY_REFUSE = REFUSED.keys() | {
    *("policies.put", "requests.begin", "connectors.save", "connectors.put_record")
}
