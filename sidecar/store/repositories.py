"""What is kept of each aggregate: the repositories of the store port.

Every method takes the workspace and touches nothing outside it. Lookups answer
``None`` for what is absent or belongs to another workspace; the use case decides
which error that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sidecar.domain.access import Account, ApiKey, AuditEntry, Member
from sidecar.domain.classification import Classification
from sidecar.domain.escalation import Escalation, EscalationState
from sidecar.domain.knowledge import (
    Document,
    DocumentFilter,
    DocumentState,
    StoredPassage,
)
from sidecar.domain.reply import Draft, ReplyTemplate
from sidecar.domain.ticket import (
    Customer,
    CustomerHistory,
    Feedback,
    Message,
    Ticket,
    TicketFilter,
)
from sidecar.store.records import (
    Job,
    Page,
    Policy,
    RequestKey,
    Session,
)


class RequestRepository(Protocol):
    """Answers already given, by request id (kept 30 days)."""

    def begin(self, key: RequestKey, lease: timedelta) -> bytes | None:
        """Claim the request and return None, or return the saved answer.

        Raises ``MendRequest(REQUEST_ID_REUSED)`` when the id was used with another
        body and ``ReadAgain(REQUEST_IN_PROGRESS)`` while another holder's lease runs.
        """

    def finish(self, key: RequestKey, answer: bytes) -> None:
        """Save the answer.

        Raises ``ReadAgain(REQUEST_IN_PROGRESS)`` if the claim was lost.
        """

    def abandon(self, key: RequestKey) -> None:
        """Give the claim back after a failure, so that a retry may run."""

    def purge(self, before: datetime, limit: int) -> int:
        """Delete up to ``limit`` answers older than ``before``; return how many."""


class TicketRepository(Protocol):
    """Tickets with their messages and customers."""

    def upsert(self, workspace: str, ticket: Ticket) -> Ticket:
        """Insert or update by (workspace, connector, external_id); return it as stored.

        Messages are merged by their external_id (an absent one is kept, a changed body
        replaces). A message without external_id gets one derived from its content and
        position so that repeating the call adds nothing. The etag changes only when
        something changed. Older ``updated_at`` than stored never overwrites fields.
        """

    def add_message(
        self, workspace: str, ticket_id: str, message: Message, etag: str
    ) -> Ticket | None:
        """Append a message, or replace the one with its external_id.

        Raises ``ReadAgain(ETAG_MISMATCH)`` when ``etag`` is not '' and stale.
        """

    def get(self, workspace: str, ticket_id: str) -> Ticket | None:
        """Return the ticket with all messages in order."""

    def get_many(self, workspace: str, ticket_ids: Sequence[str]) -> dict[str, Ticket]:
        """Return those that exist, with messages, by id."""

    def heads(self, workspace: str, ticket_ids: Sequence[str]) -> dict[str, Ticket]:
        """Return those that exist, without messages, by id."""

    def find(self, workspace: str, connector: str, external_id: str) -> Ticket | None:
        """Return the ticket a vendor knows under ``external_id``."""

    def page(
        self, workspace: str, where: TicketFilter, size: int, cursor: str
    ) -> Page[Ticket]:
        """Return a stable page (updated_at descending, id), without messages."""

    def message_counts(
        self, workspace: str, ticket_ids: Sequence[str]
    ) -> dict[str, int]:
        """Return how many messages each of the tickets has."""

    def set_resolution(
        self, workspace: str, ticket_id: str, text: str, satisfaction: int
    ) -> Ticket | None:
        """Record what solved the ticket; ``satisfaction`` 1..5, 0 unknown."""

    def customer(self, workspace: str, customer_id: str) -> Customer | None:
        """Return a customer by our id."""

    def history(
        self, workspace: str, customer_id: str, limit: int, exclude_ticket: str
    ) -> CustomerHistory | None:
        """Return the customer's history, newest first, without ``exclude_ticket``."""

    def unindexed(self, limit: int) -> list[tuple[str, Ticket]]:
        """Return (workspace, ticket) whose newest etag is not in the index yet."""

    def rewrite(self, workspace: str, ticket: Ticket) -> Ticket | None:
        """Replace subject, resolution and bodies, and drop what quotes the old ones.

        ``ticket`` is the stored one with its words changed; None when it is gone.
        """

    def delete(self, workspace: str, ticket_id: str) -> bool:
        """Delete the ticket with all that hangs on it; False when it was not there."""

    def mark_indexed(self, workspace: str, ticket_id: str, etag: str) -> None:
        """Remember that this version is in the index."""

    def unmark_indexed(self, workspace: str) -> int:
        """Ask for every ticket to be indexed anew; return how many there are."""

    def count(self, workspace: str) -> int:
        """Return how many tickets there are."""


