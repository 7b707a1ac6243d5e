"""The five calls: what is asked for, passages and summaries. Drafts: ``drafts.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar.domain.access import Account
from sidecar.domain.knowledge import Retrieval, RetrievalFilter, SearchMode
from sidecar.errors import NotAvailable, invalid
from sidecar.rpc.translate import classification, enums, limits
from sidecar.rpc.translate.knowledge import outgoing_passage
from sidecar.rpc.translate.tickets import inline, target
from sidecar.usecases.commands import (
    Classified,
    DraftCommand,
    EscalateCommand,
    Escalated,
    RetrieveCommand,
    SummarizeCommand,
)
from sidecar.usecases.ports import Target
from sidecar.v1 import assist_pb2, common_pb2

if TYPE_CHECKING:
    from sidecar.domain.summary import Summary
    from sidecar.domain.ticket import Ticket


def check_engine(request: Any, available: str) -> bool:
    """Say whether only the local engine is wanted.

    Refuses an engine that is unknown, or one this deployment does not have.
    """
    if request.engine not in enums.ENGINES:
        raise invalid("engine", f"{request.engine} is not a value of this enum.")
    wanted = common_pb2.ENGINE_CONFIGURED, common_pb2.ENGINE_UNSPECIFIED
    if request.engine == common_pb2.ENGINE_LOCAL:
        return True
    if request.engine in wanted or request.engine == enums.engine(available):
        return False
    raise NotAvailable(
        "This deployment has no language model; ask for CONFIGURED or LOCAL."
    )


def on_behalf_of(request: Any) -> Account | None:
    """Return the account for whose owner a connector acts, None for nobody else."""
    if not request.HasField("on_behalf_of"):
        return None
    return account("on_behalf_of", request.on_behalf_of)


def account(field: str, given: common_pb2.ExternalAccount) -> Account:
    """Return an account at a vendor; every part is required."""
    return Account(
        limits.identifier(f"{field}.connector", given.connector, required=True),
        limits.identifier(f"{field}.team_id", given.team_id, required=True),
        limits.identifier(f"{field}.user_id", given.user_id, required=True),
    )


def retrieve_command(request: assist_pb2.RetrieveRequest) -> RetrieveCommand:
    """Return the search that is asked for."""
    filters = request.filters
    which = request.WhichOneof("subject")
    if which is None:
        raise limits.missing("query")
    given = Target()
    if which == "ticket":
        given = Target(ticket=inline(request.ticket))
    elif which == "ticket_id":
        given = target(request)
    query = limits.text(
        "query", request.query, limits.MAX_QUERY, required=which == "query"
    )
    return RetrieveCommand(
        query=query,
        target=given,
        top_k=limits.top_k(request.top_k),
        mode=limits.choice("mode", request.mode, enums.SEARCH_MODE_IN),
        where=RetrievalFilter(
            sources=_values("filters.sources", filters.sources),
            languages=_values("filters.languages", filters.languages),
            tags=_values("filters.tags", filters.tags),
            public_only=limits.choice(
                "filters.audience", filters.audience, enums.AUDIENCE_IN
            ),
        ),
    )


def draft_command(request: Any) -> DraftCommand:
    """Return the draft that is asked for, streamed or not."""
    return DraftCommand(
        target=target(request),
        purpose=limits.choice("purpose", request.purpose, enums.PURPOSE_IN),
        tone=limits.choice("tone", request.tone, enums.TONE_IN),
        language=limits.language("language", request.language),
        template_id=limits.identifier("template_id", request.template_id),
        instructions=limits.text(
            "instructions", request.instructions, limits.MAX_INSTRUCTIONS
        ),
    )


def summary_kind(request: assist_pb2.SummarizeRequest) -> Any:
    """Return for whom the summary is."""
    if limits.language("language", request.language):
        raise NotAvailable("Summaries in another language need a language model.")
    return limits.choice("kind", request.kind, enums.SUMMARY_KIND_IN)


def summarize_command(
    request: assist_pb2.SummarizeRequest, ticket: Ticket
) -> SummarizeCommand:
    """Return the summary of a stored ticket that is asked for."""
    return SummarizeCommand(Target(ticket_id=ticket.id), summary_kind(request))


def escalate_command(request: assist_pb2.EscalateRequest) -> EscalateCommand:
    """Return the escalation that is asked for."""
    return EscalateCommand(
        target=target(request),
        level=limits.between("level", request.level, 1, limits.MAX_LEVEL, 1),
        reason=limits.text("reason", request.reason, limits.MAX_NOTE),
    )


def classified(result: Classified) -> assist_pb2.ClassifyResponse:
    """Return what was found out."""
    made = assist_pb2.ClassifyResponse(
        classification=classification.outgoing(result.classification, result.ticket),
        ticket_id=result.ticket.id,
    )
    if result.escalation is not None:
        made.escalation.CopyFrom(
            classification.outgoing_escalation(result.escalation, result.ticket)
        )
    return made


def retrieved(result: Retrieval, asked: RetrieveCommand) -> assist_pb2.RetrieveResponse:
    """Return the passages, and how they were really looked for."""
    mode, warnings = asked.mode, []
    if result.degraded:
        mode = SearchMode.KEYWORD
        warnings.append(common_pb2.WARNING_EMBEDDER_MISSING)
    return assist_pb2.RetrieveResponse(
        passages=[outgoing_passage(passage) for passage in result.passages],
        answerable=result.answerable,
        confidence=result.confidence,
        mode=enums.SEARCH_MODE[mode],
        warnings=warnings,
    )


def summarized(summary: Summary, ticket: Ticket) -> assist_pb2.SummarizeResponse:
    """Return the summary of ``ticket``."""
    made = assist_pb2.Summary(
        headline=summary.headline,
        problem=summary.problem,
        steps_taken=summary.steps_taken,
        open_questions=summary.open_questions,
        next_steps=summary.next_steps,
        action_items=[
            assist_pb2.ActionItem(text=item.text, owner=item.owner)
            for item in summary.action_items
        ],
        resolution=summary.resolution,
        sentiment_trend=classification.trend(summary.sentiment_trend),
        kind=enums.SUMMARY_KIND[summary.kind],
        ticket_etag=ticket.etag,
        language=summary.language or "und",
        engine=enums.engine(summary.engine),
        model=summary.model,
        usage=classification.usage(summary.usage),
        warnings=[enums.WARNING[w] for w in summary.warnings if w in enums.WARNING],
    )
    for item, given in zip(made.action_items, summary.action_items, strict=True):
        if given.due is not None:
            item.due.FromJsonString(f"{given.due.isoformat()}T00:00:00Z")
    if summary.truncated and common_pb2.WARNING_THREAD_TRUNCATED not in made.warnings:
        made.warnings.append(common_pb2.WARNING_THREAD_TRUNCATED)
    return assist_pb2.SummarizeResponse(summary=made, ticket_id=ticket.id)


def escalated(result: Escalated) -> assist_pb2.EscalateResponse:
    """Return the escalation as it stands, and whether this call opened it."""
    return assist_pb2.EscalateResponse(
        escalation=classification.outgoing_escalation(result.escalation),
        created=result.created,
    )


def _values(field: str, values: Any) -> tuple[str, ...]:
    return limits.words(
        field, values, most=limits.MAX_FILTER_VALUES, longest=limits.MAX_ID
    )
