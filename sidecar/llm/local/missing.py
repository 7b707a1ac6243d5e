"""What a ticket does not say yet and a person would ask for, by category."""

from __future__ import annotations

import re

from sidecar.domain.classification import Severity
from sidecar.domain.ticket import Ticket

_WANTED = {
    "account_access": ("account_email", "error_text", "since_when"),
    "billing": ("invoice_number", "account_email"),
    "orders_shipping": ("order_number",),
    "returns_refunds": ("order_number", "photo", "goal"),
    "technical_problem": ("error_text", "device", "since_when", "screenshot"),
    "how_to": ("goal", "device"),
    "integration_api": ("request_example", "error_text", "since_when"),
    "outage": ("affected", "since_when", "error_text"),
    "security_privacy": ("since_when", "affected", "account_email"),
    "feature_request": ("goal",),
}
_ANY_PROBLEM = ("error_text", "since_when", "screenshot")
_MOST = 4
NOTHING_MISSING = "steps"
"""What is asked when a ticket already says all the rest."""

# A number of at least four digits, a code such as E-57 or TW-5030, or "error 500".
_CODE = re.compile(
    r"\b[A-Z]{1,5}-?\d{2,6}\b|\b(?:error|fehler|erreur|errore|erro) \d+", re.IGNORECASE
)
_ORDER = re.compile(r"\b[A-Z]{1,4}-?\d{4,}\b|(?<!\d)#?\d{5,}\b")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PICTURE = re.compile(r"\b[\w-]+\.(?:png|jpe?g|gif|heic|webp)\b", re.IGNORECASE)
_SINCE = re.compile(
    r"\b(since|today|yesterday|this morning|last (?:night|week|month)|for \w+ days"
    r"|seit|heute|gestern|depuis|hier|aujourd|desde|ayer|hoy|ontem|hoje|ieri|oggi)\b"
    r"|\b\d{1,2}[:h]\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]?",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"\b(windows|mac ?os|macbook|linux|ubuntu|ios|iphone|ipad|android|chrome|firefox"
    r"|safari|edge|version \d|v\d+\.\d|serial|seriennummer|firmware)\b",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(everyone|everybody|nobody|all users|only me|just me|alle|niemand|keiner"
    r"|personne|tout le monde|nadie|todos|ninguém|nessuno|tutti)\b",
    re.IGNORECASE,
)


def missing_details(
    ticket: Ticket, category: str, severity: Severity
) -> tuple[str, ...]:
    """Return the keys of the questions worth asking, at most four; never empty."""
    default = ("goal",) if severity is Severity.LOW else _ANY_PROBLEM
    text = " ".join([ticket.subject, *(m.body for m in ticket.customer_messages[-5:])])
    text = text[:20_000]
    # A helpdesk may hand over a file as no more than its name in the text.
    pictured = bool(_PICTURE.search(text))
    pictured = pictured or any(m.attachments for m in ticket.customer_messages)
    known = {
        "order_number": bool(_ORDER.search(text)),
        "invoice_number": bool(_ORDER.search(text)),
        "account_email": bool(ticket.customer.email or _MAIL.search(text)),
        "error_text": bool(_CODE.search(text)),
        "device": bool(_DEVICE.search(text)),
        "since_when": bool(_SINCE.search(text)),
        "affected": bool(_MANY.search(text)),
        "screenshot": pictured,
        "photo": pictured,
        "request_example": "{" in text or "HTTP/" in text or "curl " in text,
    }
    wanted = [key for key in _WANTED.get(category, default) if not known.get(key)]
    return tuple(wanted[:_MOST]) or (NOTHING_MISSING,)
