"""What an agent does with the panel, in a real browser against a real sidecar."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from sidecar.v1 import ticket_pb2, ticket_service_pb2
from tests.browser.conftest import Opener
from tests.browser.stack import Stack, new_stack

RESULTS = ("classification", "knowledge", "draft", "summary", "similar")


def test_the_demo_shows_its_results_without_a_click(visit: Opener) -> None:
    """Opening /demo fills classification, passages, draft, summary and more."""
    watched = visit()
    watched.open("/demo")
    panel = watched.panel()
    for part in RESULTS:
        words = panel.locator(f'[data-part="{part}"] .part-body').inner_text()
        assert len(words.strip()) > 10, part
    assert panel.locator(".draft-text .sentence").count() > 2
    assert panel.locator(".cite").count() > 0


def test_a_citation_opens_its_passage_and_marks_the_quote(visit: Opener) -> None:
    """A click on a mark shows the passage in place, the quote literally in it."""
    watched = visit()
    watched.open("/demo")
    panel = watched.panel()
    mark = panel.locator(".cite").first
    mark.click()
    expect(mark).to_have_attribute("aria-expanded", "true")
    source = panel.locator(".source").first
    quote = source.locator("blockquote mark")
    expect(quote).to_be_visible()
    words = quote.inner_text()
    expect(source.locator("blockquote")).not_to_have_text(words)
    assert words in source.locator("blockquote").inner_text()
    link = source.locator("a")
    assert (link.get_attribute("href") or "").startswith("https://help.")
    assert "noopener" in (link.get_attribute("rel") or "")
    mark.press("Escape")
    expect(panel.locator(".source")).to_have_count(0)


def test_the_draft_is_inserted_and_sent_without_marks(visit: Opener) -> None:
    """Insert fills the reply box with the plain draft; the agent sends it."""
    watched = visit()
    page = watched.open("/demo")
    panel = watched.panel()
    panel.locator("#insert").click()
    box = page.locator("#reply textarea")
    expect(box).not_to_have_value("")
    text = box.input_value()
    assert "[1]" not in text
    assert len(text) > 40
    box.fill(text + "\n\nRobin")
    before = page.locator(".message.agent").count()
    page.locator('#reply button[type="submit"]').click()
    expect(page.locator(".message.agent")).to_have_count(before + 1)
    # The thread has changed: a draft made before is not offered any more.
    panel.wait_for_selector('[data-part="draft"][data-state="empty"]')


def test_a_visitors_own_ticket_is_classified_and_answered(visit: Opener) -> None:
    """A typed ticket gets a classification, a draft and a summary by itself."""
    watched = visit()
    page = watched.open("/demo")
    watched.panel()
    page.locator("#new-ticket").click()
    page.locator('#new-dialog input[name="subject"]').fill("Authenticator app is gone")
    page.locator('#new-dialog textarea[name="body"]').fill(
        "I lost my phone and with it the authenticator app. How do I sign in now? "
        "I do have my recovery codes."
    )
    page.locator('#new-dialog button[type="submit"]').click()
    expect(page.locator("#thread-head h1")).to_have_text("Authenticator app is gone")
    panel = watched.panel()
    expect(panel.locator("#ref")).to_contain_text("VISITOR-")
    assert panel.locator(".draft-text .sentence, [data-blocker]").count() > 0


def test_what_was_typed_in_a_terminal_is_not_in_the_demos_list(
    visit: Opener, stack: Stack
) -> None:
    """Tickets of other connectors are stored beside the demo's, not among them."""
    with stack.client() as client:
        ticket = ticket_pb2.Ticket(
            external_id="typed", connector="cli", subject="Typed in a terminal"
        )
        client.tickets.UpsertTicket(
            ticket_service_pb2.UpsertTicketRequest(ticket=ticket)
        )
    page = visit().open("/demo")
    rows = page.locator("#tickets .ticket")
    expect(rows.filter(has_text="429")).to_have_count(1)
    expect(rows.filter(has_text="Typed in a terminal")).to_have_count(0)


def test_an_escalation_is_raised_seen_and_resolved(visit: Opener) -> None:
    """The whole life of an escalation happens in the panel."""
    watched = visit()
    page = watched.open("/demo")
    watched.panel()
    page.locator(".ticket", has_text="429").click()
    frame = next(f for f in page.frames if f.name == "deskside-panel")
    expect(frame.locator("#ref")).to_have_text("NWH-1060")
    frame.locator("#escalate-reason").fill("Their integration stops at night.")
    frame.locator('[data-part="escalate"] select').select_option("2")
    frame.locator('[data-part="escalate"] button[type="submit"]').click()
    part = frame.locator('[data-part="escalation"]')
    expect(part).to_contain_text("Level 2")
    frame.locator("#acknowledge").click()
    expect(part).to_contain_text("Seen")
    frame.locator("#resolve").click()
    expect(part).to_contain_text("Resolved")
    expect(frame.locator("#escalate-reason")).to_be_visible()


