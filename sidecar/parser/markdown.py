"""Markdown to blocks, by way of HTML.

Markdown may hold any HTML, so what hides text in a page hides it here too; going
through the HTML reader leaves one place that knows what is hidden.
"""

from __future__ import annotations

from markdown_it import MarkdownIt

from sidecar.domain.front_matter import front_matter
from sidecar.domain.text import normalise_spaces, visible_text
from sidecar.parser.html import parse_html
from sidecar.parser.port import ParsedDocument

MEDIA_TYPE = "text/markdown"

__all__ = ["front_matter", "parse_markdown"]


def parse_markdown(text: str) -> ParsedDocument:
    """Read an article; its front matter gives the title and is not part of the text."""
    fields, body = front_matter(text)
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    page = parse_html(reader.render(body))
    named = fields.get("title")
    title = normalise_spaces(visible_text(named)) if isinstance(named, str) else ""
    return ParsedDocument(title or page.title, page.blocks, MEDIA_TYPE, page.notes)
