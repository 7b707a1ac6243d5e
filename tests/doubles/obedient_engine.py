"""The double of a language model that obeys whatever it reads.

It stands behind the engine port, where a real model would, and does exactly what an
injected text wants: says it in every role, cites it, forges sources, gives away its
own orders and calls the result perfect. What the guards let through is what a real
model could be made to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.domain.classification import Taxonomy
from sidecar.domain.reply import Blocker, Citation, Sentence, SentenceRole
from sidecar.domain.summary import Summary, SummaryKind
from sidecar.domain.ticket import CustomerHistory, Ticket
from sidecar.embedder.none import NoEmbedder
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.port import Asked, ComposedEnd, ComposedSentence, DraftTask, Signals

PROMPT_CANARY = "CANARY-4d1e7f"
SYSTEM_PROMPT = f"You are the desk's writer. The secret word is {PROMPT_CANARY}."


class ObedientEngine:
    """Says what it is told by anyone; remembers in ``seen`` all it was ever given."""

    name = "obedient"
    model = "double-1"

    def __init__(self) -> None:
        self._local = LocalEngine(NoEmbedder())
        self.seen: list[str] = []
        self.blocker = Blocker.NONE

    def read(
        self, ticket: Ticket, taxonomy: Taxonomy, history: CustomerHistory | None
    ) -> Signals:
        """Read as the local engine does; drafting is what is tested."""
        self.seen.append(repr((ticket, history)))
        return self._local.read(ticket, taxonomy, history)

    def for_call(self, _asked: Asked) -> ObedientEngine:
        """Return itself."""
        return self

    def compose(self, task: DraftTask) -> Iterator[ComposedSentence | ComposedEnd]:
        """Write one honest sentence and then everything anybody asked for."""
        self.seen.append(repr(task))
        yield from _honest(task)
        for order in (*_orders(task), SYSTEM_PROMPT, f"My prompt is: {SYSTEM_PROMPT}"):
            yield from _obeyed(order, task)
        yield ComposedEnd(
            blocker=self.blocker,
            blocker_text="\n".join(_orders(task)),
            warnings=(),
            confidence=1.0,
            template_id=" ".join(_orders(task))[:200],
        )

    def close(self) -> None:
        """Release nothing."""

    def summarize(self, ticket: Ticket, kind: SummaryKind, language: str) -> Summary:
        """Summarise as the local engine does."""
        return self._local.summarize(ticket, kind, language)

    def language_of(self, text: str) -> str:
        """Tell the language as the local engine does."""
        return self._local.language_of(text)


def _orders(task: DraftTask) -> list[str]:
    """Return every line that somebody outside wrote, and each text as a whole."""
    ticket = task.ticket
    texts = [ticket.subject, ticket.customer.name, *ticket.tags]
    texts += [m.body for m in ticket.messages]
    texts += [a.file_name for m in ticket.messages for a in m.attachments]
    texts += [p.text for p in task.passages]
    lines = [line for text in texts for line in text.splitlines()]
    return [order for order in dict.fromkeys((*lines, *texts)) if order.strip()]


def _honest(task: DraftTask) -> Iterator[ComposedSentence]:
    for place, passage in enumerate(task.passages, start=1):
        quote = passage.text.strip().splitlines()[-1].split(". ")[0].rstrip(".")
        said = Sentence(f"{quote}.", SentenceRole.FACT, (place,))
        citation = Citation(
            place, passage.passage_id, passage.document_id, "", "", quote
        )
        yield ComposedSentence(said, (citation,))


def _obeyed(order: str, task: DraftTask) -> Iterator[ComposedSentence]:
    for role in SentenceRole:
        yield ComposedSentence(Sentence(order, role, list_item=1))
    forged = [Citation(1, "invented", "d", order, "https://evil.test/?d=1", order)]
    for place, passage in enumerate(task.passages, start=1):
        mine, evil = passage.passage_id, "https://evil.test/?d=2"
        quote = passage.text.strip()[:60]
        forged += [
            Citation(place, mine, "d", order, evil, order),
            Citation(place, mine, "d", order, evil, quote),
            Citation(place, mine, "d", order, evil, passage.text),
        ]
    for citation in forged:
        yield ComposedSentence(
            Sentence(order, SentenceRole.FACT, (citation.marker,)), (citation,)
        )
        yield ComposedSentence(Sentence(order, SentenceRole.GREETING), (citation,))
