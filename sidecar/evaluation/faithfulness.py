"""Faithfulness: whether a text says only what its source says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, auroc, statistic
from sidecar.evaluation.library import corpus_of, json_lines
from sidecar.evaluation.measures import Say
from sidecar.safety.support import faithful, support

_FAITHFUL_FROM = 4


def faithful_summaries(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure balanced accuracy on summaries of which some had a fact changed."""
    folder = data / "summedits"
    sources = {row["doc_id"]: row["text"] for row in json_lines(folder / "docs.jsonl")}
    rows = list(json_lines(folder / "items.jsonl"))
    say(f"{len(rows)} summaries")
    truth = [bool(row["consistent"]) for row in rows]
    held = [faithful(row["summary"], sources[row["doc_id"]]) for row in rows]

    def balanced(at: Sequence[int]) -> float:
        kept = [held[i] for i in at if truth[i]]
        caught = [not held[i] for i in at if not truth[i]]
        return (fmean(kept) + fmean(caught)) / 2

    kept = fmean(h for h, t in zip(held, truth, strict=True) if t)
    caught = fmean(not h for h, t in zip(held, truth, strict=True) if not t)
    note = f"true summaries kept {kept:.2f}, changed ones caught {caught:.2f}"
    items = len(rows)
    return [statistic("faithful-summaries", "balanced accuracy", balanced, items, note)]


def faithful_answers(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure the area under the curve of answers that people judged."""
    folder = data / "mtrag_human_subset"
    passages = {
        t.id: f"{t.title}\n{t.body}" for t in corpus_of(folder / "corpus.jsonl")
    }
    scores, truth = [], []
    for row in json_lines(folder / "tasks.jsonl"):
        source = "\n".join(passages[i] for i in row["context_doc_ids"])
        for judged in row["judged_responses"]:
            scores.append(support(judged["response"], source))
            truth.append(judged["faithfulness"] >= _FAITHFUL_FROM)
    say(f"{len(scores)} answers")

    def area(at: Sequence[int]) -> float:
        return auroc([scores[i] for i in at], [truth[i] for i in at])

    return [statistic("faithful-answers", "AUROC", area, len(scores))]
