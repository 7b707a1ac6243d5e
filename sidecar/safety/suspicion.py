"""How much a text looks like orders to a machine rather than a request to people."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from sidecar.safety.plain_view import PlainView, plain_view
from sidecar.safety.port import Suspicion
from sidecar.safety.suspicion_patterns import COMPILED

# Letters spelled with gaps ("i g n o r e"), and text in an encoding people do not read.
_SPACED = re.compile(r"(?<!\S)(?:\w[ ]){7,400}\w(?!\S)")
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/]{24,4000}={0,2}(?![\w+/=-])")
_HEX = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}[ ]?){20,2000}(?!\w)")
# Unicode's tag letters say what nobody sees; a run of zero-width signs is a message
# too, while single ones occur in emoji and in Indic spelling.
_TAGS = re.compile("[\U000e0020-\U000e007e]{3,}")
_UNSEEN_RUN = re.compile("[\u200b-\u200d\u2060-\u2064\ufeff]{6,}")
_MOST_DECODED = 20
READ_AT_AN_END = 8_000
# A call asks several times about each text of a thread, and the next call on the same
# ticket asks again: room for several long ones. The texts themselves are not kept.
_MOST_RECENT = 1_024
_recent: dict[bytes, Suspicion] = {}


def suspicion(text: str) -> Suspicion:
    """Score ``text`` 0..1 and return the spans, in ``text``, that raised it.

    1 - product(1 - weight) over the families found: two doubtful signs make one clear.
    Of a long text the first and the last 8,000 characters are read, as whoever drafts
    or summarises reads no more; the time is the same however long it is.
    """
    if not text:
        return Suspicion(0.0, ())
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass")).digest()
    known = _recent.get(digest)
    if known is None:
        known = _judged(text)
        if len(_recent) >= _MOST_RECENT:
            _recent.clear()
        _recent[digest] = known
    return known


def _judged(text: str) -> Suspicion:
    found: dict[str, float] = {}
    spans: list[tuple[int, int]] = []
    if len(text) <= 2 * READ_AT_AN_END:
        _judge(text, 0, found, spans)
    else:
        _judge(text[:READ_AT_AN_END], 0, found, spans)
        end = len(text) - READ_AT_AN_END
        _judge(text[end:], end, found, spans)
    innocent = 1.0
    for weight in found.values():
        innocent *= 1.0 - weight
    return Suspicion(round(1.0 - innocent, 4), tuple(sorted(set(spans))))


def _judge(
    text: str, shift: int, found: dict[str, float], spans: list[tuple[int, int]]
) -> None:
    """Add the families found in one piece, which begins ``shift`` into the text."""
    view = plain_view(text)
    hits: list[tuple[int, int]] = []
    lowered = view.text.lower()
    for name, marks, weight, pattern in COMPILED:
        for mark in marks:
            if mark in lowered:
                break
        else:
            continue
        for match in pattern.finditer(view.text):
            found[name] = max(weight, found.get(name, 0.0))
            hits.append(view.span(*match.span()))
    for weight, span in (*_disguised(view), *_unseen(text)):
        found["disguise"] = max(weight, found.get("disguise", 0.0))
        hits.append(span)
    spans += [(start + shift, end + shift) for start, end in hits]


def _disguised(view: PlainView) -> list[tuple[float, tuple[int, int]]]:
    """Look again at what is spelled or encoded so that patterns miss it."""
    hits = [
        (0.8, view.span(*match.span()))
        for match in _SPACED.finditer(view.text)
        if _SQUEEZED.search(match.group().replace(" ", ""))
    ]
    decoded = 0
    for pattern in (_BASE64, _HEX):
        for match in pattern.finditer(view.text):
            decoded += 1
            if decoded > _MOST_DECODED:
                return hits
            if _orders(_decode(match.group(), pattern is _HEX)):
                hits.append((0.9, view.span(*match.span())))
    return hits


def _decode(text: str, is_hex: bool) -> str:
    try:
        raw = (
            bytes.fromhex(text)
            if is_hex
            else base64.b64decode(text + "=" * (-len(text) % 4))
        )
        return raw.decode("utf-8")
    except (ValueError, binascii.Error):
        return ""


_SQUEEZED = re.compile(
    r"ignore(?:all|previous|the|your)|forget(?:all|everything|your)|systemprompt|"
    r"saythat|youarenow|ignorier|vergissalle|previousinstructions",
    re.IGNORECASE,
)


def _orders(text: str) -> bool:
    return any(pattern.search(text) for _, _, _, pattern in COMPILED)


def _unseen(text: str) -> list[tuple[float, tuple[int, int]]]:
    if text.isascii():
        return []
    hits = [(0.9, match.span()) for match in _TAGS.finditer(text)]
    return hits + [(0.5, match.span()) for match in _UNSEEN_RUN.finditer(text)]
