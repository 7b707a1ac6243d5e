"""How deep a web page nests, judged in one pass before a parser builds its tree.

Building a tree of hundreds of thousands of levels takes the engine minutes, its time
growing with the square of the depth, only for the page to be refused afterwards.
"""

from __future__ import annotations

import re
from collections import Counter

MOST_LEVELS = 3_000
"""No page for people comes near; reading one refuses far fewer levels than this."""

_TAG = re.compile(r"<(?:(!--)|(/?)([a-zA-Z][^\s/>]*)[^>]*)")
_VOID = frozenset(
    (
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr"),
        *("image", "img", "input", "keygen", "link", "meta", "param", "source"),
        *("track", "wbr"),
    )
)
# Their content is text, whatever it looks like.
_RAW = frozenset(
    (
        *("script", "style", "textarea", "title", "xmp", "iframe", "noembed"),
        "noframes",
    )
)
# Left open in many honest pages: the next of its like, or of its parents' like, ends
# it. The inline ones end with the paragraph they stand in.
_ENDS_BY_ITSELF = frozenset(
    (
        *("p", "li", "dt", "dd", "option", "optgroup", "rb", "rp", "rt", "rtc", "tr"),
        *("td", "th", "tbody", "thead", "tfoot", "caption", "colgroup", "body", "head"),
        *("html", "h1", "h2", "h3", "h4", "h5", "h6"),
    )
)
_INLINE = frozenset(
    (
        *("a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "ins"),
        *("kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike"),
        *("strong", "sub", "sup", "tt", "u", "var", "button"),
    )
)


def refuse_if_too_deep(page: str) -> None:
    """Raise ``RecursionError`` when more than ``MOST_LEVELS`` elements are open.

    An estimate that counts too little rather than too much: a page that passes may
    still prove too deep for its reader.
    """
    if page.count("<") <= MOST_LEVELS:
        return
    stack = _Open()
    at = 0
    while found := _TAG.search(page, at):
        at = found.end()
        name = (found[3] or "").lower()
        if found[1]:
            end = page.find("-->", found.start() + 2)
            at = len(page) if end < 0 else end + 3
        elif found[2]:
            stack.close(name)
        elif name in _RAW:
            over = re.compile(f"</{name}", re.IGNORECASE).search(page, at)
            at = len(page) if over is None else over.end()
        elif name not in _VOID:
            stack.open(name, closed=page[at - 1] == "/")


class _Open:
    """The elements that are open, outermost first."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._count: Counter[str] = Counter()

    def open(self, name: str, *, closed: bool) -> None:
        if name in _ENDS_BY_ITSELF:
            while self._names and _yields(self._names[-1]):
                self._pop()
        # Outside of drawings browsers do not heed the slash of <div/>.
        if closed and (":" in name or self._count["svg"] or self._count["math"]):
            return
        self._names.append(name)
        self._count[name] += 1
        if len(self._names) > MOST_LEVELS:
            raise RecursionError("elements are nested too deeply")

    def close(self, name: str) -> None:
        if self._count[name]:
            while self._pop() != name:
                pass

    def _pop(self) -> str:
        name = self._names.pop()
        self._count[name] -= 1
        return name


def _yields(name: str) -> bool:
    return name in _ENDS_BY_ITSELF or name in _INLINE or ":" in name
