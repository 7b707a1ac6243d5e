"""The Zendesk and Slack of `deskside up --demo`, which the panel plays on loopback."""

from __future__ import annotations

import importlib.util
import os
import secrets
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sidecar.client import SidecarClient

VARIABLE = "DESKSIDE_DEMO_VENDORS"
_MEMBER = "robin@northwind-harbor.example"


def choose_place() -> str:
    """Return two free ports and a new secret, as ``PORT:PORT:SECRET``."""
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        ports = f"{first.getsockname()[1]}:{second.getsockname()[1]}"
    return f"{ports}:{secrets.token_hex(16)}"


def set_up(client: SidecarClient) -> None:
    """Connect both, as an administrator would; without the demo do nothing.

    Zendesk's connector needs an extra, and is left out where that is not installed.
    """
    place = os.environ.get(VARIABLE, "").split(":")
    if len(place) != 3:
        return
    zendesk_port, slack_port, secret = place
    _add_member(client)
    slack = {
        "bot_token": secret,
        "signing_secret": secret,
        "team_id": "T061EG9R6",
        "channel": "C0ESC",
        "base_url": f"http://127.0.0.1:{slack_port}/api/",
    }
    _save(client, "slack", slack)
    if importlib.util.find_spec("zenpy") is None:
        return
    zendesk = {
        "subdomain": "acme",
        "email": "bot@acme.example",
        "api_token": secret,
        "webhook_secret": secret,
        "base_url": f"http://127.0.0.1:{zendesk_port}",
    }
    _save(client, "zendesk", zendesk)


def _add_member(client: SidecarClient) -> None:
    from sidecar.v1 import access_pb2

    known = client.access.ListMembers(access_pb2.ListMembersRequest()).members
    if any(member.email == _MEMBER for member in known):
        return  # from an earlier start
    robin = access_pb2.Member(email=_MEMBER, name="Robin", role=access_pb2.ROLE_AGENT)
    client.access.CreateMember(access_pb2.CreateMemberRequest(member=robin))


def _save(client: SidecarClient, name: str, settings: dict[str, str]) -> None:
    from sidecar.v1 import connector_pb2

    client.connectors.SaveConnector(
        connector_pb2.SaveConnectorRequest(
            connector=name,
            mode=connector_pb2.CONNECTOR_MODE_SUGGEST,
            settings=settings,
        )
    )
