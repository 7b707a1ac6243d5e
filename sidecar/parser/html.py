"""Web pages to blocks, with an HTML5 parser so that we see what a browser sees."""

from __future__ import annotations

import re
from collections.abc import Collection

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sidecar.domain.text import normalise_spaces, visible_text
from sidecar.parser.hidden_html import Visible
from sidecar.parser.nesting import refuse_if_too_deep
from sidecar.parser.port import Block, ParsedDocument

NOTE_HIDDEN = "Text that the page hides from its reader was left out."
MEDIA_TYPE = "text/html"

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_LISTS = ("ul", "ol", "menu", "dl")
_INLINE = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code"),
        *("data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "q"),
        *("ruby", "rt", "rb", "s", "samp", "small", "span", "strike", "strong", "sub"),
        *("sup", "time", "tt", "u", "var", "wbr"),
    )
)
_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0]+")


def parse_html(text: str) -> ParsedDocument:
    """Read a page: headings, paragraphs, lists, tables, code; hidden text left out.

    Raises ``RecursionError`` when elements are nested hundreds of levels deep.
    """
    refuse_if_too_deep(text)
    tree = LexborHTMLParser(text)
    title_node = tree.css_first("title")
    title = _line(title_node.text()) if title_node else ""
    walker = _Walker(Visible(tree))
    if tree.body is not None:
        walker.walk(tree.body)
        walker.flush()
    if not title:
        headings = (block.text for block in walker.blocks if block.kind == "heading")
        title = next(headings, "")
    notes = (NOTE_HIDDEN,) if walker.seen.has_hidden else ()
    return ParsedDocument(title, tuple(walker.blocks), MEDIA_TYPE, notes)


class _Walker:
    """Collects blocks in reading order; text between block elements is a paragraph."""

    def __init__(self, seen: Visible) -> None:
        self.seen = seen
        self.blocks: list[Block] = []
        self._pieces: list[str] = []

    def walk(self, node: LexborNode) -> None:
        for child in self.seen.children(node):
            tag = child.tag or ""
            if child.is_text_node:
                self._pieces.append(_BLANKS.sub(" ", child.text_content or ""))
            elif tag == "br":
                self._pieces.append("\n")
            elif tag in _INLINE:
                self.walk(child)
            elif child.is_element_node:
                self.flush()
                self._block(child, tag)

    def flush(self) -> None:
        """End the paragraph that is being collected."""
        self._add("paragraph", "".join(self._pieces))
        self._pieces.clear()

    def _add(self, kind: str, text: str, level: int = 0) -> None:
        text = normalise_spaces(visible_text(text))
        if text:
            self.blocks.append(Block(kind, text, level))

    def _block(self, node: LexborNode, tag: str) -> None:
        if tag in _HEADINGS:
            self._add("heading", _line(self._flat(node)), _HEADINGS[tag])
        elif tag in _LISTS:
            text = "\n".join(self._list_lines(node, 0))
            if text:
                self.blocks.append(Block("list", text))
        elif tag in ("pre", "listing", "xmp"):
            text = visible_text(self._flat(node)).strip("\n").rstrip()
            if text:
                self.blocks.append(Block("code", text))
        elif tag == "table" and not self._is_layout(node):
            self._table(node)
        else:
            self.walk(node)
            self.flush()

    def _table(self, node: LexborNode) -> None:
        for caption in self.seen.below(node, ("caption",)):
            self._add("paragraph", self._flat(caption))
        rows = [
            [self._flat(cell) for cell in self.seen.below(row, ("td", "th"))]
            for row in self.seen.below(node, ("tr",))
        ]
        text = table_text(rows)
        if text:
            self.blocks.append(Block("table", text))

    def _is_layout(self, table: LexborNode) -> bool:
        """Tell a page's scaffolding from data: headings, tables or one column in it."""
        if table.css_first("th"):
            return False
        if table.css_first("h1,h2,h3,h4,h5,h6,table table"):
            return True
        rows = self.seen.below(table, ("tr",))
        return all(len(list(self.seen.below(row, ("td",)))) <= 1 for row in rows)

    def _list_lines(self, node: LexborNode, depth: int) -> list[str]:
        lines: list[str] = []
        start = node.attributes.get("start") or "1"
        number = int(start) if start.isdecimal() and len(start) < 6 else 1
        for item in self.seen.children(node):
            if item.tag in _LISTS:
                lines += self._list_lines(item, depth + 1)
                continue
            text = _line(visible_text(self._flat(item, skip=_LISTS)))
            if text:
                mark = f"{number}." if node.tag == "ol" else "-"
                lines.append(f"{'  ' * depth}{mark} {text}")
                number += 1
            for inner in self.seen.below(item, _LISTS):
                lines += self._list_lines(inner, depth + 1)
        return lines

    def _flat(self, node: LexborNode, skip: Collection[str] = ()) -> str:
        """Flatten a node to text; blocks inside are parted by a space."""
        if node.is_text_node:
            return node.text_content or ""
        parts: list[str] = []
        for child in self.seen.children(node):
            tag = child.tag or ""
            if child.is_text_node:
                parts.append(child.text_content or "")
            elif tag == "br":
                parts.append("\n")
            elif child.is_element_node and tag not in skip:
                inner = self._flat(child, skip)
                parts += [inner] if tag in _INLINE else [" ", inner, " "]
        return "".join(parts)


def table_text(rows: list[list[str]]) -> str:
    """Write a table as lines, cells parted by ``|``; the first line is its header."""
    cleaned = [[_line(visible_text(cell)) for cell in row] for row in rows]
    return "\n".join(" | ".join(row) for row in cleaned if any(row))


def _line(text: str) -> str:
    return normalise_spaces(visible_text(text).replace("\n", " "))
