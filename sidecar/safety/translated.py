"""Whether a sentence can be the translation of another, as far as rules can tell.

The original is checked word by word against its source; of the translation only what
looks the same in every language can be: numbers, quantities, dates, links, addresses,
codes, and whether it denies. So what passes here is never called ready.
"""

from __future__ import annotations

import re

from sidecar.domain.text import visible_text
from sidecar.safety.countables import countables
from sidecar.safety.links import links, only_known_links
from sidecar.safety.negation import agree
from sidecar.safety.redact import redact
from sidecar.safety.suspicion import suspicion

_SUSPICIOUS_FROM = 0.7
_LONGEST = 400
_SHORTER, _LONGER = 0.4, 2.5
"""How much a translation's length may differ; German runs half as long again."""
# Abbreviations, product names in mixed case, anything with a digit or an underscore.
_NAME_LIKE = re.compile(r"\b(?:[A-Z]{2,}\w*|\w*[a-z][A-Z]\w*|\w*[\d_]\w*)\b")


def translation_holds(text: str, original: str) -> bool:
    """Say whether ``text`` tells nothing that can be seen not to be in ``original``."""
    if text != visible_text(text) or not 0 < len(text.strip()) <= _LONGEST:
        return False
    if not _SHORTER <= len(text) / max(len(original), 1) <= _LONGER:
        return False
    said, meant = countables(text), countables(original)
    if not said.within(meant) or not meant.numbers <= said.numbers:
        return False
    if not agree(text, original) or suspicion(text).score >= _SUSPICIOUS_FROM:
        return False
    if only_known_links(text, [f"//{target}" for target in links(original)]) != text:
        return False
    known = original.casefold()
    names = _NAME_LIKE.findall(text)
    if any(name.casefold() not in known for name in names if not name.isdigit()):
        return False
    found = redact(text, proven_only=True).originals.values()
    return all(value in original for value in found)
