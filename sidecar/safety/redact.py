"""Personal data out of a text, by patterns with checksums and by known names.

Deterministic and reversible: each distinct value gets one placeholder in a text, and
the caller holds what it stands for.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import ipaddress
import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from sidecar.safety.financial import find_cards, find_ibans
from sidecar.safety.names import find_names
from sidecar.safety.national_ids import NATIONAL_IDS
from sidecar.safety.phones import find_phones
from sidecar.safety.plain_view import PlainView, plain_view
from sidecar.safety.port import Redacted
from sidecar.safety.secrets import find_secrets

Spans = Iterator[tuple[int, int]]
PLACEHOLDER = re.compile(r"<[A-Z]{2,10}_\d{1,9}>")

_AT = r"(?:@| ?[\[({] ?(?:at|ät|arroba|chiocciola) ?[\])}] ?)"
_DOT = r"(?:\.| ?[\[({] ?(?:dot|punkt|point|punto|ponto|\.) ?[\])}] ?)"
_EMAIL = re.compile(
    rf"(?<![\w.+%-])[\w.+%-][\w.+%'-]{{0,63}}{_AT}\[?[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,8}}",
    re.IGNORECASE,
)
_IP4 = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-])(?!\.\d)")
_IP6 = re.compile(
    r"(?<![\w:.])[0-9a-f:]{0,39}:[0-9a-f:]{1,39}(?:(?:\.\d{1,3}){3})?(?![\w:])",
    re.IGNORECASE,
)
# Four numbers with dots are a version where one is spoken of.
_VERSIONED = re.compile(
    r"(?:\b(?:version\w*|versión|versão|versione|build|release|firmware|fw|update|rev\w*|"
    r"driver|treiber|patch|upgrade\w*|kapitel|chapter|section|abschnitt)\b[^\n]{0,20}|\bv\.? ?)$",
    re.IGNORECASE,
)
_IDS = tuple(
    (re.compile(pattern), holds, re.compile(words, re.IGNORECASE) if words else None)
    for pattern, holds, words in NATIONAL_IDS
)


def redact(text: str, names: Sequence[str] = ()) -> Redacted:
    """Replace personal data by ``<KIND_n>``; the earlier kind wins where two overlap.

    A placeholder that the text already contains is never given out, so that
    ``restore`` undoes exactly what was done here.
    """
    view = plain_view(text)
    taken = set(PLACEHOLDER.findall(text)) if "<" in text else set()
    originals: dict[str, str] = {}
    placeholders: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}
    out, at = [], 0
    for start, end, kind in _found(view, tuple(names)):
        value = text[start:end]
        placeholder = placeholders.get((kind, value))
        if placeholder is None:
            placeholder = _next(kind, counts, taken)
            placeholders[kind, value] = placeholder
            originals[placeholder] = value
        out += [text[at:start], placeholder]
        at = end
    out.append(text[at:])
    return Redacted("".join(out), originals)


def restore(text: str, originals: Mapping[str, str]) -> str:
    """Put back what the placeholders stand for; unknown ones stay as they are."""
    return PLACEHOLDER.sub(lambda m: originals.get(m.group(), m.group()), text)


def _next(kind: str, counts: dict[str, int], taken: set[str]) -> str:
    while True:
        counts[kind] = counts.get(kind, 0) + 1
        placeholder = f"<{kind}_{counts[kind]}>"
        if placeholder not in taken:
            return placeholder


def _found(view: PlainView, names: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """Return what to replace in the original, in order and without overlaps."""
    kept: list[tuple[int, int, str]] = []
    for kind, find in (*_KINDS, ("NAME", lambda v: find_names(v, names))):
        for plain_start, plain_end in find(view):
            start, end = view.span(plain_start, plain_end)
            place = bisect_left(kept, (start, end, ""))
            free_left = place == 0 or kept[place - 1][1] <= start
            free_right = place == len(kept) or end <= kept[place][0]
            if start < end and free_left and free_right:
                insort(kept, (start, end, kind))
    return kept


def _emails(view: PlainView) -> Spans:
    if "@" not in view.text and not _spelled_at(view.text):
        return
    for match in _EMAIL.finditer(view.text):
        yield match.span()


def _spelled_at(text: str) -> bool:
    return any(c in text for c in "[({")


def _addresses(view: PlainView) -> Spans:
    text = view.text
    for match in _IP4.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if not _VERSIONED.search(before) and _is_someones(match.group()):
            yield match.span()
    if text.count(":") < 2:
        return
    for match in _IP6.finditer(text):
        found = match.group()
        if (
            found.count(":") > 1
            and any(map(str.isdigit, found))
            and _is_someones(found)
        ):
            yield match.span()


@lru_cache(maxsize=256)
def _is_someones(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _national_ids(view: PlainView) -> Spans:
    text = view.text
    for pattern, holds, words in _IDS:
        if words is not None and not words.search(text):
            continue
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 40) : match.start()]
            if (words is None or words.search(before)) and holds(match.group()):
                yield match.span()


_KINDS: tuple[tuple[str, Callable[[PlainView], Spans]], ...] = (
    ("SECRET", find_secrets),
    ("EMAIL", _emails),
    ("IBAN", find_ibans),
    ("CARD", find_cards),
    ("IP", _addresses),
    ("ID", _national_ids),
    ("PHONE", find_phones),
)
