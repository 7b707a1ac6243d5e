"""Numbers that name a person, each by the check its issuer defined.

Only forms with a check digit, or of a shape nothing else has, are taken: an order
number must not become a person.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Callable

_NIE = {"X": "0", "Y": "1", "Z": "2"}
# Decreto del Ministero delle Finanze 23/12/1976: values of the odd places.
_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [
            *(
                1,
                0,
                5,
                7,
                9,
                13,
                15,
                17,
                19,
                21,
                1,
                0,
                5,
                7,
                9,
                13,
                15,
                17,
                19,
                21,
                2,
                4,
            ),
            *(18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        ],
        strict=True,
    )
)


def spanish_holds(text: str) -> bool:
    """DNI or NIE: the letter is the number mod 23 (Real Decreto 1553/2005)."""
    text = re.sub(r"[ .-]", "", text.upper())
    digits = _NIE.get(text[0], text[0]) + text[1:-1]
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == text[-1]


def italian_holds(text: str) -> bool:
    """Codice fiscale: the last letter checks the fifteen before it."""
    text = text.upper()
    total = sum(
        _ODD[c] if place % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65)
        for place, c in enumerate(text[:15])
    )
    return chr(total % 26 + 65) == text[15]


def french_holds(text: str) -> bool:
    """Numéro de sécurité sociale: the key is 97 less the number mod 97."""
    text = re.sub(r"\D", "", text.upper().replace("2A", "19").replace("2B", "18"))
    return len(text) == 15 and 97 - int(text[:13]) % 97 == int(text[13:])


def german_holds(text: str) -> bool:
    """Steuer-Identifikationsnummer: ISO 7064 MOD 11,10, eleven digits."""
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) != 11 or digits[0] == 0:
        return False
    product = 10
    for digit in digits[:10]:
        product = (((digit + product) % 10 or 10) * 2) % 11
    return (11 - product) % 10 == digits[10]


def portuguese_holds(text: str) -> bool:
    """NIF: weights 9 to 2, mod 11."""
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) != 9:
        return False
    rest = sum(w * d for w, d in zip(range(9, 1, -1), digits, strict=False)) % 11
    return digits[8] == (0 if rest < 2 else 11 - rest)


def brazilian_holds(text: str) -> bool:
    """CPF: two check digits, mod 11."""
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    for length in (9, 10):
        weights = range(length + 1, 1, -1)
        rest = sum(w * d for w, d in zip(weights, digits, strict=False)) * 10 % 11
        if rest % 10 != digits[length]:
            return False
    return True


def american_holds(text: str) -> bool:
    """Social security number: no check digit, but areas and groups never issued."""
    area, group, serial = text.replace(" ", "-").split("-")
    return area not in {"000", "666"} and group != "00" and serial != "0000"


# Pattern, what proves it, and words that must stand shortly before it ('' for none).
NATIONAL_IDS: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    (r"\d(?<![\w-].)\d{2}([- ])\d{2}\1\d{4}(?![\w-])", american_holds, ""),
    (
        r"[A-CEGHJ-PR-TW-Z](?<!\w.)[A-CEGHJ-PR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)",
        lambda text: text[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"},
        "",
    ),
    (
        r"[\dXYZxyz](?<!\w.)(?:(?<=\d)\d{7}|(?<=\D)-?\d{7})[ -]?[A-Za-z](?!\w)",
        spanish_holds,
        "",
    ),
    (
        r"[A-Za-z](?<!\w.)[A-Za-z]{5}\d{2}[A-EHLMPR-Ta-ehlmpr-t]\d{2}[A-Za-z]\d{3}[A-Za-z](?!\w)",
        italian_holds,
        "",
    ),
    (
        r"[12](?<!\w.) ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}(?!\w)",
        french_holds,
        "",
    ),
    (r"\d(?<!\w.)\d{2}\.\d{3}\.\d{3}-\d{2}(?!\w)", brazilian_holds, ""),
    (
        r"(?<![\w-])\d{2} ?\d{3} ?\d{3} ?\d{3}(?![\w-])",
        german_holds,
        r"steuer|tax id|idnr|tin\b",
    ),
    (
        r"(?<![\w-])\d{3} ?\d{3} ?\d{3}(?![\w-])",
        portuguese_holds,
        r"\bnif\b|contribuinte",
    ),
)
