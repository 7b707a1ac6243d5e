"""The demo's Zendesk and Slack: a ticket goes through both before a visitor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Watched
from tests.browser.test_panel_access import OVERFLOW, violations
from tests.flow.cli_house import House, Running, house, left_of, running, without_model

SLOW_MS = 25_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Running]]:
    """`deskside up --demo` with its sample loaded."""
    place = house(tmp_path_factory.mktemp("demo"), **without_model())
    with running(place, "up", "--demo") as up:
        up.wait_for("The sample data is there.", 60)
        yield place, up
        family = up.family()
        assert up.interrupt() == 0
        assert left_of(family, 1) == []


def test_a_ticket_comes_back_acknowledged(
    demo: tuple[House, Running], chromium: Browser, tmp_path: Path
) -> None:
    """Ticket, note, card, a click on Acknowledge, and the second note; each once."""
    place, _ = demo
    page = chromium.new_page(viewport={"width": 1280, "height": 1400})
    watched = Watched(page, f"http://{place.panel}")
    watched.watch()
    watched.open("/demo")
    page.get_by_role("link", name="Zendesk and Slack").click()
    steps = page.locator("#steps li")
    expect(steps.first).to_have_attribute("aria-current", "step")
    page.locator('#open button[type="submit"]').click()
    ticket = page.locator("[data-ticket]").first
    notes = ticket.locator('[data-note="1"]')
    expect(notes.first).to_contain_text("Escalated", timeout=SLOW_MS)
    card = page.locator("#slack [data-ts]", has_text="Everything is down")
    expect(card).to_have_count(1, timeout=SLOW_MS)
    expect(steps.nth(3)).to_have_attribute("aria-current", "step")
    card.locator('[data-action="esc_ack"]').click()
    expect(notes.nth(1)).to_contain_text("acknowledged", timeout=SLOW_MS)
    expect(card).to_contain_text("acknowledged by Robin", timeout=SLOW_MS)
    expect(card.locator('[data-action="esc_ack"]')).to_have_count(0)
    expect(notes).to_have_count(2)
    expect(page.locator("#slack [data-ts]")).to_have_count(1)
    expect(page.locator("#steps li.is-done")).to_have_count(5)
    page.screenshot(path=tmp_path / "vendors.png")
    assert re.search(r"[*<>]|&amp;|:[a-z_]+:", card.inner_text()) is None
    assert watched.problems == []
    page.close()
    _is_usable_by_everybody(chromium, f"http://{place.panel}/demo/vendors")


def _is_usable_by_everybody(chromium: Browser, address: str) -> None:
    """Light and dark pass axe, and nothing is cut off at 320 pixels, in German too."""
    for scheme, width, locale in (
        ("light", 1280, "en-GB"),
        ("dark", 1280, "de-DE"),
        ("light", 320, "de-DE"),
    ):
        page = chromium.new_page(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=locale,
        )
        page.goto(address)
        page.locator("[data-ticket]").first.wait_for()
        assert violations(page) == []
        assert page.evaluate(OVERFLOW) <= 0
        page.close()
