"""Street addresses: found at a word that only addresses have, then read outwards."""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterator

_STREET = (
    r"street|road|avenue|lane|boulevard|blvd|terrace|crescent|parkway|highway|hwy|quay|grove|"
    r"streets?|squares?|parks?|courts?|drives?|places?|extensions?|coves?|pass|strada|"
    r"stra(?:ß|ss)e|platz|gasse|allee|chauss[ée]e|plein|gracht|laan|terrasse|"
    r"t[ée]r|utca|u\.|n[áa]m[ěe]st[íi]|ulica|ul\.|trg|"
    r"rue|chemin|impasse|quai|via|viale|piazza|piazzale|corso|vicolo|largo|"
    r"calle|avenida|avda\.?|plaza|paseo|carrer|carretera|camino|rua|r[úu]a|travessa|pra[çc]a|estrada|alameda"
)
_ENDING = (
    r"[^\W\d_]{2,24}(?:stra(?:ß|ss)e|str\.|gasse|weg|allee|platz|damm|ufer|gade|gatan|gata|vej|"
    r"v[äa]gen|veien|straat|laan|plein|katu|tie|stræti|utca|br[üu]cke|braut)"
)
_UNIT = r"apt|apartment|suite|unit|flat|appt|postbox|p\.? ?o\.? box|postfach|bo[iî]te postale"
# A street's word counts beside a house number only; "the corner of" needs none.
_ANCHOR = re.compile(
    rf"(?<![\w@/])(?:(?P<unit>{_UNIT})\.?\s{{0,2}}\d|(?P<corner>the corner of)\s|(?:{_STREET}|{_ENDING})(?!\w))",
    re.IGNORECASE,
)
# A house number, one to three capitalised words and another number or a postcode.
_BARE = re.compile(
    r"(?<![\w.,/:#-])(?:\d{2,5} ){0,2}\d{0,5} ?(?:[^\W\d_a-zß-öø-ÿ][\w'’.-]{2,20} ){1,4}"
    r"\d{2,5}\b(?=[,\n]\s{0,2}(?:[^\W\d_a-zß-öø-ÿ]))"
)
_TOKEN = re.compile(r"\d[\w/-]*|[^\W\d_][\w'’/-]*\.?|\n|[^\s\w]")
_SMALL = {
    *("de", "del", "della", "di", "da", "do", "dos", "la", "las", "le", "les", "los"),
    *("des", "du", "van", "von", "der", "den", "zu", "am", "an", "im", "y", "nan"),
}
# Capitalised words that begin what follows an address, not part of it.
_NOT = {
    *("i", "i'm", "my", "we", "the", "it", "please", "phone", "mobile", "desk", "fax"),
    *("tel", "e-mail", "email", "website", "thanks", "regards", "can", "is", "what"),
    *("address", "name", "where", "when", "how", "office", "cell"),
}
_LEFT, _RIGHT, _MOST = 60, 120, 400


def find_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of street addresses, houses and flats with what belongs to them."""
    done = 0
    for number, match in enumerate(_ANCHOR.finditer(text)):
        if number >= _MOST:
            return
        if match.start() < done:
            continue
        start = match.start() if match["corner"] else _leftwards(text, match.start())
        start = max(start, done)
        end = _rightwards(text, match.end(), corner=bool(match["corner"]))
        if match["corner"] or any(c.isdigit() for c in text[start:end]):
            yield start, end
            done = end


def find_bare_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield spans of a name of a street between numbers, without any telling word."""
    for match in _BARE.finditer(text):
        yield match.start(), _rightwards(text, match.end(), corner=False)


def _leftwards(text: str, at: int) -> int:
    first = max(0, at - _LEFT)
    tokens = list(_TOKEN.finditer(text, first, at))
    start = at
    for token in reversed(tokens):
        word = token.group()
        if word == "\n":
            line = text[text.rfind("\n", 0, token.start()) + 1 : token.start()]
            if not any(c.isdigit() for c in line):
                break
            continue
        belongs = word[0].isupper() or word.lower() in _SMALL or word in {".", ",", "-"}
        if not (word[0].isdigit() or belongs) or word.lower().rstrip(".") in _NOT:
            break
        if word not in {",", "-", "."} and word.lower() not in _SMALL:
            start = token.start()
    return start


def _rightwards(text: str, at: int, *, corner: bool) -> int:
    end = at
    for token in _TOKEN.finditer(text, at, min(len(text), at + _RIGHT)):
        word = token.group()
        if word == "\n":
            if text[token.end() : token.end() + 1] == "\n":
                break
            continue
        if word in {",", "-", ">"}:
            continue
        if word[0].isdigit():
            end = token.end()
        elif corner and word in {"and", "und", "et", "y"}:
            continue
        elif word[0].isupper() and word.lower().rstrip(".") not in _NOT:
            end = token.end() - word.endswith(".")
            if word.endswith(".") and len(word) > 5:
                break
        elif word.lower() not in _SMALL and not re.fullmatch(
            rf"{_STREET}|{_UNIT}\.?", word, re.IGNORECASE
        ):
            break
    return end
