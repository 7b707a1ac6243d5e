"""Questions told by their order of words, for who leaves out question marks."""

from __future__ import annotations

import re

from sidecar.llm.local.words import fold

# A product's name before one of these is no noun phrase but a subject.
_VERBS = "push|offer|support|allow|have|keep|sync|work"
_INVERTED = re.compile(
    r"(?:^|[.:;!\n]|\b(?:but|so|and)) *"
    r"(?:does|did|do|can|could|will|would|should|may|is|are)"
    r" (?:the|this|that|these|your|our|my|you|we|they|there|it"
    rf"|[a-z]+(?= (?:{_VERBS}))) [a-z]+"
    r"|\b(?:does|did|should) (?:the|this|that|your|our|my|you|we|they|it|he|she) [a-z]+"
    rf"|\b(?:does|did) [a-z]+ (?:{_VERBS})\b"
    r"|\bpode(?:m|ria|riam)? (?:me |nos )?(?:verificar|confirmar|explicar|dizer|ajudar)"
    r"|\b(?:est-ce qu|peut-on|peut-il|puis-je|pouvez-vous|pourriez-vous|avez-vous)"
    r"|\b(?:kann|konnen|darf|muss|mussen|gibt|haben|bieten) (?:ich|wir|man|es|sie) "
    r"|\bsi (?:puo|possono) |\bse (?:puede|pueden) |\b(?:me|nos) pueden? "
)


def asks_without_mark(text: str) -> bool:
    """Say whether a question's order of words is there, with its mark or without."""
    return bool(_INVERTED.search(fold(text)))
