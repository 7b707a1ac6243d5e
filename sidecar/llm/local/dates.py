"""Dates in a sentence, relative ones counted from the day it was sent."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sidecar.llm.local.words import fold

_RELATIVE = {
    0: "today tonight heute aujourd'hui hoy hoje oggi",
    1: "tomorrow morgen demain mañana amanhã domani",
    2: "übermorgen après-demain dopodomani",
}
_WEEKDAYS = (
    "monday montag lundi lunes segunda-feira lunedì",
    "tuesday dienstag mardi martes terça-feira martedì",
    "wednesday mittwoch mercredi miércoles quarta-feira mercoledì",
    "thursday donnerstag jeudi jueves quinta-feira giovedì",
    "friday freitag vendredi viernes sexta-feira venerdì",
    "saturday samstag samedi sábado sabato",
    "sunday sonntag dimanche domingo domenica",
)
_MONTHS = (
    "january jan januar janvier enero janeiro gennaio",
    "february feb februar février febrero fevereiro febbraio",
    "march mar märz mars marzo março",
    "april apr avril abril aprile",
    "may mai mayo maio maggio",
    "june jun juni juin junio junho giugno",
    "july jul juli juillet julio julho luglio",
    "august aug août agosto",
    "september sep sept septembre septiembre setembro settembre",
    "october oct oktober okt octobre octubre outubro ottobre",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre diciembre dezembro dicembre",
)
_UNITS = {
    "day days tag tagen tage jour jours día días dia dias giorno giorni": 1,
    "week weeks woche wochen semaine semaines semana semanas settimana settimane": 7,
}
_PREFIX = r"(?:in|within|innerhalb von|binnen|dans|en|dentro de|em|tra|fra|entro)"


def _table(groups: tuple[str, ...]) -> dict[str, int]:
    return {fold(w): n for n, group in enumerate(groups) for w in group.split()}


_DAY_WORDS = {fold(w): n for n, group in _RELATIVE.items() for w in group.split()}
_WEEKDAY = _table(_WEEKDAYS)
_MONTH = _table(_MONTHS)
_UNIT = {fold(w): n for group, n in _UNITS.items() for w in group.split()}

_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DOTTED = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})?(?!\d)")
_NAMED = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er|\.|º)? (?:de |of )?({'|'.join(_MONTH)})\b\.?"
    rf"(?:,? (?:de |del )?(\d{{4}}))?"
)
_NAMED_FIRST = re.compile(
    rf"\b({'|'.join(_MONTH)})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?"
)
_IN = re.compile(rf"\b{_PREFIX} (\d{{1,2}}) ({'|'.join(_UNIT)})\b")
_WORD = re.compile(r"[\w'-]+")
_GREETINGS = re.compile(r"\b(guten|this|diesen|heute|in the) (morgen|morning)\b")


def due_date(sentence: str, sent: date | None) -> date | None:
    """Return the date a sentence names, or None.

    A date without a year, a weekday and a relative word lie on or after the day the
    message was sent; without that day only full dates are understood. Day comes before
    month in ``3.4.`` and ``3/4``, as in most of the languages spoken here.
    """
    text = _GREETINGS.sub(" ", fold(sentence).replace("’", "'"))
    if match := _ISO.search(text):
        return _made(int(match[1]), int(match[2]), int(match[3]))
    if match := _NAMED.search(text):
        return _resolved(int(match[1]), _MONTH[match[2]] + 1, match[3], sent)
    if match := _NAMED_FIRST.search(text):
        return _resolved(int(match[2]), _MONTH[match[1]] + 1, match[3], sent)
    if match := _DOTTED.search(text):
        return _resolved(int(match[1]), int(match[2]), match[3], sent)
    return _counted(text, sent) if sent else None


def _counted(text: str, sent: date) -> date | None:
    if match := _IN.search(text):
        return sent + timedelta(days=int(match[1]) * _UNIT[match[2]])
    for word in _WORD.findall(text):
        if word in _DAY_WORDS:
            return sent + timedelta(days=_DAY_WORDS[word])
        if word in _WEEKDAY:
            ahead = (_WEEKDAY[word] - sent.weekday()) % 7
            return sent + timedelta(days=ahead or 7)
    return None


def _resolved(day: int, month: int, year: str | None, sent: date | None) -> date | None:
    if year:
        full = int(year) + (2000 if len(year) == 2 else 0)
        return _made(full, month, day)
    if sent is None:
        return None
    found = _made(sent.year, month, day)
    if found is not None and found < sent:
        found = _made(sent.year + 1, month, day)
    return found


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
