"""Telephone numbers, told from order numbers by form, validity and the words around."""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from sidecar.safety.plain_view import PlainView

# Digits behind which a second number may begin: long enough to be no area code.
_ENDS = (r"\d{5}", r"\d[ .-]\d\d", r"\d[ .-]\d{3}", r"\d[ .-]\d{4}")
_WHOLE = "|".join(f"(?<={end})" for end in _ENDS)
_STROKE = "|".join(f"(?<={end}/)|(?<={end} /)" for end in _ENDS)
# A value in a log or an address: only a country code or the name tells what it is.
_VALUE = r"(?<==)(?=\+|%2B)|(?<=tel=)|(?<=fax=)|(?<=phone=)|(?<=mobile=)|(?<=telefon=)|(?<=phone_number=)"
# Digits in groups, as people write them; an extension may follow. A number led by 0
# behind a stroke is another one: "030 1234567 / 0151 23456789".
_CANDIDATE = re.compile(
    rf"(?<![\w#@+])(?:(?<![=/])|{_VALUE}|(?:{_STROKE})(?=\(?0\d|\+\d))"
    r"(?<!\d[:.,-])(?<!\w-)(?:\+|%2B)?(?:\(\d{1,5}\)|\d{1,15}+)"
    rf"(?:(?!(?:{_WHOLE})(?: ?/ ?| - )\(?0\d)"
    r"(?:[ .\-/]{0,3}+\(\d{1,5}\)|[ .\-/]{1,3}+\d{1,10}+|(?<=\))\d{1,10}+)){0,8}+"
    r"(?:[ ,]{0,2}(?:x|ext\.?|extension|durchwahl|poste) ?\d{1,6})?+(?![\w@])"
    rf"(?:(?![.,:/-]\d)|(?:{_WHOLE})(?=/0\d))",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:tel|phone|telephone|call|ring|mobile|cell|fax|whatsapp|sms|reach|dial|hotline|answering|"
    r"telefon|handy|mobil|r[üu]ckruf\w*|anruf\w*|ruf\w*|erreich\w*|durchwahl|"
    r"t[ée]l[ée]phone|t[ée]l|portable|appel\w*|joign\w*|m[óo]vil|tel[ée]fono|"
    r"llam\w*|telem[óo]vel|telefone|celular|lig\w{1,4}|cellulare|chiam\w*|numero|"
    r"(?:t|m|p|f)(?=[:.]))",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:\b(?:order|invoice|ticket|case|ref|reference|serial|version|build|article|item|"
    r"sku|isbn|tracking|shipment|parcel|customer|account|contract|policy|transaction|"
    r"bestell\w*|auftrag\w*|rechnung\w*|kunden\w*|artikel\w*|serien\w*|vertrag\w*|"
    r"vorgang\w*|sendung\w*|commande|facture|client|contrat|colis|s[ée]rie|"
    r"pedido|factura|fatura|cliente|contrato|serie|env[íi]o|encomenda|"
    r"ordine|fattura|contratto|spedizione|id|no|nr|po)\b|[#№])[^\n]{0,14}$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|[12]\d|3[01])[-./](?:19|20)?\d\d(?!\d)"
)
# "06.12.34.56.78" begins like a date and is none.
_PAIRS = re.compile(r"0[1-9]([ .\-/])\d\d(?:\1\d\d){3}")
_AMERICAN = re.compile(
    r"(?:\+?1[ .-]|001-)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?: ?(?:x|ext).{1,9})?",
    re.IGNORECASE,
)
# Where a number without a country code may come from; a leading 0 is tried in each.
_REGIONS = ("DE", "GB", "FR", "AT", "CH", "IT", "NL", "BE", "AU")
_UNLED = ("ES", "PT", "IT")
_MOST_ASKED = 500


def find_phones(view: PlainView) -> Iterator[tuple[int, int]]:
    """Yield the spans of telephone numbers in the plain text."""
    asked = 0
    for match in _CANDIDATE.finditer(view.text):
        found = match.group()
        digits = sum(map(str.isdigit, found))
        if not 6 <= digits <= 19:
            continue
        holds = _holds(view.text, match.start(), found, digits)
        if holds is None:
            # Validity costs most: a text made of numbers is not asked about for ever.
            asked += 1
            holds = asked > _MOST_ASKED or _valid(found)
        if holds:
            yield match.span()


def _holds(text: str, start: int, found: str, digits: int) -> bool | None:
    """Say whether it is a number to call; None when only the number plans can tell."""
    if found.upper().startswith(("+", "%2B")):
        return 8 <= digits <= 19
    if digits > 15 or (_DATE.match(found) and not _PAIRS.fullmatch(found)):
        return False
    before = text[max(0, start - 40) : start]
    spoken = any(map(str.isalpha, before)) or "#" in before
    counted = _COUNTED.search(before) if spoken else None
    called = _called(before) if spoken else -1
    if called >= 0 and (counted is None or counted.start() < called):
        return digits >= 6 and not re.fullmatch(
            r"(?:19|20)\d\d[-/](?:19|20)?\d\d", found
        )
    if counted is not None:
        return False
    if _AMERICAN.fullmatch(found):
        return True
    groups = re.findall(r"\d+", found)
    led = found.lstrip("(").startswith("0")
    if led and digits >= 9 and (len(groups) > 1 or digits <= 12):
        return None
    return None if digits == 9 and len(groups) in {3, 4} and not led else False


def _called(before: str) -> int:
    last = -1
    for match in _CALLED.finditer(before):
        last = match.start()
    return last


@lru_cache(maxsize=1024)
def _valid(found: str) -> bool:
    regions = _REGIONS if found.lstrip("(").startswith("0") else _UNLED
    for region in regions:
        try:
            number = phonenumbers.parse(re.sub(r"^00", "+", found), region)
        except phonenumbers.NumberParseException:
            return False
        if found.startswith("00"):
            return phonenumbers.is_valid_number(number)
        if phonenumbers.is_valid_number_for_region(number, region):
            return True
    return False
