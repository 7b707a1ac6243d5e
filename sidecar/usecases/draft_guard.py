"""What stands between an engine and a draft: nothing it says is taken on trust."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sidecar.domain.knowledge import Passage
from sidecar.domain.reply import (
    Blocker,
    Citation,
    Sentence,
    SentenceRole,
    Warning,
)
from sidecar.domain.ticket import Message, Ticket
from sidecar.llm.port import ComposedEnd, ComposedSentence
from sidecar.usecases.commands import CheckedSentence
from sidecar.usecases.ports import Ports

SUSPICIOUS_FROM = 0.7
READ_OF_A_TEXT = 8_000
"""Characters at either end of a message that are read; what lies between is not."""
READ_MESSAGES = 80
MOST_BLOCKER_TEXT = 600
"""Longest explanation of a blocker kept, in characters."""
PARROTED_WORDS = 4
"""A run of words of a suspect ticket that no sentence without a source may repeat."""

_COMPARABLE = frozenset({"en", "de", "fr", "es", "pt", "it"})
"""Languages whose denials and quantities the guards can read."""

CARRIED_FROM = 0.46
"""Support from which a model's facts count as told by their sources. Of answers that
people judged, nine in ten faithful ones reach it and one in three unfaithful ones."""
READ_FIRST = 0.65
"""Confidence of a draft that a person has to read against its sources."""

_TAKEN_UP = 3
"""Newest turns of the customer that a sentence without a source may be made of."""

_WORDS = re.compile(r"\w+")


@dataclass(slots=True)
class Sheet:
    """What has been written so far; markers count from 1 in order of first use."""

    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)
    dropped: int = 0
    suspect: frozenset[tuple[str, ...]] = frozenset()
    said: tuple[str, ...] = ()

    @classmethod
    def for_ticket(
        cls, ticket: Ticket, warnings: Sequence[Warning] = (), *, suspected: bool
    ) -> Sheet:
        """Return an empty sheet that remembers what a suspect ticket says."""
        runs = _word_runs(_texts(ticket)) if suspected else frozenset()
        said = (ticket.customer.name, *(() if suspected else _newest(ticket)))
        return cls(warnings=list(warnings), suspect=runs, said=said)


def suspected_ticket(ports: Ports, ticket: Ticket) -> bool:
    """Say whether what outsiders wrote looks like orders to a machine."""
    return any(
        ports.safety.suspicion(text).score >= SUSPICIOUS_FROM for text in _texts(ticket)
    )


def _texts(ticket: Ticket) -> list[str]:
    """Return what outsiders wrote; names, too, are theirs to choose."""
    return _written(ticket, ticket.judged_messages)


def _newest(ticket: Ticket) -> list[str]:
    """Return the words a draft may take up; of a whole thread's any could be said."""
    return _written(ticket, ticket.customer_messages[-_TAKEN_UP:])


def _written(ticket: Ticket, messages: Sequence[Message]) -> list[str]:
    names = [a.file_name for message in messages for a in message.attachments]
    bodies = [_ends(message.body) for message in messages]
    return [_ends(ticket.subject), ticket.customer.name, *names, *bodies]


def _ends(text: str) -> str:
    if len(text) <= 2 * READ_OF_A_TEXT:
        return text
    return f"{text[:READ_OF_A_TEXT]}\n{text[-READ_OF_A_TEXT:]}"


def is_cut(ticket: Ticket) -> bool:
    """Say whether the thread is longer than what is read of one."""
    longest = max((len(m.body) for m in ticket.messages), default=0)
    return len(ticket.messages) > READ_MESSAGES or longest > READ_OF_A_TEXT


def _word_runs(texts: list[str]) -> frozenset[tuple[str, ...]]:
    runs: set[tuple[str, ...]] = set()
    for text in texts:
        words = _WORDS.findall(text.casefold())
        runs.update(zip(*(words[i:] for i in range(PARROTED_WORDS)), strict=False))
    return frozenset(runs)


def _parrots(sheet: Sheet, sentence: Sentence, sources: Sequence[str] = ()) -> bool:
    """Say whether a sentence repeats words of a suspect ticket that no source has.

    An engine that obeys what a customer wrote says it in the customer's words.
    """
    if not sheet.suspect:
        return False
    repeated = sheet.suspect & _word_runs([sentence.text])
    return bool(repeated - _word_runs(list(sources)))


