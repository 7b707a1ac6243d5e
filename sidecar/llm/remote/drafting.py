"""Draft with a model: statements with passage numbers and quotes, sentence by sentence.

Each statement becomes a composed sentence whose citation names one of our passages;
whether it may be shown is then decided by the same guard as for every engine. Nothing
is passed on before the language of the reply is known to be the one asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sidecar.domain.classification import Sentiment
from sidecar.domain.knowledge import Passage
from sidecar.domain.reply import (
    Blocker,
    Citation,
    Sentence,
    SentenceRole,
    Warning,
)
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.port import ComposedEnd, ComposedSentence, DraftTask
from sidecar.llm.remote.answers import (
    Statements,
    malformed,
    number,
    objects,
    string,
)
from sidecar.llm.remote.asking import Asker, Errand, Provider
from sidecar.llm.remote.conversation import conversation, names_in, size_of
from sidecar.llm.remote.door import Block, Door, Order, Sealed
from sidecar.llm.remote.failure import Failure, ProviderFailed
from sidecar.llm.remote.languages import base, enough_to_tell, speaks, written_in
from sidecar.llm.remote.prompts import prompt
from sidecar.llm.remote.schemas import BLOCKERS, DRAFT

TASK = "draft"
_MOST_OUTPUT = 2000
_LONGEST_SENTENCE = 1000
_LONGEST_DRAFT = 8000
_LONGEST_QUOTE = 2000
_LONGEST_EXPLANATION = 600
_FRAME_CONFIDENCE = 0.5
_READ_FIRST = 0.65
"""Below what counts as ready: the local engine would not have answered so."""
_KEPT = frozenset(
    {
        Warning.STALE_SOURCE,
        Warning.SOURCES_CONTRADICT,
        Warning.CUSTOMER_ANGRY,
        Warning.INTERNAL_SOURCE_EXISTS,
    }
)
_SPACES = re.compile(r"\s+")

Step = ComposedSentence | ComposedEnd


@dataclass(slots=True)
class _Progress:
    """What one attempt has said so far."""

    held: list[ComposedSentence] = field(default_factory=list)
    told: str = ""
    language_known: bool = False
    facts: int = 0
    dropped: bool = False
    cited: list[Passage] = field(default_factory=list)


class Drafting:
    """Drafts one reply with whichever provider answers."""

    def __init__(
        self, door: Door, asker: Asker, local: LocalEngine, task: DraftTask, most: int
    ) -> None:
        self._door = door
        self._asker = asker
        self._local = local
        self._task = task
        articles = [
            Block(f"article {place}", _shown(passage))
            for place, passage in enumerate(task.passages, start=1)
        ]
        orders = _of_the_agent(task)
        left = max(most - size_of([*articles, *orders]), most // 4)
        self._thread = conversation(task.ticket, left)
        self._order = Order(
            prompt=prompt(TASK),
            values={
                "purpose": task.purpose.value,
                "tone": task.tone.value,
                "language": written_in(task.language),
            },
            blocks=(*self._thread.blocks, *articles, *orders),
            names=names_in(task.ticket, task.agent_name),
            schema=DRAFT,
            most_output_tokens=_MOST_OUTPUT,
        )

    def attempt(
        self, provider: Provider, seconds: float, errand: Errand
    ) -> Iterator[Step]:
        """Yield sentences as they are complete and last the end."""
        sealed = self._door.seal(self._order)
        answer, progress = Statements(), _Progress()
        with closing(self._asker.ask(provider, sealed, errand, seconds)) as pieces:
            for piece in pieces:
                for raw in answer.take(piece):
                    opened = sealed.opened(raw)
                    yield from self._said(opened, sealed, answer, progress)
        found = sealed.opened(answer.end())
        self._check_language(progress)
        end = self._end(found, sealed, provider, progress)
        if end.blocker is Blocker.NONE:
            yield from progress.held
        self._asker.remember(provider, sealed, errand, answer.text)
        yield end

    def _said(
        self,
        raw: dict[str, Any],
        sealed: Sealed,
        answer: Statements,
        progress: _Progress,
    ) -> Iterator[ComposedSentence]:
        """Yield what may be passed on now: nothing while the language is unknown."""
        if _blocker(answer.head or {}) is not Blocker.NONE:
            return
        composed = self._composed(raw)
        shown = (composed.sentence.text, composed.original)
        if not all(map(sealed.may_be_shown, shown)):
            progress.dropped = True
            return
        progress.told += f" {composed.sentence.text}"
        if len(progress.told) > _LONGEST_DRAFT:
            raise ProviderFailed(Failure.TOO_LONG)
        progress.facts += composed.sentence.role is SentenceRole.FACT
        known = {p.passage_id: p for p in self._task.passages}
        progress.cited += [
            known[c.passage_id] for c in composed.citations if c.passage_id in known
        ]
        progress.held.append(composed)
        if progress.language_known or enough_to_tell(progress.told):
            self._check_language(progress)
            progress.language_known = True
            yield from progress.held
            progress.held.clear()

    def _check_language(self, progress: _Progress) -> None:
        if not speaks(self._local, progress.told, self._task.language):
            raise ProviderFailed(Failure.WRONG_LANGUAGE)

    def _composed(self, raw: dict[str, Any]) -> ComposedSentence:
        text = " ".join(string(raw, "text", _LONGEST_SENTENCE).split())
        original = " ".join(string(raw, "original", _LONGEST_SENTENCE).split())
        try:
            role = SentenceRole(string(raw, "role", 40))
        except ValueError:
            raise malformed() from None
        citations = tuple(
            self._citation(number(source, "article"), source)
            for source in objects(raw, "sources")
        )
        sentence = Sentence(
            text,
            role,
            tuple(citation.marker for citation in citations),
            starts_paragraph=raw.get("new_paragraph") is True,
            list_item=min(max(number(raw, "list_item"), 0), 99),
        )
        return ComposedSentence(sentence, citations, original)

    def _citation(self, place: int, source: dict[str, Any]) -> Citation:
        """Return the citation of a passage by its number; an unknown one names none."""
        quote = string(source, "quote", _LONGEST_QUOTE)
        if not 1 <= place <= len(self._task.passages):
            return Citation(place, "", "", "", "", quote)
        passage = self._task.passages[place - 1]
        return Citation(
            marker=place,
            passage_id=passage.passage_id,
            document_id=passage.document_id,
            title=passage.title,
            url=passage.url,
            quote=_literal(quote, passage.text),
            visibility=passage.visibility,
        )

    def _end(
        self,
        found: dict[str, Any],
        sealed: Sealed,
        provider: Provider,
        progress: _Progress,
    ) -> ComposedEnd:
        blocker = _blocker(found)
        said = string(found, "blocker_text", _LONGEST_EXPLANATION)
        # With nothing to show, a question that had to come first is a blocker.
        if blocker is Blocker.NONE and not progress.told and not progress.dropped:
            asked = found.get("blocker") == Blocker.CUSTOMER_INFORMATION_MISSING.value
            if not asked:
                raise ProviderFailed(Failure.EMPTY)
            blocker = Blocker.CUSTOMER_INFORMATION_MISSING
        confidence, warnings = self._judged(blocker, progress)
        if self._thread.cut:
            warnings += (Warning.THREAD_TRUNCATED,)
        if progress.dropped:
            warnings += (Warning.SENTENCE_DROPPED,)
        return ComposedEnd(
            blocker=blocker,
            blocker_text=said if sealed.may_be_shown(said) else "",
            warnings=warnings,
            confidence=confidence,
            template_id=self._task.template_id,
            engine=provider.name,
            model=f"{provider.client.model}+{self._order.prompt.version}",
        )

    def _judged(
        self, blocker: Blocker, progress: _Progress
    ) -> tuple[float, tuple[Warning, ...]]:
        """Return confidence and warnings: the local engine's judgement of the task.

        A model sounds equally sure of everything, so its own word counts for nothing.
        """
        if blocker is not Blocker.NONE:
            return 0.0, ()
        *_, last = self._local.compose(self._task)
        assert isinstance(last, ComposedEnd), "an engine ends with ComposedEnd"
        warnings = tuple(w for w in last.warnings if w in _KEPT)
        if any(passage.stale for passage in progress.cited):
            warnings += (Warning.STALE_SOURCE,)
        language = base(self._task.language)
        if any(base(p.language) not in ("", language) for p in progress.cited):
            warnings += (Warning.SOURCE_LANGUAGE_DIFFERS,)
        if self._task.sentiment is Sentiment.ANGRY:
            warnings += (Warning.CUSTOMER_ANGRY,)
        if last.blocker is Blocker.SOURCES_CONTRADICT:
            return 0.2, (*warnings, Warning.SOURCES_CONTRADICT)
        if not progress.facts:
            return _FRAME_CONFIDENCE, warnings
        if last.blocker is Blocker.NONE:
            return last.confidence, warnings
        return min(_READ_FIRST, self._task.retrieval_confidence), warnings


def _blocker(found: dict[str, Any]) -> Blocker:
    """Return the blocker; questions to the customer are a reply that can be sent."""
    name = string(found, "blocker", 60)
    if name not in BLOCKERS:
        raise malformed()
    blocker = Blocker(name)
    if blocker is Blocker.CUSTOMER_INFORMATION_MISSING:
        return Blocker.NONE
    return blocker


def _shown(passage: Passage) -> str:
    head = " › ".join(part for part in (passage.title, passage.heading) if part)
    return f"{head}\n{passage.text}" if head else passage.text


def _of_the_agent(task: DraftTask) -> list[Block]:
    """Return what the agent wants, as data too: it cannot lift the rules."""
    blocks = []
    if task.instructions.strip():
        blocks.append(Block("wish of the agent about the reply", task.instructions))
    if task.agent_name.strip():
        blocks.append(Block("name of the agent", task.agent_name))
    blocks += [
        Block("form the reply should have", template.body)
        for template in task.templates
        if task.template_id and template.id == task.template_id
    ]
    return blocks


def _literal(quote: str, text: str) -> str:
    """Return the quote as it stands in the text where only white space differs."""
    wanted = quote.strip()
    if not wanted or wanted in text:
        return wanted
    words = _SPACES.split(wanted)
    match = re.search(r"\s+".join(map(re.escape, words)), text)
    return match.group() if match else wanted
