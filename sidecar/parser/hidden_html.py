"""Finds what of a web page its reader would not see.

This is a judgement over the page's own markup and ``<style>`` rules, not a browser:
text hidden by a script or by a style sheet elsewhere is not noticed. Where the two
costs compete, it removes: a lost sentence is noticed, a hidden order to a model
is not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

# Never text, or not drawn at first sight. Pictures and embedded things go with
# their alternative text, which a sighted reader never checks.
_NEVER_SHOWN = (
    "script,style,template,noscript,meta,link,title,img,picture,svg,math,canvas,"
    "audio,video,iframe,object,embed,applet,map,nav,datalist,dialog:not([open]),"
    "[hidden],[aria-hidden=true],input,rp"
)
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|content-visibility:hidden"
    r"|text-indent:-\d{3,}|(?:left|top|right|bottom):-\d{4,}|clip:rect\(0"
    r"|clip-path:inset\((?:50|100)%|transform:scale\(0\)"
)
_OPACITY = re.compile(r"(?:^|;)opacity:(\d*\.?\d+)(%?)")
_FONT_SIZE = re.compile(
    r"(?:^|;)font(?:-size:|:(?:[^;]* )?)(\d*\.?\d+)(px|pt|r?em|ex|ch|%|v[wh])?"
    r"(?=[;!/ ]|$)"
)
# Pixels in one of each unit, at a browser's 16-pixel letters.
_PIXELS = {"pt": 1.33, "em": 16, "rem": 16, "ex": 8, "ch": 8, "%": 0.16, "vw": 10}
_SMALLEST_PIXELS = 2
_FAINTEST = 0.05
_NO_SIZE = re.compile(r"(?:max-)?(?:height|width):[01](?:px)?(?:;|!|$)")
_COLOUR = re.compile(r"(?:^|;)color:([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_PRINT = re.compile(
    r"@media[^{]*\bprint\b[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE
)
_CSS_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_MAX_RULES = 2_000
_RGB = re.compile(r"rgba?\((\d+)%?[, ]+(\d+)%?[, ]+(\d+)%?(?:[,/ ]+([\d.]+))?")
_NAMED = {"white": "ffffff", "black": "000000", "snow": "fffafa", "ivory": "fffff0"}
_UNKNOWN = "?"


class Visible:
    """A page as its reader sees it: walks the tree past whatever is hidden.

    The tree itself is not changed: the engine frees a removed node with all nodes
    below it, and another rule may still hold one of those.
    """

    def __init__(self, tree: LexborHTMLParser) -> None:
        hidden = tree.css("[hidden],[aria-hidden=true]")
        hidden += [node for node in tree.css("[style]") if _style_hides(node)]
        hidden += [node for node in tree.css("font[color]") if _lost_in_ground(node)]
        for sheet in tree.css("style"):
            hidden += _hidden_by_sheet(tree, sheet.text())
        self.has_hidden = any(node.text().strip() for node in hidden)
        self._skipped = {node.mem_id for node in hidden}
        self._skipped |= {node.mem_id for node in tree.css(_NEVER_SHOWN)}

    def children(self, node: LexborNode) -> Iterator[LexborNode]:
        """Yield the texts and elements directly below a node that are seen."""
        if node.mem_id in self._skipped:
            return
        for child in node.iter(include_text=True):
            if child.mem_id not in self._skipped:
                yield child

    def below(self, node: LexborNode, tags: Collection[str]) -> Iterator[LexborNode]:
        """Yield the outermost elements below a node that have one of these tags."""
        for child in self.children(node):
            if child.tag in tags:
                yield child
            elif child.is_element_node:
                yield from self.below(child, tags)


def _hidden_by_sheet(tree: LexborHTMLParser, sheet: str) -> list[LexborNode]:
    sheet = _CSS_PRINT.sub("", _CSS_COMMENT.sub("", sheet))
    found: list[LexborNode] = []
    for rule in list(_CSS_RULE.finditer(sheet))[:_MAX_RULES]:
        if not _hides(_plain(rule[2])):
            continue
        try:
            found += tree.css(rule[1].strip())
        except (SelectolaxError, ValueError):
            continue  # A selector the engine does not know selects nothing here.
    return found


def _plain(style: str) -> str:
    return re.sub(r"\s*([:;,()!])\s*", r"\1", style.strip().lower())


def _style(node: LexborNode) -> str:
    return _plain(node.attributes.get("style") or "")


def _hides(style: str) -> bool:
    if _HIDING.search(style) or _too_faint(style):
        return True
    if "overflow:hidden" in style and _NO_SIZE.search(style):
        return True
    colour = _COLOUR.search(style)
    if not colour:
        return False
    ground = _BACKGROUND.search(style)
    behind = _normal(ground[1]) if ground else "ffffff"
    return _normal(colour[1]) in ("", behind)


def _too_faint(style: str) -> bool:
    if found := _OPACITY.search(style):
        share = float(found[1]) / (100 if found[2] else 1)
        if share < _FAINTEST:
            return True
    found = _FONT_SIZE.search(style)
    if not found:
        return False
    return float(found[1]) * _PIXELS.get(found[2] or "px", 1) < _SMALLEST_PIXELS


def _style_hides(node: LexborNode) -> bool:
    style = _style(node)
    if _COLOUR.search(style) and not _BACKGROUND.search(style):
        return _hides(_COLOUR.sub("", style)) or _lost_in_ground(node)
    return _hides(style)


def _lost_in_ground(node: LexborNode) -> bool:
    declared = _COLOUR.search(_style(node))
    colour = declared[1] if declared else node.attributes.get("color") or ""
    return bool(colour) and _normal(colour) in ("", _background(node))


def _background(node: LexborNode | None) -> str:
    """Find the nearest declared background; a page without one is white."""
    while node is not None and node.is_element_node:
        declared = _BACKGROUND.search(_style(node))
        colour = declared[1] if declared else node.attributes.get("bgcolor")
        if colour:
            return _normal(colour)
        node = node.parent
    return "ffffff"


def _normal(colour: str) -> str:
    """Return six hex digits, '' for transparent, ``?`` for what is not understood."""
    colour = colour.strip().lower()
    colour = _NAMED.get(colour, colour).removeprefix("#")
    if colour == "transparent":
        return ""
    if found := _RGB.match(colour):
        if found[4] is not None and float(found[4] or 0) == 0:
            return ""
        return "".join(f"{min(int(part), 255):02x}" for part in found.groups()[:3])
    if re.fullmatch(r"[0-9a-f]{3,4}", colour):
        colour = "".join(2 * digit for digit in colour)
    if re.fullmatch(r"[0-9a-f]{8}", colour):
        return "" if colour.endswith("00") else colour[:6]
    return colour if re.fullmatch(r"[0-9a-f]{6}", colour) else _UNKNOWN
