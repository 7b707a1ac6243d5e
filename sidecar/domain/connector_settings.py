"""What an administrator fills in for each connector, and which hosts are its vendor's.

The names are fixed: scripts and other teams rely on them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sidecar.domain.connector import Connector, Mode

MAX_VALUE = 10_000


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to fill in; ``host`` marks what says where the secrets are sent.

    ``domains`` are the vendor's own; () means that any public host will do.
    """

    name: str
    help: str
    secret: bool = False
    required: bool = False
    host: bool = False
    domains: tuple[str, ...] = ()
    shape: str = ""


def _secret(name: str, help: str, *, required: bool = False) -> Setting:  # noqa: A002 - the field is called so
    return Setting(name, help, secret=True, required=required)


_TWO_SECRETS = "While you change it, fill in the new and the old one with a blank."

CATALOGUE: dict[str, tuple[Setting, ...]] = {
    "zendesk": (
        Setting(
            "subdomain",
            "The first part of your Zendesk address: acme for"
            " https://acme.zendesk.com.",
            required=True,
            host=True,
            shape=r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
        ),
        Setting(
            "email",
            "Address of the agent in whose name Deskside reads and writes. Give it an"
            " agent of its own, so that its changes can be told apart.",
            required=True,
        ),
        _secret(
            "api_token",
            "Zendesk Admin Center, Apps and integrations, APIs, API tokens.",
            required=True,
        ),
        _secret("webhook_secret", f"Signing secret of the webhook. {_TWO_SECRETS}"),
        Setting("app_installation_id", "Installation number of the sidebar app."),
        Setting("app_public_key", "Public key (PEM) of the sidebar app."),
        Setting(
            "automate_fields",
            "Fields that may be written without a person in mode automate:"
            " priority, tags.",
        ),
        Setting(
            "base_url",
            "Another address of the API; leave it empty.",
            host=True,
            domains=("zendesk.com",),
        ),
    ),
    "salesforce": (
        Setting("consumer_key", "Consumer key of the connected app.", required=True),
        _secret("consumer_secret", "Consumer secret; checks Canvas signed requests."),
        Setting("username", "User in whose name Deskside works.", required=True),
        _secret(
            "private_key",
            "Private key (PEM) whose certificate the connected app knows.",
            required=True,
        ),
        Setting(
            "instance_url",
            "Address of your organisation: https://acme.my.salesforce.com.",
            required=True,
            host=True,
            domains=("salesforce.com", "force.com", "salesforce.mil"),
        ),
        Setting("organization_id", "Organisation ID, 00D…", required=True),
        _secret("webhook_secret", "Secret word in the address of outbound messages."),
    ),
    "slack": (
        _secret("bot_token", "Bot User OAuth Token of the app, xoxb-…", required=True),
        _secret("signing_secret", f"Signing Secret. {_TWO_SECRETS}", required=True),
        Setting("team_id", "Identifier of your Slack workspace, T…", required=True),
        Setting(
            "channel",
            "Identifier of the channel for escalations, C…; invite the app to it.",
            required=True,
        ),
        Setting(
            "base_url",
            "Another address of the API; leave it empty.",
            host=True,
            domains=("slack.com", "slack-gov.com"),
        ),
    ),
    "email": (
        Setting(
            "imap_url",
            "Mailbox to read: imaps://user:password@imap.example.com/INBOX.",
            secret=True,
            host=True,
        ),
        Setting(
            "smtp_url",
            "Server to send by: smtps://user:password@smtp.example.com.",
            secret=True,
            host=True,
        ),
        Setting("address", "Address customers write to.", required=True),
        _secret("inbound_secret", "Secret that signs inbound-parse webhooks."),
    ),
    "webhooks": (),
}

_SCHEMES = {
    "imap_url": ("imaps", "imap"),
    "smtp_url": ("smtps", "smtp"),
}


def setting(connector: str, name: str) -> Setting | None:
    """Return what is known of a setting; None for a name the connector has not."""
    return next((s for s in CATALOGUE[connector] if s.name == name), None)


def is_complete(connector: str, filled_in: Mapping[str, str]) -> bool:
    """Say whether everything required is filled in."""
    return all(filled_in.get(s.name) for s in CATALOGUE[connector] if s.required)


def is_active(connector: Connector, filled_in: Mapping[str, str]) -> bool:
    """Say whether it gets events: set up completely, and not switched off."""
    return connector.mode is not Mode.OFF and is_complete(connector.name, filled_in)


def host_of(item: Setting, value: str) -> str:
    """Return the host a value leads to, with its port; '' for an empty value."""
    if not value:
        return ""
    if item.shape:
        return value.lower()
    try:
        parts = urlsplit(value)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}{port}"
    except ValueError:
        return value


def problem(item: Setting, value: str, *, test_hosts: bool) -> str:
    """Return what is wrong with a value, '' when it will do.

    A host outside the vendor's domains would be handed the secrets, so it needs
    ``test_hosts``, as does one on loopback or in a private network.
    """
    if len(value) > MAX_VALUE:
        return f"At most {MAX_VALUE:,} characters are allowed."
    if item.shape and not re.fullmatch(item.shape, value, re.ASCII):
        return "Only letters, digits and hyphens are allowed."
    if not item.host or item.shape:
        return ""
    try:
        parts = urlsplit(value)
        host = (parts.hostname or "").rstrip(".").lower()
        _ = parts.port
    except ValueError:
        return "This is not an address."
    schemes = _SCHEMES.get(item.name, ("https",))
    if not host or parts.scheme not in (*schemes, "http" if test_hosts else ""):
        return f"Must be an address that begins with {schemes[0]}://."
    if test_hosts:
        return ""
    if item.domains and not any(_is_in(host, domain) for domain in item.domains):
        said = " or ".join(item.domains)
        return f"Must be a host of {said}. For a test, set DESKSIDE_ALLOW_TEST_HOSTS=1."
    if not item.domains and _is_near(host):
        return "This host is not public. For a test, set DESKSIDE_ALLOW_TEST_HOSTS=1."
    if item.domains and (parts.username or parts.password):
        return "An address with a name or password in it is not allowed."
    return ""


def _is_in(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _is_near(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        # Names such as 127.1 or 0x7f000001 are addresses to some resolvers.
        return "." not in host or host.rpartition(".")[2][:1].isdigit()
