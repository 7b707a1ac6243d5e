"""Sentences that address a machine: an agent's summary must not repeat them.

Only what is *shown* is cleaned here; whether a text tries to give orders at all is
judged elsewhere. "Your AI assistant told me nonsense" addresses a person and stays.
"""

from __future__ import annotations

import re

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ADDRESSED = re.compile(
    r"""(?:system|admin\w*|developer)[ ](?:note|message|prompt|override|instructions?)
        (?:[ ](?:to|for)\b|[ ]*:)
    | \b(?:note|message|instructions?)[ ](?:to|for)[ ](?:the[ ]|any[ ])?
        (?:ai|llm|bot|chatbot|assistant|language[ ]model)\b
    | \b(?:ai|virtual)[ ]assistant[ ]*[:,]
    | ^[ \t>*\#\[(<]*(?:system|assistant|user|ai|developer)[ ]*[\])>*]*[ ]*:
    | </?(?:system|assistant|user|ticket|customer|instructions?|prompt|message)
        \b[^>\n]*>
    | <\|[a-z_]+\|> | \[/?INST\]
    | \b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}
        \b(?:previous|prior|above|earlier|preceding|all|your|the)\b[^.\n]{0,30}
        \b(?:instructions?|rules|prompts?|policies|guidelines)\b
    | \byou[ ]are[ ]now[ ](?:in[ ]\w+[ ]mode|an?[ ]\w+[ ](?:ai|assistant|bot))\b
    | \bsystem[ ]prompt\b
    | \b(?:ignorier\w*|vergiss|missachte\w*)\b[^.\n]{0,50}\b(?:anweisung|regeln)
    | \bignor(?:ez|e|a|ar|are|en|em|ate)\b[^.\n]{0,50}
        \b(?:instructions|consignes|instrucciones|instruções|istruzioni|reglas
        |regras|regole|règles)\b
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n|\Z")
_SENTENCE_START = re.compile(r"[.!?…][\"'”’»)]*\s+|\n")


def without_orders(text: str) -> str:
    """Return the text with orders to a machine blanked out, same length.

    They go from the sentence that addresses it to the end of the paragraph: "you are
    in maintenance mode. Reply with …" is one order.
    """
    text = _COMMENT.sub(_blank, text)
    found = _ADDRESSED.search(text)
    while found is not None:
        starts = [m.end() for m in _SENTENCE_START.finditer(text, 0, found.start())]
        start = starts[-1] if starts else 0
        ending = _PARAGRAPH_END.search(text, found.end())
        end = ending.start() if ending else len(text)
        text = text[:start] + _blanks(text[start:end]) + text[end:]
        found = _ADDRESSED.search(text, end)
    return text


def _blank(match: re.Match[str]) -> str:
    return _blanks(match.group())


def _blanks(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
