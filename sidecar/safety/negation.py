"""Whether two sentences deny the same: negations and opposites in six languages."""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re

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
    r"[ãõç]|\b(?:em|uma|você|pelo|do|da|dos|das|ao|seu|sua)\b", re.IGNORECASE
)
_NOT_A_DENIAL = re.compile(
    r"\b(?:not only|not just|nicht nur|non seulement|no s[oó]lo|não s[oó]|non solo|"
    r"whether or not|if not|wenn nicht|sinon|si no|se não|se non|why not|"
    r"no later than|no more than|not later than|no problem|kein problem|"
    r"more often than not|ne\b[^.!?]{1,40}\bque)\b",
    re.IGNORECASE,
)
_OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})\b", re.IGNORECASE), re.compile(rf"\b(?:{other})\b", re.IGNORECASE))
    for one, other in (
        ("enabl\\w+|switch(?:ed)? on|turn(?:ed)? on|activat\\w+", "disabl\\w+|switch(?:ed)? off|turn(?:ed)? off|deactivat\\w+"),
        ("allow\\w*|permit\\w*|may", "forbid\\w*|forbidden|prohibit\\w*|disallow\\w*"),
        ("includ\\w+", "exclud\\w+"),
        ("before|prior to", "after|once"),
        ("more than|at least|minimum|over|above", "less than|at most|maximum|under|below|up to"),
        ("always", "never|sometimes|rarely"),
        ("free(?: of charge)?", "paid|charged|costs?|chargeable"),
        ("increas\\w+|rais\\w+", "decreas\\w+|lower\\w*|reduc\\w+"),
        ("aktivier\\w+|einschalt\\w+|eingeschaltet", "deaktivier\\w+|ausschalt\\w+|ausgeschaltet"),
        ("mindestens", "höchstens|maximal"),
        ("vor(?:her)?", "nach(?:her)?"),
        ("kostenlos|gratis", "kostenpflichtig"),
    )
)  # fmt: skip
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_CLAUSE_END = re.compile(
    r"[,;:()]\s|\s(?:and|but|or|und|aber|oder|et|mais|ou|y|pero|mas|ma)\s",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w{3,}")


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
        for one, other in _OPPOSITES
    )


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
