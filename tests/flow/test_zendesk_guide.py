"""Guide's articles are removed only when a whole listing says that they are gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.desk import Desk
from connectors.events import Health, TryAgain
from connectors.zendesk.api import ZendeskApi
from connectors.zendesk.guide import ARTICLES, RECORD, keep_in_step
from connectors.zendesk.settings import Account
from plugin_ui.doubles.zendesk import ZendeskDouble
from tests.flow.connector_house import MovedClock, sidecar_in
from tests.flow.sidecar_process import SidecarProcess


class Library:
    """One account's Guide at the double and what is kept of it here."""

    def __init__(self, sidecar: SidecarProcess, double: ZendeskDouble) -> None:
        self.double = double
        self.clock = MovedClock()
        self.client = sidecar.client()
        self.desk = Desk(self.client, "zendesk", "default")
        given = double.settings
        account = Account("acme", given["email"], given["api_token"], double.base_url)
        self.api = ZendeskApi(account, self.clock, Health())

    def look(self) -> list[str]:
        """Look at Guide an hour later; return the names of what is kept then."""
        self.clock.by += timedelta(hours=1)
        keep_in_step(self.api, self.desk, self.clock)
        return self.kept()

    def kept(self) -> list[str]:
        """Return the names of the articles kept here."""
        return sorted(self.desk.documents(ARTICLES))

    def empty(self) -> None:
        """Forget everything of Guide."""
        for document_id, _ in self.desk.documents(ARTICLES).values():
            self.desk.delete_document(document_id)
        _, etag = self.desk.record(RECORD)
        self.desk.keep(RECORD, b"{}", etag)


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    """One sidecar for this file."""
    running = sidecar_in(tmp_path_factory.mktemp("guide"))
    yield running
    running.stop()


@pytest.fixture
def library(sidecar: SidecarProcess) -> Iterator[Library]:
    """Five articles, three pages of the double, all of them imported."""
    double = ZendeskDouble()
    double.desk.articles = [_article(number) for number in range(1, 6)]
    library = Library(sidecar, double)
    library.empty()
    assert library.look() == ALL
    yield library
    library.api.close()
    library.client.close()
    double.close()


ALL = [f"article-{number}-public.html" for number in range(1, 6)]


def _article(number: int, **more: Any) -> dict[str, Any]:
    body = f"<p>How to do the thing number {number}.</p>"
    return {
        "id": number,
        "title": f"Thing {number}",
        "body": body,
        "user_segment_id": None,
        "user_segment_ids": [],
        **more,
    }


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_that_is_missing_removes_nothing(library: Library, page: int) -> None:
    """404 for the first or a later page: what was imported stays."""
    library.double.fail(
        "status", status=404, path="help_center", skip=page - 1, times=9
    )
    assert library.look() == ALL


@pytest.mark.parametrize("page", [1, 2])
def test_an_answer_without_articles_removes_nothing(
    library: Library, page: int
) -> None:
    """200 that holds no list of articles is strange, not an empty Guide."""
    library.double.fail("status", status=200, path="help_center", skip=page - 1)
    with pytest.raises(TryAgain) as failed:
        library.look()
    assert failed.value.reason == "VENDOR_UNREADABLE"
    assert library.kept() == ALL


def test_what_a_whole_listing_does_not_name_is_removed(library: Library) -> None:
    """Articles that are gone from Guide are gone here, to the last of them."""
    del library.double.desk.articles[1:3]
    assert library.look() == [ALL[0], ALL[3], ALL[4]]
    library.double.desk.articles.clear()
    assert library.look() == []


def test_an_account_without_guide_has_no_articles(library: Library) -> None:
    """404 where nothing was ever imported is no failure."""
    library.empty()
    library.double.fail("status", status=404, path="help_center", times=9)
    assert library.look() == []


def test_what_became_internal_is_public_no_more_though_the_listing_breaks_off(
    library: Library,
) -> None:
    """An article for a segment is withdrawn from customers as soon as that is read."""
    library.double.desk.articles[0] = _article(1, user_segment_id=77)
    library.double.fail("status", status=404, path="help_center", skip=1, times=9)
    assert library.look() == ["article-1-internal.html", *ALL[1:]]
