"""Personal data out of a text, by patterns with checksums and by known names.

Deterministic and reversible: each distinct value gets one placeholder in a text, and
the caller holds what it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sidecar.safety.port import Redacted

_SECRET_WORDS = (
    r"password|passwort|kennwort|passphrase|mot de passe|contraseña|senha|"
    r"parola d'ordine|api[ _-]?key|secret|token|pin|pwd"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of personal data: how it looks, and what proves it (``group`` is replaced)."""

    name: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = bool
    group: int = 0


def redact(text: str, names: Sequence[str] = ()) -> Redacted:
    """Replace personal data by ``<KIND_n>``; earlier kinds win where two overlap."""
    found: list[tuple[int, int, str]] = []
    for kind, start, end in _candidates(text, names):
        if all(end <= s or start >= e for s, e, _ in found):
            found.append((start, end, kind))
    originals: dict[str, str] = {}
    placeholders: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}
    out, at = [], 0
    for start, end, kind in sorted(found):
        value = text[start:end]
        key = (kind, value)
        if key not in placeholders:
            counts[kind] = counts.get(kind, 0) + 1
            placeholders[key] = f"<{kind}_{counts[kind]}>"
            originals[placeholders[key]] = value
        out += [text[at:start], placeholders[key]]
        at = end
    out.append(text[at:])
    return Redacted("".join(out), originals)


def luhn_holds(digits: str) -> bool:
    """Say whether the digits of ``digits`` pass the Luhn check (13 to 19 of them)."""
    numbers = [int(c) for c in digits if c.isdigit()]
    if not 13 <= len(numbers) <= 19 or len(set(numbers)) == 1:
        return False
    doubled = [
        (n * 2 - 9 if n * 2 > 9 else n * 2) if place % 2 else n
        for place, n in enumerate(reversed(numbers))
    ]
    return sum(doubled) % 10 == 0


def iban_holds(text: str) -> bool:
    """Say whether the text is an IBAN by ISO 13616: mod 97 of the rearranged digits is 1."""
    compact = re.sub(r"\s", "", text).upper()
    if not 15 <= len(compact) <= 34:
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def _phone_holds(text: str) -> bool:
    return 7 <= sum(c.isdigit() for c in text) <= 15


def _ip_holds(text: str) -> bool:
    return all(int(part) <= 255 for part in text.split("."))


_KINDS = (
    _Kind("SECRET", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)),
    _Kind("SECRET", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")),
    _Kind("SECRET", re.compile(r"\b(?:sk|pk|rk|ghp|gho|xox[abps]|AKIA|dsk|dss)[-_]?[A-Za-z0-9_-]{16,}")),
    _Kind("SECRET", re.compile(rf"\b(?:{_SECRET_WORDS})\b\s*(?:is|ist|est|es|é|è)?\s*[:=]\s*(\S+)", re.IGNORECASE), group=1),
    _Kind("SECRET", re.compile(r"\b[a-z]+://[^\s/@:]+:([^\s/@]+)@", re.IGNORECASE), group=1),
    _Kind("EMAIL", re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")),
    _Kind("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b", re.IGNORECASE), iban_holds),
    _Kind("CARD", re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])"), luhn_holds),
    _Kind("IP", re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), _ip_holds),
    _Kind("PHONE", re.compile(r"(?<![\w+])\+\d{1,3}(?:[ ./-]?\(?\d{1,5}\)?){2,6}(?!\w)"), _phone_holds),
    _Kind("PHONE", re.compile(r"(?<![\w-])\(\d{3}\) ?\d{3}[ -]\d{4}(?!\w)")),
)  # fmt: skip


def _candidates(text: str, names: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    for kind in _KINDS:
        for match in kind.pattern.finditer(text):
            if kind.holds(match.group(kind.group)):
                yield kind.name, *match.span(kind.group)
    for name in sorted({n.strip() for n in names if len(n.strip()) > 2}, key=len)[::-1]:
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            yield "NAME", *match.span()
