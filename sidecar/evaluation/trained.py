"""Intents after a training: accuracy, honest confidence, unknown texts, queues.

Each figure takes the way of a customer: the texts go through the training that the
RPC starts, in its child process, and every kept text through Classify.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sidecar.domain.access import Principal
from sidecar.domain.classification import Classification
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.domain.training import LabelledText
from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import (
    Figure,
    ece,
    macro,
    micro_f1,
    share,
    statistic,
)
from sidecar.evaluation.measures import Say
from sidecar.training import trainer_for
from sidecar.usecases.classify import classify
from sidecar.usecases.jobs import get_job
from sidecar.usecases.ports import Target, unsaved
from sidecar.usecases.run_training import run_next_training
from sidecar.usecases.train import TrainCommand, start_training

_FOLDS = 5
_MOST_KNOWN = 2_000
_UNKNOWN_TOLD = 0.8


@dataclass(frozen=True, slots=True)
class Case:
    """A kept text and the intents it has; none for one that no label fits."""

    text: str
    labels: tuple[str, ...]


def trained_banking(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Train on four fifths of banking77 and classify the fifth part."""
    cases = _cases(data / "banking77" / "train.csv")
    seen, kept = _split(cases)
    answers = _answers(desk, "banking", seen, kept, say)
    right = _right(answers, kept)
    sure = [answer.intent.confidence for answer in answers]
    top = [
        case.labels[0] in [other.value for other in answer.intent.alternatives]
        for answer, case in zip(answers, kept, strict=True)
    ]

    def error(places: Sequence[int]) -> float:
        return ece([sure[i] for i in places], [right[i] for i in places])

    return [
        share("intent-trained", right, note="one fold of five"),
        share("top-3", top, "share", note="one fold of five"),
        statistic("calibration", "ECE", error, len(kept)),
    ]