def check_sentence(
    ports: Ports,
    sheet: Sheet,
    step: ComposedSentence,
    passages: tuple[Passage, ...],
) -> CheckedSentence | None:
    """Add the sentence to the sheet if it holds; one that does not is dropped."""
    known = {passage.passage_id: passage for passage in passages}
    cited = [_resolved(citation, known) for citation in step.citations]
    citations = [citation for citation in cited if citation is not None]
    sources = [known[citation.passage_id].text for citation in citations]
    forged = len(citations) < len(cited)
    forged = forged or _parrots(sheet, step.sentence, sources)
    forged = forged or (not cited and _invents(ports, sheet, step, passages))
    holds = not forged and (
        ports.safety.sentence_holds(step.sentence, citations, sources)
        or _holds_translated(ports, sheet, step, citations, sources)
    )
    if not holds:
        sheet.dropped += 1
        return None
    citations = [_numbered(sheet, citation) for citation in citations]
    markers = tuple(citation.marker for citation in citations)
    sentence = replace(step.sentence, markers=markers)
    sheet.sentences.append(sentence)
    return CheckedSentence(sentence, tuple(citations))


def as_sure_as_carried(
    ports: Ports, sheet: Sheet, passages: Sequence[Passage], end: ComposedEnd
) -> float:
    """Return the confidence of a draft: a model's wording has to be its sources' own.

    Each sentence held by itself; together they may still tell another story. Read for
    English alone. The local engine writes its facts from the sources' sentences.
    """
    facts = [s.text for s in sheet.sentences if s.role is SentenceRole.FACT]
    if (end.engine or ports.engine.name) == "local" or not facts:
        return end.confidence
    cited = {citation.passage_id for citation in sheet.citations}
    source = "\n".join(p.text for p in passages if p.passage_id in cited)
    spoken = {ports.engine.language_of(text) for text in (" ".join(facts), source)}
    if (
        spoken != {"en"}
        or ports.safety.support("\n".join(facts), source) >= CARRIED_FROM
    ):
        return end.confidence
    return min(end.confidence, READ_FIRST)


def _invents(
    ports: Ports, sheet: Sheet, step: ComposedSentence, passages: Sequence[Passage]
) -> bool:
    """Say whether a model brings words of its own into a sentence without a source.

    The local engine writes such sentences from fixed phrases and is not asked.
    """
    if (step.engine or ports.engine.name) == "local":
        return False
    known = (*sheet.said, *(passage.text for passage in passages))
    return not ports.safety.brings_nothing_new(step.sentence.text, known)


def _holds_translated(
    ports: Ports,
    sheet: Sheet,
    step: ComposedSentence,
    citations: Sequence[Citation],
    sources: Sequence[str],
) -> bool:
    """Say whether a fact in another language than its source may be shown.

    Its original has to hold as every sentence does, and the two must agree in all that
    rules can compare. A suspect ticket gets no translations: there the wording itself
    is what somebody wanted. Either way a person reads the draft first.
    """
    if not step.original or sheet.suspect:
        return False
    said, meant = step.sentence.text, step.original
    spoken = ports.engine.language_of(said), ports.engine.language_of(meant)
    if spoken[0] == spoken[1] or not _COMPARABLE.issuperset(spoken):
        return False
    original = replace(step.sentence, text=meant)
    if not ports.safety.sentence_holds(original, citations, sources):
        return False
    if not ports.safety.translation_holds(said, meant):
        return False
    if Warning.SOURCE_LANGUAGE_DIFFERS not in sheet.warnings:
        sheet.warnings.append(Warning.SOURCE_LANGUAGE_DIFFERS)
    return True


def _resolved(citation: Citation, known: dict[str, Passage]) -> Citation | None:
    """Take all but the quote from the passage itself: an engine only names passages.

    A title or an address that an engine wrote could say or lead anywhere.
    """
    passage = known.get(citation.passage_id)
    if passage is None:
        return None
    return replace(
        citation,
        document_id=passage.document_id,
        title=passage.title,
        url=passage.url,
        visibility=passage.visibility,
    )


def _numbered(sheet: Sheet, citation: Citation) -> Citation:
    for known in sheet.citations:
        same = (known.passage_id, known.quote) == (citation.passage_id, citation.quote)
        if same:
            return known
    numbered = replace(citation, marker=len(sheet.citations) + 1)
    sheet.citations.append(numbered)
    return numbered


def explained(
    ports: Ports, sheet: Sheet, end: ComposedEnd, passages: tuple[Passage, ...]
) -> str:
    """Return what an engine says of its blocker, as far as it may be shown.

    For a suspect ticket it has to be as harmless as a sentence without a source.
    """
    if end.blocker is Blocker.NONE:
        return ""
    text = end.blocker_text[:MOST_BLOCKER_TEXT]
    if sheet.suspect:
        said = Sentence(text, SentenceRole.NEXT_STEP)
        holds = ports.safety.sentence_holds(said, (), ())
        return text if holds and not _parrots(sheet, said) else ""
    return ports.safety.only_known_links(text, [p.url for p in passages])
