"""The pages are usable by everybody: contrast, names, keyboard, narrow, still."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Opener

SCHEMES = ("light", "dark")
# How far beyond the viewport a page may be scrolled sideways, in CSS pixels.
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"


def violations(page: Page | Frame) -> list[str]:
    """Return what axe finds, as "rule: element" lines."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_the_demo(visit: Opener, scheme: str) -> None:
    """Helpdesk page and panel have no violation, with everything opened."""
    watched = visit(scheme=scheme)
    page = watched.open("/demo")
    panel = watched.panel()
    panel.locator(".cite").first.click()
    panel.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.wait_for_timeout(500)  # animations end: half-faded text has no contrast
    # axe looks into the frame from the page around it.
    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", ["/panel/zendesk", "/panel/salesforce", "/admin"])
def test_axe_finds_nothing_before_sign_in(
    visit: Opener, scheme: str, path: str
) -> None:
    """The pages that strangers see have no violation."""
    watched = visit(scheme=scheme)
    assert violations(watched.open(path)) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_administration(visit: Opener, scheme: str) -> None:
    """The overview has no violation."""
    watched = visit(scheme=scheme)
    page = watched.open("/admin")
    page.locator("#demo-admin").click()
    for part in ("status", "documents", "escalations", "taxonomy"):
        page.wait_for_selector(f'[data-part="{part}"]:not([data-state="loading"])')
    page.wait_for_selector('[data-part="documents"][data-state="ready"]')
    assert violations(page) == []


def test_nothing_needs_sideways_scrolling_at_320_pixels(visit: Opener) -> None:
    """At 320 px, all views of the demo, the panel and the other pages fit."""
    watched = visit(width=320, height=700)
    page = watched.open("/demo")
    panel = watched.panel()
    page.locator('button[data-view="panel"]').click()
    panel.locator(".cite").first.click()
    for view in ("list", "thread", "panel"):
        page.locator(f'button[data-view="{view}"]').click()
        assert page.evaluate(OVERFLOW) <= 0, view
    assert panel.evaluate(OVERFLOW) <= 0
    for path in ("/panel/zendesk", "/admin"):
        assert watched.open(path).evaluate(OVERFLOW) <= 0, path
    page.locator("#demo-admin").click()
    page.wait_for_selector('[data-part="documents"][data-state="ready"]')
    assert page.evaluate(OVERFLOW) <= 0


def test_the_panel_is_worked_with_the_keyboard_alone(visit: Opener) -> None:
    """Draft, source, copy, search, help and escalation without a mouse."""
    watched = visit(width=420, height=900)
    page = watched.open("/demo/panel")
    page.wait_for_selector('[data-part="draft"]:not([data-state="loading"])')
    for _ in range(3):
        page.keyboard.press("Tab")
    focus = "() => getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(focus) != "none"
    page.keyboard.press("d")
    page.wait_for_selector('[data-part="draft"][data-state="ready"]')
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("recovery codes")
    page.keyboard.press("Enter")
    expect(page.locator('[data-part="knowledge"] .item').first).to_be_visible()


def test_one_key_copies_the_draft_without_marks(visit: Opener) -> None:
    """The letter c copies what would be inserted; a digit opens a source."""
    watched = visit()
    watched.open("/demo")
    panel = watched.panel()
    panel.locator("#main").focus()
    panel.locator("#main").press("1")
    expect(panel.locator(".source").first).to_be_visible()
    panel.locator("#main").press("c")
    expect(panel.locator(".draft-note")).to_have_text(
        "Copied without the source marks."
    )
    copied = watched.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("H")
    assert "[1]" not in copied


def test_shortcuts_can_be_switched_off(visit: Opener) -> None:
    """Whoever dictates is not surprised by one-letter keys (WCAG 2.1.4)."""
    watched = visit(width=420, height=900)
    page = watched.open("/demo/panel")
    page.wait_for_selector('[data-part="knowledge"][data-state="ready"]')
    page.keyboard.press("?")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#search")).not_to_be_focused()


def test_screen_readers_hear_how_the_draft_goes(visit: Opener) -> None:
    """One polite region tells the progress and the end of a draft."""
    watched = visit(width=420, height=900)
    page = watched.open("/demo/panel")
    page.wait_for_selector('[data-part="draft"]:not([data-state="loading"])')
    live = page.locator("#live")
    expect(live).to_have_attribute("aria-live", "polite")
    page.locator("#draft-button").click()
    # Which ticket is newest depends on the tests before; both ends are told.
    expect(live).to_contain_text(re.compile("draft is there|needs a human"))
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator("h1")).to_have_count(1)


def test_words_of_customers_run_in_their_own_direction(visit: Opener) -> None:
    """Text of others carries dir=auto, so that Arabic or Hebrew reads right."""
    watched = visit()
    page = watched.open("/demo")
    watched.panel()
    for selector in (".message .body", "#thread-head h1", ".ticket .subject"):
        expect(page.locator(selector).first).to_have_attribute("dir", "auto")


def test_the_demo_is_as_long_as_the_window(visit: Opener) -> None:
    """Lists scroll within themselves: below the page there is nothing."""
    for width in (320, 1280):
        watched = visit(width=width, height=900)
        page = watched.open("/demo")
        page.wait_for_selector(".ticket", state="attached")
        beyond = "() => document.documentElement.scrollHeight - window.innerHeight"
        assert page.evaluate(beyond) <= 1


def test_administration_on_a_phone_is_read_without_scrolling_sideways(
    visit: Opener,
) -> None:
    """Each row is a card that says which column each of its cells is of."""
    watched = visit(width=320, height=900)
    page = watched.open("/admin")
    page.locator("#demo-admin").click()
    page.wait_for_selector('[data-part="escalations"][data-state="ready"]')
    page.wait_for_selector('[data-part="documents"][data-state="ready"]')
    wide = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert page.locator(".scroll").evaluate_all(wide) == 0
    assert page.get_by_role("row").count() > 2
    heights = page.locator("tr").evaluate_all("all => all.map(r => r.offsetHeight)")
    assert max(heights) < 420
