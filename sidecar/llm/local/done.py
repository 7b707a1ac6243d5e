"""What the customer says he has done: no advice for a reply.

A fact repeats it when a clause that says so ("fitted", "already", "I have 3.8")
shares with it a version number, a word of meaning that few sentences of the sources
have, or two words of meaning of which one is not the subject's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sidecar.domain.ranking import error_codes
from sidecar.domain.ticket import Ticket
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.lexicon import phrase_book
from sidecar.llm.local.passage_units import Unit
from sidecar.llm.local.select import Chosen
from sidecar.llm.local.ticket_text import message_sections, prose
from sidecar.llm.local.words import fold, sentences, tokens

_DONE = re.compile(
    r"\b(?:already|fitted|installed|reinstalled|mounted|searched"
    r"|(?:i|we)(?: have|'ve) (?:\w+ed\b|done|put|set|run|\d)"
    r"|schon|bereits|eingebaut|angebracht|installiert|montiert|ist dran"
    r"|deja|installe|monte|ya (?:l[oa]s? )?(?:he|hemos|tengo|tenemos|esta)|instalado"
    r"|ja (?:fiz|tent\w+|instal\w+|troqu\w+|coloqu\w+|salvei|tenho|temos)|instalei"
    r"|gia|installato|montato"
    # Who complains of doing it by hand knows that way.
    r"|by hand|manually|von hand|manuell|a la main|manuellement|a mano|a mao"
    r"|manuale?mente)\b"
)
_NOT_DONE = re.compile(
    r"(?:\b(?:not|never|nicht|noch|pas|no|nao|non|nie|jamais|nunca|mai)|n't)"
    r"\s+(?:\w+\s+)?\Z"
)
_VERSION = re.compile(r"\b\d+(?:\.\d+)+\b")
_ASKED = re.compile(r"(?<![?!])\?\Z")
"""A plain question says nothing is done; "still by hand??" says that it is."""
_CLAUSE = re.compile(r"[,;:]\s|\s[-–—]\s|\s(?:but|aber|mais|pero|mas|ma)\s")
_QUOTED = re.compile(r"[\"“„«][^\"“”»\n]{1,200}[\"“”»]")
_RARE = 3
_LEAST_LETTERS = 4
_SHARED = 2


@dataclass(frozen=True, slots=True)
class _Told:
    """The words of a clause but those that say that it is done, and its versions."""

    stems: frozenset[str]
    versions: frozenset[str]

    @classmethod
    def of(cls, clause: str, spans: list[tuple[int, int]]) -> _Told:
        rest = clause
        for start, end in spans:
            rest = rest[:start] + " " * (end - start) + rest[end:]
        versions = frozenset(_VERSION.findall(clause))
        return cls(frozenset(content_stems(rest)), versions)


def without_done(
    chosen: Chosen, found: Sequence[Unit], ticket: Ticket, spoken: tuple[str, ...]
) -> Chosen:
    """Return the choice without facts that only repeat what has been done.

    What stands beside such a fact in its passage goes with it: it is one advice.
    Numbered steps stay, for "I clicked it already" does not void the list.
    """
    told = _done_clauses(ticket, spoken)
    if not told or not chosen.facts:
        return chosen
    counts = Counter(stem for unit in found for stem in set(content_stems(unit.text)))
    about = set(content_stems(ticket.subject))
    repeated = {
        unit.passage
        for unit in chosen.facts
        if any(_repeats(unit, one, counts, about) for one in told)
    }
    facts = tuple(unit for unit in chosen.facts if unit.passage not in repeated)
    return replace(chosen, facts=facts)


def _done_clauses(ticket: Ticket, spoken: tuple[str, ...]) -> list[_Told]:
    """Return the parts of sentences that say so; what is quoted says nothing."""
    book = phrase_book(spoken)
    told: list[_Told] = []
    for message in ticket.customer_messages[-5:]:
        for section in message_sections(message):
            for piece in sentences(prose(section.text)):
                if _ASKED.search(piece.text):
                    continue
                for clause in _CLAUSE.split(_QUOTED.sub(" ", piece.text)):
                    folded = fold(clause)
                    spans = [m.span() for m in _DONE.finditer(folded)] + [
                        (hit.start, hit.end)
                        for hit in book.find(tokens(clause))
                        if hit.kind == "tried"
                    ]
                    if spans and not _NOT_DONE.search(folded[: min(spans)[0]]):
                        told.append(_Told.of(clause, spans))
    return told


def _repeats(unit: Unit, told: _Told, counts: Counter[str], about: set[str]) -> bool:
    if told.versions & set(_VERSION.findall(unit.text)):
        return True
    codes = {s for code in error_codes(unit.text) for s in content_stems(code)}
    shared = (set(content_stems(unit.text)) & told.stems) - codes
    own = {s for s in shared - about if len(s) >= _LEAST_LETTERS and s.isalpha()}
    return bool(own) and (
        len(shared) >= _SHARED or any(counts[stem] <= _RARE for stem in own)
    )
