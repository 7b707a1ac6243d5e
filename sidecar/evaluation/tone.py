"""Tone: the customer's sentiment against groups of emotions."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

from sidecar.domain.classification import Sentiment
from sidecar.domain.default_taxonomy import DEFAULT_TAXONOMY
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, macro
from sidecar.evaluation.measures import Say

_GROUPS = {
    Sentiment.POSITIVE: "positive",
    Sentiment.NEUTRAL: "neutral",
    Sentiment.NEGATIVE: "negative",
    Sentiment.ANGRY: "negative",
}


def goemotions(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure macro F1 of the groups (texts of one group only).

    The engine has no group "ambiguous" (surprise, curiosity, confusion); with it
    counted, those texts can only be wrong.
    """
    path = data / "goemotions" / "valid.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if "+" not in r["sentiment_group"]]
    say(f"{len(rows)} comments")
    engine = desk.ports.engine
    found = []
    for row in rows:
        message = Message("m", Author(AuthorRole.CUSTOMER), row["text"])
        ticket = Ticket("t", "eval", "", (message,))
        tone = engine.read(ticket, DEFAULT_TAXONOMY, None).sentiment
        found.append(_GROUPS[tone])
    truth = [r["sentiment_group"] for r in rows]
    known = [i for i, t in enumerate(truth) if t in ("positive", "neutral", "negative")]
    return [
        macro("tone", truth, found),
        macro("tone-three", [truth[i] for i in known], [found[i] for i in known]),
    ]
