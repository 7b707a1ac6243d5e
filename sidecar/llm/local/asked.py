"""What the customer's newest words ask for: an answer, news, a next step, nothing.

The newest turn that asks decides. A turn asks when it has a question mark outside
brackets, a cue of trouble, question or wish, or a request ("please"); one that
confirms does not, unless it goes on with "but". A later turn that asks for news only
("any news?", "nobody wrote") cannot be answered from articles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from sidecar.domain.classification import Sentiment, Severity
from sidecar.domain.ticket import Message, Ticket
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.lexicon import phrase_book
from sidecar.llm.local.question import REQUEST_CUES
from sidecar.llm.local.ticket_text import message_sections, newest_turns, prose
from sidecar.llm.local.words import fold, tokens
from sidecar.llm.port import DraftTask

_ASKING = REQUEST_CUES | {"ask"}
_BRACKETS = re.compile(r"\([^)\n]*\)|\[[^\]\n]*\]")
_REQUEST = re.compile(
    r"\b(?:please|pls|plz|i(?:'d| would) (?:like|need)|we need|i need|bitten?|brauchen?"
    r"|veuillez|merci de|s'il vous plait|por favor|necesit\w+|preciso|precisamos"
    r"|per favore|per piacere|ho bisogno|can you|could you|kundige)\b"
)
_NEWS = re.compile(
    r"\b(?:any (?:news|updates?|progress)|where (?:are|do) we(?: stand)?\b|nudge"
    r"|still waiting|heard nothing|what(?:'s| is) the status"
    r"|(?:nobody|no one) (?:has )?(?:wrote|written|called|answered|replied)"
    r"|gibt es (?:\w+ )?neu\w+|neuigkeiten|stand der dinge|wie ist der stand"
    r"|niemand (?:\w+ )?gemeldet|warte (?:noch )?immer|immer noch keine antwort"
    r"|des nouvelles|ou en (?:est|sommes)|toujours (?:pas de reponse|en attente)"
    r"|personne (?:ne )?m'a|sigo esperando|novedad(?:es)?\b|nadie (?:me )?ha"
    r"|no ha (?:escrito|contestado|respondido|llamado) nadie|novidades?\b"
    r"|ainda (?:a espera|aguardo)|ninguem (?:me )?(?:respondeu|escreveu|ligou)"
    r"|ci sono novita|a che punto|nessuno (?:mi )?ha|aspetto ancora)"
)
_DONE = re.compile(
    r"\b(?:arrived|works?|fixed|solved|sorted|thanks?|thank you|cheers|ty|danke|merci"
    r"|gracias|obrigad[oa]|grazie|erledigt|geklappt|angekommen|funktioniert|resolu\w*"
    r"|resuelto|resolvido|risolto|funciona|funziona)\b|[👍🎉🙏🙌❤😊]"
)
_ADVANCE = re.compile(
    r"in advance|im voraus|d'avance|por adelantado|antecipadamente|in anticipo"
)
_TELL_US = re.compile(
    r"\b(?:(?:send|tell|forward) (?:me|us)|let (?:me|us) know"
    r"|(?:schicken|senden|nennen|teilen) sie (?:mir|uns)"
    r"|(?:envoyez|indiquez|donnez|dites|communiquez)-(?:moi|nous)"
    r"|(?:envie|diga|indique|mande)(?:me|nos)|(?:mi|ci) (?:mandi|invii|dica|indichi)"
    r"|(?:envie|diga|indique|mande)-(?:me|nos))\b"
)
"""An agent's request for something that only the customer has."""
_OWN_PROBLEM = re.compile(
    r"(?:\bis|'s|\bist|\best|\bes|\bé|\bè) (?:my|our|mein|unser|mon|notre|mi"
    r"|nuestro|meu|nosso|mio|nostro) (?:own )?"
    r"probl[eèé]m\w*",
    re.IGNORECASE,
)
_OUTAGE = frozenset({"outage", "outage_total"})
_HELD_BACK = frozenset({"negators", "contrast"})
_TELLING = 5
"""Words of meaning from which a request for news may also be a question of its own."""


