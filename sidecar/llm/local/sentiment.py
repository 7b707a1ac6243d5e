"""The customer's tone from words, negation, emphasis and shouting.

Points of a text: a positive word +1, a negative one −1, a mild one −0.5; an angry word
1 anger, a heated one 0.5; emphasis before it ×1.4; a negation before it turns it off,
before a positive word into −0.7. Polite formulas are not counted at all. Shouting
(four words in capitals, a small one among them) adds 1 anger, from seven words 1.5;
three words stressed by capitals add 0.5, ``!!`` adds 0.5. A text all in capitals shouts
only with an angry or heated word in it: some people always write so.

angry     anger ≥ 1 with at least one angry word, or ≥ 1.5, or anger ≥ 0.5 and
          negative points ≥ 1
negative  negative points ≥ 1 and more than half the positive ones, or anger ≥ 0.5
positive  positive points ≥ 1, over twice the negative ones, nothing reported or asked
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sidecar.domain.classification import Reason, ReasonCode, Sentiment
from sidecar.llm.local.inverted import asks_without_mark
from sidecar.llm.local.lexicon import Hit, phrase_book
from sidecar.llm.local.small_talk import may_be_small_talk
from sidecar.llm.local.ticket_text import Section, prose
from sidecar.llm.local.words import BREAK, Token, fold, sentences, tokens

_WEIGHTS = {"positive": 1.0, "negative": -1.0, "mild_negative": -0.5}
_ANGER = {"angry": 1.0, "heated": 0.5}
_HARMLESS = frozenset({"polite", "intensifiers", "past", "negators"})
_EMPHASIS = 1.4
_NEGATION_REACH = 3
_FAR_NEGATION_REACH = 6
_WORD = re.compile(r"[^\W\d_]{2,}")
_STRESSED = re.compile(r"\b[^\W\d_]{4,}\b(?![-\d])")
_LEVELS = frozenset({"DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "DELETE"})
"""Words a pasted log writes in capitals: nobody stresses them."""
_SHORT_SHOUT = 4
_LONG_SHOUT = 7
_SMALL_WORDS = """
    you me my mine we us our your not no never is are was were have has had want need
    now why what how when where this that these still again please nobody everything
    and but do does did dont can cant will would should it its back all
    ich mir mich mein meine wir uns unser sie ihr nicht kein keine nie ist sind war
    habe haben hat will jetzt sofort warum wieso was wie wann wo das dies noch bitte
    niemand und aber kann alles seit immer
    je moi mon ma mes nous notre vous votre ne pas jamais est sont etait veux voulez
    pourquoi quoi comment quand ou cela toujours encore et mais rien tout depuis
    yo mi mis nosotros nuestro usted su sus nunca es son estoy esta quiero ahora ya
    porque que como cuando donde esto todavia y pero nada todo desde
    eu meu minha nos nosso voce seu sua nao e sao quero agora quando onde isto ainda
    mas tudo
    io mio mia noi nostro lei suo non sono voglio ora adesso perche che come dove
    questo ancora ma niente tutto da
