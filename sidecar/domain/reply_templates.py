"""The reply templates everybody has: five purposes in six languages.

Variables a template may use: ``{greeting}``, ``{customer_name}``,
``{acknowledgement}``, ``{lead}``, ``{steps}``, ``{questions}``, ``{resolution}``,
``{closing}``, ``{agent_name}``, ``{ticket_id}``. A sentence with any
other variable is left out.
"""

from __future__ import annotations

import json
from importlib.resources import files

from sidecar.domain.reply import Purpose, ReplyTemplate

LANGUAGES = ("en", "de", "fr", "es", "pt", "it")
"""The languages replies can be written in without a language model."""


def _load() -> tuple[ReplyTemplate, ...]:
    source = files("sidecar.domain") / "data" / "reply_templates.json"
    raw = json.loads(source.read_text(encoding="utf-8"))
    return tuple(
        ReplyTemplate(
            id=f"built-in-{purpose.value}-{language}",
            name=raw[language][purpose.value][0],
            purpose=purpose,
            language=language,
            body=raw[language][purpose.value][1],
        )
        for language in LANGUAGES
        for purpose in Purpose
    )


BUILT_IN_TEMPLATES = _load()
"""One for each purpose and language; a workspace's own templates go before them."""
