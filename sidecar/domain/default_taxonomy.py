"""The taxonomy a workspace starts with: for a software company and an online shop."""

from __future__ import annotations

import json
from importlib.resources import files

from sidecar.domain.classification import Label, Taxonomy

VERSION = "default-1"


def _load() -> Taxonomy:
    source = files("sidecar.domain") / "data" / "default_taxonomy.json"
    raw = json.loads(source.read_text(encoding="utf-8"))
    return Taxonomy(
        categories=tuple(
            Label(name, description) for name, description in raw["categories"]
        ),
        intents=tuple(
            Label(
                name=intent["name"],
                description=intent["description"],
                examples=tuple(intent["examples"]),
                parent=intent["parent"],
            )
            for intent in raw["intents"]
        ),
        version=VERSION,
    )


DEFAULT_TAXONOMY = _load()
"""The built-in categories and intents; an administrator edits a copy of them."""
