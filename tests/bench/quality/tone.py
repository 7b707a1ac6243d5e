"""Tone: the customer's sentiment against groups of emotions."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

from sidecar.domain.classification import Sentiment
from sidecar.embedder.port import Embedder
from sidecar.llm.local.sentiment import scan, sentiment_of
from sidecar.llm.local.ticket_text import Section
from tests.bench.quality.figures import Figure, macro

_GROUPS = {
    Sentiment.POSITIVE: "positive",
    Sentiment.NEUTRAL: "neutral",
    Sentiment.NEGATIVE: "negative",
    Sentiment.ANGRY: "negative",
}


def goemotions(data: Path, embedder: Embedder) -> list[Figure]:
    """Measure macro F1 of positive, neutral, negative (texts of one group only).

    The engine has no group "ambiguous" (surprise, curiosity, confusion); with it
    counted, those texts can only be wrong.
    """
    path = data / "goemotions" / "valid.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if "+" not in r["sentiment_group"]]
    found = [
        _GROUPS[sentiment_of((scan(Section("message", "", r["text"]), ("en",)),))[0]]
        for r in rows
    ]
    truth = [r["sentiment_group"] for r in rows]
    known = [i for i, t in enumerate(truth) if t in ("positive", "neutral", "negative")]
    return [
        macro(
            "three groups: macro F1",
            [truth[i] for i in known],
            [found[i] for i in known],
        ),
        macro("four groups: macro F1", truth, found),
    ]
