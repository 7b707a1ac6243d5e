"""Drafts, whole and sentence by sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar.domain.reply import Blocker, SentenceRole, render
from sidecar.rpc.translate import enums
from sidecar.rpc.translate.classification import usage
from sidecar.rpc.translate.tickets import stamp
from sidecar.usecases.commands import CheckedSentence, DraftProgress
from sidecar.v1 import assist_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.domain.reply import Citation, Draft, Sentence

_STAGES = {
    "reading": assist_pb2.DRAFT_STAGE_RETRIEVING,
    "searching": assist_pb2.DRAFT_STAGE_RETRIEVING,
    "writing": assist_pb2.DRAFT_STAGE_WRITING,
    "checking": assist_pb2.DRAFT_STAGE_CHECKING,
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence with its place and the white space that follows it."""

    sentence: Sentence
    citations: tuple[Citation, ...]
    position: int
    gap: str


def placed(steps: Iterator[Any]) -> Iterator[Any]:
    """Hold each sentence back until its follower is known, which decides the gap."""
    held: CheckedSentence | None = None
    count = 0
    for step in steps:
        if not isinstance(step, CheckedSentence):
            if isinstance(step, DraftProgress) and step.stage == "writing":
                held, count = None, 0  # it begins anew
            if held is not None:
                yield Placed(held.sentence, held.citations, count - 1, "")
                held = None
            yield step
            continue
        if held is not None:
            space = gap(held.sentence, step.sentence)
            yield Placed(held.sentence, held.citations, count - 1, space)
        held, count = step, count + 1


def gap(sentence: Sentence, follower: Sentence) -> str:
    """Return the white space between two sentences of a reply."""
    together = render((sentence, follower))
    return together[len(written(sentence)) : len(together) - len(written(follower))]


def written(sentence: Sentence) -> str:
    """Return a sentence as it stands in the reply."""
    return render((sentence,))


def step(item: Any) -> assist_pb2.StreamDraftReplyResponse:
    """Return one step of a streamed draft."""
    if isinstance(item, DraftProgress):
        progress = assist_pb2.DraftProgress(stage=_STAGES[item.stage])
        return assist_pb2.StreamDraftReplyResponse(progress=progress)
    if isinstance(item, Placed):
        return assist_pb2.StreamDraftReplyResponse(sentence=_sentence(item))
    return assist_pb2.StreamDraftReplyResponse(draft=outgoing(item))


def response(draft: Draft) -> assist_pb2.DraftReplyResponse:
    """Return the draft as the answer to DraftReply."""
    return assist_pb2.DraftReplyResponse(draft=outgoing(draft))


def outgoing(draft: Draft) -> assist_pb2.Draft:
    """Return a draft as the contract has it."""
    made = assist_pb2.Draft(
        draft_id=draft.id,
        ticket_etag=draft.ticket_etag,
        text=draft.text,
        citations=[_citation(item) for item in draft.citations],
        outcome=enums.OUTCOME[draft.outcome],
        confidence=draft.confidence,
        grounded_share=draft.grounded_share,
        warnings=_warnings(draft),
        template_id=draft.template_id,
        engine=enums.engine(draft.engine),
        model=draft.model,
        usage=usage(draft.usage),
        sentences=_sentences(draft),
        ticket_id=draft.ticket_id,
        purpose=enums.PURPOSE[draft.purpose],
        tone=enums.TONE[draft.tone],
        language=draft.language or "und",
        blocker_text=draft.blocker_text,
        created_at=stamp(draft.created_at),
        voided=draft.blocker is Blocker.THREAD_CHANGED,
    )
    if draft.blocker is not Blocker.NONE:
        made.blocker = enums.BLOCKER[draft.blocker]
    return made


def _sentences(draft: Draft) -> list[assist_pb2.DraftSentence]:
    by_marker = {citation.marker: citation for citation in draft.citations}
    made = []
    for position, sentence in enumerate(draft.sentences):
        cited = tuple(by_marker[m] for m in sentence.markers if m in by_marker)
        last = position + 1 == len(draft.sentences)
        space = "" if last else gap(sentence, draft.sentences[position + 1])
        made.append(_sentence(Placed(sentence, cited, position, space)))
    return made


def _sentence(item: Placed) -> assist_pb2.DraftSentence:
    return assist_pb2.DraftSentence(
        text=written(item.sentence) + item.gap,
        citations=[_citation(citation) for citation in item.citations],
        states_fact=item.sentence.role is SentenceRole.FACT,
        position=item.position,
    )


def _citation(citation: Citation) -> assist_pb2.Citation:
    return assist_pb2.Citation(
        marker=citation.marker,
        passage_id=citation.passage_id,
        document_id=citation.document_id,
        title=citation.title,
        url=citation.url,
        quote=citation.quote,
        visibility=enums.VISIBILITY[citation.visibility],
    )


def _warnings(draft: Draft) -> list[Any]:
    found = (enums.WARNING.get(warning) for warning in draft.warnings)
    return list(dict.fromkeys(number for number in found if number is not None))
