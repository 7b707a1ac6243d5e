"""Answer or refuse: whether confidence is higher where the passages hold an answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, auroc, statistic
from sidecar.evaluation.library import Question, corpus_of, fill, json_lines
from sidecar.evaluation.measures import Say


def answerability(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure the area under the curve of Retrieve's confidence.

    The note says how many answerable questions are called answerable, and how many
    of the others.
    """
    folder = data / "clapnq"
    library = fill(desk, "answerability", corpus_of(folder / "corpus.jsonl"), say)
    rows = list(json_lines(folder / "queries.jsonl"))
    truth = [bool(row["answerable"]) for row in rows]
    found = [
        library.search(Question(row["id"], row["question"], frozenset()), top_k=5)
        for row in rows
    ]
    sure = [one.confidence for one in found]
    kept = sum(f.answerable for f, t in zip(found, truth, strict=True) if t)
    wrong = sum(f.answerable for f, t in zip(found, truth, strict=True) if not t)
    note = (
        f"called answerable: {kept} of {sum(truth)}, and {wrong} of "
        f"{len(truth) - sum(truth)} that are not"
    )

    def area(at: Sequence[int]) -> float:
        return auroc([sure[i] for i in at], [truth[i] for i in at])

    return [statistic("answer-or-refuse", "AUROC", area, len(rows), note)]
