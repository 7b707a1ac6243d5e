"""How bad the effect on the customer is, from what is said to have happened.

Every kind of cue counts once, with the points below; the sum decides: under 0.5 low,
under 2 normal, under 3 high, else critical. A text without any cue has 1 point
(normal) when it reports something and 0 when it only asks, wishes or thanks.
A cue in a sentence that speaks of something over ("was fixed"), or shortly after
"if" or a negation, does not count, except the whole service being down right now.
An error code together with a failure word or an unhappy tone is always a report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sidecar.domain.classification import Reason, ReasonCode, Sentiment, Severity
from sidecar.domain.ranking import error_codes
from sidecar.llm.local.inverted import asks_without_mark
from sidecar.llm.local.lexicon import Hit
from sidecar.llm.local.sentiment import Scanned
from sidecar.llm.local.words import BREAK, fold


@dataclass(frozen=True, slots=True)
class _Cue:
    points: float
    code: ReasonCode
    text: str


_CUES = {
    "outage_total": _Cue(
        4.0, ReasonCode.OUTAGE, "A whole service is said to be down: “{}”."
    ),
    "security_breach": _Cue(
        2.5, ReasonCode.SECURITY, "A breach or foreign access is reported: “{}”."
    ),
    "safety": _Cue(2.5, ReasonCode.KEYWORD, "Somebody may be in danger: “{}”."),
    "data_loss": _Cue(1.5, ReasonCode.DATA_LOSS, "Data is said to be lost: “{}”."),
    "outage": _Cue(1.0, ReasonCode.OUTAGE, "Something is said to be down: “{}”."),
    "many_users": _Cue(1.0, ReasonCode.MANY_USERS, "Many people are affected: “{}”."),
    "security": _Cue(1.0, ReasonCode.SECURITY, "Security is touched: “{}”."),
    "legal": _Cue(1.0, ReasonCode.LEGAL, "Legal steps are mentioned: “{}”."),
    "money": _Cue(1.0, ReasonCode.MONEY, "Money is at stake: “{}”."),
    "blocked": _Cue(0.5, ReasonCode.KEYWORD, "The customer is blocked: “{}”."),
    "deadline": _Cue(0.5, ReasonCode.DEADLINE, "Time is short: “{}”."),
    "churn": _Cue(0.5, ReasonCode.CHURN, "The customer may leave: “{}”."),
    "workaround": _Cue(-0.5, ReasonCode.WORKAROUND, "There is a way around it: “{}”."),
    "cosmetic": _Cue(-0.5, ReasonCode.KEYWORD, "The customer calls it small: “{}”."),
}
_WEAKER = {"security": "security_breach", "outage": "outage_total"}
_HARM = frozenset(
    {"outage_total", "security_breach", "safety", "data_loss", "outage", "money"}
    | {"security", "blocked"}
)
_REPORTS = frozenset({"problem", "blocked", "outage", "outage_total", "data_loss"})
_ALWAYS = frozenset({"outage_total"})
_ASKED_ABOUT = frozenset(
    {
        "data_loss",
        "security",
        "security_breach",
        "legal",
        "churn",
        "many_users",
        "outage",
    }
)
_SUPPOSING = frozenset(
    {
        "am",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "do",
        "does",
        "should",
        "shall",
        "whether",
        "wird",
        "werden",
        "kann",
        "konnen",
        "peut",
        "peuvent",
        "puede",
        "pueden",
        "pode",
        "podem",
        "puo",
        "possono",
    }
)
# A request with thanks is still a request: thanks must not make it smaller.
_REQUESTING = frozenset({"please", "pls", "bitte", "veuillez", "favor", "favore"})
# "The reader shows E-57" reports, "What does E-57 mean?" asks.
_SHOWS = re.compile(
    r"\b(?:shows?|says?|displays?|gives?|gets?|getting|got|reports?|flags?|zeigt|zeigen"
    r"|meldet|melden|steht|affiche\w*|indique\w*|muestra\w*|mostra\w*|sale|aparece\w*"
    r"|appare|dao|da|danno)\W+(?:\w+\W+){0,5}(?P<code>[a-z]{1,5}-\d{2,5})\b"
)
_PRONOUNS = frozenset(
    {"they", "it", "we", "i", "you", "he", "she", "sie", "wir", "ich", "es", "er"}
)
_SENTENCE_REACH = 40
_INVERTED_REACH = 4
_NEGATION_REACH = 2
_CONDITION_REACH = 6


def severity_of(
    scanned: tuple[Scanned, ...], sentiment: Sentiment
) -> tuple[Severity, tuple[Reason, ...]]:
    """Return the severity and one reason for each kind of cue that counted."""
    found: dict[str, Reason] = {}
    reports = asks = confirmed = doubted = False
    requested = False
    unhappy = sentiment in (Sentiment.NEGATIVE, Sentiment.ANGRY)
    for one in scanned:
        valid = _Validity(one)
        reports = reports or _code_fails(one, unhappy=unhappy)
        requested = requested or any(t.text in _REQUESTING for t in one.tokens)
        for hit in one.hits:
            if hit.kind in _REPORTS and valid.counts(hit):
                reports = True
            if hit.kind in ("question", "wish"):
                asks = True
            if hit.kind == "confirmed":
                confirmed = True
            elif hit.kind == "contrast":
                doubted = doubted or confirmed
            if hit.kind in _CUES and hit.kind not in found and valid.counts(hit):
                found[hit.kind] = _reason(one, hit)
        asks = asks or "?" in one.section.text or asks_without_mark(one.section.text)
    for weaker, stronger in _WEAKER.items():
        if stronger in found:
            found.pop(weaker, None)
    if (
        confirmed
        and not doubted
        and not found.keys() & {"outage_total", "security_breach", "safety"}
    ):
        calm = sentiment in (Sentiment.POSITIVE, Sentiment.NEUTRAL)
        if calm and not asks:
            return Severity.LOW, ()
    glad = sentiment is Sentiment.POSITIVE and not requested
    return _add_up(found, reports=reports, asks=asks or glad)


def _code_fails(one: Scanned, *, unhappy: bool) -> bool:
    """Say whether an error code is named as something that goes wrong now."""
    kinds = {hit.kind for hit in one.hits}
    if kinds & {"confirmed", "past"}:
        return False
    codes = error_codes(one.section.text)
    if unhappy or kinds & _REPORTS:
        return bool(codes)
    folded = fold(one.section.text)
    shown = (m["code"].upper() for m in _SHOWS.finditer(folded))
    return not codes.isdisjoint(shown)


def _add_up(
    found: dict[str, Reason], *, reports: bool, asks: bool
) -> tuple[Severity, tuple[Reason, ...]]:
    reasons = list(found.values())
    # Many people alone are no harm ("everybody loves it"); with harm they are.
    if not (found.keys() & _HARM or reports):
        for kind in ("many_users",):
            if kind in found:
                reasons.remove(found.pop(kind))
    base = 1.0 if reports or found.keys() & _HARM else 0.0
    if not base and not asks:
        base = 0.6
    points = base + sum(_CUES[kind].points for kind in found)
    if "outage_total" in found:
        points = max(points, 4.0)
    if not base and asks:
        text = "Nothing is reported broken."
        reasons.append(Reason(ReasonCode.QUESTION_ONLY, text))
    # Haste alone never makes a matter high: somebody must be harmed.
    if found.keys() <= {"deadline", "blocked", "cosmetic", "workaround"}:
        points = min(points, 1.9)
    return _level(points), tuple(reasons)


def _level(points: float) -> Severity:
    if points >= 3.0:
        return Severity.CRITICAL
    if points >= 2.0:
        return Severity.HIGH
    if points >= 0.5:
        return Severity.NORMAL
    return Severity.LOW


def _reason(one: Scanned, hit: Hit) -> Reason:
    cue = _CUES[hit.kind]
    words = " ".join(one.section.text[hit.start : hit.end].split())
    return Reason(
        cue.code, cue.text.format(words), one.section.span(hit.start, hit.end)
    )


class _Validity:
    """Knows which hits of a section speak of something real and present."""

    def __init__(self, one: Scanned) -> None:
        self._tokens = one.tokens
        self._text = one.section.text
        self._supposing = {
            i for i, token in enumerate(one.tokens) if token.text in _SUPPOSING
        }
        self._negations = {h.last for h in one.hits if h.kind == "negators"}
        self._conditions = {h.last for h in one.hits if h.kind == "conditional"}
        self._over = [h for h in one.hits if h.kind == "past"]

    def counts(self, hit: Hit) -> bool:
        """Say whether a hit is meant as a fact of now."""
        if self._conditional(hit):
            return False
        if hit.kind in _ALWAYS:
            return True
        if hit.kind in _ASKED_ABOUT and self._in_question(hit):
            return False
        return not (self._negated(hit) or self._is_over(hit))

    def _in_question(self, hit: Hit) -> bool:
        """Say whether the sentence asks what may be: "do they get wiped?"."""
        reach = self._before(hit, _INVERTED_REACH)
        if any(
            i in self._supposing and self._tokens[i + 1].text in _PRONOUNS
            for i in reach
        ):
            # "do they get wiped" asks without its mark as well.
            return True
        index = hit.last + 1
        while index < len(self._tokens) and self._tokens[index].text != BREAK:
            index += 1
        if index == len(self._tokens):
            return False
        if self._text[self._tokens[index].start] != "?":
            return False
        return not self._supposing.isdisjoint(self._before(hit, _SENTENCE_REACH))

    def _before(self, hit: Hit, reach: int) -> range:
        first = hit.first
        for back in range(1, reach + 1):
            index = hit.first - back
            if index < 0 or self._tokens[index].text == BREAK:
                break
            first = index
        return range(first, hit.first)

    def _negated(self, hit: Hit) -> bool:
        return not self._negations.isdisjoint(self._before(hit, _NEGATION_REACH))

    def _conditional(self, hit: Hit) -> bool:
        return not self._conditions.isdisjoint(self._before(hit, _CONDITION_REACH))

    def _is_over(self, hit: Hit) -> bool:
        return any(self._same_sentence(hit, past) for past in self._over)

    def _same_sentence(self, hit: Hit, other: Hit) -> bool:
        low, high = sorted((hit.first, other.first))
        return all(self._tokens[i].text != BREAK for i in range(low, high))
