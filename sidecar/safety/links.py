"""Links out of a text, whatever form they take, unless their target is known.

A link carries data out by being loaded or clicked, so what matters is not how it is
written but what a mail program, a helpdesk or a browser would make of it.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from sidecar.safety.plain_view import plain_view

# Bare host names that mail programs make clickable end in one of these.
_LISTED = Path(__file__).resolve().parent / "data" / "top_domains.txt"


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern of any word; by first letters, so that few are tried."""
    by_letter = groupby(sorted(set(words)), key=lambda word: word[0])
    return "|".join(
        f"{letter}(?:{'|'.join(word[1:] for word in sorted(some, reverse=True))})"
        for letter, some in by_letter
    )


_WORDS = _LISTED.read_text("utf-8").split()
# Many are words: "It is done.Contact us" lacks a blank, "acme.contact" is a link.
_WORD = (
    rf"(?:(?-i:{_any_of(_WORDS)}|{_any_of(word.upper() for word in _WORDS)})"
    rf"|(?:{_any_of(_WORDS)})(?=\s*(?:$|[.,;:!?/#)\"'])))"
)
_TOP = (
    r"(?:com|net|org|info|biz|io|ai|app|dev|xyz|top|site|online|shop|store|club|link|"
    r"click|live|cloud|tech|page|pro|test|example|invalid|localhost|internal|zip|mov|"
    r"gov|edu|mil|int|eu|de|fr|es|pt|it|at|ch|uk|us|ca|br|mx|nl|be|pl|se|no|dk|fi|ie|"
    r"cz|ru|cn|jp|in|au|nz|za|tr|ua|gr|hu|ro|bg|hr|si|sk|lt|lv|ee|lu|co|me|tv|cc|ly|"
    rf"gg|to|ws|tk|ml|ga|cf|gq|su|pw|icu|onion|xn--[a-z0-9-]{{2,40}}|{_WORD})"
)
# What follows the last dot of a file and is no top level of the net.
_FILES = (
    r"(?:pdf|docx?|xlsx?|pptx?|odt|ods|csv|txt|rtf|html?|xml|json|ya?ml|toml|ini|cfg|conf|"
    r"log|exe|msi|dmg|pkg|deb|rpm|apk|ipa|bat|cmd|dll|iso|gz|tgz|tar|7z|rar|jpe?g|png|gif|"
    r"svg|webp|bmp|tiff?|heic|mp[34]|wav|avi|js|ts|jsx|tsx|css|php|jsp|aspx?|java|cpp|sql|"
    r"db|bak|tmp|eml|msg|ics|vcf|key|pem|crt|cer|bin|img)"
)
_DOT = r"(?:\.|\[\.\]|\(\.\)|\[dot\]|\(dot\)|\u3002)"
_REST = r"[^\s<>\"'`|^{}\[\]]{0,2000}+"
_URL = re.compile(
    # scheme: and slashes of either kind, hxxp and app schemes included
    rf"(?<![\w+.-])[a-z][a-z0-9+.-]{{1,20}}(?::|\[:\])[/\\]{{1,3}}{_REST}"
    # no scheme: a browser takes the page's own
    rf"|(?<![:\w/\\])[/\\]{{2}}(?=\w){_REST}"
    # schemes that hold or do something without an address
    rf"|(?<![\w+.-])(?:javascript|vbscript|data|file|blob|mailto|tel|sms):(?=[^\s,]){_REST}"
    rf"|(?<![\w@.-])www{_DOT}{_REST}"
    rf"|(?<![\w@.-])(?:[^\W_][\w-]{{0,62}}{_DOT}){{1,6}}{_TOP}(?![\w-])(?:[:/?#]{_REST})?"
    # no top level that is listed, but a path, a query or a port behind it
    rf"|(?<![\w@./\\-])(?:[^\W_][\w-]{{0,62}}{_DOT}){{1,6}}(?!{_FILES}(?![\w-]))"
    rf"(?-i:[^\W\d_A-Z]{{2,24}}|[A-Z]{{2,24}})(?:[/?](?=\w)|:(?=\d{{2,5}}\b(?!:))){_REST}",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(
    r"!?\[([^\[\]\n]{0,500})\]\(\s{0,5}<?([^()<>\s]{0,2000}(?:\([^()\s]{0,200}\)"
    r"[^()<>\s]{0,500})?)>?(?:\s{1,5}[\"'(][^\n]{0,300}?[\"')])?\s{0,5}\)"
)
_REFERENCE = re.compile(
    r"^[ ]{0,3}\[([^\[\]\n]{1,200})\]:[ \t]{0,5}\n?[ \t]{0,5}<?(\S{1,2000}?)>?"
    r"(?:[ \t]{1,5}[\"'(][^\n]{0,300})?[ \t]{0,5}$\n?",
    re.MULTILINE,
)
_REFERRED = re.compile(r"!?\[([^\[\]\n]{1,500})\][ ]?\[([^\[\]\n]{0,200})\]")
# Any tag that can load or lead somewhere; what stands between <a> and </a> stays.
_TAG = re.compile(
    r"</?(?:a|img|iframe|frame|object|embed|script|style|link|meta|base|form|input|"
    r"button|video|audio|source|track|svg|image|use|math|area|map|body|table|td|div|"
    r"span|p|b|i|u|em|strong|br|hr|font|center|h[1-6]|ul|ol|li|template|noscript)"
    r"(?:[\s/][^<>]{0,4000})?>?",
    re.IGNORECASE,
)
_AUTOLINK = re.compile(r"<([a-z][a-z0-9+.-]{1,20}:[^<>\s]{1,2000})>", re.IGNORECASE)
_AFTER = ".,;:!?*_~)'\"”’»"
_MOST_ROUNDS = 4


def only_known_links(text: str, allowed_urls: Iterable[str]) -> str:
    """Return the text without any link whose target is not one of ``allowed_urls``.

    A link's wording stays, its target goes; images and tags go whole. A text without
    foreign links comes back unchanged. Targets are compared whole: a known host with
    another path or query can carry data out as well as a foreign one.
    """
    known = frozenset(target for url in allowed_urls if (target := _target(url)))
    plain = _unescaped(plain_view(text).text)
    cleaned = _cleaned(plain, known)
    if cleaned == plain:
        return text
    # What is left may form a link anew: "[a](http[b](x)://evil)".
    for _ in range(_MOST_ROUNDS):
        plain, cleaned = cleaned, _cleaned(_unescaped(cleaned), known)
        if cleaned == plain:
            return cleaned
    return _URL.sub("", _TAG.sub("", cleaned))


def links(text: str) -> Iterator[str]:
    """Yield the targets of the links of a text, as they would be compared."""
    for match in _URL.finditer(_unescaped(plain_view(text).text)):
        if target := _target(match.group()):
            yield target


def _unescaped(text: str) -> str:
    for _ in range(3):
        if "&" not in text:
            break
        text = html.unescape(text)
    return text


def _cleaned(text: str, known: frozenset[str]) -> str:
    if not _may_link(text):
        return text

    def keep_or(instead: Callable[[re.Match[str]], str], group: int) -> _Replace:
        return lambda m: m.group() if _target(m.group(group)) in known else instead(m)

    if "[" in text:
        foreign = {
            m.group(1).casefold()
            for m in _REFERENCE.finditer(text)
            if _URL.search(m.group(2)) and _target(m.group(2)) not in known
        }
        if foreign:
            text = _REFERENCE.sub(
                lambda m: "" if m.group(1).casefold() in foreign else m.group(), text
            )
            text = _REFERRED.sub(
                lambda m: (
                    m.group(1)
                    if (m.group(2) or m.group(1)).casefold() in foreign
                    else m.group()
                ),
                text,
            )
        text = _MARKDOWN.sub(_markdown(known), text)
    if "<" in text:
        text = _AUTOLINK.sub(keep_or(lambda _: "", 1), text)
        text = _TAG.sub("", text)
    return _URL.sub(_bare(known), text)


_Replace = Callable[[re.Match[str]], str]


def _markdown(known: frozenset[str]) -> _Replace:
    def replaced(match: re.Match[str]) -> str:
        image = match.group().startswith("!")
        # An image is loaded without a click: even a known address tells who reads.
        if not image and _target(match.group(2)) in known:
            return match.group()
        return "" if image else match.group(1)

    return replaced


def _bare(known: frozenset[str]) -> _Replace:
    def replaced(match: re.Match[str]) -> str:
        found = match.group()
        url = found.rstrip(_AFTER)
        return found if _target(url) in known else found[len(url) :]

    return replaced


def _may_link(text: str) -> bool:
    return any(c in text for c in (".", ":", "/", "\\", "<", "\u3002", "[", "("))


def _target(url: str) -> str:
    """Return the form in which targets are compared, '' for what is never allowed."""
    url = _unescaped(plain_view(url.strip()).text).rstrip(_AFTER)
    if re.search(r"[\s\\\x00-\x1f]|\[|\(dot\)", url, re.IGNORECASE):
        return ""
    match = re.fullmatch(
        r"(?:(https?):)?(?://)?([^/?#]+)([^#]*)(#.*)?", url, re.IGNORECASE
    )
    if match is None or "@" in match.group(2) or "%" in match.group(2):
        return ""
    scheme = match.group(1)
    if scheme and not url.lower().startswith(f"{scheme.lower()}://"):
        return ""
    try:
        host = match.group(2).lower().rstrip(".").encode("idna").decode()
    except UnicodeError:
        return ""
    return f"{host}{match.group(3).rstrip('/') if match.group(3) == '/' else match.group(3)}{match.group(4) or ''}"
