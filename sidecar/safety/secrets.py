"""Passwords, keys and tokens that people paste into tickets."""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterator

from sidecar.safety.plain_view import PlainView

# After these words and a colon, whatever follows is the secret.
_SURE = (
    r"pass(?:word|wort|code|phrase|wd)|passwort|kennwort|zugangscode|losung|"
    r"mot de passe|mdp|code d['’]acc[eè]s|contrase(?:ñ|n)a|senha|palavra[- ]passe|"
    r"pwd|pw|pin(?:[- ]?code)?|puk|cvv|cvc|tan|client[_-]?secret"
)
# After these only what looks drawn by lot: "token: expired" is an error message.
_MAYBE = (
    r"api[ _-]?key|api[ _-]?token|access[ _-]?key|secret[ _-]?key|secret|token|clave|"
    r"chave|chiave|schl(?:ü|ue)ssel|cl[ée]|credential\w?|bearer|authorization|auth|"
    r"parola(?: d['’]ordine)?|geheimnis|segredo|segreto|otp|(?:login|security|verification|one-time) code"
)
_IS = r"(?:\s{1,3}(?:is|was|ist|war|lautet|est|es|era|[eé]|è)\b)?"
_VALUE = r"[\"'`«„“(\[]?([^\s\"'`<>«»„“”]{3,200})"
# No word that ends so ("Kompass:"), but the hump of a name ("userPassword:").
_HUMP = r"(?:(?<![a-z])|(?-i:(?<=[a-z])(?=[A-Z])))"
_ASSIGNED = re.compile(
    rf"{_HUMP}(?:(?P<sure>{_SURE})|(?P<maybe>{_MAYBE}))[\"']?(?:[ \t]{{0,3}}"
    rf"\([^()\n]{{1,30}}\))?{_IS}[ \t]{{0,3}}(?:[:=]|=>|->)[ \t]{{0,3}}"
    rf"(?:(?:bearer|basic|token)[ \t]{{1,3}})?{_VALUE}",
    re.IGNORECASE,
)
# Alone on the next line; there a word may as well be the next sentence's first.
_BELOW = re.compile(
    rf"{_HUMP}(?:{_SURE}|{_MAYBE})[ \t]{{0,3}}(?:[:=]|=>|->)[ \t]{{0,3}}\r?\n[ \t]{{0,8}}"
    r"(\S{4,200})[ \t]{0,8}(?=\r?\n|\Z)",
    re.IGNORECASE,
)
_ELEMENT = re.compile(
    rf"<(?:\w{{1,30}}[:.-])?\w{{0,30}}?{_HUMP}(?:(?P<sure>{_SURE})|(?P<maybe>{_MAYBE}))"
    r"(?:\s[^<>\n]{0,200})?>\s{0,9}([^<>\s]{3,200})\s{0,9}</",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    rf"(?<![a-z])(?:{_SURE}|{_MAYBE})[ \t]{{1,3}}(?:is|was|ist|war|lautet|est|es|era|"
    rf"[eé]|è)[ \t]{{1,3}}{_VALUE}",
    re.IGNORECASE,
)
_BEARER = re.compile(
    r"\b(?:bearer|basic)[ \t]{1,3}([\w.~+/-]{12,2000}={0,2})", re.IGNORECASE
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?!-----BEGIN)[\s\S]){0,16000}?"
    r"(?:-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|\Z)"
)
_JWT = re.compile(r"(?<![\w.-])eyJ[\w-]{8,4000}\.[\w-]{4,8000}(?:\.[\w-]{0,4000})?")
# Makers' own prefixes; each vendor documents its form so that scanners find them.
_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:sk|pk|rk)[-_][\w-]{16,200}"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,64}"
    r"|xox[abeoprs]-[\w-]{10,250}|xapp-[\w-]{10,250}|(?:AKIA|ASIA|AROA)[A-Z0-9]{16}"
    r"|AIza[\w-]{30,60}|ya29\.[\w-]{20,250}|whsec_[\w+/=]{16,100}"
    r"|SG\.[\w-]{16,64}\.[\w-]{16,64}|npm_[A-Za-z0-9]{30,60}|hf_[A-Za-z0-9]{20,60}"
    r"|pypi-[\w-]{30,250}|dop_v1_[a-f0-9]{40,80}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"
    r"|(?:dsk|dss|dsp)[-_][\w-]{16,200})(?![A-Za-z0-9])"
)
_MARKS = (
    *("sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat_", "glpat-", "xox", "xapp-", "AKIA", "ASIA", "AROA", "AIza", "ya29."),
    *("whsec_", "SG.", "npm_", "hf_", "pypi-", "dop_v1_", "shpat_", "shpca_", "shppa_"),
    *("shpss_", "dsk-", "dsk_", "dss-", "dss_", "dsp-", "dsp_"),
)
_URL_LOGIN = re.compile(r"(?<![\w+.-])[a-z][\w+.-]{1,20}://([^\s/@:]{0,64}:[^\s/@]{1,128})@", re.IGNORECASE)  # fmt: skip
_URL_TOKEN = re.compile(
    r"[?&#;](?:[a-z]{1,16}[_-])?(?:token|key|sig|signature|secret|password|passwd|pwd|"
    r"auth|apikey|code|jwt|session|sid)=([^\s&#\"'<>]{6,2000})",
    re.IGNORECASE,
)
# A piece of each word of _SURE and _MAYBE; looking for them costs next to nothing.
_KEY_MARKS = (
    *("pass", "kennwort", "zugangscode", "losung", "mdp", "code", "contrase", "senha"),
    *("palavra", "pwd", "pw", "pin", "puk", "cvv", "cvc", "tan", "secret", "api"),
    *("access", "token", "clave", "chave", "chiave", "schl", "clé", "cle"),
    *(
        "credential",
        "bearer",
        "auth",
        "parola",
        "geheimnis",
        "segredo",
        "segreto",
        "otp",
    ),
)
_AFTER = ".,;:!?)]}'\""


