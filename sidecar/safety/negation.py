"""Whether two sentences deny the same: negations and opposites in six languages."""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.safety.opposites import OPPOSITES

_NEGATION = re.compile(
    r"\b(?:not|never|neither|nor|none|nothing|nobody|nowhere|cannot|\w+n['’]t|no longer|"
    r"without|unable|impossible|unavailable|unsupported|"
    r"nicht|nichts|kein\w{0,2}|nie|niemals|niemand|weder|ohne|unmöglich|"
    r"ne|n['’](?=[aeiouyhéèê])|pas|jamais|aucune?|rien|sans|impossible|ni|"
    r"nunca|jamás|sin|ning[uú]n[ao]?|nada|nadie|tampoco|imposible|"
    r"não|sem|nenhuma?|nada|ninguém|tampouco|impossível|"
    r"non|mai|senza|nessun[oa]?|nulla|niente|impossibile|nicht)\b",
    re.IGNORECASE,
)
# "no" denies in English, Spanish and Italian; in Portuguese it means "in the".
_NO = re.compile(r"\bno\b(?!\.|\s*\d)", re.IGNORECASE)
_PORTUGUESE = re.compile(
    r"[ãõç]|\b(?:em|uma|você|pelo|do|da|dos|das|ao|seu|sua|o cliente|entrar no)\b",
    re.IGNORECASE,
)
_NOT_A_DENIAL = re.compile(
    r"\b(?:not only|not just|nicht nur|non seulement|no s[oó]lo|não s[oó]|non solo|"
    r"whether or not|if not|wenn nicht|sinon|si no|se não|se non|why not|"
    r"no later than|no more than|not later than|no problem|kein problem|"
    r"more often than not|ne\b[^.!?]{1,40}\bque)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
# In a message a line may be wrapped: behind forty characters it is not ended.
_SAID_END = re.compile(r"(?<=[.!?;])\s+|\n{2,}|(?<![^\n]{40})\n")
_CLAUSE_END = re.compile(
    r"[,;:()]\s|\s(?:and|but|or|und|aber|oder|et|mais|ou|y|pero|mas|ma)\s",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w{3,}")
# What a clause of a summary is about, told without who says it and how.
_CONTENT = re.compile(r"[^\W\d_]{4,}|\b\d+\b")
_STEM = 5
_SHARED = 0.5
_SPEAKING = re.compile(
    r"(?:custom|report|writ|wrote|sa[iy]|stat|tell|told|agent|team|user|that|this|they|their|them|have|been|with|from|does|will|would|could|cannot|never|"
    r"kund|bericht|schreib|sagt|nicht|kein|dass|haben|wird|kann|können|"
    r"client|indiqu|signal|écri|avoir|dans|avec|pas|peut|clien|inform|escrib|puede|puedo|escrev|pode|posso|scriv|può|nella|della|comun|cliente)\w*|n['’]t"
)
_FAILS = re.compile(
    r"\b(?:fail\w*|refus\w+|declin\w+|reject\w*|lack\w*|problem\w*|trouble\w*|issues?|errors?|broke\w*|stuck|block\w*|lock\w*|miss\w+|stopp?\w*|down|"
    r"fehl\w+|kaputt|gesperrt|défectueu\w+|panne|erreur\w*|problèm\w+|bloqu\w+|échou\w+|fall\w+|erro\w*|avari\w+|guast\w+|blocc\w+)\b",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:want\w*|wish\w*|would|ask\w*|tr(?:y|ies|ied|ying)|how|whether|if|why|need\w*|request\w*|should|unclear|"
    r"möchte\w*|wollen|fragt?|versuch\w+|wie|ob|wenn|warum|braucht?|bittet|"
    r"veut|souhait\w+|demand\w+|essa\w+|comment|si (?:l[ae]s?|un|une|on|nous|votre|el|su|se)|pourquoi|besoin|"
    r"quiere|desea|pregunt\w+|intent\w+|cómo|necesit\w+|pide|quer|pretend\w+|tent\w+|precis\w+|pede|"
    r"vuole|desider\w+|chied\w+|prova\w*|bisogno)\b|\?",
    re.IGNORECASE,
)


def denies(text: str) -> bool:
    """Say whether a text holds a negation."""
    text = _NOT_A_DENIAL.sub(" ", text)
    if _NEGATION.search(text):
        return True
    return bool(_NO.search(text)) and not _PORTUGUESE.search(text)


def agree(said: str, quoted: str) -> bool:
    """Say whether a sentence denies where its quote denies, and says no opposite.

    Of a long quote only the sentence that is nearest in words is compared: "refunds
    within 14 days" may rest on a quote that goes on about what is not refunded.
    """
    nearest = _nearest(said, quoted)
    if _denials(said) != _denials(nearest):
        return False
    return not turned(said, nearest)


def turned(said: str, quoted: str) -> bool:
    """Say whether a text says the opposite of a word that its quote uses."""
    return any(
        _turned(one, other, said, quoted) or _turned(other, one, said, quoted)
        for one, other in OPPOSITES
    )


def contradicts(line: str, said: str) -> bool:
    """Say whether a line affirms what a conversation denies, or the other way round.

    Each clause of the line is held against the clause of the conversation that shares
    most of its words. What is wanted, asked or tried asserts nothing, and a clause
    that shares less than half of its words speaks of something else.
    """
    theirs = [
        _Clause(clause, _stems(clause), part)
        for part in _SAID_END.split(said)
        for clause in _CLAUSE_END.split(part)
    ]
    for part in _SENTENCE_END.split(line):
        refused = False
        for text in _CLAUSE_END.split(part):
            # "Cannot sign in and use the portal" denies both.
            refused = refused or _refuses(text)
            if _contradicted(text, refused, theirs):
                return True
    return False


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    stems: frozenset[str]
    sentence: str


def _contradicted(text: str, refused: bool, theirs: Sequence[_Clause]) -> bool:
    words = _stems(text)
    most = max((len(words & their.stems) for their in theirs), default=0)
    if not most or most < _SHARED * len(words):
        return False
    nearest = [their for their in theirs if len(words & their.stems) == most]
    return all(_opposed(text, refused, their) for their in nearest)


def _opposed(text: str, refused: bool, their: _Clause) -> bool:
    if turned(text, their.text):
        return True
    if denies(text) and not _refuses(their.sentence):
        return True
    unreal = _UNREAL.search(text) or _UNREAL.search(their.text)
    return not refused and not unreal and denies(their.text)


def _refuses(text: str) -> bool:
    return denies(text) or bool(_FAILS.search(text))


def _stems(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _CONTENT.findall(text))
    return frozenset(word[:_STEM] for word in words if not _SPEAKING.fullmatch(word))


def _denials(text: str) -> int:
    return sum(denies(clause) for clause in _CLAUSE_END.split(text))


def _turned(
    one: re.Pattern[str], other: re.Pattern[str], said: str, quoted: str
) -> bool:
    return bool(
        one.search(said)
        and not other.search(said)
        and other.search(quoted)
        and not one.search(quoted)
    )


def _nearest(said: str, quoted: str) -> str:
    parts = [part for part in _SENTENCE_END.split(quoted) if part.strip()]
    if len(parts) < 2:
        return quoted
    words = {w.casefold() for w in _WORD.findall(said)}

    def overlap(part: str) -> float:
        theirs = {w.casefold() for w in _WORD.findall(part)}
        return len(words & theirs) / (len(words | theirs) or 1)

    return max(parts, key=overlap)
