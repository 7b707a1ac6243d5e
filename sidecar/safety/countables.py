"""What of a sentence can be counted or looked up: numbers, quantities, dates, codes.

Brought to one form, so that "1,000", "1.000" and "1000" or "14-day" and "14 days" are
the same claim, and "14 weeks" is another.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sidecar.safety.numerals import in_digits, in_full, may_be_one, says_one, spelled
from sidecar.safety.plain_view import plain_view
from sidecar.safety.times_named import named_times
from sidecar.safety.units import BEFORE, TIMES, UNIT, often, unit_of

_WORDS = {
    word: value
    for value, words in {
        "0.5": "half halben halbe demi demie media meia mezza mezz'",
        "1": "one a an ein eine einen einem einer eines un une una uno um uma",
        "2": "two zwei zwo deux dos dois duas due couple",
        "3": "three drei trois tres três tre",
        "4": "four vier quatre cuatro quatro quattro",
        "5": "five fünf cinq cinco cinque",
        "6": "six sechs seis sei",
        "7": "seven sieben sept siete sete sette",
        "8": "eight acht huit ocho oito otto",
        "9": "nine neun neuf nueve nove",
        "10": "ten zehn dix diez dez dieci",
        "12": "twelve zwölf douze doce doze dodici",
        "14": "fourteen vierzehn quatorze catorce quattordici",
        "15": "fifteen fünfzehn quinze quince quindici",
        "20": "twenty zwanzig vingt veinte vinte venti",
        "24": "vierundzwanzig ventiquattro veinticuatro",
        "30": "thirty dreißig dreissig trente treinta trinta trenta",
        "60": "sixty sechzig soixante sesenta sessenta sessanta",
        "90": "ninety neunzig noventa novanta",
        "few": "few several some einige einigen wenige wenigen paar mehrere quelques unos "
        "unas algunos algunas alguns algumas pochi poche alcuni alcune qualche",
    }.items()
    for word in words.split()
}
_MONTHS = (
    "jan|j[äa]n(?:uar|ner)?|january|janvier|enero|janeiro|gennaio",
    "feb|february|februar|f[ée]vrier|febrero|fevereiro|febbraio",
    "mar|march|märz|mars|marzo|março",
    "apr|april|avril|abril|aprile",
    "may|mai|mayo|maio|maggio",
    "jun|june|juni|juin|junio|junho|giugno",
    "jul|july|juli|juillet|julio|julho|luglio",
    "aug|august|ao[ûu]t|agosto",
    "sep|sept|september|septembre|septiembre|setembro|settembre",
    "oct|okt|october|oktober|octobre|octubre|outubro|ottobre",
    "nov|november|novembre|noviembre|novembro",
    "dec|dez|december|dezember|d[ée]cembre|diciembre|dezembro|dicembre",
)
_MONTH = "|".join(f"(?:{names})" for names in _MONTHS)
_NAMED_DATE = re.compile(
    rf"\b(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.|er|º|°)?(?: de| of)? (?P<m>{_MONTH})\b\.?"
    rf"|(?P<m2>{_MONTH})\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:))"
    r"(?:,? (?:de |of )?(?P<y>(?:19|20)\d\d))?",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"
)
_DMY_DATE = re.compile(
    r"(?<![\d.])(?P<d>\d{1,2})(?P<s>[./])(?P<m>\d{1,2})(?P=s)(?P<y>(?:19|20)?\d\d)(?![\d.]*\d)"
)
_CODE = re.compile(
    r"(?<![\w.])[A-Za-z]{1,8}[-_]?\d[\w-]{0,30}(?!\w)|\b\d+[A-Za-z]{1,3}\d\w*"
)
_NUMBER = re.compile(r"(?<!\w)\d+(?:[.,:'’]\d+)*|(?<=\w)\d+(?:[.,:'’]\d+)*")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d])")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'’])\d{3})(?:\1\d{3})*")
_BETWEEN = r"[- ]?(?:\w+[- ]){0,2}?"
_COUNTED = re.compile(
    r"(?<![\w.,:])(?P<first>\d[\d.,:'’]{0,24}+)"
    r"(?: ?(?:-|to|bis|or|oder|and|und|à|a|ou|o|e|y|et) ?(?P<second>\d[\d.,:'’]{0,24}+))?"
    rf"(?P<gap>[- ]?(?:(?:full|more|calendar|whole|volle|weitere)[- ])?)(?P<unit>{UNIT})(?!\w)",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    rf"\b(?P<word>{'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})\b"
    rf"(?: (?:of|or (?:two|so)|de|an|a|full|whole|more|weitere[nr]?|volle[nr]?))?[- '’]"
    rf"(?P<unit>{UNIT})(?!\w)",
    re.IGNORECASE,
)
_PRICE = re.compile(
    rf"(?<!\w)(?P<unit>{BEFORE})\s?-?(?P<first>\d[\d.,'’]*)", re.IGNORECASE
)
# "-20" and "minus 20"; not "3-5", "3 -5" or "E-57".
_MINUS = re.compile(
    r"(?:(?<![\w.,)\]%-])(?<!\d )-[€$£¥]?|(?<!\w)[€$£¥]-|\b(?:minus|moins|menos|meno) )$",
    re.IGNORECASE,
)
_SIGN_AT_MOST = 8
_VAGUE = "few"


@dataclass(frozen=True, slots=True)
class Countables:
    """Claims of a text that are true or false: each set holds canonical forms."""

    numbers: frozenset[str]
    quantities: frozenset[tuple[str, str]]
    dates: frozenset[tuple[int, int, int]]
    codes: frozenset[str]
    amounts: frozenset[str]
    """Numbers with their sign, those in words too."""
    times: frozenset[str]
    """Weekdays, months without a day, and hours before or after noon."""
    one: bool
    """Whether one of something is counted: "one device"."""
    single: bool
    """Whether one may be meant: "a device"."""

    def within(self, source: Countables) -> bool:
        """Say whether all of these occur in ``source``; a date may leave out its year."""
        return (
            self.amounts <= source.amounts
            and self.quantities <= source.quantities
            and self.codes <= source.codes
            and self.times
            <= source.times | {f"m{month}" for _, month, _ in source.dates}
            and (source.single or not self.one)
            and all(_dated(date, source.dates) for date in self.dates)
        )

    @property
    def any_promise(self) -> bool:
        """Whether something is counted in units, priced or dated."""
        counted = any(unit != TIMES for _, unit in self.quantities)
        return counted or bool(self.dates)


def countables(text: str) -> Countables:
    """Read the countable claims out of a text in any of the six languages."""
    text = _SPACED.sub(lambda m: m.group().replace(" ", ""), plain_view(text).text)
    dates: set[tuple[int, int, int]] = set()
    for pattern, read in (
        (_NAMED_DATE, _named),
        (_ISO_DATE, _numbered),
        (_DMY_DATE, _numbered),
    ):
        for match in pattern.finditer(text):
            if date := read(match):
                dates.add(date)
        text = pattern.sub(lambda m, r=read: " " if r(m) else m.group(), text)  # type: ignore[misc]  # a default in a lambda
    text = in_full(text)
    codes = {re.sub(r"[-_]", "", m.group()).casefold() for m in _CODE.finditer(text)}
    codes = {code for code in codes if not _unit_like(code)}
    quantities = frozenset(_quantities(text))
    amounts = {value for value, _ in quantities} - {_VAGUE}
    return Countables(
        numbers=frozenset(_number(m.group()) for m in _NUMBER.finditer(text)),
        quantities=quantities,
        dates=frozenset(dates),
        codes=frozenset(re.sub(r"^v(?=\d)", "", code) for code in codes),
        amounts=frozenset((*amounts, *_signed(text), *spelled(text))),
        times=frozenset(named_times(text)),
        one=says_one(text),
        single=may_be_one(text),
    )


def _signed(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        start = match.start()
        minus = _MINUS.search(text[max(0, start - _SIGN_AT_MOST) : start])
        yield ("-" if minus else "") + _number(match.group())


def _quantities(text: str) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for match in _COUNTED.finditer(in_digits(text)):
        unit = unit_of(match["unit"])
        found |= {(_number(n), unit) for n in (match["first"], match["second"]) if n}
    for match in _PRICE.finditer(text):
        found.add((_number(match["first"]), unit_of(match["unit"])))
    for match in _SPELLED.finditer(text):
        found.add((_WORDS[match["word"].lower()], unit_of(match["unit"])))
    # "Una vez recibido" is no count; "una vez al mes" is.
    found.discard(("1", TIMES))
    return found | {(value, TIMES) for value in often(text)}


def _number(text: str) -> str:
    text = text.strip(".,:'’")
    if _GROUPED.fullmatch(text):
        return str(int(re.sub(r"\D", "", text)))
    parts = re.split(r"[.,:'’]", text)
    marks = re.findall(r"[.,:'’]", text)
    if len(marks) > 1 and len(set(marks)) == 2 and marks[-1] in ".,":
        # Grouped with decimals: 1.299,00 and 1,299.00.
        parts, marks = ["".join(parts[:-1]), parts[-1]], ["."]
    if len(parts) == 2 and marks[0] in ".," and parts[1].strip("0") == "":
        parts = parts[:1]
    parts[0] = str(int(parts[0]))
    return (":" if ":" in marks else ".").join(parts)


def _unit_like(code: str) -> bool:
    return bool(re.fullmatch(rf"\d+{UNIT}|(?:eur|usd|gbp|chf)\d+", code, re.IGNORECASE))


def _named(match: re.Match[str]) -> tuple[int, int, int] | None:
    name = match["m"] or match["m2"]
    month = next(
        i for i, p in enumerate(_MONTHS, 1) if re.fullmatch(p, name, re.IGNORECASE)
    )
    day = int(match["d"] or match["d2"])
    return (int(match["y"] or 0), month, day) if 1 <= day <= 31 else None


def _numbered(match: re.Match[str]) -> tuple[int, int, int] | None:
    year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
    if month > 12 >= day and "/" in match.group():
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return (year + 2000 if year < 100 else year, month, day)


def _dated(date: tuple[int, int, int], dates: frozenset[tuple[int, int, int]]) -> bool:
    year, month, day = date
    return any((m, d) == (month, day) and (y == year or year == 0) for y, m, d in dates)
