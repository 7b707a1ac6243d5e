"""Personal data: what the one redaction finds, against marked sentences.

Kinds are compared by what is taken out, not by name. Parts that only spaces or
punctuation divide are one span on both sides, as in the published evaluation, since
an address is marked whole in one sentence and in pieces in the next.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, f_beta, share, statistic
from sidecar.evaluation.measures import Say
from sidecar.safety.port import PLACEHOLDER, Redacted

Span = tuple[int, int]
_STRUCTURED = {
    *("EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS"),
    *("DOMAIN_NAME", "PHONE_NUMBER"),
}
# The kinds of ours that a check digit or a form proves.
_PROVEN = {"EMAIL", "CARD", "IBAN", "ID", "IP", "URL", "PHONE", "SECRET"}
_BETWEEN = re.compile(r"[\s,.;>?\\-]*")
_OVERLAP = 0.5


def presidio(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure precision and recall of proven kinds, and F2 of everything personal."""
    path = data / "presidio_synth" / "samples.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    say(f"{len(rows)} sentences")
    right: list[bool] = []
    found: list[bool] = []
    counts: list[tuple[int, int, int, int]] = []
    for row in rows:
        text, spans = row["text"], row["spans"]
        taken = taken_out(text, desk.ports.safety.redact(text))
        marked = [(s["start"], s["end"]) for s in spans]
        proven = [span for span, kind in taken if kind in _PROVEN]
        right += [any(_meets(span, m) for m in marked) for span in proven]
        every = [span for span, _ in taken]
        found += [
            any(_covers(span, (s["start"], s["end"])) for span in every)
            for s in spans
            if s["type"] in _STRUCTURED
        ]
        counts.append(_compared(text, every, marked))
    return [
        share("personal-data-precision", right, "precision"),
        share("personal-data-recall", found, "recall"),
        statistic(
            *("personal-data-all", "F2"),
            lambda at: _f2([counts[i] for i in at]),
            len(rows),
            _apart(counts),
        ),
    ]


def taken_out(text: str, redacted: Redacted) -> list[tuple[Span, str]]:
    """Return what was replaced, as spans of the original with their kinds."""
    spans = []
    shift = 0
    for match in PLACEHOLDER.finditer(redacted.text):
        value = redacted.originals.get(match.group())
        if value is None:
            continue
        start = match.start() + shift
        assert text[start : start + len(value)] == value, "the way back is exact"
        kind = match.group()[1:].rpartition("_")[0]
        spans.append(((start, start + len(value)), kind))
        shift += len(value) - len(match.group())
    return spans


def _compared(
    text: str, taken: list[Span], marked: list[Span]
) -> tuple[int, int, int, int]:
    ours, theirs = _joined(text, taken), _joined(text, marked)
    hits = sum(any(_alike(o, t) for t in theirs) for o in ours)
    met = sum(any(_alike(o, t) for o in ours) for t in theirs)
    return hits, len(ours), met, len(theirs)


def _joined(text: str, spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and _BETWEEN.fullmatch(text[joined[-1][1] : start]):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _f2(counts: list[tuple[int, int, int, int]]) -> float:
    hits, ours, met, theirs = (sum(column) for column in zip(*counts, strict=True))
    return f_beta(hits / ours if ours else 0.0, met / theirs if theirs else 0.0)


def _apart(counts: list[tuple[int, int, int, int]]) -> str:
    hits, ours, met, theirs = (sum(column) for column in zip(*counts, strict=True))
    return f"precision {hits / ours:.3f}, recall {met / theirs:.3f}"


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _meets(one: Span, other: Span) -> bool:
    return _shared(one, other) > 0


def _covers(one: Span, other: Span) -> bool:
    return _shared(one, other) >= 0.9 * (other[1] - other[0])


def _alike(one: Span, other: Span) -> bool:
    both = _shared(one, other)
    return both >= _OVERLAP * (one[1] - one[0] + other[1] - other[0] - both)
