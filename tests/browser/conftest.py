"""Chromium, a running Deskside, and pages that report everything suspicious."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, sync_playwright

from tests import needs
from tests.browser.stack import Stack, furnish, new_stack

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
WAIT_MS = 20_000


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that renews the pictures of the documentation."""
    parser.addoption(
        "--screenshots", action="store_true", help="renew docs/screenshots"
    )


@dataclass
class Watched:
    """A page and what it did that nobody should do."""

    page: Page
    origin: str
    problems: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a path of the panel."""
        self.page.goto(self.origin + path)
        return self.page

    def panel(self) -> Frame:
        """Return the frame with the panel, once draft and summary are there."""
        self.page.wait_for_selector("#panel", state="attached")
        frame = next(f for f in self.page.frames if f.name == "deskside-panel")
        for part in ("classification", "knowledge", "draft", "summary", "customer"):
            # On a narrow page the frame may be there without being shown.
            frame.wait_for_selector(
                f'[data-part="{part}"][data-state="ready"]', state="attached"
            )
        similar = '[data-part="similar"]:not([data-state="loading"])'
        frame.wait_for_selector(similar, state="attached")
        return frame

    def watch(self) -> None:
        """Write down errors, dialogs and every request that leaves the origin."""
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda box: self.problems.append(f"dialog {box.type}"))
        self.page.on("request", lambda request: self._leaves(request.url))
        self.page.on(
            "console",
            lambda message: (
                self.problems.append(message.text)
                if "Content Security Policy" in message.text
                or "Content-Security-Policy" in message.text
                else None
            ),
        )

    def _leaves(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "about:")):
            self.problems.append(f"request to {url}")


Opener = Callable[..., Watched]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Deskside with a few articles and tickets."""
    needs.chromium()
    with new_stack(tmp_path_factory.mktemp("deskside")) as made:
        made.start_sidecar()
        with made.client() as client:
            furnish(client)
        made.start_panel()
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    program = needs.chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(program), args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, stack: Stack) -> Iterator[Opener]:
    """Open watched pages with a scheme and a width; nothing odd may happen."""
    pages: list[Watched] = []

    def make(
        *,
        scheme: str = "light",
        width: int = 1480,
        height: int = 1000,
        locale: str = "en-GB",
        origin: str = "",
    ) -> Watched:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=locale,
            timezone_id="Europe/Berlin",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(WAIT_MS)
        watched = Watched(context.new_page(), origin or stack.url)
        watched.watch()
        pages.append(watched)
        return watched

    yield make
    for watched in pages:
        watched.page.context.close()
    assert [problem for one in pages for problem in one.problems] == []


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where screenshots go: the documentation if asked to, else the test's own."""
    if request.config.getoption("--screenshots", default=False):
        folder = needs.REPOSITORY / "docs/screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    return tmp_path
