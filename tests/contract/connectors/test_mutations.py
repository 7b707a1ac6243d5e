"""Requests changed anywhere: never accepted, never a server's error."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.connector import load
from connectors.events import Credentials, HookRequest, Inbound, Mode, Refused
from connectors.web import create_app
from tests.contract.connectors.cases import CASES, HookCase
from tests.contract.connectors.conftest import NOON, SECRET, MovableClock
from tests.doubles.recording_gateway import RecordingGateway

Changed = tuple[bytes, dict[str, str]]


def _change(case: HookCase) -> Callable[[st.DrawFn], Changed]:
    """Return a strategy's function: a valid request with one thing changed."""

    def draw_one(draw: st.DrawFn) -> Changed:
        body = case.body()
        headers = dict(case.sign(SECRET, body, NOON))
        what = draw(st.sampled_from(["flip", "cut", "add", "header", "drop", "swap"]))
        name = draw(st.sampled_from(case.signature_headers))
        if what == "flip":
            at = draw(st.integers(0, len(body) - 1))
            bit = draw(st.integers(0, 7))
            return body[:at] + bytes([body[at] ^ (1 << bit)]) + body[at + 1 :], headers
        if what == "cut":
            return body[: draw(st.integers(0, len(body) - 1))], headers
        if what == "add":
            at = draw(st.integers(0, len(body)))
            more = draw(st.binary(min_size=1, max_size=8))
            return body[:at] + more + body[at:], headers
        if what == "drop":
            return body, {k: v for k, v in headers.items() if k != name}
        if what == "swap":
            other = draw(st.text(_LATIN, max_size=60))
            return body, {**headers, name: other}
        value = headers[name]
        at = draw(st.integers(0, len(value) - 1))
        letter = draw(st.sampled_from(_LATIN_TEXT.replace(value[at], "")))
        return body, {**headers, name: value[:at] + letter + value[at + 1 :]}

    return draw_one


# What a header may hold on the wire, without what HTTP itself refuses.
_LATIN_TEXT = "".join(chr(n) for n in (*range(0x20, 0x7F), *range(0xA0, 0x100)))
_LATIN = st.sampled_from(_LATIN_TEXT)


def test_every_hook_of_every_connector_has_its_case() -> None:
    """Whoever adds an address to the table adds its case: none goes untried."""
    hooks = {(c.name, hook.path) for c in load().values() for hook in c.hooks}
    assert {(case.connector, case.path) for case in CASES} == hooks


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_changed_request_is_never_accepted(case: HookCase) -> None:
    """One bit, byte or header changed: 400 or 401, and nothing is stored."""
    gateway = RecordingGateway()
    gateway.set_up(case.connector, case.set_up(SECRET))
    clock = MovableClock()
    client = create_app(load(), gateway, clock).test_client()
    seen: list[int] = []

    @settings(
        max_examples=300,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.composite(_change(case))())
    def attack(changed: Changed) -> None:
        body, headers = changed
        answer = client.post(
            f"/hooks/default/{case.path}",
            data=body,
            headers={**headers, "Content-Type": case.content_type},
        )
        seen.append(answer.status_code)
        assert answer.status_code in (400, 401), (answer.status_code, body[:80])
        assert gateway.published == 0

    attack()
    assert len(seen) >= 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_any_signed_body_is_read_or_refused(case: HookCase) -> None:
    """Whatever bytes are validly signed, the parser answers in its own words."""
    connector = load((case.connector,))[case.connector]
    hook = next(hook for hook in connector.hooks if hook.path == case.path)
    known = Credentials(case.connector, "default", Mode.SUGGEST, case.set_up(SECRET))

    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(_KEYS) | st.text(max_size=8), inner)
        ),
        max_leaves=12,
    )

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(st.binary(max_size=200) | values.map(_json))
    def read(body: bytes) -> None:
        headers = {
            key.lower(): value for key, value in case.sign(SECRET, body, NOON).items()
        }
        request = HookRequest(body, headers, case.content_type)
        status = 200
        events: tuple[Inbound, ...] = ()
        try:
            events = hook.receive(request, known, NOON).events
        except Refused as refused:
            status = refused.status
        assert status in (200, 400, 403)  # 403: signed, but of another team
        assert all(len(event.source_event_id) <= 128 for event in events)
        assert all(event.payload_json() for event in events)

    read()


_KEYS = [
    *("id", "type", "detail", "event", "ticket_id", "updated_at", "comment"),
    *("event_id", "team_id", "payload", "actions", "user", "channel", "text"),
]


def _json(value: object) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")
