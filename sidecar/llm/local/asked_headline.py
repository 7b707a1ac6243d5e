"""A headline that is the question itself, for English mails that only ask.

"We grow quickly. I was wondering which plan fits guests?" becomes "Which plan fits
guests?". A pronoun gives way to the topic above the mail, a question that does not name
it gets it appended. A wish stated without a question is put as one: for information,
"Where can I find information on X?", for advice, "What are the options for X?". A
report of something broken is never turned into a question, and a subject that tells
stays, unless the mail's question says all of it and more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sidecar.domain.ticket import AuthorRole
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.question import REQUEST_CUES
from sidecar.llm.local.thread import Line

_MOST_WORDS = 18
_LONGEST_TOPIC = 7
_LEAST_STEMS = 3
_TELLING = 2
_LONGEST_ON = 9
_REPORTS = REQUEST_CUES - {"question", "wish"}
_START = re.compile(
    r"\b(?:what|which|where|when|who|why|how|is (?:there|it|this|he|she)|are there"
    r"|are (?:these|they)|can (?:i|you|we|it|this|a|he|she)"
    r"|could (?:i|you|this|it|he|she)|do (?:you|i|we)|does|should|will|would|may i|did)"
    r"\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:i (?:would|'d) like (?:to know|to learn|to find out|to ask)"
    r"|i want(?:ed)? to (?:know|learn|find out|ask)|i need to (?:know|find out)"
    r"|i (?:was|am|'m) wondering|(?:can|could|would) (?:you|someone|anyone)"
    r" (?:please )?(?:tell|advise|inform|let me know|explain|help)(?: (?:me|us))?"
    r"(?: (?:if|about|whether|what|to))?|please (?:tell|advise|let me know|inform)"
    r"(?: me)?|let me know|my question is|tell me|do you know)\b[\s,:]*"
    r"(?:if|whether|about|that)?\s*",
    re.IGNORECASE,
)
_WANTED = r"\b(?:information|info|material|learn(?: more)?|details|know more)\b"
_INFORMATION_ON = re.compile(
    _WANTED + r"(?: (?:you have|available|available to|for me|more))?,? "
    r"(?:about|on|regarding|concerning|of|for|pertaining to|related to) "
    r"([^.?!;\n]{3,70})",
    re.IGNORECASE,
)
_INFORMATION = re.compile(_WANTED, re.IGNORECASE)
_CAUSE = re.compile(
    r"\bwhat(?:'s| is| are| has| could| can| may)?(?: be)?(?: the)? caus\w+"
    r"|\bcauses? of\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:advi[cs]e|suggest\w*|solutions?|options?|alternatives?|recommend\w*"
    r"|what (?:can|should|do|could) (?:i|we) do|what to do|what can be done|get rid"
    r"|guidance|guidelines|(?:a|any|some|other|another|better|best) ways?)\b",
    re.IGNORECASE,
)
# What web forms write before a subject: the name of their site.
_SITE = re.compile(r"\A[\w-]+\.[a-z]{2,6}\s*[-:|]\s*", re.IGNORECASE)
_ABOUT = re.compile(
    r"\A(?:questions?|info(?:rmation)?|help|inquiry|query|advice)"
    r" (?:about|on|for|with|regarding) ",
    re.IGNORECASE,
)
_SAYS_NOTHING = re.compile(
    r"\b(?:questions?|general|specific|information|info|other|subject|help|inquiry"
    r"|enquiry|query|feedback|suggestions?|customer|service|request|complaint|contact"
    r"|form|message|support|comments?|website|problems?|issues?|urgent|needed|need|more"
    r"|details?|please|want|some|hi|hello|dear|sirs?|madam|about|on|and|of|for|the|a|re)"
    r"\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:this (?:problem|product|feature)|it|this|these|that|them)\b",
    re.IGNORECASE,
)
_NOISE = re.compile(r"\[\w+\]|\([^)]*\)")
_SIDE_CLAUSE = re.compile(
    r"(?<=\w)[,;](?= (?:and|but|so|because|as|since|which|thank|please|i)\b)",
    re.IGNORECASE,
)
_FIELD = re.compile(r"\A(?:subject|message)\s*:\s*", re.IGNORECASE)
_EDGE = " -:.?!,;"


def asked_headline(subject: str, lines: Sequence[Line]) -> str:
    """Return the question the customer's first turns ask, '' when they report."""
    own = [x for x in lines if x.role is AuthorRole.CUSTOMER and not x.internal]
    own = [x for x in own if x.turn == own[0].turn]
    if not subject and len(own) > 1 and not own[0].is_question:
        # A form writes its subject into the body, a hasty writer a title above it.
        subject = _FIELD.sub("", own[0].text)
        own = own[1:] if len(subject.split()) <= _LONGEST_TOPIC else own
    if any(x.kinds & _REPORTS for x in own):
        return ""
    body = "\n".join(_FIELD.sub("", x.text) for x in own)
    question = _compressed(_asked(own, subject))
    asked = any(x.is_question for x in own)
    on = _INFORMATION_ON.search(body)
    topic = topic_of(subject)
    if on and not asked:
        what = " ".join(on[1].split()[:_LONGEST_ON]).strip(_EDGE)
        return _information_on(_PRONOUN.sub(lambda _: topic, what) if topic else what)
    if topic:
        return _about(topic, question, body, asked=asked)
    return question if len(set(content_stems(question))) >= _LEAST_STEMS else ""


