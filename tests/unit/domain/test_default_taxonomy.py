"""The built-in taxonomy and templates are complete and consistent."""

from __future__ import annotations

import re

from sidecar.domain.default_taxonomy import DEFAULT_TAXONOMY
from sidecar.domain.reply import Purpose
from sidecar.domain.reply_templates import BUILT_IN_TEMPLATES, LANGUAGES

VARIABLES = {
    "greeting", "customer_name", "acknowledgement", "lead", "steps", "questions",
    "resolution", "closing", "agent_name", "ticket_id",
}  # fmt: skip


def test_every_intent_has_a_category_a_description_and_examples() -> None:
    """A fresh installation can classify without any history."""
    categories = {c.name for c in DEFAULT_TAXONOMY.categories}
    assert len(categories) == len(DEFAULT_TAXONOMY.categories)
    assert {i.parent for i in DEFAULT_TAXONOMY.intents} == categories
    for intent in DEFAULT_TAXONOMY.intents:
        assert intent.description.endswith(".")
        assert 4 <= len(intent.examples) <= 8


def test_names_and_examples_are_unique() -> None:
    """No example teaches two intents."""
    names = [i.name for i in DEFAULT_TAXONOMY.intents]
    examples = [e.lower() for i in DEFAULT_TAXONOMY.intents for e in i.examples]
    assert len(names) == len(set(names))
    assert len(examples) == len(set(examples))


def test_every_purpose_has_a_template_in_every_language() -> None:
    """Five purposes, six languages, unique ids."""
    found = {(t.purpose, t.language) for t in BUILT_IN_TEMPLATES}
    assert found == {(p, language) for p in Purpose for language in LANGUAGES}
    assert len({t.id for t in BUILT_IN_TEMPLATES}) == len(BUILT_IN_TEMPLATES)


def test_templates_use_known_variables_and_promise_no_times() -> None:
    """No built-in text names a number: a waiting time would be invented."""
    for template in BUILT_IN_TEMPLATES:
        assert set(re.findall(r"\{(\w+)\}", template.body)) <= VARIABLES
        assert not re.search(r"\d", template.body)
        assert not re.search(
            r"minut|\bhour|stunde|heure|\bhora|\bor[ae]\b", template.body
        )