def test_knowledge_is_searched_and_summaries_are_asked_for(visit: Opener) -> None:
    """A search shows highlighted passages; each kind of summary can be chosen."""
    watched = visit()
    watched.open("/demo")
    panel = watched.panel()
    panel.locator("#search").fill("badge reader E-57")
    panel.locator("#search").press("Enter")
    first = panel.locator('[data-part="knowledge"] .item').first
    expect(first).to_contain_text("E-57")
    expect(first.locator("mark").first).to_be_visible()
    expect(first).to_contain_text("Public")
    panel.get_by_role("button", name="Handover").click()
    panel.wait_for_selector('[data-part="summary"][data-state="ready"]')
    assert len(panel.locator('[data-part="summary"] .part-body').inner_text()) > 40


def test_what_an_agent_thinks_of_a_draft_is_kept(visit: Opener, stack: Stack) -> None:
    """One click says helpful; the sidecar confirms before the panel thanks."""
    watched = visit()
    watched.open("/demo")
    panel = watched.panel()
    panel.locator('[data-kind="FEEDBACK_KIND_HELPFUL"]').click()
    expect(panel.locator(".draft-note")).to_have_text("Noted, thank you.")


def test_a_reason_shows_its_words_in_the_conversation(visit: Opener) -> None:
    """The words a reason rests on are marked where the customer wrote them."""
    watched = visit()
    page = watched.open("/demo")
    watched.panel()
    page.locator(".ticket", has_text="Total outage").click()
    frame = next(f for f in page.frames if f.name == "deskside-panel")
    expect(page.locator("#thread-head")).to_contain_text("Total outage")
    expect(frame.locator("#ref")).to_have_text("NWH-1072")
    frame.wait_for_selector('[data-part="classification"][data-state="ready"]')
    frame.locator(".reasons .words", has_text="412 users").first.click()
    expect(page.locator("#thread-head mark, #messages mark")).not_to_have_count(0)


_NO_KNOCKING = """
const later = window.setTimeout;
window.setTimeout = (what, ms, ...rest) => ms === 1500 ? 0 : later(what, ms, ...rest);
"""
"""Keeps the demo from trying again by itself (KNOCK_AGAIN_MS): the button has to."""


def test_a_silent_sidecar_is_said_and_tried_again(
    visit: Opener, tmp_path: Path
) -> None:
    """Without the sidecar the page says so in words; the button works once it is up."""
    with new_stack(tmp_path) as own:
        own.start_sidecar()
        own.start_panel()
        own.stop("sidecar")
        watched = visit(origin=own.url)
        watched.page.add_init_script(_NO_KNOCKING)
        page = watched.open("/demo/panel")
        notice = page.locator("#notice")
        expect(notice).to_contain_text("Deskside does not answer.")
        own.start_sidecar()
        notice.get_by_role("button").click()
        expect(notice).to_contain_text("No tickets yet")


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_the_page_speaks_the_browsers_language(visit: Opener, locale: str) -> None:
    """Words, numbers and dates follow Accept-Language."""
    watched = visit(locale=locale)
    page = watched.open("/demo")
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    expected = {"de": "Neues Ticket", "en": "New ticket"}[locale[:2]]
    expect(page.locator("#new-ticket")).to_have_text(expected)


def test_every_ticket_of_the_list_is_the_sidecars(visit: Opener, stack: Stack) -> None:
    """The list shows what the sidecar holds of the demo, not something of its own."""
    with stack.client() as client:
        request = ticket_service_pb2.ListTicketsRequest(page_size=40, connector="demo")
        held = len(client.tickets.ListTickets(request).tickets)
    watched = visit()
    page = watched.open("/demo")
    expect(page.locator(".ticket")).to_have_count(held)


def test_the_demo_looks_for_its_first_ticket_once(visit: Opener) -> None:
    """Who comes back meets the same ticket, and none is drafted again to find it."""
    watched = visit()
    looks: list[str] = []
    watched.page.on(
        "request",
        lambda request: (
            looks.append(request.url)
            if "ENGINE_LOCAL" in (request.post_data or "")
            else None
        ),
    )
    opened: list[tuple[str | None, int]] = []
    for _ in range(2):
        page = watched.open("/demo")
        page.wait_for_selector(".ticket[aria-current]")
        chosen = page.locator(".ticket[aria-current]").get_attribute("data-id")
        opened.append((chosen, len(looks)))
    assert opened[0] == opened[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_of_the_readme_is_what_the_page_shows(
    visit: Opener, pictures: Path, scheme: str
) -> None:
    """The documentation's picture is taken here, of the page as it is."""
    watched = visit(scheme=scheme, height=1240)
    page = watched.open("/demo")
    watched.panel()
    page.locator(".ticket", has_text="6,204 entries").click()
    panel = next(f for f in page.frames if f.name == "deskside-panel")
    expect(panel.locator("#ref")).to_have_text("NWH-1069")
    panel.locator("#draft-button").click()
    panel.wait_for_selector('[data-part="draft"][data-state="ready"]')
    panel.locator(".cite").first.click()
    panel.wait_for_selector(".source blockquote mark")
    panel.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(400)
    path = pictures / f"panel-{scheme}.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 60_000
