"""Fits the weights of ``sidecar.domain.answerable``.

    python -m sidecar.evaluation.fit_answerable --data FOLDER

Questions with and without an answer come from clapnq. From every retrieval set come
its questions as they are, and again with the documents that answer them taken away.
Each set counts the same. Prints five-fold areas, then the weights of all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.knowledge import SearchMode
from sidecar.evaluation.desk import Desk, throwaway_desk
from sidecar.evaluation.figures import auroc
from sidecar.evaluation.library import (
    Library,
    Question,
    Text,
    conversation,
    corpus_of,
    fill,
    json_lines,
)
from sidecar.evaluation.retrieval import SETS
from sidecar.usecases.commands import RetrieveCommand
from sidecar.usecases.comparison import Comparison
from sidecar.usecases.ports import Target
from sidecar.usecases.retrieve import CANDIDATES, compare

Numbers = NDArray[np.float64]
_FOLDS = 5
_RIDGE = 0.3
_STEPS = 50


def main() -> None:
    """Print the weights and how well they tell on what they were not fitted on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    with throwaway_desk() as desk:
        tables = {"clapnq": _labelled(data, desk)}
        for name, load in SETS.items():
            tables[f"{name} without"] = _taken_away(desk, name, *load(data))
    sure: dict[str, Numbers] = {n: np.zeros(len(t)) for n, t in tables.items()}
    for fold in range(_FOLDS):
        weights = _fit([t[_place(t) != fold] for t in tables.values()])
        for name, table in tables.items():
            kept = _place(table) == fold
            sure[name][kept] = table[kept, :-1] @ weights
    for name, table in tables.items():
        area = auroc(list(sure[name]), [bool(y) for y in table[:, -1]])
        _say(f"{name}: {len(table)} questions, five-fold AUROC {area:.3f}")
    weights = _fit(list(tables.values()))
    _say(f"intercept {weights[0]:.2f} weights {weights[1:].round(2)}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _labelled(data: Path, desk: Desk) -> Numbers:
    folder = data / "clapnq"
    library = fill(desk, "clapnq", corpus_of(folder / "corpus.jsonl"), _say)
    rows = []
    for row in json_lines(folder / "queries.jsonl"):
        question = Question(row["id"], row["question"], frozenset())
        signs = _signs(_compared(library, question))
        rows.append([*signs, float(row["answerable"])])
    return np.array(rows)


def _taken_away(
    desk: Desk, name: str, texts: Sequence[Text], questions: Sequence[Question]
) -> Numbers:
    library = fill(desk, name, texts, _say)
    rows = []
    for question in questions:
        whole = _compared(library, question)
        rows.append([*_signs(whole), 1.0])
        gone = {d for d, text in library.documents.items() if text in question.relevant}
        rows.append([*_signs(whole.without(gone)), 0.0])
    return np.array(rows)


def _compared(library: Library, question: Question) -> Comparison:
    target = Target(ticket=conversation(question))
    mode = SearchMode.HYBRID
    command = RetrieveCommand(target=target, top_k=CANDIDATES, mode=mode)
    return compare(library.desk.ports, library.caller, command)


def _signs(compared: Comparison) -> list[float]:
    found = compared.evidence(compared.ranked()[0])
    return [1.0, found.cosine, found.lead, found.sentence, found.title]


def _place(table: Numbers) -> NDArray[np.intp]:
    # A question and its copy without documents stand together.
    return (np.arange(len(table)) // 2) % _FOLDS


def _fit(tables: Sequence[Numbers]) -> Numbers:
    """Fit a logistic regression by Newton's method; each table weighs the same."""
    rows = np.concatenate(tables)
    share = np.concatenate([np.full(len(t), 100 / len(t)) for t in tables])
    x, y = rows[:, :-1], rows[:, -1]
    ridge = _RIDGE * np.diag([0.0] + [1.0] * (x.shape[1] - 1))
    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (share * (y - p)) - ridge @ weights
        bend = (x * (share * p * (1 - p))[:, None]).T @ x + ridge
        weights += np.linalg.solve(bend, slope)
    return weights


if __name__ == "__main__":
    main()