def find_secrets(view: PlainView) -> Iterator[tuple[int, int]]:
    """Yield the spans of secrets in the plain text, the surest forms first."""
    text = view.text
    if "PRIVATE KEY" in text:
        yield from (m.span() for m in _PRIVATE_KEY.finditer(text))
    if "eyJ" in text:
        yield from (m.span() for m in _JWT.finditer(text))
    if any(mark in text for mark in _MARKS):
        yield from (m.span() for m in _PREFIXED.finditer(text))
    if "://" in text and "@" in text:
        yield from (m.span(1) for m in _URL_LOGIN.finditer(text))
    if "=" in text:
        yield from (m.span(1) for m in _URL_TOKEN.finditer(text))
    lowered = text.lower()
    if "bearer" in lowered or "basic" in lowered:
        yield from (m.span(1) for m in _BEARER.finditer(text) if _random(m.group(1)))
    if any(mark in lowered for mark in _KEY_MARKS):
        yield from _called_so(text)


def _called_so(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of what a word before it calls a secret."""
    if "</" in text:
        for match in _ELEMENT.finditer(text):
            if match["sure"] or _random(match[3]):
                yield match.span(3)
    for match in _BELOW.finditer(text):
        value = match[1].rstrip(_AFTER)
        if _random(value):
            yield match.start(1), match.start(1) + len(value)
    for match in _ASSIGNED.finditer(text):
        value = match.group(3).rstrip(_AFTER)
        if len(value) >= 3 and (match["sure"] or _random(value)):
            yield match.start(3), match.start(3) + len(value)
    for match in _SPOKEN.finditer(text):
        value = match.group(1).rstrip(_AFTER)
        if _random(value):
            yield match.start(1), match.start(1) + len(value)


def _random(value: str) -> bool:
    """Say whether a value looks chosen, not written: digits or signs among letters."""
    if "://" in value or len(value) < 4:
        return False
    digits = sum(c.isdigit() for c in value)
    letters = sum(c.isalpha() for c in value)
    signs = sum(not c.isalnum() and c not in "-'’.,/" for c in value)
    mixed = value != value.lower() and not value.istitle() and value != value.upper()
    return bool(letters and (digits or signs or (mixed and len(value) >= 8))) or (
        digits >= 4 and not letters
    )