def in_scope(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Train on clinc150 and tell its unknown texts from known ones."""
    folder = data / "clinc150"
    seen = [c for c in _cases(folder / "train.csv") if c.labels != ("oos",)]
    kept = _cases(folder / "val.csv")
    unknown = [Case(c.text, ()) for c in kept if c.labels == ("oos",)]
    unknown += [
        Case(c.text, ()) for c in _cases(folder / "train.csv") if c.labels == ("oos",)
    ]
    known = [c for c in kept if c.labels != ("oos",)][:_MOST_KNOWN]
    return [_scope("in-scope", desk, seen, known, unknown, say)]


def near_unknown(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Train on 50 banking intents and tell texts of others from theirs."""
    folder = data / "banking77_oos"
    seen, known = _split(_cases(folder / "train.csv"))
    unknown = [Case(row["text"], ()) for row in _rows(folder / "valid_oos.csv")]
    return [_scope("near-unknown", desk, seen, known, unknown, say)]


def queues(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Train on real helpdesk tickets and sort kept ones into their queues."""
    seen, kept = _split(_cases(data / "it_tickets" / "train.csv.gz"))
    kept = kept[:: max(1, len(kept) // _MOST_KNOWN)]
    answers = _answers(desk, "queues", seen, kept, say)
    truth = [case.labels[0] for case in kept]
    found = [answer.intent.value for answer in answers]
    return [macro("helpdesk-queues", truth, found, draws=300)]


def several(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Train on messages with several intents and find all of the kept ones'."""
    return [_several(data / "nlupp", part, desk, say) for part in ("banking", "hotels")]


def groups(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Teach groups of emotions with labelled comments and find all of the kept ones'.

    Macro F1 over the four groups, each of which a comment has or has not.
    """
    folder = data / "goemotions"
    seen, kept = (_groups(folder / f"{part}.csv.gz") for part in ("train", "valid"))
    answers = _answers(desk, "groups", seen, kept, say)
    found = [{other.value for other in answer.intents} for answer in answers]
    meant = [set(case.labels) for case in kept]
    names = sorted(set().union(*meant))

    def mean_f1(places: Sequence[int]) -> float:
        ones = [
            ([{name} & meant[i] for i in places], [{name} & found[i] for i in places])
            for name in names
        ]
        return sum(micro_f1(*one) for one in ones) / len(names)

    return [statistic("tone-taught", "macro F1", mean_f1, len(kept), draws=60)]


def _several(folder: Path, part: str, desk: Desk, say: Say) -> Figure:
    with (folder / f"{part}.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    # Its own ten folds, two of them kept at a time: five trainings.
    cases = [(Case(row["text"], tuple(row["intents"])), row["fold"]) for row in rows]
    folds = sorted({fold for _, fold in cases})
    found: list[set[str]] = []
    meant: list[set[str]] = []
    for number in range(0, len(folds), 2):
        pair = folds[number : number + 2]
        seen = [case for case, fold in cases if fold not in pair]
        kept = [case for case, fold in cases if fold in pair]
        answers = _answers(desk, f"several-{part}-{number}", seen, kept, say)
        found += [{other.value for other in answer.intents} for answer in answers]
        meant += [set(case.labels) for case in kept]

    def micro(places: Sequence[int]) -> float:
        return micro_f1([meant[i] for i in places], [found[i] for i in places])

    return statistic(f"several-intents-{part}", "micro F1", micro, len(found))


def _scope(
    row: str,
    desk: Desk,
    seen: Sequence[Case],
    known: Sequence[Case],
    unknown: Sequence[Case],
    say: Say,
) -> Figure:
    """Return the share of known texts that are answered rightly and surely.

    Surely means: above the confidence below which four fifths of the unknown stay.
    """
    answers = _answers(desk, row, seen, [*known, *unknown], say)
    strange = sorted(a.intent.confidence for a in answers[len(known) :])
    line = strange[min(len(strange) - 1, int(_UNKNOWN_TOLD * len(strange)))]
    right = [
        is_right and answer.intent.confidence > line
        for is_right, answer in zip(_right(answers, known), answers, strict=False)
    ]
    return share(row, right, note=f"line at confidence {line:.3f}")


def _answers(
    desk: Desk, name: str, seen: Sequence[Case], kept: Sequence[Case], say: Say
) -> list[Classification]:
    """Train in a workspace of its own, then classify every kept text."""
    caller = desk.fresh(name)
    _train(desk, caller, seen, say)
    answers = []
    for number, case in enumerate(kept):
        if number % 200 == 0:
            say(f"classified {number} of {len(kept)}")
        message = Message("m", Author(AuthorRole.CUSTOMER), case.text)
        ticket = Ticket(str(number), "evaluation", messages=(message,))
        target = Target(ticket=ticket)
        answers.append(classify(desk.ports, caller, target, unsaved).classification)
    return answers


def _train(desk: Desk, caller: Principal, seen: Sequence[Case], say: Say) -> None:
    rows = tuple(LabelledText(case.text, case.labels) for case in seen)
    job = start_training(desk.ports, caller, TrainCommand(rows, True), unsaved)
    trainer = trainer_for(
        desk.ports.embedder.model, desk.house.settings.data_dir / "models"
    )
    say(f"training on {len(rows)} texts")
    run_next_training(desk.ports, "evaluation", trainer)
    ended = get_job(desk.ports, caller, job.id)
    if ended.state != "done":
        raise RuntimeError(f"the training ended {ended.state}: {ended.message}")


def _right(answers: Sequence[Classification], cases: Sequence[Case]) -> list[bool]:
    return [
        answer.intent.value in case.labels
        for answer, case in zip(answers, cases, strict=False)
    ]


def _split(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Return four of five cases of each label in turn, and the fifth ones."""
    count: dict[tuple[str, ...], int] = {}
    seen: list[Case] = []
    kept: list[Case] = []
    for case in cases:
        number = count[case.labels] = count.get(case.labels, -1) + 1
        (kept if number % _FOLDS == _FOLDS - 1 else seen).append(case)
    return seen, kept


def _cases(path: Path) -> list[Case]:
    return [Case(row["text"], (row["label"],)) for row in _rows(path)]


def _groups(path: Path) -> list[Case]:
    return [
        Case(row["text"], tuple(row["sentiment_group"].split("+")))
        for row in _rows(path)
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    is_packed = path.suffix == ".gz"
    with (
        gzip.open(path, "rt", encoding="utf-8", newline="")
        if is_packed
        else path.open(encoding="utf-8", newline="")
    ) as file:
        return list(csv.DictReader(file))
