"""What of a ticket's recorded resolution may be told to the customer."""

from __future__ import annotations

import re

from sidecar.domain.reply import Sentence, SentenceRole
from sidecar.domain.ticket import AuthorRole, Ticket
from sidecar.llm.local.language import LanguageDetector
from sidecar.llm.local.phrases import phrases
from sidecar.llm.local.words import sentences
from sidecar.llm.port import ComposedSentence

# What a reader would act on and no public source here confirms: figures, also spelt
# out before a unit of time, and links.
_CHECKABLE = re.compile(
    r"\d|//|@|www\."
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|few|several"
    r"|ein\w*|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|un|une|deux|trois"
    r"|quatre|cinq|sept|huit|dix|dos|tres|cuatro|cinco|siete|ocho|diez|dois|duas"
    r"|três|quatro|sete|oito|dez|due|tre|quattro|cinque|sette|otto|dieci) "
    r"(?:\w+ )?(?:minut|hour|day|week|month|stunde|tag|woche|monat|heure|jour|semain"
    r"|mois|hora|d[ií]a|mes|mês|ora|ore|giorn|settiman)",
    re.IGNORECASE,
)


def resolution_sentences(
    ticket: Ticket, language: str, languages: LanguageDetector
) -> list[ComposedSentence]:
    """Return the recorded resolution, if it is in the customer's language."""
    text = ticket.resolution or _last_answer(ticket)
    kept = [s.text for s in sentences(text) if not _CHECKABLE.search(s.text)]
    if not kept or languages.detect(text).language != language:
        return []
    lead = Sentence(
        phrases(language)["resolution_lead"],
        SentenceRole.ACKNOWLEDGEMENT,
        starts_paragraph=True,
    )
    told = [Sentence(s, SentenceRole.ACKNOWLEDGEMENT) for s in kept[:2]]
    return [ComposedSentence(s) for s in (lead, *told)]


def _last_answer(ticket: Ticket) -> str:
    for message in reversed(ticket.public_messages):
        if message.author.role is AuthorRole.AGENT:
            return message.body[:2000]
    return ""
