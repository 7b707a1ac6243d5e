"""What the front end promises about itself: words, enums, and no markup from data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import EnumDescriptor

from plugin_ui import catalogue
from plugin_ui.assets import FOLDER
from sidecar.v1 import (
    access_pb2,
    assist_pb2,
    classification_pb2,
    common_pb2,
    connector_pb2,
    escalation_pb2,
    insight_pb2,
    knowledge_pb2,
    ticket_pb2,
)

TEMPLATES = FOLDER.parent / "templates"
SCRIPTS = sorted(FOLDER.rglob("*.js"))
SHEETS = sorted(FOLDER.rglob("*.css"))
ENUMS: dict[str, EnumDescriptor] = {
    "severity": classification_pb2.Severity.DESCRIPTOR,
    "sentiment": classification_pb2.Sentiment.DESCRIPTOR,
    "sentiment_trend": classification_pb2.SentimentTrend.DESCRIPTOR,
    "draft_outcome": assist_pb2.DraftOutcome.DESCRIPTOR,
    "draft_purpose": assist_pb2.DraftPurpose.DESCRIPTOR,
    "tone": assist_pb2.Tone.DESCRIPTOR,
    "blocker": assist_pb2.Blocker.DESCRIPTOR,
    "warning": common_pb2.Warning.DESCRIPTOR,
    "summary_kind": assist_pb2.SummaryKind.DESCRIPTOR,
    "escalation_state": escalation_pb2.EscalationState.DESCRIPTOR,
    "ticket_status": ticket_pb2.TicketStatus.DESCRIPTOR,
    "channel": ticket_pb2.Channel.DESCRIPTOR,
    "author_role": ticket_pb2.AuthorRole.DESCRIPTOR,
    "role": access_pb2.Role.DESCRIPTOR,
    "document_state": knowledge_pb2.DocumentState.DESCRIPTOR,
    "component_health": insight_pb2.ComponentHealth.DESCRIPTOR,
    "connector_health": connector_pb2.ConnectorHealth.DESCRIPTOR,
}


def used_keys() -> Iterator[str]:
    """Yield every key of the catalogue that scripts and templates name."""
    for path in (*SCRIPTS, *TEMPLATES.glob("*.html")):
        text = path.read_text("utf-8")
        yield from re.findall(r"\bt\(\s*[\"']([a-z0-9_.]+[a-z0-9_])[\"']", text)
        for key in re.findall(r"\bcount\(\s*\"([a-z_.]+)\"", text):
            yield from (f"{key}.one", f"{key}.other")


@pytest.mark.parametrize("language", catalogue.languages())
def test_every_word_exists_in_every_language(language: str) -> None:
    """Catalogues have the same keys and placeholders, and all that is used."""
    english, own = catalogue.words("en"), catalogue.words(language)
    assert set(own) == set(english)
    assert set(used_keys()) - set(own) == set()
    places = re.compile(r"\{\w+\}")
    for key, text in own.items():
        assert sorted(places.findall(text)) == sorted(places.findall(english[key])), key


@pytest.mark.parametrize("kind", sorted(ENUMS))
def test_every_value_of_the_contract_has_a_word(kind: str) -> None:
    """A new enum value is not shown to people as its program name."""
    words = catalogue.words("en")
    named = [value.name for value in ENUMS[kind].values if value.number]
    assert named, "nothing was looked at"
    for name in named:
        assert f"enum.{kind}.{name.lower().removeprefix(f'{kind}_')}" in words


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_never_parse_markup(path: Path) -> None:
    """Text of others is inserted as text: no door for markup exists."""
    text = path.read_text("utf-8")
    doors = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\("
    assert re.findall(doors, text) == []
    assert re.findall(r"localStorage|sessionStorage|document\.cookie", text) == []
    assert text.count("\n") <= 250


@pytest.mark.parametrize("path", [*SCRIPTS, *SHEETS], ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    """No script or sheet names another host, but for the namespace of SVG."""
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:|[\"'(])//[a-z0-9.-]+\.[a-z]{2,}", text) == []
    assert "@import" not in text
    assert path.read_text("utf-8").count("\n") <= 250


def test_templates_escape_everything() -> None:
    """No template switches escaping off, carries inline code or a style."""
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text("utf-8")
        assert re.findall(r"\|\s*safe|autoescape|\son\w+=|style=", text) == [], (
            path.name
        )
        for script in re.findall(r"<script[^>]*>", text):
            assert "nonce=" in script or 'type="application/json"' in script
