"""Hostile text stays text, strangers stay out, and nothing leaves the machine."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping

import pytest
from playwright.sync_api import expect

from sidecar.client import SidecarClient
from sidecar.v1 import knowledge_pb2, session_pb2, ticket_pb2
from sidecar.v1.access_pb2 import ROLE_VIEWER
from sidecar.v1.common_pb2 import VISIBILITY_PUBLIC
from tests.browser.conftest import Opener
from tests.browser.stack import Stack, add_ticket

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(2)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(3)>",
    "javascript:alert(4)",
    '<a href="data:text/html,<script>alert(5)</script>">x</a>',
    '"><iframe src="https://evil.example/">',
    "{{7*7}} ${7*7} <%= 7*7 %>",
)
HOSTILE = " ".join(PAYLOADS)


def hostile_ticket() -> ticket_pb2.Ticket:
    """Return a ticket with a payload in every field that people can write."""
    author = ticket_pb2.Author(
        role=ticket_pb2.AUTHOR_ROLE_CUSTOMER, id="evil", name=PAYLOADS[1]
    )
    file = ticket_pb2.Attachment(
        external_id="evil-file", file_name=PAYLOADS[0], content_type="text/html"
    )
    body = f"My password does not work, help! {HOSTILE}"
    message = ticket_pb2.Message(
        external_id="evil-1", author=author, body=body, attachments=[file]
    )
    return ticket_pb2.Ticket(
        external_id="EVIL-1",
        connector="demo",
        subject=f"Hostile {PAYLOADS[0]}",
        customer=ticket_pb2.Customer(external_id="evil", name=PAYLOADS[1]),
        messages=[message],
        tags=[PAYLOADS[0][:90]],
        product_area=PAYLOADS[3],
        status=ticket_pb2.TICKET_STATUS_NEW,
    )


def add_hostile_article(client: SidecarClient) -> None:
    """Add an article with a payload as its title and in its text."""
    header = knowledge_pb2.AddDocumentHeader(
        file_name="hostile.txt",
        title=f"Hostile {PAYLOADS[0]}",
        source="help-center",
        visibility=VISIBILITY_PUBLIC,
    )
    client.upload(f"Zyzzyva reset steps. {HOSTILE}".encode(), header)


def ask(
    stack: Stack,
    verb: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Send one HTTP request to the panel; returns status, headers, body."""
    connection = http.client.HTTPConnection(stack.panel_address, timeout=20)
    try:
        connection.request(verb, path, body, dict(headers or {}))
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, names, answer.read()
    finally:
        connection.close()


def as_json(body: Mapping[str, object]) -> tuple[dict[str, str], bytes]:
    """Return header and bytes of a JSON body."""
    return {"Content-Type": "application/json"}, json.dumps(body).encode()


def viewer_token(stack: Stack) -> str:
    """Return the bearer of somebody who may only read."""
    key = (stack.folder / "data/panel.key").read_text().strip()
    with SidecarClient(stack.sidecar_address, key) as client:
        demo = session_pb2.DemoCredential(role=ROLE_VIEWER)
        request = session_pb2.CreateSessionRequest(demo=demo)
        return str(client.sessions.CreateSession(request).session.token)


def test_hostile_text_is_shown_as_text(visit: Opener, stack: Stack) -> None:
    """E01: every field holds markup; nothing runs, nothing is requested."""
    with stack.client() as client:
        add_ticket(client, hostile_ticket())
        add_hostile_article(client)
    watched = visit()
    page = watched.open("/demo")
    watched.panel()
    page.locator(".ticket", has_text="Hostile").click()
    panel = next(f for f in page.frames if f.name == "deskside-panel")
    expect(panel.locator("#ref")).to_have_text("EVIL-1")
    panel.locator("#draft-button").click()
    panel.wait_for_selector('[data-part="draft"][data-state="ready"]')
    panel.locator("#search").fill("Zyzzyva reset steps")
    panel.locator("#search").press("Enter")
    expect(panel.locator('[data-part="knowledge"]')).to_contain_text(PAYLOADS[0])
    expect(page.locator(".message .body")).to_contain_text(PAYLOADS[4])
    expect(page.locator("#thread-head")).to_contain_text(PAYLOADS[3])
    for frame in (page.main_frame, panel):
        strange = "img[src='x'], mglyph, svg script, iframe[src^='http']"
        assert frame.locator(strange).count() == 0
        hrefs = frame.eval_on_selector_all("a", "all => all.map(a => a.href)")
        assert [h for h in hrefs if not h.startswith("http")] == []


@pytest.mark.parametrize("path", ["/demo", "/demo/panel", "/admin", "/panel/zendesk"])
def test_every_page_has_a_strict_policy(stack: Stack, path: str) -> None:
    """Nonces only, no other host, no framing by strangers, no referrer, no sniffing."""
    _, first, page = ask(stack, "GET", path)
    _, second, _ = ask(stack, "GET", path)
    policy = first["content-security-policy"]
    assert policy != second["content-security-policy"]  # a nonce is used once
    for part in (
        *("default-src 'none'", "connect-src 'self'", "img-src 'self' data:"),
        *("form-action 'self'", "base-uri 'none'", "script-src 'nonce-"),
        "style-src 'nonce-",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert first["referrer-policy"] == "no-referrer"
    assert first["x-content-type-options"] == "nosniff"
    assert "camera=()" in first["permissions-policy"]
    assert first["cache-control"] == "no-store"
    assert "set-cookie" not in first
    assert b"onclick" not in page
    ancestors = "'self'" if path == "/demo/panel" else "'none'"
    assert f"frame-ancestors {ancestors}" in policy
    assert ("x-frame-options" in first) is (path != "/demo/panel")


def test_no_other_origin_can_frame_the_panel(visit: Opener, stack: Stack) -> None:
    """E02: a page of another origin gets an empty frame."""
    watched = visit()
    port = stack.panel_address.rpartition(":")[2]
    page = watched.open("/panel/zendesk")
    # Same machine, other origin: localhost is not 127.0.0.1 to a browser.
    watched.origin = "http://localhost:"
    page.route(
        "http://localhost:1/*",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<iframe src="http://127.0.0.1:{port}/admin"></iframe>',
        ),
    )
    watched.problems.clear()
    page.goto("http://localhost:1/")
    page.wait_for_timeout(500)
    framed = page.frames[1]
    assert framed.locator("form").count() == 0
    watched.problems.clear()  # the browser's own words about the refusal