def topic_of(subject: str) -> str:
    """Return what a subject names: no site's name, '' for "General question"."""
    topic = " ".join(_SITE.sub("", subject).split()).strip(_EDGE)
    named = _SAYS_NOTHING.sub("", topic)
    return _ABOUT.sub("", topic) if content_stems(named) else ""


def _about(topic: str, question: str, body: str, *, asked: bool) -> str:
    """Return what a mail asks about the topic above it, '' when that says it best."""
    asks, names = set(content_stems(question)), set(content_stems(topic))
    if names < asks:
        return question
    if len(topic.split()) > _LONGEST_TOPIC:
        return ""
    if not asked and _INFORMATION.search(body):
        return _information_on(topic)
    if _CAUSE.search(body):
        return f"What causes {topic}?"
    if _ADVICE.search(body) and not (asked and len(asks) >= _LEAST_STEMS):
        return f"What are the options for {topic}?"
    # What somebody took the trouble to write above a mail is its best name.
    tells = len(names) >= _TELLING or len(asks) < _LEAST_STEMS
    return "" if tells or not asked else _named(question, topic)


def _information_on(what: str) -> str:
    return f"Where can I find information on {what}?"


def _asked(own: Sequence[Line], subject: str) -> str:
    """Return the question nearest to the subject, else a sentence that asks."""
    about = set(content_stems(subject))
    questions = [x.text for x in own if x.is_question]
    if questions:
        return max(questions, key=lambda text: len(about & set(content_stems(text))))
    return next((x.text for x in own if _ASKS.search(x.text)), "")


def _compressed(sentence: str) -> str:
    text = _NOISE.sub("", sentence)
    asks = _ASKS.search(text)
    if asks and asks.end() < len(text) - 8:
        text = text[asks.end() :]
    start = _START.search(text)
    if start and start.start() < 0.8 * len(text):
        text = text[start.start() :]
    if len(text.split()) > _MOST_WORDS:
        text = _SIDE_CLAUSE.split(text, maxsplit=1)[0]
    text = " ".join(text.split()[:_MOST_WORDS]).strip(_EDGE)
    return f"{text[:1].upper()}{text[1:]}?" if text else ""


def _named(question: str, topic: str) -> str:
    """Make sure that the question names what it is about."""
    if not topic or set(content_stems(question)) & set(content_stems(topic)):
        return question
    if _PRONOUN.search(question):
        return _PRONOUN.sub(lambda _: topic, question, count=1)
    return f"{question[:-1]} for {topic}?"
