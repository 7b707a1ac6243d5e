"""A text as a reader sees it, with the way back to the text as it was written.

Full-width digits, zero-width characters inside an address or typographic hyphens hide
data from patterns and from nobody else. Patterns therefore run over the plain view,
and what they find is replaced in the original, which stays untouched around it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from sidecar.domain.text import visible_text

_HYPHENS = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-")


@dataclass(frozen=True, slots=True)
class PlainView:
    """``text`` without disguise; ``_starts`` and ``_shifts`` lead back to the original.

    From plain position ``_starts[i]`` on, the original lies ``_shifts[i]`` further.
    """

    text: str
    _starts: tuple[int, ...] = (0,)
    _shifts: tuple[int, ...] = (0,)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where plain characters ``start`` to ``end`` stand in the original."""
        if end <= start:
            return self._original(start), self._original(start)
        return self._original(start), self._original(end - 1) + 1

    def _original(self, at: int) -> int:
        return at + self._shifts[bisect_right(self._starts, at) - 1]


def plain_view(text: str) -> PlainView:
    """Fold compatibility forms (NFKC by character) and drop what is unseen."""
    if text.isascii() and text.isprintable():
        return PlainView(text)
    # Few distinct characters occur in any text: judge each of them once.
    folded = {c: plain for c in set(text) if (plain := _plain(c)) != c}
    if not folded:
        return PlainView(text)
    plain = text.translate({ord(c): s for c, s in folded.items()})
    moved = "".join(c for c, s in folded.items() if len(s) != 1)
    if not moved:
        return PlainView(plain)
    starts, shifts, shift = [0], [0], 0
    for match in re.finditer(f"[{re.escape(moved)}]", text):
        long = len(folded[match.group()])
        at = match.start() - shift
        # Every plain character of a ligature stands at the one original character.
        for extra in range(1, long):
            starts.append(at + extra)
            shifts.append(shift - extra)
        shift += 1 - long
        starts.append(at + long)
        shifts.append(shift)
    return PlainView(plain, tuple(starts), tuple(shifts))


def _plain(char: str) -> str:
    if char in "\r\n\t":
        return char
    if char in _HYPHENS:
        return _HYPHENS[char]
    seen = visible_text(char)
    return unicodedata.normalize("NFKC", seen) if seen else ""
