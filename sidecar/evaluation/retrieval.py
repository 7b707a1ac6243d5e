"""Finding: messages to FAQ, conversations to passages, hybrid against its legs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from sidecar.domain.knowledge import SearchMode
from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, mean, ndcg, share, statistic
from sidecar.evaluation.library import (
    Question,
    Text,
    corpus_of,
    faq_of,
    fill,
    json_lines,
)
from sidecar.evaluation.measures import Say

Load = Callable[[Path], tuple[list[Text], list[Question]]]
_DEPTH = 10
_SAME_QUESTION = 4.0


def faq_health(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure consumers' long messages against the one-line questions they ask."""
    return _hit_at_1("faq-health", _meqsum, data, desk, say)


def faq_covid(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure paraphrases against the questions of an FAQ."""
    return _hit_at_1("faq-covid", _covid, data, desk, say)


def multi_turn(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure the last turn of conversations, given as tickets, against passages."""
    texts, questions = _mtrag(data)
    library = fill(desk, "multi-turn", texts, say)
    gains = [_gain(library.ranked(library.search(q)), q) for q in questions]
    note = f"{len(texts)} documents"
    return [mean("multi-turn", gains, f"nDCG@{_DEPTH}", note)]


def hybrid_legs(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure nDCG@10 of hybrid minus that of the better of words and vectors.

    A figure a data set; the worst one is the row's.
    """
    figures = []
    for name, load in SETS.items():
        texts, questions = load(data)
        library = fill(desk, f"legs-{name}", texts, say)
        of_mode = {
            mode: [_gain(library.ranked(library.search(q, mode)), q) for q in questions]
            for mode in SearchMode
        }
        figures.append(_difference(name, of_mode))
        say(f"{name}: hybrid {figures[-1].value:+.3f}")
    worst = min(figures, key=lambda figure: figure.value)
    others = ", ".join(f"{f.note} {f.value:+.3f}" for f in figures)
    note = f"worst set {worst.note}; {others}"
    return [
        Figure(
            "hybrid-legs",
            "difference of nDCG@10",
            worst.value,
            worst.low,
            worst.high,
            worst.items,
            note,
        )
    ]


def _difference(name: str, of_mode: dict[SearchMode, list[float]]) -> Figure:
    hybrid = of_mode[SearchMode.HYBRID]
    legs = (of_mode[SearchMode.VECTOR], of_mode[SearchMode.KEYWORD])

    def difference(at: Sequence[int]) -> float:
        better = max(fmean(leg[i] for i in at) for leg in legs)
        return fmean(hybrid[i] for i in at) - better

    return statistic("hybrid-legs", "nDCG@10", difference, len(hybrid), name)


def _hit_at_1(row: str, load: Load, data: Path, desk: Desk, say: Say) -> list[Figure]:
    texts, questions = load(data)
    library = fill(desk, row, texts, say)
    hits = []
    for question in questions:
        ranked = library.ranked(library.search(question))
        hits.append(bool(ranked) and ranked[0] in question.relevant)
    return [share(row, hits, "hit@1", f"{len(texts)} questions in the FAQ")]


def _gain(ranked: Sequence[str], question: Question) -> float:
    found = [float(one in question.relevant) for one in ranked]
    return ndcg(found, [1.0] * len(question.relevant), _DEPTH)


def _meqsum(data: Path) -> tuple[list[Text], list[Question]]:
    rows = list(json_lines(data / "meqsum" / "questions.jsonl"))
    faq = faq_of(row["summary"] for row in rows)
    questions = [
        Question(r["id"], r["message"], frozenset({faq[r["summary"].strip()].id}))
        for r in rows
    ]
    return list(faq.values()), questions


def _covid(data: Path) -> tuple[list[Text], list[Question]]:
    rows = _table(data / "covid_question_pairs" / "pairs.csv")
    faq = faq_of(row["question_1"] for row in rows)
    questions = [
        Question(str(n), r["question_2"], frozenset({faq[r["question_1"].strip()].id}))
        for n, r in enumerate(rows)
        if r["similar"] == "1"
    ]
    return list(faq.values()), questions


def _stack_exchange(data: Path) -> tuple[list[Text], list[Question]]:
    rows = _table(data / "sts16_question_pairs" / "pairs.csv")
    faq = faq_of(row["question_2"] for row in rows)
    questions = [
        Question(r["id"], r["question_1"], frozenset({faq[r["question_2"].strip()].id}))
        for r in rows
        if float(r["score_0_5"]) >= _SAME_QUESTION
    ]
    return list(faq.values()), questions


def _clapnq(data: Path) -> tuple[list[Text], list[Question]]:
    rows = json_lines(data / "clapnq" / "queries.jsonl")
    questions = [
        Question(r["id"], r["question"], frozenset({r["doc_id"]}))
        for r in rows
        if r["answerable"]
    ]
    return corpus_of(data / "clapnq" / "corpus.jsonl"), questions


def _mtrag(data: Path) -> tuple[list[Text], list[Question]]:
    folder = data / "mtrag_human_subset"
    questions = []
    for row in json_lines(folder / "tasks.jsonl"):
        *before, last = row["input"]
        relevant = frozenset(row["context_doc_ids"])
        history = tuple((t["speaker"] == "user", t["text"]) for t in before)
        if relevant:
            questions.append(Question(row["id"], last["text"], relevant, history))
    return corpus_of(folder / "corpus.jsonl"), questions


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SETS: dict[str, Load] = {
    "meqsum": _meqsum,
    "covid_question_pairs": _covid,
    "mtrag_human_subset": _mtrag,
    "clapnq": _clapnq,
    "sts16_question_pairs": _stack_exchange,
}
