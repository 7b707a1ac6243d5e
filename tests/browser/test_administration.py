"""What an administrator does on the page, in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener

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
    expect(page.get_by_role("button", name="Upload")).to_be_enabled()


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
