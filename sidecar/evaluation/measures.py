"""Which function measures what; each is loaded only when it is asked for.

A measure is ``(data, desk, say) -> figures``: it reads its folders below ``data``,
works through the use cases of ``desk``, tells progress to ``say``, and raises
``FileNotFoundError`` for data that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure

Say = Callable[[str], None]
Measure = Callable[[Path, Desk, Say], list[Figure]]

# Name, as rows.toml's measured_by says it -> module of this room and its function.
MEASURES: dict[str, tuple[str, str]] = {
    "intent-10-shot": ("intents", "ten_shot"),
    "intent-names": ("intents", "names_only"),
    "intent-described": ("intents", "described"),
    "intent-trained": ("trained", "trained_banking"),
    "in-scope": ("trained", "in_scope"),
    "near-unknown": ("trained", "near_unknown"),
    "helpdesk-queues": ("trained", "queues"),
    "several-intents": ("trained", "several"),
    "tone": ("tone", "goemotions"),
    "tone-taught": ("trained", "groups"),
    "headline": ("summaries", "meqsum"),
    "summary-visits": ("summaries", "mts_dialog"),
    "summary-meetings": ("summaries", "qmsum"),
    "injected-mail": ("injected_mail", "bipia"),
    "injection": ("injection", "three_sets"),
    "personal-data": ("personal_data", "presidio"),
    "faq-health": ("retrieval", "faq_health"),
    "faq-covid": ("retrieval", "faq_covid"),
    "multi-turn": ("retrieval", "multi_turn"),
    "hybrid-legs": ("retrieval", "hybrid_legs"),
    "evidence": ("evidence", "evidence"),
    "similar-tickets": ("similar", "similar_tickets"),
    "answerability": ("answerability", "answerability"),
    "faithful-summaries": ("faithfulness", "faithful_summaries"),
    "faithful-answers": ("faithfulness", "faithful_answers"),
    "language": ("language", "lingua"),
}


def measure_named(name: str) -> Measure:
    """Return the function of a measure; raises ``KeyError`` for an unknown name."""
    module, function = MEASURES[name]
    return cast("Measure", getattr(import_module(f"{__package__}.{module}"), function))
