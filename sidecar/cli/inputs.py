"""What a person hands in: a text, a file, standard input, a ticket as JSON."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sidecar.v1 import ticket_pb2

MAX_BYTES = 2_000_000
CONNECTOR = "cli"
# Enum fields of a ticket and the prefix that people need not write.
_PREFIXES = {
    "status": "TICKET_STATUS_",
    "channel": "CHANNEL_",
    "role": "AUTHOR_ROLE_",
    "tier": "CUSTOMER_TIER_",
}
_SPEAKER = re.compile(
    r"^(customer|agent|note|system)(?:[ \t]*\(([^)\n]{1,80})\))?:[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)


def read_text(given: str) -> str:
    """Return the text, or standard input for ``-``; raises ``UsageError``."""
    if given == "-":
        text = _decode(sys.stdin.buffer.read(MAX_BYTES + 1), "Standard input")
    else:
        text = _decode(given.encode("utf-8", "surrogateescape"), "The text")
    if not text.strip():
        raise click.UsageError("The text is empty.")
    return text


def read_file(path: str) -> str:
    """Return the text of a file, or of standard input for ``-``."""
    if path == "-":
        return read_text("-")
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"Cannot read {path}: {error.strerror}.") from None
    text = _decode(content, path)
    if not text.strip():
        raise click.UsageError(f"{path} is empty.")
    return text


def _decode(content: bytes, name: str) -> str:
    if len(content) > MAX_BYTES:
        raise click.UsageError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"{name} is not UTF-8 text.") from None


def ticket_of(text: str, subject: str = "") -> ticket_pb2.Ticket:
    """Make a ticket of a text: one customer message, or a thread with speakers.

    A line that begins with ``Customer:``, ``Agent:`` or ``Note:`` begins a message.
    The same text is the same ticket each time.
    """
    from sidecar.v1 import ticket_pb2

    digest = hashlib.sha256(f"{subject}\n{text}".encode()).hexdigest()[:24]
    ticket = ticket_pb2.Ticket(
        external_id=digest,
        connector=CONNECTOR,
        subject=subject,
        channel=ticket_pb2.CHANNEL_API,
    )
    for number, (speaker, name, body) in enumerate(_turns(text), 1):
        role = "AGENT" if speaker == "note" else speaker.upper()
        message = ticket.messages.add(
            external_id=f"{digest}-{number}", body=body, internal=speaker == "note"
        )
        message.author.role = ticket_pb2.AuthorRole.Value(f"AUTHOR_ROLE_{role}")
        message.author.name = name
    return ticket


def _turns(text: str) -> list[tuple[str, str, str]]:
    found = list(_SPEAKER.finditer(text))
    if not found or text[: found[0].start()].strip():
        return [("customer", "", text.strip())]
    ends = [match.start() for match in found[1:]] + [len(text)]
    turns = [
        (match[1].lower(), (match[2] or "").strip(), text[match.end() : end].strip())
        for match, end in zip(found, ends, strict=True)
    ]
    return [turn for turn in turns if turn[2]] or [("customer", "", text.strip())]


def ticket_from_file(path: str) -> ticket_pb2.Ticket:
    """Read a ticket from a file: JSON when it begins with a brace, else a thread."""
    text = read_file(path)
    if not text.lstrip().startswith("{"):
        return ticket_of(text)
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"{path} is not valid JSON: {error}") from None
    return ticket_from_json(fields)


def ticket_from_json(fields: dict[str, Any]) -> ticket_pb2.Ticket:
    """Build a ticket of the contract's JSON; enums may come without their prefix.

    Raises ``UsageError`` naming the field that is wrong.
    """
    from google.protobuf.json_format import ParseDict, ParseError

    from sidecar.v1 import ticket_pb2

    ticket = ticket_pb2.Ticket()
    fields = {name: value for name, value in fields.items() if name != "resolution"}
    try:
        ParseDict(_with_prefixes(fields), ticket)
    except ParseError as error:
        raise click.UsageError(f"This is not a ticket: {error}") from None
    if not ticket.messages and not ticket.subject:
        raise click.UsageError("The ticket has neither subject nor messages.")
    if not ticket.external_id:
        content = json.dumps(fields, sort_keys=True).encode()
        ticket.external_id = hashlib.sha256(content).hexdigest()[:24]
        ticket.connector = ticket.connector or CONNECTOR
    return ticket


def _with_prefixes(value: Any, field: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _with_prefixes(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_prefixes(item) for item in value]
    prefix = _PREFIXES.get(field)
    if prefix and isinstance(value, str) and not value.upper().startswith(prefix):
        return prefix + value.upper()
    return value
