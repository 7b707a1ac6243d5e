"""Guide's articles and the macros, kept in step as knowledge, with visibility."""

from __future__ import annotations

import hashlib
import html
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.clock import Clock
from connectors.desk import Desk
from connectors.events import GiveUp, parse_time
from connectors.zendesk.api import NotFound, ZendeskApi
from connectors.zendesk.inbound import given
from sidecar.v1 import common_pb2, knowledge_pb2

RECORD = "guide"
ARTICLES, MACROS = "zendesk_guide", "zendesk_macros"
_EVERY = timedelta(minutes=30)
_LONGEST = 9 * 1024 * 1024
_MOST_NAMED = 5
_UNTOLD = object()
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of knowledge; its name tells what it is and who may see it."""

    name: str
    source: str
    title: str
    body: bytes
    public: bool
    url: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    changed_at: datetime | None = None


def keep_in_step(api: ZendeskApi, desk: Desk, clock: Clock) -> str:
    """Import what is new or changed and remove what is gone, twice an hour.

    Returns what an administrator should know of the last import, '' if all is well:
    it is kept, so that every process tells the same. Raises ``TryAgain`` for a listing
    that breaks off or makes no sense; nothing is removed because of it.
    """
    value, etag = desk.record(RECORD)
    kept = _kept(value)
    last = parse_time(kept.get("at"))
    if last is not None and timedelta(0) <= clock.now() - last < _EVERY:
        return str(kept.get("message") or "")
    refused: list[str] = []
    for source, pages in ((ARTICLES, _articles(api)), (MACROS, _macros(api))):
        refused += _import(desk, source, pages)
    message = _message(refused)
    kept = {"at": clock.now().isoformat(), "message": message}
    desk.keep(RECORD, json.dumps(kept).encode(), etag)
    return message


def _import(desk: Desk, source: str, pages: Iterator[Page]) -> list[str]:
    """Store what is new or changed; remove what is gone once all was listed.

    Returns what was refused: one page must not hold up those that follow it, some of
    which customers may read no more.
    """
    known = desk.documents(source)
    seen: set[str] = set()
    refused: list[str] = []
    try:
        for page in pages:
            seen.add(page.name)
            for name in _names(page) & known.keys() - {page.name}:
                # At once: what customers may read no more waits for nothing.
                desk.delete_document(known.pop(name)[0])
            if known.get(page.name, ("", ""))[1] != _digest(page.body):
                refused += _add(desk, page)
    except NotFound:
        # No Guide, or none for now: what of it is gone was not told.
        log.info("%s: 404, nothing of it is removed", source)
        return refused
    for name, (document_id, _) in known.items():
        if name not in seen:
            desk.delete_document(document_id)
    return refused


def _add(desk: Desk, page: Page) -> list[str]:
    """Store a page; return its name and why not if the sidecar refuses it."""
    try:
        desk.add_document(page.body, _header(page))
    except GiveUp as failure:
        log.warning("%s: %s refused: %s", page.source, page.name, failure.reason)
        return [f"{page.name} ({failure.reason})"]
    return []


def _message(refused: list[str]) -> str:
    if not refused:
        return ""
    more = len(refused) - _MOST_NAMED
    named = ", ".join(refused[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"Not imported as knowledge: {named}. Change these pages in Zendesk."


def _names(page: Page) -> set[str]:
    """Return the names of a page for everybody and for the team."""
    thing = page.name.rpartition("-")[0]
    return {f"{thing}-public.html", f"{thing}-internal.html"}


def article_page(article: Mapping[str, Any]) -> Page | None:
    """Return an article as a page; None for a draft and for one without a number.

    Public is what everybody may read and what says so: an article for a segment of
    users is not, nor is one that tells nothing of its readers.
    """
    number = given(article.get("id"))
    if not number or article.get("draft"):
        return None
    anybody = article.get("user_segment_id", _UNTOLD) is None
    public = anybody and not article.get("user_segment_ids")
    title = str(article.get("title") or article.get("name") or "")
    return Page(
        name=f"article-{number}-{'public' if public else 'internal'}.html",
        source=ARTICLES,
        title=title[:300],
        body=_document(title, str(article.get("body") or "")),
        public=public,
        url=_address(article.get("html_url")),
        language=str(article.get("locale") or "")[:20],
        tags=tuple(str(n)[:100] for n in article.get("label_names") or ())[:50],
        changed_at=parse_time(article.get("updated_at")),
    )


def macro_page(macro: Mapping[str, Any]) -> Page | None:
    """Return a macro's text as a page for the team; None when it writes none."""
    number = given(macro.get("id"))
    texts = []
    for action in macro.get("actions") or ():
        if isinstance(action, Mapping) and action.get("field") in _TEXTS:
            value = action.get("value")
            parts = value if isinstance(value, list) else [value]
            texts += [part for part in parts if isinstance(part, str) and " " in part]
    if not number or not texts or macro.get("active") is False:
        return None
    title = str(macro.get("title") or "")
    body = "".join(
        text if "<" in text else f"<p>{html.escape(text)}</p>" for text in texts
    )
    return Page(
        name=f"macro-{number}-internal.html",
        source=MACROS,
        title=title[:300],
        body=_document(title, body),
        public=False,
        changed_at=parse_time(macro.get("updated_at")),
    )


_TEXTS = ("comment_value", "comment_value_html")


def _articles(api: ZendeskApi) -> Iterator[Page]:
    for article in api.articles():
        if page := article_page(article):
            yield page


def _macros(api: ZendeskApi) -> Iterator[Page]:
    for macro in api.macros():
        if page := macro_page(macro):
            yield page


def _document(title: str, body: str) -> bytes:
    whole = f"<h1>{html.escape(title)}</h1>\n{body}"
    return whole.encode("utf-8", "replace")[:_LONGEST]


def _header(page: Page) -> knowledge_pb2.AddDocumentHeader:
    header = knowledge_pb2.AddDocumentHeader(
        file_name=page.name,
        title=page.title,
        source=page.source,
        source_url=page.url,
        visibility=common_pb2.VISIBILITY_PUBLIC
        if page.public
        else common_pb2.VISIBILITY_INTERNAL,
        language=page.language,
        tags=page.tags,
        content_type="text/html",
        size_bytes=len(page.body),
    )
    if page.changed_at:
        header.content_updated_at.FromDatetime(page.changed_at)
    return header


def _address(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text[:2000] if text.startswith(("https://", "http://")) else ""


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _kept(value: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(value or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
