"""The sentences a reply is framed with, in six languages, and the customer's name."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from sidecar.domain.classification import Sentiment, Severity
from sidecar.domain.reply import Tone
from sidecar.domain.reply_templates import LANGUAGES

_NAME_PART = r"[^\W\d_][^\W\d_]*(?:['’.-][^\W\d_]+)*\.?"
_NAME = re.compile(rf"{_NAME_PART}(?: {_NAME_PART}){{0,3}}")
_NO_NAMES = frozenset(
    [
        "admin",
        "administrator",
        "support",
        "info",
        "sales",
        "office",
        "system",
        "noreply",
        "no-reply",
        "unknown",
        "user",
        "customer",
        "test",
        "anonymous",
        "guest",
        "kunde",
        "client",
        "cliente",
        "team",
        "helpdesk",
        "service",
    ]
)
_LONGEST_NAME = 40


@cache
def phrases(language: str) -> dict[str, Any]:
    """Return the phrases of one of the supported languages."""
    path = files("sidecar.llm.local") / "phrases" / f"{language}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def supported(language: str) -> str:
    """Return the supported base language of a BCP 47 tag, or ''."""
    base = language.split("-", maxsplit=1)[0].lower()
    return base if base in LANGUAGES else ""


def plausible_name(name: str) -> str:
    """Return a display name if a person may be called that, else ''.

    A display name is chosen by the sender: markup, addresses, links and orders to a
    machine must not enter a reply through it. "Doe, Jane" is turned round.
    """
    name = " ".join(name.split())
    if name.count(",") == 1:
        last, first = (part.strip() for part in name.split(","))
        name = f"{first} {last}"
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        return ""
    if any(word.lower().strip(".") in _NO_NAMES for word in name.split()):
        return ""
    return (
        name.title() if name.islower() or (name.isupper() and len(name) > 3) else name
    )


def greeting(language: str, tone: Tone, customer_name: str) -> str:
    """Return the greeting, by name where the name is plausible."""
    texts = phrases(language)
    name = plausible_name(customer_name)
    if not name:
        return str(texts["greeting_unnamed"][tone.value])
    parts = name.split()
    if len(parts) > 2 and _titled(name):
        name = f"{parts[0]} {parts[-1]}"
    elif tone is not Tone.FORMAL and not _titled(name):
        name = parts[0]
    return str(texts["greeting"][tone.value]).replace("{name}", name)


def _titled(name: str) -> bool:
    # "Dr. Annika Vogel" keeps title and surname; so does a lone initial.
    return "." in name.split(maxsplit=1)[0] or len(name.split(maxsplit=1)[0]) < 2


def acknowledgement(
    language: str, tone: Tone, sentiment: Sentiment, severity: Severity
) -> str:
    """Return the sentence that shows the customer was heard."""
    texts = phrases(language)["acknowledgement"]
    if sentiment is Sentiment.ANGRY:
        return str(texts["angry"])
    if sentiment is Sentiment.NEGATIVE:
        return str(texts["negative"])
    if tone is Tone.CONCISE:
        return ""
    if sentiment is Sentiment.POSITIVE:
        return str(texts["positive"])
    if severity in (Severity.HIGH, Severity.CRITICAL):
        return str(texts["trouble"])
    if tone is Tone.EMPATHETIC and severity is Severity.NORMAL:
        return str(texts["negative"])
    return str(texts["question" if severity is Severity.LOW else "problem"])
