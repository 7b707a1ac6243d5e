"""Does a sentence say only what its sources say?

Checked without understanding: the quote stands in the source, and whatever a reader
would act on (numbers, dates, prices, links) occurs there too. A sentence that turns a
"cannot" into a "can" is refused as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sidecar.domain.reply import Citation, Sentence, SentenceRole

_NUMBER = re.compile(r"\d+(?:[.,:/\u2019' -]\d+)*")
_GROUPING = re.compile(r"(?<=\d)[,.\u2019' ](?=\d{3}(?!\d))")
_LINK = re.compile(
    r"(?:https?:|hxxps?:|//|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|io|test|example)\b\S*",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|never|cannot|can't|won't|don't|doesn't|isn't|no longer|without|"
    r"nicht|kein\w*|nie|ohne|pas|jamais|aucun\w*|sans|no|nunca|sin|ningún|"
    r"não|nunca|sem|nenhum\w*|non|mai|senza|nessun\w*)\b",
    re.IGNORECASE,
)
# Roles that only frame the reply: they may not promise anything countable.
_UNIT = re.compile(
    r"\d+\s*(?:%|€|\$|£|eur|usd|minut\w*|hours?|days?|weeks?|months?|stunden?|tage?n?|"
    r"wochen?|heures?|jours?|semaines?|horas?|d[ií]as?|semanas?|dias?|ore|giorn\w+|"
    r"settiman\w+)",
    re.IGNORECASE,
)


def sentence_holds(
    sentence: Sentence, cited: Sequence[Citation], sources: Sequence[str]
) -> bool:
    """Say whether the sentence may be shown, by the rules of the safety port."""
    if sentence.role is not SentenceRole.FACT:
        return not cited and not _LINK.search(sentence.text) and not _promises(sentence)
    if not cited or len(cited) != len(sources):
        return False
    for citation, source in zip(cited, sources, strict=True):
        if not citation.quote.strip() or citation.quote not in source:
            return False
    urls = {citation.url for citation in cited}
    everything = "\n".join(sources)
    quotes = " ".join(citation.quote for citation in cited)
    return (
        numbers(sentence.text) <= numbers(everything)
        and _links(sentence.text) <= _links(everything) | urls
        and _same_negation(sentence.text, quotes)
    )


def numbers(text: str) -> set[str]:
    """Return the numbers, dates and versions of a text, grouping marks taken out."""
    return {_GROUPING.sub("", match.group()) for match in _NUMBER.finditer(text)}


def _links(text: str) -> set[str]:
    return {match.group().rstrip(".,;:!?)]}'\"") for match in _LINK.finditer(text)}


def _same_negation(said: str, quoted: str) -> bool:
    """A fact without a negation may not rest on a quote that has one, nor the reverse.

    Compared as present or absent: counting would trip over "not only … but".
    """
    return bool(_NEGATION.search(said)) == bool(_NEGATION.search(quoted))


def _promises(sentence: Sentence) -> bool:
    return bool(_UNIT.search(sentence.text))
