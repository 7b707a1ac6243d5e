"""docs/adding_a_connector.md leads to a connector that works."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sys
import types
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from connectors.connector import Connector
from connectors.web import create_app
from tests.contract.connectors.conftest import NOON, SECRET, MovableClock
from tests.doubles.recording_gateway import RecordingGateway

PAGE = Path(__file__).resolve().parents[3] / "docs/adding_a_connector.md"
BODY = json.dumps({"id": "e1", "ticket": "7"}).encode()


def _connector() -> Connector:
    """Run the page's code as the file it would be."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    module = types.ModuleType("connectors_acme_of_the_page")
    sys.modules[module.__name__] = module
    exec(compile(code, str(PAGE), "exec"), module.__dict__)
    found: Connector = module.CONNECTOR
    return found


def _signed(body: bytes, at: datetime, secret: str = SECRET) -> Mapping[str, str]:
    stamp = at.isoformat()
    message = stamp.encode() + b"." + body
    mac = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return {"X-Acme-Time": stamp, "X-Acme-Signature": mac}


def test_the_pages_connector_accepts_and_refuses() -> None:
    """A signed body is one event; forged, stale and broken ones are refused."""
    connector = _connector()
    gateway = RecordingGateway()
    gateway.set_up(connector.name, {"secret": SECRET})
    client = create_app({"acme": connector}, gateway, MovableClock()).test_client()

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        kind = {"Content-Type": "application/json"}
        path = "/hooks/default/acme"
        return client.post(path, data=body, headers={**headers, **kind}).status_code

    assert post(BODY, _signed(BODY, NOON)) == 200
    assert post(BODY, _signed(BODY, NOON)) == 200
    assert [event.ticket_key for event in gateway.events] == ["acme:7"]
    assert post(BODY, _signed(BODY, NOON, "wrong")) == 401
    assert post(BODY, _signed(BODY, NOON.replace(hour=11))) == 401
    assert post(b"[]", _signed(b"[]", NOON)) == 400
    assert post(BODY, {}) == 401
    assert len(gateway.events) == 1
