"""How much a text looks like instructions to a machine rather than a request to people."""

from __future__ import annotations

import re

from sidecar.safety.port import Suspicion

# (weight, pattern): the score is 1 - product(1 - weight) over the families found.
_FAMILIES: tuple[tuple[float, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(pattern, re.IGNORECASE))
    for weight, pattern in (
        # overriding what the machine was told
        (
            0.8,
            r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+)*"
            r"(?:previous|prior|above|earlier|preceding|system|original)\s+"
            r"(?:instruction|prompt|rule|direction|order|message|command)s?",
        ),
        (
            0.8,
            r"\b(?:ignoriere?|vergiss)\b.{0,30}\b(?:anweisung|instruktion|regel)\w*",
        ),
        (0.8, r"\b(?:ignore[rz]?|oublie[rz]?)\b.{0,30}\b(?:instructions|consignes)\b"),
        (
            0.8,
            r"\b(?:ignora|olvida|ignore)\b.{0,30}\b(?:instrucciones|instruções|istruzioni)\b",
        ),
        # asking for what only the machine knows
        (
            0.75,
            r"\b(?:reveal|print|show|repeat|output)\b.{0,30}\b(?:system|hidden|initial)"
            r"\s+(?:prompt|instructions?)\b",
        ),
        # playing another speaker of the conversation
        (
            0.75,
            r"(?:^|\n)\s*(?:\[?(?:system|assistant)\]?|<\|?(?:im_start|system)\|?>)\s*:",
        ),
        (0.75, r"</?(?:ticket|system|instructions?|prompt)>"),
        (0.6, r"\byou are now\b|\bact as (?:an? )?(?:unrestricted|dan|developer mode)"),
        # work for a machine inside a customer's letter
        (
            0.6,
            r"\b(?:ai|assistant|bot|model|llm)\b.{0,40}\b(?:must|should|shall) (?:now )?(?:reply|respond|include|add|send|set|mark|escalate)",
        ),
        (
            0.5,
            r"\bdo not (?:mention|tell|reveal)\b.{0,40}\b(?:instruction|prompt|user|customer)",
        ),
    )
)


def suspicion(text: str) -> Suspicion:
    """Score ``text`` 0..1 and return the spans that raised it."""
    innocent = 1.0
    spans: list[tuple[int, int]] = []
    for weight, pattern in _FAMILIES:
        found = [match.span() for match in pattern.finditer(text)]
        if found:
            innocent *= 1.0 - weight
            spans += found
    return Suspicion(round(1.0 - innocent, 4), tuple(sorted(spans)))
