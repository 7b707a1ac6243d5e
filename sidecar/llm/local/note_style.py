"""English sentences of a talk in the style of notes: no fillers, no first person.

"Yeah, um, I've had my router reset twice, you know." becomes "Has had the router reset
twice"; "Do you have any error code?" answered with "No" becomes "No error code".
Only English has these rules; other languages keep their sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sidecar.llm.local.note_numbers import in_digits

_FILLERS = re.compile(
    r"(?:,\s*)?\b(?:um+|uh+|hm+|mm-?hmm|mm|erm?|you know|i mean|i think|i guess"
    r"|i believe|i suppose|kind of|sort of|actually|basically|just|really|honestly"
    r"|obviously|probably|maybe|you see|i see|of course|as you know|like i said"
    r"|at all|please|very|pretty|quite|then|now|even|only|still)\b,?\s*",
    re.IGNORECASE,
)
_OPENERS = re.compile(
    r"^(?:[\s,.;:!-]+|(?:yes|yeah|yep|yup|no|nope|nah|okay|ok|alright|all right|well"
    r"|so|oh|ah|and|but|right|sure|great|good|perfect|excellent|fine|thanks|thank you"
    r"|i see|correct|exactly|hello|hi|hey|sorry|sir|ma'am|miss|doctor|however|because"
    r"|that's (?:right|correct)|that is (?:right|correct)|let me see|let's see|got it"
    r"|absolutely|definitely|not really|of course)\b[\s,.;:!-]*)+",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^(?:(?:and|so|but|or|okay|now|also)\b[\s,]*)*"
    r"(?:(?:can|could|would|will) you (?:please )?(?:tell me|describe|explain)"
    r"(?: (?:about|if|whether|a (?:little )?bit(?: more)? about))?"
    r"|do you (?:know|remember|think|recall)(?: if| whether| that)?"
    r"|(?:do|did|does|have|has|had|are|is|was|were|any|can|could|will|would|how about"
    r"|what about)\b"
    r"(?: (?:you|he|she|they|it|there|we|your (?:son|daughter|child|baby)))?"
    r"(?: (?:ever|also|still|currently|now|been|had|have|having|experiencing|experience"
    r"|experienced|noticed|notice|feel|feeling|get|getting|taking|take|use|using|got"
    r"|gotten|recently))*"
    r"(?: (?:any|an?|some|other|the|of|to|like|kinds? of|types? of))*)\s+",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"[,.]?\s*(?:right|correct|is that (?:right|correct)|isn't it|am i right"
    r"|doesn't it|don't you|huh|or anything(?: like that| else)?|at all|or something"
    r"|that you know of|with you|for me|today|anything)\s*\Z",
    re.IGNORECASE,
)
_OPEN_QUESTION = re.compile(
    r"^(?:(?:and|so|now|okay|well)[\s,]+)*"
    r"(?:what|when|where|who|which|how(?! about)|why|tell me|describe)\b",
    re.IGNORECASE,
)
_REPEATED = re.compile(r"\b(\w+(?: \w+)?)(?:,? \1\b)+", re.IGNORECASE)
_SPELLED = re.compile(r"(?<![\w'’.])[A-Z](?: [A-Z])+(?![\w'’])")
_JOINED = re.compile(r"(?<![^\W_])(?:[A-Z]_)+(?=[A-Z]?\b|(?<=_))")
_STRAY = re.compile(r"\{\w+\}|(?<![\w'’.])(?![aAiIA-Z0-9])\w(?![\w'’.])")

_Rule = str | Callable[[re.Match[str]], str]
_PERSON: tuple[tuple[re.Pattern[str], _Rule], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), rule)
    for pattern, rule in (
        (r"\b(?:i|we)(?:'ve| have) (?:got )?", "has "),
        (r"\b(?:i'm|i am|we're|we are)\b", "is"),
        (r"\b(?:i|we)'ll\b", "will"),
        (r"\b(?:i|we)'d\b", "would"),
        (r"\b(?:i|we) do(?:n't| not)\b", "does not"),
        (r"\b(?:i|we) (?:have|got)\b", "has"),
        (
            r"\b(?:he|she|it|that|there|who|what|here)'s\b",
            lambda found: found[0][:-2] + " is",
        ),
        (r"\bgonna\b", "going to"),
        (r"\bwanna\b", "want to"),
        (r"\bcan't\b", "cannot"),
        (r"\bwon't\b", "will not"),
        (r"\b(\w+)n't\b", r"\1 not"),
        (r"\b(?:my|our|your)\b", "the"),
        (r"\b(?:i|we)\b ?", ""),
        (r"\b(?:me|us)\b", "them"),
        (r"\byou(?:'ve| have)\b", "has"),
        (r"\byou(?:'re| are)\b", "is"),
        (r"\byou\b ?", ""),
        (r"\bthey're\b", "they are"),
    )
)


def as_note(sentence: str) -> str:
    """Return a statement as a note: fillers gone, first and second person gone."""
    text, before = _plain(sentence).rstrip("?!. "), ""
    while text != before:
        before = text
        text = _FILLERS.sub(" ", _OPENERS.sub("", text)).strip()
    return _tidy(_impersonal(text))


def as_topic(question: str) -> str:
    """Return what a yes-or-no question asks about."""
    text = _OPENERS.sub("", _plain(question).rstrip("?!. "))
    text = _ASKING.sub("", _TAG.sub("", text), count=1)
    text = _FILLERS.sub(" ", text)
    return _tidy(_impersonal(text))


def asks_openly(question: str) -> bool:
    """Say whether a question wants more than yes or no."""
    return bool(_OPEN_QUESTION.match(_OPENERS.sub("", _plain(question))))


def _plain(text: str) -> str:
    # Transcripts spell out "E K G" and "L_C_D_"; a lone small letter is a stammer.
    text = _SPELLED.sub(lambda found: found[0].replace(" ", ""), text)
    text = _JOINED.sub(lambda found: found[0].replace("_", ""), text)
    text = _STRAY.sub("", text.replace("’", "'"))
    return " ".join(re.sub(r"\s+([.,;:?!']|n't\b)", r"\1", text).split())


def _impersonal(text: str) -> str:
    for pattern, rule in _PERSON:
        text = pattern.sub(rule, text)
    return text


def _tidy(text: str) -> str:
    text = re.sub(r"\s+([.,;:?!])", r"\1", " ".join(text.split()))
    text = re.sub(r"([,;:])(?:\s*[,;:.])+", r"\1", text)
    text = _REPEATED.sub(r"\1", text).strip(" ,;:-")
    text = in_digits(text)
    return text[:1].upper() + text[1:]
