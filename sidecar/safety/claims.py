"""Whether a sentence says only what its sources say.

Checked without understanding: the quote stands in the source, the words come from
there, and whatever a reader would act on (numbers, dates, prices, waiting times,
links) occurs there too. A sentence that turns a "cannot" into a "can" is refused.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sidecar.domain.reply import Citation, Sentence, SentenceRole
from sidecar.domain.text import visible_text
from sidecar.safety.commitments import asks_for_secrets, commits
from sidecar.safety.countables import countables
from sidecar.safety.links import links, only_known_links
from sidecar.safety.negation import agree
from sidecar.safety.redact import redact
from sidecar.safety.support import unknown_names
from sidecar.safety.suspicion import suspicion

_LONGEST_FRAME = 400
_SUSPICIOUS_FROM = 0.7
# Share of a sentence's words that its sources must know. A paraphrase keeps about two
# thirds; a sentence about something else rarely a third.
_SUPPORTED_FROM = 0.5
_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 5
_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# What looks like a key, a canary or an identifier rather than a word. Only whether one
# occurs is asked, so nothing is matched to its end: "Z_Z_Z_" has too many divisions.
_CODE_LIKE = re.compile(
    r"\b(?=\w*[A-Za-z])(?=\w*\d)\w{6,}\b|\w[-_]\w{0,40}\d|\b[A-Z0-9]{2,}(?:[-_][A-Z0-9]{2,})+\b|\S{45,}"
)
_TICKET_ID = re.compile(r"\b[A-Z]{2,6}-\d{1,8}\b|#\d{1,12}\b")
# A promise of time without a number: "by tomorrow", "bis Montag", "avant ce soir".
_BY_WHEN = re.compile(
    r"\b(?:by|until|before|no later than|bis|vor|spätestens|avant|d['’]ici|antes del?|"
    r"para el|até|entro|prima di)\s++(?:(?:the|zum|le|el|o|il)\s++)?"
    r"(?:end of|ende|fin de|fim d\w|fine d\w+)?\s*+(?:the\s++)?"
    r"(?:today|tonight|tomorrow|noon|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"(?:next |this )?(?:week|month|day)\b|heute|morgen|übermorgen|"
    r"(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|woche|"
    r"demain|ce soir|lundi|mardi|mercredi|jeudi|vendredi|mañana|hoy|lunes|martes|"
    r"miércoles|jueves|viernes|amanhã|hoje|segunda|terça|quarta|quinta|sexta|"
    r"domani|stasera|lunedì|martedì|mercoledì|giovedì|venerdì)"
    r"|\b(?:tomorrow|overnight|demain|domani|amanhã)\b",
    re.IGNORECASE,
)


def sentence_holds(
    sentence: Sentence, cited: Sequence[Citation], sources: Sequence[str]
) -> bool:
    """Say whether the sentence may be shown, by the rules of the safety port."""
    text = sentence.text
    if text != visible_text(text) or not text.strip():
        return False
    if sentence.role is not SentenceRole.FACT:
        return not cited and frames_only(text)
    if not cited or len(cited) != len(sources):
        return False
    for citation, source in zip(cited, sources, strict=True):
        if not citation.quote.strip() or citation.quote not in source:
            return False
    return _fact_holds(text, [citation.quote for citation in cited], sources)


def frames_only(text: str) -> bool:
    """Say whether a sentence without a source promises and reveals nothing.

    No link, address, price, date, waiting time or code; no money back, nothing approved
    or free; nobody asked for a password; nothing personal, nothing that speaks to a
    machine or about its orders; and short, as such sentences are.
    """
    if len(text) > _LONGEST_FRAME or any(True for _ in links(text)):
        return False
    if only_known_links(text, ()) != text or commits(text) or asks_for_secrets(text):
        return False
    bare = _TICKET_ID.sub(" ", text)
    counted = countables(bare)
    if counted.any_promise or _BY_WHEN.search(bare) or _CODE_LIKE.search(bare):
        return False
    if any(len(number) > 4 for number in counted.numbers):
        return False
    if redact(text, proven_only=True).originals:
        return False
    return suspicion(text).score < _SUSPICIOUS_FROM


def _fact_holds(text: str, quotes: Sequence[str], sources: Sequence[str]) -> bool:
    everything = "\n".join(sources)
    if not _links_known(text, sources) or not _mails(text) <= _mails(everything):
        return False
    quoted = "\n".join(quotes)
    if any(_says_literally(quote, text) for quote in quotes):
        return True
    # The quotes, not the whole source: "30 days" for one thing is none for another.
    if not countables(text).within(countables(quoted)):
        return False
    if not agree(text, quoted) or unknown_names(text, everything, sure_only=True):
        return False
    if suspicion(text).score >= _SUSPICIOUS_FROM:
        return False
    return _supported(text, everything)


def _links_known(text: str, sources: Sequence[str]) -> bool:
    """Only links that a source shows; a citation's own address is added by the house."""
    known = [f"//{target}" for source in sources for target in links(source)]
    return only_known_links(text, known) == text


def _mails(text: str) -> set[str]:
    return {match.group().casefold().rstrip(".") for match in _MAIL.finditer(text)}


def _supported(text: str, everything: str) -> bool:
    """Say whether enough of the sentence's words come from its sources.

    Compared by the first letters, so that inflection does not matter. Fails closed
    for a sentence in another language than its source: nobody here can check it.
    """
    said = _stems(_WORD.findall(text))
    if not said:
        return True
    known = _stems(_WORD.findall(everything))
    return len(said & known) / len(said) >= _SUPPORTED_FROM


def _stems(words: Iterable[str]) -> set[str]:
    return {word.casefold()[:_STEM] for word in words}


def _says_literally(quote: str, text: str) -> bool:
    """Say whether whole sentences of the quote are the text, layout aside.

    Whole, because "press the button" is literally part of "never press the button".
    """
    said, whole = _plain(text), _plain(quote)
    at = whole.find(said)
    if at < 0:
        return False
    before, after = whole[:at].rstrip(), whole[at + len(said) :].lstrip()
    return (not before or before[-1] in ".!?:;") and (not after or after[0] in ".!?:;")


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*_`#>|]+", " ", text).split()).rstrip(".!:;, ").casefold()
