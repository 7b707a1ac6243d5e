"""Draft a reply: search, compose, check every sentence, decide what it is good for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sidecar.domain.access import Principal
from sidecar.domain.classification import Classification, ReasonCode
from sidecar.domain.draft_outcome import judge
from sidecar.domain.knowledge import Retrieval, RetrievalFilter
from sidecar.domain.reply import (
    Blocker,
    Draft,
    ReplyTemplate,
    SentenceRole,
    Tone,
    Warning,
    render,
)
from sidecar.domain.ticket import Ticket
from sidecar.errors import LookElsewhere, Reason, TryAgain
from sidecar.llm.port import ComposedEnd, DraftTask, StartOver
from sidecar.store.port import Transaction
from sidecar.usecases.classify import decide
from sidecar.usecases.commands import (
    CheckedSentence,
    DraftCommand,
    DraftProgress,
    RetrieveCommand,
)
from sidecar.usecases.draft_guard import (
    SUSPICIOUS_FROM,
    Sheet,
    as_sure_as_carried,
    check_sentence,
    explained,
    is_cut,
    suspected_ticket,
)
from sidecar.usecases.harmless import locally
from sidecar.usecases.ports import (
    Finish,
    Ports,
    StillWanted,
    Target,
)
from sidecar.usecases.quarantine import (
    hold,
    is_held,
    released_documents,
    suspects,
)
from sidecar.usecases.record import audit, event
from sidecar.usecases.retrieve import retrieve
from sidecar.usecases.targets import history_of, stored_target
from sidecar.usecases.taxonomy import current_rules, current_taxonomy
from sidecar.usecases.templates import all_templates

PASSAGES_PER_DRAFT = 6
SET_ASIDE = (
    "This message looks like instructions to a machine and is set aside. An"
    " administrator can release it; until then, answer it yourself."
)
NO_INDEX = "the index does not answer"

DraftStep = DraftProgress | CheckedSentence | Draft


def draft_reply(
    ports: Ports,
    caller: Principal,
    command: DraftCommand,
    finish: Finish[Draft],
    wanted: StillWanted,
) -> Iterator[DraftStep]:
    """Yield progress, each sentence once it is checked, and last the stored draft.

    Only public passages are searched and cited. ``wanted`` is asked between the steps
    and raises when the caller has gone; then nothing is stored. Raises
    ``LookElsewhere`` when the ticket or the template is not there.
    """
    yield DraftProgress("reading")
    ticket = stored_target(ports, caller, command.target)
    read, templates = _read(ports, caller, ticket, command)
    wanted()
    if _held(ports, caller, ticket):
        yield DraftProgress("checking")
        yield _keep(
            ports, caller, _set_aside(ports, caller, ticket, command, read), finish
        )
        return
    yield DraftProgress("searching")
    found = _public_passages(ports, caller, ticket)
    suspected = suspected_ticket(ports, ticket)
    task = _task(ticket, command, read, found, templates)
    wanted()
    yield DraftProgress("writing")
    known = _warnings(ports, ticket, found, suspected=suspected)
    sheet, end = Sheet.for_ticket(ticket, known, suspected=suspected), None
    for step in ports.engine.compose(task):
        wanted()
        if isinstance(step, ComposedEnd):
            end = step
        elif isinstance(step, StartOver):
            # What was shown is void; the stage tells whoever shows it.
            sheet = Sheet.for_ticket(ticket, known, suspected=suspected)
            yield DraftProgress("writing")
        elif (checked := check_sentence(ports, sheet, step, task.passages)) is not None:
            yield checked
    assert end is not None, "an engine ends with ComposedEnd"
    yield DraftProgress("checking")
    draft = _draft(ports, caller, task, sheet, end)
    wanted()
    yield _keep(ports, caller, draft, finish)


def _held(ports: Ports, caller: Principal, ticket: Ticket) -> bool:
    """Set suspicious turns aside; say whether one is not released."""
    items = suspects(ports, ticket)
    if not items:
        return False
    with ports.store.transaction() as tx:
        hold(tx, ports, caller, items)
        return is_held(tx, caller.workspace, items)


def _set_aside(
    ports: Ports,
    caller: Principal,
    ticket: Ticket,
    command: DraftCommand,
    read: Classification,
) -> Draft:
    """Return the empty draft of a ticket that an administrator must look at first."""
    blocker, warnings = Blocker.UNSAFE_CONTENT, (Warning.INJECTION_SUSPECTED,)
    return Draft(
        text="",
        sentences=(),
        citations=(),
        outcome=judge(blocker, 0.0, facts=0, warnings=warnings),
        blocker=blocker,
        blocker_text=SET_ASIDE,
        confidence=0.0,
        grounded_share=0.0,
        warnings=warnings,
        language=command.language or read.language,
        purpose=command.purpose,
        template_id="",
        engine="local",
        model=ports.engine.model if ports.engine.name == "local" else "",
        ticket_id=ticket.id,
        ticket_etag=ticket.etag,
        created_at=ports.clock.now(),
        created_by=caller.actor,
        tone=command.tone or Tone.FRIENDLY,
    )


def _read(
    ports: Ports, caller: Principal, ticket: Ticket, command: DraftCommand
) -> tuple[Classification, tuple[ReplyTemplate, ...]]:
    """Return what is known of the ticket's newest state, deciding it if need be."""
    with ports.store.reading() as tx:
        templates = all_templates(tx, caller.workspace)
        known = tx.classifications.latest(caller.workspace, ticket.id)
        taxonomy = current_taxonomy(tx, caller.workspace)
        rules = current_rules(tx, caller.workspace)
        history = history_of(tx, caller, ticket)
    if command.template_id and command.template_id not in {t.id for t in templates}:
        raise LookElsewhere(Reason.TEMPLATE_NOT_FOUND, command.template_id)
    if known is None or known.ticket_etag != ticket.etag:
        # A draft is worth one call of a model, not two.
        here = replace(ports, engine=locally(ports, caller))
        known = decide(here, caller, ticket, taxonomy, rules, history)
    return known, templates


