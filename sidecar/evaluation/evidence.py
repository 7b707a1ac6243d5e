"""Evidence: whether the sentences a draft would quote are the ones that answer."""

from __future__ import annotations

import re
from pathlib import Path

from sidecar.domain.knowledge import Passage, Visibility
from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, mean
from sidecar.evaluation.library import Text, corpus_of, json_lines
from sidecar.evaluation.measures import Say
from sidecar.llm.local.passage_units import units
from sidecar.llm.local.question import Question
from sidecar.llm.local.score import score_units

_DEPTH = 3


def evidence(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure precision@3 of the sentences of the passage that answers.

    Ranked by the score a draft chooses its quotes by.
    """
    folder = data / "clapnq"
    corpus = {text.id: text for text in corpus_of(folder / "corpus.jsonl")}
    rows = [row for row in json_lines(folder / "queries.jsonl") if row["answerable"]]
    say(f"{len(rows)} questions")
    shares = []
    for row in rows:
        passage = _passage(corpus[row["doc_id"]])
        question = Question(row["question"], "en", "")
        found = units(passage, 0, frozenset())
        embedder = desk.ports.embedder
        scored = score_units(question, found, [passage], embedder)
        best = sorted(scored, key=lambda one: (-one.score, one.unit.order))[:_DEPTH]
        gold = [_plain(sentence) for sentence in row["selected_sentences"]]
        right = sum(_is_among(one.unit.text, gold) for one in best)
        shares.append(right / _DEPTH)
    return [mean("evidence", shares, f"precision@{_DEPTH}")]


def _passage(text: Text) -> Passage:
    return Passage(
        passage_id=text.id,
        document_id=text.id,
        title=text.title,
        heading="",
        text=text.body,
        source="evaluation",
        url="",
        score=1.0,
        updated_at=None,
        stale=False,
        visibility=Visibility.PUBLIC,
        language="en",
    )


def _is_among(sentence: str, gold: list[str]) -> bool:
    plain = _plain(sentence)
    return any(plain in one or one in plain for one in gold if one)


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())
