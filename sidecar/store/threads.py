"""Merging what a vendor sends with the messages already stored; no database here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sidecar.domain.ids import new_id
from sidecar.domain.ticket import AuthorRole, Message
from sidecar.store.encode import encode_attachments

_DERIVED = "~"


@dataclass(frozen=True, slots=True)
class Known:
    """What merging must know of a stored message; ``digest`` stands for its content."""

    id: str
    external_id: str
    digest: str
    position: int
    sent_at: datetime | None
    role: AuthorRole
    internal: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """What has to be written, and the whole thread in its new order.

    ``added`` and ``replaced`` are (position, message); ``moved`` is (id, position).
    """

    order: tuple[Known, ...]
    added: tuple[tuple[int, Message], ...]
    replaced: tuple[tuple[int, Message], ...]
    moved: tuple[tuple[str, int], ...]

    @property
    def changes_content(self) -> bool:
        """Say whether a reader of the thread would see a difference."""
        return bool(self.added or self.replaced)

    @property
    def awaiting_agent(self) -> bool:
        """Say whether the last turn that the customer can see is the customer's."""
        for known in reversed(self.order):
            if not known.internal and known.role is not AuthorRole.SYSTEM:
                return known.role is AuthorRole.CUSTOMER
        return False


def digest(message: Message) -> str:
    """Return 128 bits that change with anything stored of the message but its ids."""
    sent = message.sent_at.astimezone(UTC).isoformat() if message.sent_at else ""
    parts = (
        message.author.role.value,
        message.author.external_id,
        message.author.name,
        "i" if message.internal else "p",
        sent,
        encode_attachments(message.attachments),
        message.body,
    )
    # Lengths keep the parts apart: ("ab", "c") is not ("a", "bc").
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()


def named(
    messages: Sequence[Message], known: Sequence[Known] = ()
) -> list[tuple[Message, str]]:
    """Return (message, digest), each with an external id and each id once.

    A message without one is named by its content and by how many equal ones come
    before it, in ``known`` and here: the same call again gives the same names. Of
    two with one id the later content counts, in the place of the first.
    """
    seen: dict[str, int] = {}
    for item in known:
        if item.external_id.startswith(_DERIVED):
            seen[item.digest] = seen.get(item.digest, 0) + 1
    result: dict[str, tuple[Message, str]] = {}
    for message in messages:
        mark = digest(message)
        if not message.external_id:
            count = seen.get(mark, 0)
            seen[mark] = count + 1
            message = replace(message, external_id=f"{_DERIVED}{mark}.{count}")
        result[message.external_id] = (message, mark)
    return list(result.values())


def merge(
    known: Sequence[Known],
    incoming: Sequence[tuple[Message, str]],
    at: datetime,
    may_replace: bool = True,
) -> Merge:
    """Bring the incoming messages into the stored thread.

    The order is that of sending; a message without a time stays behind the one it
    came after. ``may_replace`` is False for an outdated view of the thread: it adds
    what is missing and changes nothing.
    """
    by_external = {item.external_id: item for item in known}
    contents: dict[str, Message] = {}
    current = {item.external_id: item for item in known}
    for message, mark in incoming:
        old = by_external.get(message.external_id)
        if old and (old.digest == mark or not may_replace):
            continue
        own_id = old.id if old else new_id("msg", at)
        contents[own_id] = replace(message, id=own_id)
        current[message.external_id] = Known(
            own_id,
            message.external_id,
            mark,
            old.position if old else -1,
            message.sent_at,
            message.author.role,
            message.internal,
        )
    order = _ordered(list(current.values()))
    added, replaced, moved = [], [], []
    for position, item in enumerate(order):
        if item.position < 0:
            added.append((position, contents[item.id]))
        elif item.id in contents:
            replaced.append((position, contents[item.id]))
        elif item.position != position:
            moved.append((item.id, position))
    return Merge(tuple(order), tuple(added), tuple(replaced), tuple(moved))


def _ordered(items: list[Known]) -> list[Known]:
    keyed: list[tuple[datetime, Known]] = []
    latest = datetime.min.replace(tzinfo=UTC)
    for item in items:
        # Without a time of its own it belongs to what stands before it.
        latest = item.sent_at or latest
        keyed.append((latest, item))
    keyed.sort(key=lambda pair: pair[0])
    return [item for _, item in keyed]
