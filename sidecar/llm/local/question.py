"""What the customer asks, in few words: the sentences that carry the request.

A long mail is mostly circumstances. A sentence counts 1 for each kind of cue in it
(problem, question, wish, blocked, outage, money …), 1 for a question mark and 0.5 for
standing first; the best ones, up to 400 characters, stay in their order behind the
subject. A thread's first question stays the topic: of later turns only what is
new is added.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sidecar.domain.ranking import error_codes
from sidecar.domain.ticket import Message, Ticket
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.language import LanguageDetector
from sidecar.llm.local.lexicon import (
    LANGUAGES,
    Hit,
    PhraseBook,
    phrase_book,
    raw,
    speaking,
)
from sidecar.llm.local.small_talk import may_be_small_talk
from sidecar.llm.local.ticket_text import message_sections, newest_turns, prose
from sidecar.llm.local.words import Piece, fold, sentences, tokens

_BUDGET = 400
_LATER_BUDGET = 200
_TELLING = 6
"""Words of meaning from which a turn can be understood by itself."""
_TELLING_ALONE = 8
"""Words of meaning from which a question needs no subject either."""
_LONG_SENTENCE = 260
_STRETCH = re.compile(r"(?:[^\s]+[ \t]*){1,24}\n?")
_MOST_SENTENCES = 60
REQUEST_CUES = frozenset(
    [
        "problem",
        "question",
        "wish",
        "blocked",
        "outage",
        "outage_total",
        "money",
        "data_loss",
        "security",
        "security_breach",
        "legal",
        "churn",
        "safety",
        "many_users",
    ]
)
"""Kinds of cues by which a sentence reports or requests something."""
_REPLY_MARK = re.compile(
    r"\s*(?:(?:re|aw|fw|fwd|wg|tr|rv|enc|antw|r|i)\s*:\s*)+", re.IGNORECASE
)
_NOISE = re.compile(
    r"https?://\S+|<[^>\n]{1,200}>|\b[0-9a-f]{16,}\b|^\s*at [\w.$]+\(.*?\)"
    r"|\[[^\]\n]{1,80}\]",
    re.IGNORECASE | re.MULTILINE,
)
_LONG_NUMBER = re.compile(r"\s?#?\b\d{6,}\b")
"""Numbers of orders and the like: to a model of meaning they look like telephones."""
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Question:
    """The condensed request, its language, its subject where it says something.

    ``later`` says that it stands in a turn after the first; ``named`` are the error
    codes it gives, for a first turn also the subject's.
    """

    text: str
    language: str
    subject: str
    later: bool = False
    named: frozenset[str] = frozenset()


def condensed_question(
    ticket: Ticket, turn: Message | None, languages: LanguageDetector
) -> Question:
    """Return the request of one turn, its language detected from the same text.

    A later turn that says little ("Now what?") goes with subject and first turn.
    """
    spoken = LANGUAGES
    subject = clean_subject(ticket.subject, spoken)
    turns = ticket.customer_messages or newest_turns(ticket)
    turn = turn or (turns[0] if turns else None)
    asked = _condense(turn, spoken, _BUDGET) if turn else ""
    first = ""
    if turns and turn is not turns[0] and len(content_stems(asked)) < _TELLING:
        first = _condense(turns[0], spoken, _LATER_BUDGET)
    later = bool(turns) and turn is not turns[0]
    if later and "?" in asked and len(content_stems(asked)) >= _TELLING_ALONE:
        # The subject is what the thread began with; this turn speaks for itself.
        subject = ""
    text = ". ".join(part.rstrip(".") for part in (subject, asked, first) if part)
    named = error_codes(asked if later else text)
    return Question(text, languages.detect(text).language, subject, later, named)


def condensed(ticket: Ticket, language: str) -> str:
    """Return subject, first question and newest turn, condensed, for its labels."""
    spoken = speaking(language)
    subject = clean_subject(ticket.subject, spoken)
    turns = ticket.customer_messages or newest_turns(ticket)
    first = _condense(turns[0], spoken, _BUDGET) if turns else ""
    newest = newest_turns(ticket)
    later = ""
    if newest and newest[-1] is not turns[0] and _adds(newest[-1], spoken):
        later = _condense(newest[-1], spoken, _LATER_BUDGET)
    text = ". ".join(part.rstrip(".") for part in (subject, first, later) if part)
    return _LONG_NUMBER.sub("", text)


def _adds(message: Message, spoken: tuple[str, ...]) -> bool:
    """Say whether a later turn asks or reports something new."""
    text = "\n".join(section.text for section in message_sections(message))
    kinds = {hit.kind for hit in phrase_book(spoken).find(tokens(text))}
    return "confirmed" not in kinds and bool("?" in text or kinds & REQUEST_CUES)


def clean_subject(subject: str, spoken: tuple[str, ...]) -> str:
    """Return the subject without reply marks; '' when it says nothing."""
    text = " ".join(_REPLY_MARK.sub("", subject[:300]).strip().split())
    bare = fold(text).strip(" .!?()[]-:")
    generic = {
        fold(w) for language in spoken for w in raw(language)["generic_subjects"]
    }
    return "" if not bare or bare in generic else text


def _condense(message: Message, spoken: tuple[str, ...], budget: int) -> str:
    text = "\n".join(section.text for section in message_sections(message))
    text = _NOISE.sub(" ", prose(text))
    found = _pieces(text)[:_MOST_SENTENCES]
    # "Track order 113542617735902" is mostly digits, and all there is.
    pieces = [p for p in found if _is_prose(p.text)] or [
        p for p in found if _WORD.search(p.text)
    ]
    book = phrase_book(spoken)
    pieces = [p for p in pieces if not _is_small_talk(p, book)] or pieces
    whole = " ".join(" ".join(p.text.split()) for p in pieces)
    if len(whole) <= budget:
        return whole
    ranked = sorted(
        range(len(pieces)),
        key=lambda i: (-_weight(pieces[i], i, book.find(tokens(pieces[i].text))), i),
    )
    kept: list[int] = []
    used = 0
    for index in ranked:
        length = min(len(pieces[index].text), budget)
        if used and used + length > budget:
            continue
        kept.append(index)
        used += length
    return " ".join(" ".join(pieces[i].text.split())[:budget] for i in sorted(kept))


def _pieces(text: str) -> list[Piece]:
    """Cut into sentences, and what goes on without a mark into lines and stretches."""
    found: list[Piece] = []
    for piece in sentences(text):
        if len(piece.text) <= _LONG_SENTENCE:
            found.append(piece)
            continue
        for match in _STRETCH.finditer(piece.text):
            start, end = piece.start + match.start(), piece.start + match.end()
            found.append(Piece(match.group().strip(), start, end))
    return found


def _is_small_talk(piece: Piece, book: PhraseBook) -> bool:
    if not may_be_small_talk(piece.text):
        return False
    kinds = {hit.kind for hit in book.find(tokens(piece.text))}
    return not kinds & REQUEST_CUES


def _weight(piece: Piece, position: int, hits: list[Hit]) -> float:
    kinds = {hit.kind for hit in hits}
    weight = float(len(kinds & REQUEST_CUES)) + (0.5 if position <= 1 else 0.0)
    return weight + (1.0 if "?" in piece.text else 0.0)


def _is_prose(text: str) -> bool:
    letters = sum(c.isalpha() or c.isspace() for c in text)
    return len(text) > 2 and letters >= 0.6 * len(text)