class Wants(Enum):
    """What a reply has to give."""

    ANSWER = "answer"
    NEWS = "news"
    NOTHING = "nothing"
    NEXT_STEP = "next step"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted, the turn that says so, and whether the customer is content."""

    wants: Wants
    turn: Message | None
    content: bool = False


def asked_now(ticket: Ticket, spoken: tuple[str, ...], sentiment: Sentiment) -> Asked:
    """Return what the customer's turns since the last answer ask for."""
    turns = newest_turns(ticket)
    texts = [_words_of(turn) for turn in turns]
    if not any(_says_something(text) for text in texts):
        subject = any(c.isalpha() for c in ticket.subject.replace("no subject", ""))
        wants = Wants.ANSWER if subject and not turns else Wants.UNCLEAR
        return Asked(wants, turns[-1] if turns else None)
    later = len(ticket.customer_messages) > len(turns)
    for turn, text in zip(reversed(turns), reversed(texts), strict=True):
        folded = fold(text)
        if later and _NEWS.search(folded) and _only_news(folded):
            return Asked(Wants.NEWS, turn)
        if _asks(text, spoken):
            return Asked(Wants.ANSWER, turn)
    whole = " ".join(texts)
    content = sentiment is Sentiment.POSITIVE or bool(_DONE.search(fold(whole)))
    if later and not content and _gives_what_was_asked(ticket, turns[0]):
        return Asked(Wants.NEXT_STEP, turns[-1])
    if later or sentiment is Sentiment.POSITIVE or (content and _plain(whole, spoken)):
        return Asked(Wants.NOTHING, turns[-1], content)
    return Asked(Wants.ANSWER, turns[-1])


def is_critical_outage(task: DraftTask, spoken: tuple[str, ...]) -> bool:
    """Say whether a whole service is down for the customer right now."""
    if task.severity is not Severity.CRITICAL:
        return False
    texts = [task.ticket.subject, *(_words_of(t) for t in newest_turns(task.ticket))]
    hits = phrase_book(spoken).find(tokens("\n\n".join(texts)))
    return task.category == "outage" or not _OUTAGE.isdisjoint(h.kind for h in hits)


def _words_of(turn: Message) -> str:
    text = "\n".join(prose(section.text) for section in message_sections(turn))
    return _BRACKETS.sub(" ", text)


def _says_something(text: str) -> bool:
    return any(c.isalpha() for c in text) or bool(_DONE.search(text))


def _only_news(folded: str) -> bool:
    rest = _NEWS.sub(" ", folded)
    return "?" not in rest or len(content_stems(rest)) < _TELLING


def _asks(text: str, spoken: tuple[str, ...]) -> bool:
    text = _OWN_PROBLEM.sub(" ", text)
    kinds = {hit.kind for hit in phrase_book(spoken).find(tokens(text))}
    if "?" in text or "？" in text:
        return True
    if "confirmed" in kinds and "contrast" not in kinds:
        return False
    folded = fold(text)
    wanted = _REQUEST.search(folded) or _ADVANCE.search(folded)
    return bool(wanted) or bool(kinds & _ASKING)


def _gives_what_was_asked(ticket: Ticket, first: Message) -> bool:
    """Say whether an agent asked for something just before, and the matter is open."""
    if ticket.status.is_finished:
        return False
    public = ticket.public_messages
    before = public[: public.index(first)]
    text = _words_of(before[-1]) if before else ""
    return "?" in text or bool(_TELL_US.search(fold(text)))


def _plain(text: str, spoken: tuple[str, ...]) -> bool:
    """Say whether nothing is taken back ("arrived, but …", "works, not here")."""
    kinds = {hit.kind for hit in phrase_book(spoken).find(tokens(text))}
    return not kinds & _HELD_BACK
