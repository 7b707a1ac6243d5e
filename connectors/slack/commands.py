"""What people type: ``/deskside ask …``, or a mention of the app; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

LONGEST_QUESTION = 2_000


class Verb(Enum):
    """What is asked for."""

    SUMMARIZE = "summarize"
    ASK = "ask"
    ESCALATE = "escalate"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Command:
    """A verb, the ticket it is about if any, and the rest of the words."""

    verb: Verb
    ticket: str = ""
    text: str = ""


_VERBS = {
    "summarize": Verb.SUMMARIZE,
    "summarise": Verb.SUMMARIZE,
    "summary": Verb.SUMMARIZE,
    "status": Verb.SUMMARIZE,
    "ask": Verb.ASK,
    "escalate": Verb.ESCALATE,
    "help": Verb.HELP,
}
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
# `5158`, `#5158`, `ZD-5158`, an identifier of ours, or a link that ends with one.
_TICKET = re.compile(
    r"<?(?:https?://\S*/tickets/)?#?(?:[A-Za-z]{2,4}-)?"
    r"(?P<id>tkt_[0-9A-Za-z]+|\d{1,18})(?:\|[^>]*)?>?"
)
HELP = (
    "*What I can do*\n"
    "• `/deskside summarize 5158` – where a ticket stands\n"
    "• `/deskside ask How do I reset a password?` – an answer with its sources\n"
    "• `/deskside escalate 5158 production is down` – call for help\n"
    "Mention me in a thread to ask; I keep what was said before in mind."
)


def parse_command(text: str) -> Command:
    """Read what follows ``/deskside``; words without a verb are a question."""
    words = text.strip().split(maxsplit=1)
    if not words:
        return Command(Verb.HELP)
    verb = _VERBS.get(words[0].casefold())
    rest = words[1] if len(words) > 1 else ""
    if verb is None:
        return Command(Verb.ASK, text=_question(text))
    if verb is Verb.ASK:
        return Command(verb if rest else Verb.HELP, text=_question(rest))
    if verb is Verb.HELP:
        return Command(verb)
    ticket, _, said = rest.partition(" ")
    found = _TICKET.fullmatch(ticket)
    if found is None:
        return Command(Verb.HELP, text=rest[:LONGEST_QUESTION])
    return Command(verb, found["id"], said.strip()[:LONGEST_QUESTION])


def parse_mention(text: str) -> Command:
    """Read a message that mentions the app; the mentions themselves say nothing."""
    return parse_command(_MENTION.sub(" ", unescape(text)))


def unescape(text: str) -> str:
    """Turn Slack's three entities back into the characters they stand for."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _question(text: str) -> str:
    return " ".join(text.split())[:LONGEST_QUESTION]
