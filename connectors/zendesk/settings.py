"""What an administrator fills in for Zendesk, and where its API is."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connectors.connector import Setting
from connectors.events import Credentials, GiveUp

NAME = "zendesk"
SETTINGS = (
    Setting(
        "subdomain",
        "The first part of your Zendesk address: acme for https://acme.zendesk.com.",
        required=True,
    ),
    Setting(
        "email",
        "Address of the agent in whose name Deskside reads and writes. Use an agent of"
        " its own, so that its changes can be told apart.",
        required=True,
    ),
    Setting(
        "api_token",
        "Admin Center > Apps and integrations > APIs > API tokens.",
        secret=True,
        required=True,
    ),
    Setting(
        "webhook_secret",
        "Signing secret of the webhook. While you change it, fill in the old and the"
        " new one with a blank between them.",
        secret=True,
    ),
    Setting(
        "automate_fields",
        "Fields that may be written without a person in mode automate: priority, tags.",
    ),
    Setting("app_installation_id", "Installation number of the sidebar app."),
    Setting("app_public_key", "Public key (PEM) of the sidebar app."),
    Setting("base_url", "Another address of the API, for tests only."),
)
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
AUTOMATABLE = ("priority", "tags")


@dataclass(frozen=True, slots=True)
class Account:
    """Where the API is and who calls it; ``base_url`` has no trailing slash."""

    subdomain: str
    email: str
    token: str = field(repr=False)
    base_url: str
    automate_fields: tuple[str, ...] = ()

    @property
    def web_url(self) -> str:
        """Return the address that people open."""
        return f"https://{self.subdomain}.zendesk.com"


def account_of(
    credentials: Credentials, *, allow_test_hosts: bool | None = None
) -> Account:
    """Check the settings; raises ``GiveUp`` that says what to change.

    A host outside zendesk.com would be handed the token, so it needs
    ``DESKSIDE_ALLOW_TEST_HOSTS=1``.
    """
    if allow_test_hosts is None:
        allow_test_hosts = os.environ.get("DESKSIDE_ALLOW_TEST_HOSTS") == "1"
    subdomain = credentials.get("subdomain").strip().lower()
    if not _SUBDOMAIN.fullmatch(subdomain):
        raise _wrong("subdomain is the first part of your address, such as acme.")
    for name in ("email", "api_token"):
        if not credentials.get(name).strip():
            raise _wrong(f"{name} is not filled in.")
    base = credentials.get("base_url").strip().rstrip("/")
    if base:
        _check_host(base, allow_test_hosts=allow_test_hosts)
    words = credentials.get("automate_fields").replace(",", " ").split()
    return Account(
        subdomain,
        credentials.get("email").strip(),
        credentials.get("api_token").strip(),
        base or f"https://{subdomain}.zendesk.com",
        tuple(word for word in words if word in AUTOMATABLE),
    )


def _check_host(base: str, *, allow_test_hosts: bool) -> None:
    try:
        parts = urlsplit(base)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        raise _wrong("base_url is no address.") from None
    own = parts.scheme == "https" and host.endswith(".zendesk.com")
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if own and plain and port in (None, 443) and parts.path == "":
        return
    if not allow_test_hosts:
        raise _wrong(
            "base_url is not an address of Zendesk. Leave it empty, or set"
            " DESKSIDE_ALLOW_TEST_HOSTS=1 for a test."
        )
    if parts.scheme not in ("http", "https") or not host or not plain:
        raise _wrong("base_url is no address.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise _wrong("base_url without TLS is for this machine only.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _wrong(message: str) -> GiveUp:
    return GiveUp("SETTINGS_WRONG", message)