class ClassificationRepository(Protocol):
    """Decisions about tickets; the newest one counts."""

    def add(self, workspace: str, item: Classification) -> Classification:
        """Store it and return it with its id."""

    def latest(self, workspace: str, ticket_id: str) -> Classification | None:
        """Return the newest decision about the ticket."""

    def latest_of(
        self, workspace: str, ticket_ids: Sequence[str]
    ) -> dict[str, Classification]:
        """Return the newest decision about each of the tickets that has one."""


class DraftRepository(Protocol):
    """Drafts and what became of them."""

    def add(self, workspace: str, draft: Draft) -> Draft:
        """Store it and return it with its id."""

    def get(self, workspace: str, draft_id: str) -> Draft | None:
        """Return a draft."""

    def latest(self, workspace: str, ticket_id: str) -> Draft | None:
        """Return the newest draft of the ticket."""

    def add_feedback(self, workspace: str, feedback: Feedback) -> Feedback:
        """Store a judgement and return it with its id."""

    def templates(self, workspace: str) -> Sequence[ReplyTemplate]:
        """Return the workspace's own templates (the built-in ones are code)."""

    def hold_template(self, workspace: str, template_id: str) -> ReplyTemplate | None:
        """Return one of the workspace's own; nobody else changes it meanwhile."""

    def save_template(self, workspace: str, template: ReplyTemplate) -> ReplyTemplate:
        """Insert or update by id."""

    def delete_template(self, workspace: str, template_id: str) -> bool:
        """Delete it; False when it was not there."""


class DocumentRepository(Protocol):
    """Knowledge: documents and their passages."""

    def put(
        self, workspace: str, document: Document, passages: Sequence[StoredPassage]
    ) -> Document:
        """Insert or replace the document (same id) with its passages, as INDEXING."""

    def find_same(self, workspace: str, source: str, file_name: str) -> Document | None:
        """Return the document uploaded from that source under that name."""

    def get(self, workspace: str, document_id: str) -> Document | None:
        """Return a document's metadata."""

    def passages_of(self, workspace: str, document_id: str) -> list[StoredPassage]:
        """Return its passages in order."""

    def passages(
        self, workspace: str, passage_ids: Sequence[str]
    ) -> dict[str, tuple[StoredPassage, Document]]:
        """Return the passages that exist and whose document is READY, by id."""

    def page(
        self, workspace: str, where: DocumentFilter, size: int, cursor: str
    ) -> Page[Document]:
        """Return a stable page of documents by title and id."""

    def set_state(
        self,
        workspace: str,
        document_id: str,
        state: DocumentState,
        error_reason: str = "",
        error_message: str = "",
    ) -> None:
        """Move the document to ``state``."""

    def delete(self, workspace: str, document_id: str) -> bool:
        """Delete document and passages; False when it was not there."""

    def in_state(
        self, states: Sequence[DocumentState], older_than: datetime, limit: int
    ) -> list[tuple[str, Document]]:
        """Return (workspace, document) left in these states, for the sweeper."""

    def set_state_of_all(self, workspace: str, state: DocumentState) -> int:
        """Move every READY document to ``state`` (a full re-index); return how many."""

    def count(self, workspace: str) -> tuple[int, int]:
        """Return how many documents and passages there are."""


class EscalationRepository(Protocol):
    """Escalations; at most one per ticket is not resolved (kept by a unique key)."""

    def open(self, workspace: str, item: Escalation) -> tuple[Escalation, bool]:
        """Store it, or raise the ticket's open one; True when a new one was created.

        The open one gets the union of the reasons and the higher level.
        """

    def open_for(self, workspace: str, ticket_id: str) -> Escalation | None:
        """Return the ticket's unresolved escalation."""

    def open_for_many(
        self, workspace: str, ticket_ids: Sequence[str]
    ) -> dict[str, Escalation]:
        """Return the unresolved escalation of each of the tickets that has one."""

    def get(self, workspace: str, escalation_id: str) -> Escalation | None:
        """Return an escalation."""

    def page(
        self,
        workspace: str,
        states: Sequence[EscalationState],
        size: int,
        cursor: str,
    ) -> Page[Escalation]:
        """Return a stable page, newest first."""

    def change(
        self,
        workspace: str,
        escalation_id: str,
        etag: str,
        state: EscalationState,
        assignee: str | None,
        note: str,
        by: str = "",
    ) -> Escalation | None:
        """Compare and set, remembering who reacted first.

        Raises ``ReadAgain(ETAG_MISMATCH)`` for the loser.
        """


