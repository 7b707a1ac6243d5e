"""Who may do what: roles, principals and the table of permissions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Role(Enum):
    """What a caller may do; ``PANEL`` keys may only open sessions for people."""

    ADMIN = "admin"
    AGENT = "agent"
    VIEWER = "viewer"
    SERVICE = "service"
    PANEL = "panel"


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of one RPC, decided by its key or session, never by the request.

    ``actor`` is what the audit log records, e.g. ``key:kd81`` or
    ``member:jo@x.example``.
    ``connector`` narrows a service key to one connector, '' means all.
    """

    workspace: str
    role: Role
    actor: str
    key_id: str
    member_id: str = ""
    connector: str = ""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as stored: never its secret, only what it may do and until when."""

    id: str
    workspace: str
    name: str
    role: Role
    connector: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_by: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a workspace."""

    id: str
    workspace: str
    email: str
    name: str
    role: Role
    active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a vendor, such as a Slack user of a team."""

    connector: str
    team_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log.

    ``details`` holds ids and codes, never personal text.
    """

    id: int
    at: datetime
    actor: str
    action: str
    target: str
    request_id: str
    details: str = ""


READ = frozenset({Role.ADMIN, Role.AGENT, Role.VIEWER, Role.SERVICE})
WORK = frozenset({Role.ADMIN, Role.AGENT, Role.SERVICE})
ADMINISTER = frozenset({Role.ADMIN})
CONNECT = frozenset({Role.ADMIN, Role.SERVICE})
ENTER = frozenset({Role.ADMIN, Role.SERVICE, Role.PANEL})
ANYONE = frozenset(Role)
