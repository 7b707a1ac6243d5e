"""Templates: choosing one, filling its variables, never evaluating anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sidecar.domain.reply import Purpose, ReplyTemplate, Sentence, SentenceRole
from sidecar.domain.reply_templates import BUILT_IN_TEMPLATES
from sidecar.domain.template_rules import SLOTS, paragraphs
from sidecar.llm.local.words import sentences

# Only bare names are variables: "{a.b}", "{a[0]}" or "{a!r}" are not, so a template
# cannot reach into any object.
_VARIABLE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where in a template the sentences of a slot go."""

    name: str


def choose_template(
    templates: Sequence[ReplyTemplate],
    template_id: str,
    purpose: Purpose,
    language: str,
    category: str,
    severity: str,
) -> ReplyTemplate:
    """Return the named template, else the most particular one that fits.

    A template for this category beats one for this severity beats a general one; the
    workspace's own beat built-in ones that are as particular.
    """
    if template_id:
        for template in templates:
            if template.id == template_id:
                return template
    fitting = [
        t
        for t in (*templates, *BUILT_IN_TEMPLATES)
        if t.purpose is purpose
        and t.language.split("-")[0].lower() in ("", language)
        and t.category in ("", category)
        and t.severity in ("", severity)
    ]
    return max(
        fitting,
        key=lambda t: (
            bool(t.category),
            bool(t.severity),
            not t.built_in,
            bool(t.language),
        ),
    )


def parts(body: str, values: Mapping[str, str]) -> Iterator[Sentence | Slot]:
    """Yield the template's sentences, filled in, and its slots, in order.

    A sentence with an unknown variable, or whose variables are all empty, is left out.
    """
    seen_slot = False
    for paragraph in paragraphs(body):
        bare = _VARIABLE.fullmatch(paragraph.strip())
        if bare and bare[1] in SLOTS:
            seen_slot = True
            yield Slot(bare[1])
            continue
        first = True
        for text, role in _filled(paragraph, values, seen_slot=seen_slot):
            yield Sentence(text, role, starts_paragraph=first)
            first = False


def _filled(
    paragraph: str, values: Mapping[str, str], *, seen_slot: bool
) -> Iterator[tuple[str, SentenceRole]]:
    role = SentenceRole.NEXT_STEP if seen_slot else SentenceRole.ACKNOWLEDGEMENT
    if "{greeting}" in paragraph or (
        "{customer_name}" in paragraph and not seen_slot and len(paragraph) < 60
    ):
        role = SentenceRole.GREETING
    elif "{closing}" in paragraph or "{agent_name}" in paragraph:
        role = SentenceRole.CLOSING
    for raw in _pieces(paragraph):
        names = _VARIABLE.findall(raw)
        if any(name not in values for name in names):
            continue
        if names and not any(values[name] for name in names):
            continue
        text = _VARIABLE.sub(lambda m: values[m[1]], raw)
        text = " ".join(text.split())
        if text:
            yield text, role


def _pieces(paragraph: str) -> list[str]:
    """Cut a paragraph of a template; a variable alone between spaces is one piece."""
    found: list[str] = []
    for sentence in sentences(paragraph):
        rest = sentence.text
        while lead := re.match(r"(\{[a-z_]+\})\s+(?=\S)", rest):
            found.append(lead[1])
            rest = rest[lead.end() :]
        found.append(rest)
    return found
