"""What a draft is good for, from its blocker, confidence and warnings."""

from __future__ import annotations

from sidecar.domain.reply import Blocker, Outcome, Warning

READY_FROM = 0.7

# A draft under one of these is never dressed as ready, however sure the engine is.
_DOUBTS = frozenset(
    {
        Warning.STALE_SOURCE,
        Warning.SOURCES_CONTRADICT,
        Warning.SOURCE_LANGUAGE_DIFFERS,
        Warning.LANGUAGE_UNSUPPORTED,
        Warning.INJECTION_SUSPECTED,
        Warning.SENTENCE_DROPPED,
        Warning.EMBEDDER_MISSING,
    }
)


def judge(
    blocker: Blocker, confidence: float, facts: int, warnings: tuple[Warning, ...]
) -> Outcome:
    """Return READY only for a draft without blocker and doubt, sure enough (from 0.7).

    ``facts`` is the number of grounded factual sentences; a draft that states none
    is at most a suggestion.
    """
    if blocker is not Blocker.NONE:
        return Outcome.NEEDS_HUMAN
    if facts and confidence >= READY_FROM and not _DOUBTS.intersection(warnings):
        return Outcome.READY
    return Outcome.SUGGESTED