def _public_passages(ports: Ports, caller: Principal, ticket: Ticket) -> Retrieval:
    search = RetrieveCommand(
        target=Target(ticket=ticket),
        top_k=PASSAGES_PER_DRAFT,
        where=RetrievalFilter(public_only=True),
    )
    try:
        found = retrieve(ports, caller, search)
    except TryAgain as error:
        if error.reason is not Reason.INDEX_UNAVAILABLE:
            raise
        # An agent still gets an honest answer: no source was found, and why.
        found = Retrieval((), answerable=False, confidence=0.0, degraded=NO_INDEX)
    released = released_documents(ports, caller.workspace)
    safe = tuple(
        passage
        for passage in found.passages
        if passage.document_id in released
        or ports.safety.suspicion(passage.text).score < SUSPICIOUS_FROM
    )
    return replace(found, passages=safe, answerable=found.answerable and bool(safe))


def _warnings(
    ports: Ports, ticket: Ticket, found: Retrieval, *, suspected: bool
) -> list[Warning]:
    """Return what an agent should know before anything is written."""
    due = {
        Warning.INJECTION_SUSPECTED: suspected,
        Warning.THREAD_TRUNCATED: is_cut(ticket),
        Warning.EMBEDDER_MISSING: not ports.embedder.dimensions,
        Warning.DEGRADED: found.degraded == NO_INDEX,
    }
    return [warning for warning, is_due in due.items() if is_due]


def _task(
    ticket: Ticket,
    command: DraftCommand,
    read: Classification,
    found: Retrieval,
    templates: tuple[ReplyTemplate, ...],
) -> DraftTask:
    upset = any(r.code is ReasonCode.ANGRY_TONE for r in read.reasons)
    tone = command.tone or (Tone.EMPATHETIC if upset else Tone.FRIENDLY)
    return DraftTask(
        ticket=ticket,
        purpose=command.purpose,
        tone=tone,
        language=command.language or read.language,
        sentiment=read.sentiment,
        severity=read.severity,
        category=read.category.value,
        passages=found.passages,
        answerable=found.answerable,
        retrieval_confidence=found.confidence,
        templates=templates,
        template_id=command.template_id,
        instructions=command.instructions,
    )


def _draft(
    ports: Ports,
    caller: Principal,
    task: DraftTask,
    sheet: Sheet,
    end: ComposedEnd,
) -> Draft:
    facts = [s for s in sheet.sentences if s.role is SentenceRole.FACT]
    grounded = sum(bool(s.markers) for s in facts) / len(facts) if facts else 0.0
    dropped = (Warning.SENTENCE_DROPPED,) if sheet.dropped else ()
    warnings = tuple(dict.fromkeys((*end.warnings, *sheet.warnings, *dropped)))
    confidence = as_sure_as_carried(ports, sheet, task.passages, end)
    outcome = judge(end.blocker, confidence, facts=len(facts), warnings=warnings)
    sentences = tuple(sheet.sentences)
    templates = {template.id for template in task.templates}
    return Draft(
        text=render(sentences),
        sentences=sentences,
        citations=tuple(sheet.citations),
        outcome=outcome,
        blocker=end.blocker,
        blocker_text=explained(ports, sheet, end, task.passages),
        confidence=confidence,
        grounded_share=grounded,
        warnings=warnings,
        language=task.language,
        purpose=task.purpose,
        template_id=end.template_id if end.template_id in templates else "",
        engine=end.engine or ports.engine.name,
        model=end.model or ports.engine.model,
        usage=end.usage,
        ticket_id=task.ticket.id,
        ticket_etag=task.ticket.etag,
        created_at=ports.clock.now(),
        created_by=caller.actor,
        tone=task.tone,
    )


def _keep(
    ports: Ports, caller: Principal, draft: Draft, finish: Finish[Draft]
) -> Draft:
    with ports.store.transaction() as tx:
        draft = _void_if_changed(tx, caller, draft)
        stored = tx.drafts.add(caller.workspace, draft)
        event(
            tx,
            caller,
            "draft.created",
            draft.ticket_id,
            draft_id=stored.id,
            outcome=stored.outcome.value,
            blocker=stored.blocker.value,
        )
        audit(tx, ports, caller, "draft.create", stored.id, stored.outcome.value)
        finish(tx, stored)
    return stored


def _void_if_changed(tx: Transaction, caller: Principal, draft: Draft) -> Draft:
    """Mark a draft whose thread moved on meanwhile: it answers the wrong turn."""
    ticket = tx.tickets.get(caller.workspace, draft.ticket_id)
    if ticket is not None and ticket.etag == draft.ticket_etag:
        return draft
    blocker = Blocker.THREAD_CHANGED
    return replace(
        draft,
        blocker=blocker,
        outcome=judge(blocker, draft.confidence, facts=0, warnings=draft.warnings),
        blocker_text="The conversation changed while this was written. Draft again.",
    )
