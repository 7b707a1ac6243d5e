"""Text for Slack: escaped so that nobody's words become a mention or a link.

Slack reads ``&``, ``<`` and ``>`` as markup; those three escaped, ``<!channel>``,
``<@U1>`` and ``<http://elsewhere|bank.com>`` are only letters. Limits are those of
docs.slack.dev: 3,000 characters a section, 150 a header, 2,000 a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

SECTION = 3_000
ADDRESS = 500
"""Longest address of a link, escaped: an alert matters more than a link in it."""
HEADER = 150
FIELD = 2_000
MESSAGE = 4_000
"""Longest plain text of a message, in characters; Slack recommends no more."""

# What a reader does not see may still say something to a machine, or turn a line round.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
# A word that Slack itself would turn into a mention when it parses plain text.
_LOUD = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")


def plain(text: str, most: int) -> str:
    """Return visible text of at most ``most`` characters; a cut ends with ``…``."""
    seen = _BLANKS.sub(" ", _UNSEEN.sub("", text)).strip()
    return seen if len(seen) <= most else seen[: most - 1].rstrip() + "…"


def escape(text: str, most: int = SECTION) -> str:
    """Return outsiders' text as mrkdwn that shows it and does nothing.

    The limit counts what Slack counts: characters after escaping. An entity is never
    cut in two.
    """
    pieces: list[str] = []
    room = most
    quiet = _LOUD.sub("@\u200a", plain(text, most))
    for character in quiet:
        piece = _ENTITIES.get(character, character)
        if len(piece) > room - 1:
            pieces.append("…")
            break
        pieces.append(piece)
        room -= len(piece)
    return "".join(pieces)


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def line(text: str, most: int = 200) -> str:
    """Return outsiders' text as one line of mrkdwn."""
    return escape(" ".join(plain(text, most * 2).split()), most)


def link(url: str, text: str, most: int = 200) -> str:
    """Return a link, or the text alone for a long address and for none of the web."""
    label = line(text, most).replace("|", "\u01c0") or "open"
    safe = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E")
    safe = safe.replace("|", "%7C")
    return f"<{safe}|{label}>" if is_web(url) and len(safe) <= ADDRESS else label


def fitting(lines: Iterable[str], most: int = SECTION) -> str:
    """Join whole lines of mrkdwn up to a length: half a link would show its markup."""
    kept: list[str] = []
    room = most - len("\n…")
    for text in lines:
        room -= len(text) + 1
        if room < 0:
            kept.append("…")
            break
        kept.append(text)
    return "\n".join(kept)


def is_web(url: str) -> bool:
    """Say whether an address leads to a web page and hides nobody in it."""
    if len(url) > 2_000 or any(c.isspace() for c in url):
        return False
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.username is None and parts.password is None)
        )
    except ValueError:
        return False


def moment(when: datetime) -> str:
    """Return a time that every reader sees in their own zone."""
    spare = when.strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}} {{time}}|{spare}>"
