"""The words of the pages: one JSON file per language, chosen by Accept-Language."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Request

_FOLDER = Path(__file__).parent / "text"
DEFAULT = "en"


@cache
def languages() -> tuple[str, ...]:
    """Return the languages there are words for, the default first."""
    found = sorted(path.stem for path in _FOLDER.glob("*.json"))
    return (DEFAULT, *(language for language in found if language != DEFAULT))


@cache
def words(language: str) -> dict[str, str]:
    """Return the catalogue of ``language``; a missing word is in English."""
    own: dict[str, str] = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))
    return own if language == DEFAULT else {**words(DEFAULT), **own}


def language_for(request: Request) -> str:
    """Return the best language for the browser that asks."""
    return request.accept_languages.best_match(languages(), DEFAULT) or DEFAULT
