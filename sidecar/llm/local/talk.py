"""What was said in a talk: the answers and statements as notes, the telling ones.

A talk is a thread that no complaint opens: an agent asks and the customer answers, or
many speak in short turns. Its content lies all over the thread, not in the first turn.

A note is worth ``sum of log(1 + n) over its words that occur n > 1 times in the talk,
by max(6, words) to the power 0.7``, plus 0.8 for the first and less for later ones
(position), plus 2 a word shared with the subject that is not about talking ("what did
they discuss"), minus 3 for a question nobody answered. The best are taken up to a
length, then told in their order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from sidecar.domain.ticket import AuthorRole
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.note_style import as_note, as_topic, asks_openly
from sidecar.llm.local.question import REQUEST_CUES
from sidecar.llm.local.thread import Line

LONGEST, LONGEST_OF_MANY = 700, 520
"""Characters told of an interview, where every answer counts, and of many speakers."""
_MANY_TURNS = 8
_SHORT_TURN = 90
_FEW_TURNS, _CHAT_TURN = 4, 25
"""Turns of a chat that a customer opens, and its words a turn."""
_LEAST_STEMS = 3
_REPORTS = REQUEST_CUES - {"question"}
_FILLED = 5
_POWER, _ABOUT, _PLACE, _OPEN = 0.7, 2.0, 0.8, 3.0
_SAME = 0.75
_SMALL_TALK = re.compile(
    r"\b(?:how are you|good (?:morning|afternoon|evening)|nice to (?:meet|see)"
    r"|thank you|thanks|sounds good|you're welcome|welcome|i understand|i see"
    r"|let me know|of course|no problem|have a (?:good|great|nice)"
    r"|any (?:other )?questions?|what do you mean|can you hear|take care|see you|bye"
    r"|sorry to hear)\b",
    re.IGNORECASE,
)
_LONG_ENOUGH = 5
_OF_TALKING = frozenset(
    content_stems(
        "what how why who which when about did say said talk talking discuss discussion"
        " meeting group team think thought opinion opinions summarize summary describe"
        " mention introduce presentation regarding decision conclusion participants"
    )
)
_AGENTS_TALK = re.compile(
    r"(?:(?:okay|ok|alright|so|well|now|and|oh|good|great)[,.]? )*"
    r"(?:let me|let's|tell me|describe|i need to know|i'm sorry|i am sorry"
    r"|(?:that's|that is|it's|it is|this is) (?:\w+ )?(?:\w+[.!]?)\Z)",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^(?:(?:oh|um|uh|well),? )?(?:yes|yeah|yep|yup|correct|right|sure|absolutely"
    r"|definitely|that's (?:right|correct)|uh-?huh|exactly"
    r"|(?:i|he|she|it) (?:do|does|have|has|am|is))\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(?:(?:oh|um|uh|well|i think),? )?(?:no|nope|nah|never|none|nothing"
    r"|not (?:really|that|at|yet|as|currently|today|recently)"
    r"|i (?:don't|do not|haven't|have not))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Note:
    """Something said; ``who`` is its speaker, ``is_open`` says that it only asks."""

    text: str
    who: str
    turn: int
    position: int
    is_open: bool
    is_customer: bool
    stems: frozenset[str]


def talked(lines: Sequence[Line], subject: str, agent: str, *, english: bool) -> str:
    """Return the notes of a talk; '' for a thread that a complaint opens."""
    if not is_talk(lines):
        return ""
    return told(
        talk_notes(lines, english=english), subject, agent, many=are_many(lines)
    )


def is_talk(lines: Sequence[Line]) -> bool:
    """Say whether no complaint opens the thread: an interview, a chat or a meeting."""
    public = [x for x in lines if not x.internal and x.role is not AuthorRole.SYSTEM]
    if not public:
        return False
    turns = len({x.turn for x in public})
    authors = {x.author for x in public if x.author}
    if turns == 1:
        return public[0].role is AuthorRole.AGENT
    if public[0].role is AuthorRole.AGENT:
        return True
    customers = {x.author for x in public if x.role is AuthorRole.CUSTOMER}
    if turns > 2 and len(customers) > 2:
        return True
    opening = {kind for x in public if x.turn == public[0].turn for kind in x.kinds}
    if turns < _MANY_TURNS and opening & _REPORTS:
        return False
    if turns > 2 and (len(customers) > 1 or len(authors) > 2):
        return True
    words = sum(len(x.text.split()) for x in public)
    if turns >= _MANY_TURNS:
        return words <= _SHORT_TURN * turns
    return turns >= _FEW_TURNS and words <= _CHAT_TURN * turns


def talk_notes(lines: Sequence[Line], *, english: bool) -> list[Note]:
    """Return what the talk says, in its order; small talk is left out."""
    found: list[Note] = []
    asked: list[Line] = []
    turns: dict[int, list[Line]] = {}
    for line in lines:
        if line.role is not AuthorRole.SYSTEM:
            turns.setdefault(line.turn, []).append(line)
    for turn in turns.values():
        questions = [x for x in turn if x.is_question and not _is_small(x, 0)]
        told = [x for x in turn if _tells(x)]
        if english and asked and told and turn[0].role is AuthorRole.CUSTOMER:
            agreed = _agreed(told[0], asked)
            if agreed is not None:
                found += agreed
                told = told[1:]
        found += [_note(x, as_note(x.text) if english else x.text) for x in told]
        if turn[0].role is AuthorRole.AGENT:
            asked = questions
        else:
            asked = []
            found += [_note(x, as_topic(x.text)) for x in questions if english]
    return [x for x in found if _says_enough(x)]


def _says_enough(note: Note) -> bool:
    """Say whether a note is more than the "Great." or "Why?" of a talk."""
    if note.is_open:
        return len(note.stems) >= _LEAST_STEMS
    return len(note.stems) > (0 if note.is_customer else 1)


def _tells(line: Line) -> bool:
    if line.is_question or _is_small(line, _LONG_ENOUGH):
        return False
    return line.role is AuthorRole.CUSTOMER or not _AGENTS_TALK.match(line.text)


def _is_small(line: Line, most: int) -> bool:
    if not _SMALL_TALK.search(line.text):
        return False
    return not most or len(content_stems(line.text)) < most


def _agreed(answer: Line, asked: Sequence[Line]) -> list[Note] | None:
    """Return the questions as statements when the answer is a bare yes or no."""
    denied = bool(_NO.match(answer.text))
    if not denied and not _YES.match(answer.text):
        return None
    own = len(content_stems(as_note(answer.text)))
    if own >= (_LEAST_STEMS if denied else 2):
        return None
    found = []
    for question in asked:
        topic = as_topic(question.text)
        if asks_openly(question.text) or not topic:
            continue
        text = f"No {topic[:1].lower()}{topic[1:]}" if denied else topic
        found.append(_note(answer, text))
    return found


def _note(line: Line, text: str) -> Note:
    customer = line.role is AuthorRole.CUSTOMER
    return Note(
        text,
        line.author,
        line.turn,
        line.position,
        line.is_question,
        customer,
        frozenset(content_stems(text)),
    )


def told(notes: Sequence[Note], subject: str, agent: str, *, many: bool) -> str:
    """Return the telling notes as one text; of several speakers each is named."""
    longest = LONGEST_OF_MANY if many else LONGEST
    chosen = _chosen(notes, subject, longest)
    parts: list[str] = []
    last = ""
    for note in chosen:
        who = note.who if many else "" if note.is_customer else note.who or agent
        name = f"{who}: " if who and who != last else ""
        end = "?" if note.is_open else "."
        parts.append(name + note.text.rstrip(".?") + end)
        last = who
    return " ".join(parts)


def are_many(lines: Sequence[Line]) -> bool:
    """Say whether more people speak than one customer and one agent."""
    speakers = {(x.author, x.role) for x in lines if x.author}
    roles = {role for _, role in speakers}
    return len(speakers) > max(1, len(roles))


def _chosen(notes: Sequence[Note], subject: str, longest: int) -> list[Note]:
    size = sum(len(x.text) + 2 for x in notes)
    if size <= longest:
        return list(notes)
    full = [x for x in notes if len(x.stems) >= _FILLED]
    if sum(len(x.text) + 2 for x in full) < longest:
        full = list(notes)
    about = set(content_stems(subject)) - _OF_TALKING
    seen = Counter(stem for x in full for stem in x.stems)

    def worth(place: int) -> float:
        note = full[place]
        shared = sum(log(1 + seen[s]) for s in sorted(note.stems) if seen[s] > 1)
        score = shared / max(6, len(note.stems)) ** _POWER
        score += _PLACE * (1 - place / len(full)) + _ABOUT * len(about & note.stems)
        return round(float(score - _OPEN * note.is_open), 6)

    kept: list[int] = []
    used = 0
    covered: set[str] = set()
    for place in sorted(range(len(full)), key=lambda i: (-worth(i), i)):
        note = full[place]
        length = len(note.text) + 2
        if used and used + length > longest:
            continue
        if kept and len(note.stems & covered) > _SAME * len(note.stems):
            continue
        kept.append(place)
        used += length
        covered |= note.stems
    return [full[i] for i in sorted(kept)]