"""
_SPEAKING = frozenset(_SMALL_WORDS.split())
"""Small words of sentences; names of companies have none of them."""
_MOST_SMALL = 0.02
_EXCLAIM = re.compile(r"!\s?!|[?!]{3,}")


@dataclass(frozen=True, slots=True)
class Scanned:
    """A section with its tokens and the phrases found in it."""

    section: Section
    tokens: list[Token]
    hits: list[Hit]


def scan(section: Section, languages: tuple[str, ...]) -> Scanned:
    """Find all phrases of these languages in a section."""
    found = tokens(section.text)
    hits = phrase_book(languages).find(found)
    return Scanned(section, found, _without_small_talk(section.text, hits))


def _without_small_talk(text: str, hits: list[Hit]) -> list[Hit]:
    """Leave out what sentences about other things feel; their alarms stay."""
    felt = _WEIGHTS.keys() | _ANGER.keys()
    for piece in sentences(text) if any(h.kind in felt for h in hits) else ():
        if not may_be_small_talk(piece.text):
            continue
        inside = [h for h in hits if piece.start <= h.start < piece.end]
        if all(h.kind in felt or h.kind in _HARMLESS for h in inside):
            hits = [h for h in hits if h not in inside]
    return hits


@dataclass(slots=True)
class _Tally:
    positive: float = 0.0
    negative: float = 0.0
    anger: float = 0.0
    angry_words: int = 0
    problem: bool = False
    question: bool = False
    confirmed: bool = False


def sentiment_of(
    scanned: tuple[Scanned, ...],
) -> tuple[Sentiment, tuple[Reason, ...]]:
    """Return the tone of the sections together, and the words that show it."""
    tally = _Tally()
    reasons: list[tuple[ReasonCode, Reason]] = []
    for one in scanned:
        _count(one, tally, reasons)
    sentiment = _decide(tally)
    code = {
        Sentiment.POSITIVE: ReasonCode.POSITIVE_TONE,
        Sentiment.NEGATIVE: ReasonCode.NEGATIVE_TONE,
        Sentiment.ANGRY: ReasonCode.ANGRY_TONE,
    }.get(sentiment)
    if code is None:
        return sentiment, ()
    shown: dict[str, Reason] = {}
    for kind, reason in reasons:
        if _shows(kind, code):
            # A word said twice is one reason.
            shown.setdefault(reason.text.casefold(), reason)
    return sentiment, tuple(
        Reason(code, reason.text, reason.span) for reason in [*shown.values()][:3]
    )


def _shows(kind: ReasonCode, wanted: ReasonCode) -> bool:
    if wanted is ReasonCode.POSITIVE_TONE:
        return kind is wanted
    return kind is not ReasonCode.POSITIVE_TONE


def _decide(tally: _Tally) -> Sentiment:
    angry = tally.anger >= 1.0 and tally.angry_words
    if angry or tally.anger >= 1.5:
        return Sentiment.ANGRY
    if tally.negative >= 1.0 and tally.negative > tally.positive / 2:
        if tally.anger >= 0.5:
            return Sentiment.ANGRY
        return Sentiment.NEGATIVE
    if tally.anger >= 0.5 and tally.negative + tally.anger >= 1.0:
        return Sentiment.NEGATIVE
    calm = tally.positive > 2 * tally.negative and not tally.anger
    # One "thanks" in a request or report is manners, not joy.
    asks = tally.problem or (tally.question and tally.positive < 2.0)
    if tally.positive >= 1.0 and calm and (tally.confirmed or not asks):
        return Sentiment.POSITIVE
    return Sentiment.NEUTRAL


def _count(
    one: Scanned, tally: _Tally, reasons: list[tuple[ReasonCode, Reason]]
) -> None:
    polite = {
        i for h in one.hits if h.kind == "polite" for i in range(h.first, h.last + 1)
    }
    negations = {h.last for h in one.hits if h.kind == "negators"}
    emphasis = {h.last for h in one.hits if h.kind == "intensifiers"}
    seen: set[str] = set()
    # A log has levels in capitals and cruel words, and no mood.
    section = one.section
    if (read := prose(section.text)) is not section.text:
        section = replace(section, text=read)
    for hit in one.hits:
        if hit.kind in ("problem", "blocked", "outage"):
            tally.problem = tally.problem or not _negated(one.tokens, hit, negations)
        if hit.kind == "confirmed":
            tally.confirmed = True
        known = hit.kind in _WEIGHTS or hit.kind in _ANGER
        said = known and not section.text[hit.start].isspace()
        if not said or polite.intersection(range(hit.first, hit.last + 1)):
            continue
        phrase = f"{hit.kind} {one.section.text[hit.start : hit.end].lower()}"
        if phrase in seen:
            continue
        seen.add(phrase)
        _weigh(one, hit, negations, emphasis, tally, reasons)
    asked = "?" in section.text or asks_without_mark(section.text)
    tally.question = tally.question or asked
    _shouting(section, tally, reasons)


def _weigh(
    one: Scanned,
    hit: Hit,
    negations: set[int],
    emphasis: set[int],
    tally: _Tally,
    reasons: list[tuple[ReasonCode, Reason]],
) -> None:
    # "not happy" stands close together, "didn't once make her feel stupid" does not.
    reach = _NEGATION_REACH if hit.kind == "positive" else _FAR_NEGATION_REACH
    negated = _negated(one.tokens, hit, negations, reach)
    strength = _EMPHASIS if emphasis.intersection((hit.first - 1,)) else 1.0
    words = one.section.text[hit.start : hit.end]
    span = one.section.span(hit.start, hit.end)
    if hit.kind == "positive":
        if negated:
            tally.negative += 0.7 * strength
            kind = ReasonCode.NEGATIVE_TONE
        else:
            tally.positive += strength
            kind = ReasonCode.POSITIVE_TONE
    elif negated:
        return
    elif hit.kind in _ANGER:
        tally.anger += _ANGER[hit.kind] * strength
        tally.angry_words += hit.kind == "angry"
        kind = ReasonCode.ANGRY_TONE
    else:
        tally.negative -= _WEIGHTS[hit.kind] * strength
        kind = ReasonCode.NEGATIVE_TONE
    reasons.append((kind, Reason(kind, f"The customer wrote “{words}”.", span)))


def _negated(text: list[Token], hit: Hit, negations: set[int], reach: int = 3) -> bool:
    """Say whether a negation stands shortly before the hit, in the same sentence."""
    for back in range(1, reach + 1):
        index = hit.first - back
        if index < 0 or text[index].text == BREAK:
            return False
        if index in negations:
            return True
    return False


def _shouting(
    section: Section, tally: _Tally, reasons: list[tuple[ReasonCode, Reason]]
) -> None:
    run = _longest_shout(section.text)
    if run is not None and _is_all_capitals(section.text) and not tally.anger:
        # Who writes everything so does not stress anything.
        run = None
    text = "The customer writes in capitals."
    if run is not None:
        start, end, count = run
        tally.anger += 1.5 if count >= _LONG_SHOUT else 1.0
        _note(section, start, end, text, reasons)
    else:
        found = (m for m in _STRESSED.finditer(section.text) if m.group().isupper())
        stressed = [m for m in found if m.group() not in _LEVELS]
        several = len({m.group() for m in stressed}) >= _SHORT_SHOUT - 1
        if several and not _is_all_capitals(section.text):
            tally.anger += 0.5
            _note(section, stressed[0].start(), stressed[0].end(), text, reasons)
    marks = _EXCLAIM.search(section.text)
    if marks and (tally.negative or tally.anger or tally.problem):
        tally.anger += 0.5
        text = "The customer uses several exclamation marks."
        _note(section, marks.start(), marks.end(), text, reasons)


def _note(
    section: Section,
    start: int,
    end: int,
    text: str,
    reasons: list[tuple[ReasonCode, Reason]],
) -> None:
    code = ReasonCode.ANGRY_TONE
    reasons.append((code, Reason(code, text, section.span(start, end))))


def _is_all_capitals(text: str) -> bool:
    letters = [c for c in text if c.isalpha() and c.lower() != c.upper()]
    small = sum(c.islower() for c in letters)
    return small <= _MOST_SMALL * len(letters)


def _longest_shout(text: str) -> tuple[int, int, int] | None:
    """Return place and length in words of the longest run of words in capitals.

    A run without any small word ("WA DEPT REVENUE INC") is a name, unless an
    exclamation mark stands in or behind it.
    """
    if sum(map(str.isupper, _WORD.findall(text))) < _SHORT_SHOUT:
        return None
    best: tuple[int, int, int] | None = None
    start = end = count = 0
    spoken = False
    for match in _WORD.finditer(text):
        if not match.group().isupper() or text.count("\n\n", end, match.start()):
            count, spoken = 0, False
            continue
        start = match.start() if not count else start
        end, count = match.end(), count + 1
        spoken = spoken or fold(match.group()) in _SPEAKING
        said = spoken or "!" in text[start : end + 2]
        if count >= _SHORT_SHOUT and said and (best is None or count > best[2]):
            best = (start, end, count)
    return best
