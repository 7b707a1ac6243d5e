"""What makes a reply template usable: its variables and where its slots stand."""

from __future__ import annotations

import re

from sidecar.domain.reply import Purpose

VARIABLES = frozenset(
    {
        *("greeting", "customer_name", "acknowledgement", "lead"),
        *("closing", "agent_name", "ticket_id"),
    }
)
"""Variables that stand within sentences."""

SLOTS = frozenset({"steps", "questions", "resolution"})
"""Variables that stand in a paragraph of their own and take many sentences."""

# Only bare names are variables; anything else in braces is plain text.
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_BRACE = re.compile(r"\{[^{}]*\}")


def paragraphs(body: str) -> list[str]:
    """Cut a template; a line that begins with a variable begins a paragraph."""
    return re.split(r"\n\s*\n|\n(?=\{)", body.strip())


def faults(body: str, purpose: Purpose) -> tuple[str, ...]:
    """Return what is wrong with a template's text, in words for its author."""
    found: list[str] = []
    alone: set[str] = set()
    for paragraph in paragraphs(body):
        bare = _VARIABLE.fullmatch(paragraph.strip())
        if bare and bare[1] in SLOTS:
            alone.add(bare[1])
            continue
        found += [
            f"{{{name}}} must stand in a paragraph of its own."
            for name in sorted(SLOTS.intersection(_VARIABLE.findall(paragraph)))
        ]
    known = {f"{{{name}}}" for name in VARIABLES | SLOTS}
    unknown = dict.fromkeys(b for b in _BRACE.findall(body) if b not in known)
    found += [f"{brace[:60]} is not a variable." for brace in unknown]
    if "{{" in body or "}}" in body:
        found.append("Variables are written with single braces.")
    if "steps" not in alone and not _asks_instead(purpose, alone):
        found.append("{steps} is missing: the answer itself goes there.")
    return tuple(dict.fromkeys(found))


def _asks_instead(purpose: Purpose, alone: set[str]) -> bool:
    """Say whether the reply asks the customer something, so that there is no answer."""
    return purpose is Purpose.CLARIFICATION and "questions" in alone
