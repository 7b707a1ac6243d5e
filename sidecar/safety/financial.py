"""Cards and bank accounts, by the checks that their issuers defined."""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterator

from sidecar.safety.plain_view import PlainView

_DIGITS = re.compile(r"\d(?<![\w.-].)(?:[ .-]?\d)*")
# Where a card may begin and end within digits, longest first: what stands beside it
# may be another number.
_CARDS = tuple(
    re.compile(rf"(?<![\d.-])(?:{form})(?![\w-])(?!\.\d)")
    for form in (
        r"\d{12,19}",
        r"\d{4}([ .-])\d{4}\1\d{4}\1\d{4}\1\d{1,3}",
        r"\d{4}([ .-])\d{4}\1\d{4}\1\d{1,4}",
        r"\d{4}([ .-])\d{6}\1\d{4,5}",
    )
)
# Two blanks divide columns as well, so here nothing else may stand beside the card.
_WIDE = re.compile(
    r"(?<![\w.-])(?<!\d )(?<!\d  )(?:\d{4}(?: {1,3}\d{4}){3}|\d{4} {1,3}\d{6} {1,3}\d{5})"
    r"(?![\w-])(?!\.\d)(?! {1,3}\d{4})"
)
_LEAST = 12
_OTHER = 6
_CODES = frozenset({0, 3, 4})
_OF_FOUR = re.compile(r"\d{4}(?:[ .-]\d{4}){4,}(?:[ .-]\d{1,4})?")
# ISO/IEC 7812 issuer ranges in use: whatever else passes Luhn is an order number
# nine times out of ten.
_ISSUER = re.compile(r"(?:2[2-7]|2131|1800|3[0-9]|4|5|6)")
# Only looked at, not taken: "order PO12345678 to DE89..." must not hide the account.
_IBAN = re.compile(
    r"[A-Za-z](?<![A-Za-z0-9].)(?=([A-Za-z]\d{2}(?:[ -]{0,2}[A-Za-z0-9]){11,40}))"
)
# SWIFT's IBAN registry: length by country.
_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "FR GR IT MC MR SM BI DJ",
        28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}


def luhn_holds(text: str) -> bool:
    """Say whether 12 to 19 digits, not all the same, pass the Luhn check."""
    numbers = [int(c) for c in text if c.isdigit()]
    if not 12 <= len(numbers) <= 19 or len(set(numbers)) == 1:
        return False
    doubled = [
        (n * 2 - 9 if n * 2 > 9 else n * 2) if place % 2 else n
        for place, n in enumerate(reversed(numbers))
    ]
    return sum(doubled) % 10 == 0


def iban_holds(text: str) -> bool:
    """Say whether the text is an IBAN: its country's length, and ISO 13616's mod 97 is 1."""
    compact = re.sub(r"[ -]", "", text).upper()
    if len(compact) != _LENGTHS.get(compact[:2]) or not compact.isascii():
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def find_cards(view: PlainView) -> Iterator[tuple[int, int]]:
    """Yield the spans of card numbers in the plain text."""
    for run in _DIGITS.finditer(view.text):
        digits = _count(run.group())
        # Fours without end are some other number: one in ten of its parts fits.
        if digits >= _LEAST and not _OF_FOUR.fullmatch(run.group()):
            yield from _cards_in(view.text, *run.span())
    for wide in _WIDE.finditer(view.text) if "  " in view.text else ():
        if "  " in wide.group() and _is_card(wide.group()):
            yield wide.span()


def _cards_in(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the cards of one run of digits; beside them at most other whole numbers."""
    at = start
    while at < end:
        if not text[at].isdigit() or (at > start and text[at - 1].isdigit()):
            at += 1
            continue
        for form in _CARDS:
            match = form.match(text, at, min(end + 2, len(text)))
            if match is None or match.end() > end or not _is_card(match.group()):
                continue
            left, right = _count(text[start:at]), _count(text[match.end() : end])
            # A security code may follow; other leftovers are parts of one number.
            behind = not left and (right >= _OTHER or right in _CODES)
            if behind or (left >= _OTHER and not right):
                yield match.span()
                at = start = match.end()
                break
        else:
            at += 1


def _count(text: str) -> int:
    return sum(map(str.isdigit, text))


def _is_card(found: str) -> bool:
    compact = re.sub(r"\D", "", found)
    return bool(_ISSUER.match(compact)) and luhn_holds(compact)


def find_ibans(view: PlainView) -> Iterator[tuple[int, int]]:
    """Yield the spans of IBANs in the plain text; what follows one is not part of it."""
    for match in _IBAN.finditer(view.text):
        found = match.group() + match[1]
        length = _LENGTHS.get(found[:2].upper(), 0)
        seen = 0
        for place, char in enumerate(found, start=1):
            seen += char.isalnum()
            if seen == length:
                if iban_holds(found[:place]):
                    yield match.start(), match.start() + place
                break