@pytest.mark.parametrize("path", ["/panel/zendesk", "/panel/salesforce"])
def test_a_panel_without_a_token_explains_signing_only(stack: Stack, path: str) -> None:
    """Without a valid token there is no ticket, no session and no script."""
    status, _, page = ask(stack, "GET", path)
    assert status == 200
    assert b"How to turn signing on" in page
    assert b"<script" not in page
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies = (b"", b"token=abc&signed_request=abc", b"token=eyJhbGciOiJub25lIn0.e30.")
    for body in bodies:
        status, _, page = ask(stack, "POST", path, form, body)
        assert status == 401
        assert b"How to turn signing on" in page
        assert b"<script" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/admin", "/api/session/password", "/api/session/demo", "/api/documents"]
)
def test_posts_of_other_sites_are_refused(
    stack: Stack, path: str, headers: dict[str, str]
) -> None:
    """E05: a cross-site POST is 403 before anything reads it."""
    json_header, body = as_json({"role": "ROLE_ADMIN"})
    status, _, answer = ask(stack, "POST", path, {**json_header, **headers}, body)
    assert status == 403
    assert json.loads(answer)["error"]["reason"] == "CROSS_SITE_REQUEST"


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/api/tickets"),
        ("GET", "/api/me"),
        ("GET", "/api/documents"),
        ("POST", "/api/tickets/t/draft"),
        ("POST", "/api/documents"),
        ("DELETE", "/api/documents/d"),
        ("POST", "/api/session/refresh"),
    ],
)
def test_no_call_works_without_a_session(stack: Stack, verb: str, path: str) -> None:
    """No bearer, a wrong scheme or a token in the address: 401, as JSON."""
    header, body = as_json({})
    for extra in ({}, {"Authorization": "Basic abc"}, {"Cookie": "token=x"}):
        status, _, answer = ask(stack, verb, path, {**header, **extra}, body)
        assert status == 401
        assert json.loads(answer)["error"]["reason"] == "SESSION_MISSING"
    wrong = {**header, "Authorization": f"Bearer {'x' * 40}"}
    # A form is looked at before the sidecar is asked: it has no file here.
    assert ask(stack, verb, path, wrong, body)[0] in {401, 400}
    if path != "/api/documents" or verb == "GET":
        assert ask(stack, verb, path, wrong, body)[0] == 401


def test_the_panels_own_key_opens_sessions_and_nothing_else(stack: Stack) -> None:
    """Whoever steals the panel's key reads no ticket with it."""
    key = (stack.folder / "data/panel.key").read_text().strip()
    headers = {"Authorization": f"Bearer {key}"}
    assert ask(stack, "GET", "/api/tickets", headers)[0] == 403


def test_a_viewer_cannot_do_what_an_administrator_does(stack: Stack) -> None:
    """E19: the role is decided in the sidecar; a role in a body is refused."""
    bearer = {"Authorization": f"Bearer {viewer_token(stack)}"}
    assert ask(stack, "GET", "/api/tickets", bearer)[0] == 200
    assert ask(stack, "DELETE", "/api/documents/doc_x", bearer)[0] == 403
    header, body = as_json({"query": "x", "role": "ROLE_ADMIN"})
    status, _, answer = ask(
        stack, "POST", "/api/passages/search", {**bearer, **header}, body
    )
    assert status == 400
    assert "role" in json.loads(answer)["error"]["message"]


def test_the_demo_is_for_this_machine_only(stack: Stack) -> None:
    """Another name for this machine, or a proxy in between, finds no demo."""
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-For": "203.0.113.9"}):
        assert ask(stack, "GET", "/demo", headers)[0] == 404
        header, body = as_json({"role": "ROLE_ADMIN"})
        answer = ask(stack, "POST", "/api/session/demo", {**headers, **header}, body)
        assert answer[0] == 404


def test_the_session_is_nowhere_but_in_memory(visit: Opener) -> None:
    """No cookie, no storage, no address holds the token."""
    watched = visit()
    seen: list[str] = []
    watched.page.on("request", lambda request: seen.append(request.url))
    page = watched.open("/demo")
    watched.panel()
    assert page.context.cookies() == []
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    assert [url for url in seen if "dss_" in url] == []


def test_a_renewed_session_replaces_the_old_one(stack: Stack) -> None:
    """A refresh answers a new bearer; the old one is worth nothing from then on."""
    header, body = as_json({"role": "ROLE_AGENT"})
    _, _, answer = ask(stack, "POST", "/api/session/demo", header, body)
    old = json.loads(answer)["session"]["token"]
    header, body = as_json({})
    bearer = {**header, "Authorization": f"Bearer {old}"}
    status, _, answer = ask(stack, "POST", "/api/session/refresh", bearer, body)
    assert status == 200
    new = json.loads(answer)["session"]["token"]
    assert new != old
    assert ask(stack, "GET", "/api/me", {"Authorization": f"Bearer {old}"})[0] == 401
    assert ask(stack, "GET", "/api/me", {"Authorization": f"Bearer {new}"})[0] == 200
