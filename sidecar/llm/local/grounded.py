"""Chosen units as cited sentences of a reply."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.domain.knowledge import Passage
from sidecar.domain.reply import Citation, Sentence, SentenceRole
from sidecar.llm.local.passage_units import Unit
from sidecar.llm.local.select import Chosen
from sidecar.llm.port import ComposedSentence


def grounded(chosen: Chosen, passages: Sequence[Passage]) -> list[ComposedSentence]:
    """Return the steps as a list and the facts in paragraphs, each with its quote."""
    found = [
        _cited(unit, passages, list_item=number)
        for number, unit in enumerate(chosen.steps, start=1)
    ]
    for number, unit in enumerate(chosen.facts):
        before = chosen.facts[number - 1] if number else None
        new_paragraph = before is None or before.passage != unit.passage
        found.append(_cited(unit, passages, starts_paragraph=new_paragraph))
    return found


def _cited(
    unit: Unit,
    passages: Sequence[Passage],
    list_item: int = 0,
    *,
    starts_paragraph: bool = False,
) -> ComposedSentence:
    passage, marker = passages[unit.passage], unit.passage + 1
    sentence = Sentence(
        unit.text, SentenceRole.FACT, (marker,), starts_paragraph, list_item
    )
    citation = Citation(
        marker=marker,
        passage_id=passage.passage_id,
        document_id=passage.document_id,
        title=passage.title,
        url=passage.url,
        quote=unit.quote,
        visibility=passage.visibility,
    )
    return ComposedSentence(sentence, (citation,))