class AccessRepository(Protocol):
    """Keys, members, sessions and the audit log."""

    def add_key(self, key: ApiKey, digest: str) -> None:
        """Store a key by the SHA-256 hex digest of its secret."""

    def workspaces(self) -> list[str]:
        """Return every workspace that has a key, by name."""

    def key_by_digest(self, digest: str) -> ApiKey | None:
        """Return the key with this digest, whatever its state (not workspace bound)."""

    def keys(self, workspace: str) -> Sequence[ApiKey]:
        """Return all keys of the workspace, newest first."""

    def revoke_key(self, workspace: str, key_id: str, at: datetime) -> bool:
        """Revoke it; False when it was not there."""

    def touch_key(self, key_id: str, at: datetime) -> None:
        """Remember when the key was last used."""

    def add_member(self, member: Member, password_hash: str) -> None:
        """Store a person; ``password_hash`` is argon2's text or ''."""

    def member_by_email(self, workspace: str, email: str) -> tuple[Member, str] | None:
        """Return the person and password hash."""

    def member(self, workspace: str, member_id: str) -> Member | None:
        """Return a person."""

    def members(self, workspace: str) -> Sequence[Member]:
        """Return all people of the workspace."""

    def hold_members(self, workspace: str) -> Sequence[Member]:
        """Return all people of the workspace; nobody else changes them meanwhile."""

    def update_member(self, member: Member) -> bool:
        """Change name, role and active; False when not there."""

    def set_password(self, workspace: str, member_id: str, password_hash: str) -> bool:
        """Replace a person's password; False when the person is not there."""

    def link_account(
        self, workspace: str, account: Account, member_id: str, at: datetime
    ) -> None:
        """Say whose account it is; raises ``ChangeStateFirst(ALREADY_EXISTS)``."""

    def member_by_account(self, workspace: str, account: Account) -> Member | None:
        """Return the person an account at a vendor is linked with."""

    def end_sessions_of(self, workspace: str, member_id: str) -> int:
        """Delete a person's sessions; return how many."""

    def add_session(self, session: Session) -> None:
        """Store a session."""

    def session(self, digest: str) -> Session | None:
        """Return a session by digest (not workspace bound)."""

    def end_session(self, digest: str) -> bool:
        """Delete it; False when it was not there."""

    def purge_sessions(self, before: datetime, limit: int) -> int:
        """Delete sessions that expired before; return how many."""

    def add_audit(self, workspace: str, entry: AuditEntry) -> None:
        """Append a line (its id is given by the store)."""

    def audit(self, workspace: str, size: int, cursor: str) -> Page[AuditEntry]:
        """Return lines, newest first."""


class PolicyRepository(Protocol):
    """Taxonomy, rules, flags: named JSON texts with etags."""

    def get(self, workspace: str, name: str) -> Policy | None:
        """Return it."""

    def put(self, workspace: str, name: str, value: str, etag: str) -> Policy:
        """Compare and set (etag '' only creates).

        Raises ``ReadAgain(ETAG_MISMATCH)`` for the loser.
        """


class JobRepository(Protocol):
    """Long work and its progress; a worker holds a job by a lease."""

    def add(self, job: Job) -> None:
        """Store a new job."""

    def get(self, workspace: str, job_id: str) -> Job | None:
        """Return a job."""

    def newest(self, workspace: str, limit: int) -> Sequence[Job]:
        """Return the newest jobs."""

    def lease(
        self, worker: str, lease: timedelta, only: str = "", but: str = ""
    ) -> Job | None:
        """Take the oldest queued or left one, of kind ``only``, of any ``but`` one."""

    def progress(self, job: Job, worker: str, lease: timedelta) -> bool:
        """Save state and numbers and renew the lease; False when the lease was lost."""

    def cancel(self, workspace: str, job_id: str) -> bool:
        """Take the job from whoever has it, for good; False when it was over."""
