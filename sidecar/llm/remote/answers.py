"""Reading answers: whole ones by their shape, drafts statement by statement.

A model's answer is a stranger's text. Whatever has not exactly the expected shape is
``MALFORMED``, and a text longer than asked for is not taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sidecar.llm.remote.failure import Failure, ProviderFailed

_MOST_STATEMENTS = 40
_LONGEST_PART = 8000
"""Characters of one statement, or of what comes before the first."""
_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


def malformed() -> ProviderFailed:
    """Build the failure of an answer that is not made as asked."""
    return ProviderFailed(Failure.MALFORMED)


def whole(text: str) -> dict[str, Any]:
    """Return the one JSON object that an answer is, or raise ``MALFORMED``."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise malformed() from None
    if not isinstance(found, dict):
        raise malformed()
    return found


def string(found: dict[str, Any], name: str, longest: int) -> str:
    """Return a text of the answer; ``TOO_LONG`` when nobody would read it."""
    value = found.get(name)
    if not isinstance(value, str):
        raise malformed()
    if len(value) > longest:
        raise ProviderFailed(Failure.TOO_LONG)
    return value


def strings(found: dict[str, Any], name: str, longest: int) -> list[str]:
    """Return a list of texts of the answer."""
    items = found.get(name)
    if not isinstance(items, list):
        raise malformed()
    return [string({"item": item}, "item", longest) for item in items]


def objects(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of objects of the answer."""
    items = found.get(name)
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise malformed()
    return items


def number(found: dict[str, Any], name: str) -> int:
    """Return a whole number of the answer."""
    value = found.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise malformed()
    return value


class Statements:
    """Takes an answer piece by piece and gives each statement once it is complete.

    What comes before ``"statements": [`` is the head; it is read first.
    """

    def __init__(self) -> None:
        self._text = ""
        self._at = -1
        self._count = 0
        self.head: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """Return all that was taken."""
        return self._text

    def take(self, piece: str) -> Iterator[dict[str, Any]]:
        """Yield the statements that this piece completes."""
        self._text += piece
        if self.head is None and not self._open_list():
            if len(self._text) > _LONGEST_PART:
                raise ProviderFailed(Failure.TOO_LONG)
            return
        while (found := self._next()) is not None:
            self._count += 1
            if self._count > _MOST_STATEMENTS:
                raise ProviderFailed(Failure.TOO_LONG)
            yield found
        if len(self._text) - self._at > _LONGEST_PART:
            raise ProviderFailed(Failure.TOO_LONG)

    def end(self) -> dict[str, Any]:
        """Return the whole answer; ``MALFORMED`` unless it is one and all was read."""
        found = whole(self._text)
        if self.head is None or len(objects(found, "statements")) != self._count:
            raise malformed()
        return found

    def _open_list(self) -> bool:
        start = _list_start(self._text)
        if start < 0:
            return False
        self.head = whole(self._text[:start] + "]}")
        self._at = start
        return True

    def _next(self) -> dict[str, Any] | None:
        text, at = self._text, self._at
        while at < len(text) and text[at] in _SPACE + ",":
            at += 1
        if at >= len(text) or text[at] == "]":
            return None
        try:
            found, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None  # not complete yet; ``end`` tells when it never is
        if not isinstance(found, dict):
            raise malformed()
        self._at = end
        return found


def _list_start(text: str) -> int:
    """Return where the elements of the outer ``statements`` begin, -1 if not yet.

    The key counts only outside of strings and in the outermost object: a text that
    contains it opens no list.
    """
    depth, at, key = 0, 0, ""
    while at < len(text):
        sign = text[at]
        if sign == '"':
            try:
                value, at = _DECODER.raw_decode(text, at)
            except ValueError:
                return -1
            if depth == 1:
                key = value
            continue
        if sign in "{[":
            depth += 1
            if sign == "[" and depth == 2 and key == "statements":
                return at + 1
        elif sign in "}]":
            depth -= 1
        elif sign == "," and depth == 1:
            key = ""
        at += 1
    return -1
