"""What an administrator does on the page, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from sidecar.v1 import assist_pb2, connector_pb2, ticket_pb2
from tests.browser.conftest import Opener
from tests.browser.stack import Stack

ARTICLE = """# Kettle descaling

Fill the Harbor kettle with one litre of vinegar water and boil it twice.
Rinse it three times before you make tea.
"""


def signed_in(visit: Opener) -> Page:
    """Return the page of somebody who entered as the demo's administrator."""
    page = visit().open("/admin")
    page.locator("#demo-admin").click()
    page.wait_for_selector('[data-part="documents"][data-state="ready"]')
    return page


def test_a_document_is_uploaded_found_and_deleted(
    visit: Opener, tmp_path: Path
) -> None:
    """An upload says when it can be found; deleting asks once more, in place."""
    file = tmp_path / "kettle.md"
    file.write_text(ARTICLE)
    page = signed_in(visit)
    page.locator('input[type="file"]').set_input_files(file)
    page.locator('select[name="visibility"]').select_option("VISIBILITY_PUBLIC")
    page.get_by_role("button", name="Upload").click()
    row = page.locator("tr", has_text="Kettle descaling")
    expect(row).to_contain_text("Ready", timeout=20_000)
    expect(row).to_contain_text("Public")
    delete = row.get_by_role("button")
    delete.click()
    expect(delete).to_have_text("Really delete?")
    expect(delete).to_have_attribute("aria-label", re.compile("Really delete.*ettle"))
    expect(page.locator("#live")).to_contain_text("Really delete?")
    delete.click()
    expect(row).to_have_count(0)


def test_a_file_that_is_no_document_is_refused_in_words(
    visit: Opener, tmp_path: Path
) -> None:
    """What cannot be read says so; the page goes on working."""
    file = tmp_path / "broken.pdf"
    file.write_bytes(b"%PDF-1.7 but nothing else")
    page = signed_in(visit)
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    part = page.locator('[data-part="documents"]')
    refused = part.locator(".notice, [data-failed]")
    expect(refused).to_be_visible(timeout=20_000)
    expect(part.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Upload")).to_be_enabled()


def test_an_escalation_says_which_ticket_and_whose(visit: Opener, stack: Stack) -> None:
    """Subject, the helpdesk's number and the customer; a link where it has one."""
    with stack.client() as client:
        for name, url in (("77", "https://desk.example/77"), ("78", "")):
            ticket = ticket_pb2.Ticket(
                external_id=f"ESC-{name}",
                connector="zendesk",
                subject=f"Gate {name} stays shut",
                url=url,
                customer=ticket_pb2.Customer(external_id="K-1", name="Ada Okafor"),
            )
            request = assist_pb2.EscalateRequest(
                ticket=ticket, level=2, reason="Nobody gets in."
            )
            client.assist.Escalate(request)
    page = signed_in(visit)
    part = page.locator('[data-part="escalations"]')
    for name in ("77", "78"):
        row = part.locator("tr", has_text=f"Gate {name} stays shut")
        for words in (f"ESC-{name}", "Ada Okafor", "Open", "2", "Nobody gets in."):
            expect(row).to_contain_text(words)
        expect(row.locator("time")).to_be_visible()
    link = part.get_by_role("link", name="Gate 77 stays shut")
    expect(link).to_have_attribute("href", "https://desk.example/77")
    expect(part.get_by_role("link", name="Gate 78 stays shut")).to_have_count(0)


def test_a_connector_that_does_not_work_is_seen(visit: Opener, stack: Stack) -> None:
    """Slack that fails cannot tell of itself: the page says it, and what to do."""
    request = connector_pb2.SaveConnectorRequest(
        connector="slack",
        mode=connector_pb2.CONNECTOR_MODE_SUGGEST,
        settings={
            "bot_token": "x",
            "signing_secret": "y",
            "team_id": "T1",
            "channel": "C1",
        },
    )
    report = connector_pb2.ReportConnectorStatusRequest()
    report.status.connector = "slack"
    report.status.health = connector_pb2.CONNECTOR_HEALTH_FAILING
    report.status.message = "The channel is archived; choose another one."
    with stack.client() as client:
        client.connectors.SaveConnector(request)
        client.connectors.ReportConnectorStatus(report)
        page = signed_in(visit)
        row = page.locator('[data-list="connectors"] li', has_text="slack")
        expect(row).to_contain_text(report.status.message)
        expect(row.locator(".badge.danger")).to_have_text("Failing")
        request.mode = connector_pb2.CONNECTOR_MODE_OFF
        client.connectors.SaveConnector(request)


def test_a_wrong_password_says_only_that(visit: Opener) -> None:
    """Neither address nor password is told apart."""
    page = visit().open("/admin")
    page.locator('input[name="email"]').fill("nobody@example.com")
    page.locator('input[name="password"]').fill("wrong-password-here")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".notice.danger")).to_have_text("E-mail or password is wrong.")
    expect(page.locator('input[name="password"]')).to_have_value("")


def test_signing_out_ends_the_session(visit: Opener) -> None:
    """After signing out the page holds nothing and the bearer is dead."""
    page = signed_in(visit)
    seen: list[str] = []
    page.on(
        "request",
        lambda request: seen.append(request.headers.get("authorization", "")),
    )
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator('input[name="password"]')).to_be_visible()
    assert seen
    answer = page.request.get(
        page.url.replace("/admin", "/api/me"), headers={"Authorization": seen[0]}
    )
    assert answer.status == 401
