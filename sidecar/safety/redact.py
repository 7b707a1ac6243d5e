"""Personal data out of a text, by patterns with checksums and by known names.

Deterministic and reversible: each distinct value gets one placeholder in a text, and
the caller holds what it stands for.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from sidecar.safety.addresses import find_addresses, find_bare_addresses
from sidecar.safety.financial import find_cards, find_ibans
from sidecar.safety.names import find_names
from sidecar.safety.national_ids import NATIONAL_IDS
from sidecar.safety.people import find_circumstances, find_people
from sidecar.safety.phones import find_phones
from sidecar.safety.plain_view import PlainView, plain_view
from sidecar.safety.port import PLACEHOLDER, Redacted
from sidecar.safety.secrets import find_secrets

Spans = Iterator[tuple[int, int]]

_AT = r"(?:@|%(?:25)?40|&#(?:0{0,6}64|x0{0,6}40);|&commat;|\\u0040| ?[\[({] ?(?:at|ät|arroba|chiocciola) ?[\])}] ?)"
_DOT = r"(?:\.| ?[\[({] ?(?:dot|punkt|point|punto|ponto|\.) ?[\])}] ?)"
_EMAIL = re.compile(
    rf"(?<![\w.+%-])[\w.+%-][\w.+%'-]{{0,63}}{_AT}\[?[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,8}}",
    re.IGNORECASE,
)
# One of them stands in every text with an address: the pattern itself costs more.
_AT_SIGNS = ("@", "[", "(", "{", "40", "&#", "&c", "&C")
_IP4 = re.compile(r"\d(?<![\w.-].)\d{0,2}(?:\.\d{1,3}){3}(?![\w-])(?!\.\d)")
_IP6 = re.compile(
    r"[0-9a-f:](?<![\w:.].)[0-9a-f:]{0,39}:[0-9a-f:]{1,39}(?:(?:\.\d{1,3}){3})?(?![\w:])",
    re.IGNORECASE,
)
# Four numbers with dots are a version where one is spoken of.
_VERSIONED = re.compile(
    r"(?:\b(?:version\w*|versión|versão|versione|build|release|firmware|fw|update|rev\w*|"
    r"driver|treiber|patch|upgrade\w*|kapitel|chapter|section|abschnitt)\b[^\n]{0,20}|\bv\.? ?)$",
    re.IGNORECASE,
)
_URL = re.compile(r"(?<![\w.-])(?:https?://|www\.)[^\s<>\"'`\\]{3,2000}", re.IGNORECASE)
# Names, places and addresses are looked for in what a model or a preview can show.
_OPEN_READ = 100_000
_DIGIT = re.compile(r"\d")
_IDS = tuple(
    (re.compile(pattern), holds, re.compile(words, re.IGNORECASE) if words else None)
    for pattern, holds, words in NATIONAL_IDS
)


def redact(
    text: str, names: Sequence[str] = (), *, proven_only: bool = False
) -> Redacted:
    """Replace personal data by ``<KIND_n>``; the earlier kind wins where two overlap.

    ``proven_only`` leaves what only lists and surroundings tell; see the port.

    A placeholder that the text already contains is never given out, so that
    ``restore`` undoes exactly what was done here.
    """
    view = plain_view(text)
    taken = set(PLACEHOLDER.findall(text)) if "<" in text else set()
    originals: dict[str, str] = {}
    placeholders: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}
    out, at = [], 0
    for start, end, kind in _found(view, tuple(names), proven_only):
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


def _found(
    view: PlainView, names: tuple[str, ...], proven_only: bool
) -> list[tuple[int, int, str]]:
    """Return what to replace in the original, in order and without overlaps."""
    kept: list[tuple[int, int, str]] = []
    taken: list[tuple[int, int]] = []
    for kind, find in (*_KINDS, ("NAME", lambda v: find_names(v, names))):
        # A telephone number may stand right beside a card's.
        seen = _without(view, taken) if kind == "PHONE" else view
        spans = list(find(seen))
        taken += spans
        kept = _merged(kept, [(*view.span(*span), kind) for span in spans])
    if proven_only:
        return kept
    urls = [(*view.span(*span), "URL") for span in _urls(view)]
    kept = _merged(kept, urls)
    read = view.text[:_OPEN_READ]
    for find_open in _OPEN:
        found = find_open(read)
        kept = _merged(kept, [(*view.span(s, e), kind) for s, e, kind in found])
    return kept


def _without(view: PlainView, taken: list[tuple[int, int]]) -> PlainView:
    """Return the view with these spans blanked by signs of no meaning."""
    if not taken:
        return view
    parts, at = [], 0
    for start, end in sorted(taken):
        start = max(start, at)
        if end > start:
            parts += [view.text[at:start], ";" * (end - start)]
            at = end
    return replace(view, text="".join((*parts, view.text[at:])))


def _merged(
    kept: list[tuple[int, int, str]], found: list[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Add what overlaps nothing kept; both lists are walked once."""
    merged: list[tuple[int, int, str]] = []
    place, last = 0, 0
    for start, end, kind in sorted(found):
        while place < len(kept) and kept[place][1] <= start:
            merged.append(kept[place])
            last = kept[place][1]
            place += 1
        free_right = place == len(kept) or end <= kept[place][0]
        if last <= start < end and free_right:
            merged.append((start, end, kind))
            last = end
    return [*merged, *kept[place:]] if merged else kept


def _emails(view: PlainView) -> Spans:
    if not any(sign in view.text for sign in _AT_SIGNS):
        return
    for match in _EMAIL.finditer(view.text):
        yield match.span()


def _addresses(view: PlainView) -> Spans:
    text = view.text
    for match in _IP4.finditer(text) if text.count(".") > 2 else ():
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
    if not _DIGIT.search(text):
        return
    for pattern, holds, words in _IDS:
        if words is not None and not words.search(text):
            continue
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 40) : match.start()]
            if (words is None or words.search(before)) and holds(match.group()):
                yield match.span()


def _urls(view: PlainView) -> Spans:
    if "://" not in view.text and "www." not in view.text.lower():
        return
    for match in _URL.finditer(view.text):
        yield match.start(), match.start() + len(match.group().rstrip(".,;:!?)]}'\""))


_KINDS: tuple[tuple[str, Callable[[PlainView], Spans]], ...] = (
    ("SECRET", find_secrets),
    ("EMAIL", _emails),
    ("IBAN", find_ibans),
    ("CARD", find_cards),
    ("IP", _addresses),
    ("ID", _national_ids),
    ("PHONE", find_phones),
)
_OPEN = (
    find_circumstances,
    lambda text: ((s, e, "ADDRESS") for s, e in find_addresses(text)),
    lambda text: ((s, e, "ADDRESS") for s, e in find_bare_addresses(text)),
    find_people,
)
