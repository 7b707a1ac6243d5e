"""Weekdays, months and halves of a day that a text names, in six languages."""

# ruff: noqa: E501 - a table broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterator

_NAMES = {
    "mon": r"mondays?|montags?|lundis?|lunes|segundas?-feiras?|lunedì",
    "tue": r"tuesdays?|dienstags?|mardis?|martes|terças?-feiras?|martedì",
    "wed": r"wednesdays?|mittwochs?|mercredis?|miércoles|quartas?-feiras?|mercoledì",
    "thu": r"thursdays?|donnerstags?|jeudis?|jueves|quintas?-feiras?|giovedì",
    "fri": r"fridays?|freitags?|vendredis?|viernes|sextas?-feiras?|venerdì",
    "sat": r"saturdays?|samstags?|sonnabends?|samedis?|sábados?|sabato|sabati",
    "sun": r"sundays?|sonntags?|dimanches?|domingos?|domenic(?:a|he)",
    "m1": r"january|januar|jänner|janvier|enero|janeiro|gennaio",
    "m2": r"february|februar|février|febrero|fevereiro|febbraio",
    "m3": r"märz|marzo|março",
    "m4": r"april|avril|abril|aprile",
    "m5": r"mayo|maio|maggio",
    "m6": r"june|juni|juin|junio|junho|giugno",
    "m7": r"july|juli|juillet|julio|julho|luglio",
    "m8": r"august|août|agosto",
    "m9": r"september|septembre|septiembre|setembro|settembre",
    "m10": r"october|oktober|octobre|octubre|outubro|ottobre",
    "m11": r"november|novembre|noviembre|novembro",
    "m12": r"december|dezember|décembre|diciembre|dezembro|dicembre",
}
_NAME = re.compile(
    r"\b(?:" + "|".join(f"(?P<{n}>{p})" for n, p in _NAMES.items()) + r")\b",
    re.IGNORECASE,
)
# Months that are other words as well: "you may march", "mais", "non è mai".
_SURE = {
    "m3": re.compile(r"(?<![.!?:] )(?<!^)\bMarch\b|\b(?:en|de|fin|début|et|à) mars\b"),
    "m5": re.compile(
        r"(?<![.!?:] )(?<!^)\b(?:May|Mai)\b(?! I\b)|\b(?:en|fin|début|à) mai\b"
    ),
}
_SHORT = {
    "mon": "Mon Mo lun", "tue": "Tue Tues Di mar", "wed": "Wed Mi mer mié", "thu": "Thu Thurs Do jeu jue", "fri": "Fri Fr ven vie",
    "sat": "Sat Sa sam sáb", "sun": "Sun So dim dom",
}  # fmt: skip
_DAY_OF = {word: day for day, words in _SHORT.items() for word in words.split()}
_DAY = "|".join(sorted(_DAY_OF, key=len, reverse=True))
_RANGE = re.compile(rf"\b(?P<a>{_DAY})\.?\s?(?:-|to|bis|/)\s?(?P<b>{_DAY})\b")
_FEIRA = ("mon", "tue", "wed", "thu", "fri")
_ORDINAL = "segunda|terça|quarta|quinta|sexta"
# "De segunda a sexta": the ordinals are weekdays where one leads to another.
_FEIRAS = re.compile(
    rf"\b(?P<a>{_ORDINAL})(?:-feira)? (?:a|à|até) (?P<b>{_ORDINAL}|sábado|domingo)\b",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"(?<![\d.,:])(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d\d))?\s?(?:uhr|heures?|h|horas|ore)?\s?"
    r"(?:(?P<am>a\.?\s?m\b\.?|du matin\b|de la mañana\b|da manhã\b|d(?:i|el) mattin[ao]\b|(?:morgens|früh|vormittags)\b|in the morning\b)"
    r"|(?P<pm>p\.?\s?m\b\.?|(?:du soir|de l['’]après-midi)\b|de la (?:tarde|noche)\b|da (?:tarde|noite)\b|di sera\b|del pomeriggio\b|(?:abends|nachmittags)\b|in the (?:afternoon|evening)\b))",
    re.IGNORECASE,
)


def named_times(text: str) -> Iterator[str]:
    """Yield weekdays ("mon"), months ("m5") and times with their half ("6:00pm")."""
    for match in _NAME.finditer(text):
        yield str(match.lastgroup)
    for name, pattern in _SURE.items():
        if pattern.search(text):
            yield name
    for match in _RANGE.finditer(text):
        yield from (_DAY_OF[match["a"]], _DAY_OF[match["b"]])
    for match in _FEIRAS.finditer(text):
        ordinals = _ORDINAL.split("|")
        for word in (match["a"].casefold(), match["b"].casefold()):
            if word in ordinals:
                yield _FEIRA[ordinals.index(word)]
    for match in _HALF.finditer(text):
        half = "am" if match["am"] else "pm"
        yield f"{int(match['hour'])}:{match['minute'] or '00'}{half}"
