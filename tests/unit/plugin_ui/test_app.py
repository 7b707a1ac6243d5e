"""The app without a sidecar: what it serves, refuses and says."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from plugin_ui import assets
from plugin_ui.app import create_app
from plugin_ui.settings import PanelSettings
from tests.servers import free_port

LOCAL = "http://127.0.0.1:8080"


def browser(folder: Path, *, demo: bool = False, frames: str = "") -> FlaskClient:
    """Return a client of an app whose sidecar is not there."""
    settings = PanelSettings(
        sidecar_address=f"127.0.0.1:{free_port()}",
        data_dir=folder,
        frame_origins=tuple(frames.split()),
        demo=demo,
    )
    return create_app(settings).test_client()


def test_the_demo_exists_only_where_it_is_switched_on(tmp_path: Path) -> None:
    """Without demo mode there is no page and no entry without a password."""
    off = browser(tmp_path)
    assert off.get("/demo", base_url=LOCAL).status_code == 404
    answer = off.post("/api/session/demo", json={}, base_url=LOCAL)
    assert answer.status_code == 404
    on = browser(tmp_path, demo=True)
    assert on.get("/demo", base_url=LOCAL).status_code == 200
    for app, start in ((off, "/admin"), (on, "/demo")):
        assert app.get("/", base_url=LOCAL).headers["Location"] == start
    far = on.get("/demo", base_url=LOCAL, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert far.status_code == 404


def test_only_the_named_helpdesks_may_frame_the_panel(tmp_path: Path) -> None:
    """E02: frame-ancestors holds exactly the configured origins."""
    framed = browser(tmp_path, frames="https://team.zendesk.com")
    answer = framed.get("/panel/zendesk")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://team.zendesk.com")
    assert "X-Frame-Options" not in answer.headers
    alone = browser(tmp_path).get("/panel/zendesk")
    assert "frame-ancestors 'none'" in alone.headers["Content-Security-Policy"]
    assert framed.get("/admin").headers["X-Frame-Options"] == "DENY"


def test_a_missing_key_is_said_with_what_to_do(tmp_path: Path) -> None:
    """Before the sidecar's first start the panel has no key, and says so."""
    answer = browser(tmp_path).post(
        "/api/session/password", json={"email": "a@b.example", "password": "x"}
    )
    assert answer.status_code == 503
    assert answer.get_json()["error"]["reason"] == "PANEL_KEY_MISSING"


def test_a_silent_sidecar_is_503_within_seconds(tmp_path: Path) -> None:
    """Nobody waits for a deadline when nothing listens."""
    (tmp_path / "panel.key").write_text("dsk_panel_key_for_a_test")
    client = browser(tmp_path)
    answer = client.get("/api/tickets", headers={"Authorization": f"Bearer {'x' * 40}"})
    assert answer.status_code == 503
    assert answer.get_json()["error"]["reason"] == "SIDECAR_UNREACHABLE"
    assert "127.0.0.1" not in answer.get_data(as_text=True)
    assert client.get("/healthz").get_json() == {"status": "ok", "sidecar": "down"}
    assert client.get("/readyz").status_code == 503


def test_sessions_take_json_only(tmp_path: Path) -> None:
    """A form, which any site can send, is no sign-in."""
    answer = browser(tmp_path).post("/api/session/password", data={"email": "a"})
    assert answer.status_code == 400


def test_too_much_is_refused(tmp_path: Path) -> None:
    """A body above the limit is 413, as JSON."""
    answer = browser(tmp_path).post(
        "/api/documents",
        data=b"x" * (11 * 1024 * 1024),
        headers={
            "Authorization": f"Bearer {'x' * 40}",
            "Content-Type": "multipart/form-data; boundary=x",
        },
    )
    assert answer.status_code == 413
    assert answer.get_json()["error"]["reason"] == "TOO_LARGE"


def test_a_request_id_is_echoed_if_it_is_one(tmp_path: Path) -> None:
    """X-Request-Id comes back; what is not one is replaced."""
    client = browser(tmp_path)
    good = client.get("/admin", headers={"X-Request-Id": "abcdef-123456"})
    assert good.headers["X-Request-Id"] == "abcdef-123456"
    bad = client.get("/admin", headers={"X-Request-Id": "<script>alert(1)</script>"})
    assert len(bad.headers["X-Request-Id"]) == 32


def test_static_files_are_kept_by_their_content(tmp_path: Path) -> None:
    """A file's address names the build; another build's address is gone."""
    client = browser(tmp_path)
    found = client.get(f"/static/{assets.build()}/js/dom.js", buffered=True)
    assert found.status_code == 200
    assert "max-age=31536000" in found.headers["Cache-Control"]
    assert "javascript" in found.headers["Content-Type"]
    assert client.get("/static/000000000000/js/dom.js").status_code == 404
    assert client.get(f"/static/{assets.build()}/../app.py").status_code == 404
    assert client.get("/favicon.ico", buffered=True).status_code == 200


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr", "en"),
        ("", "en"),
        ("en-US", "en"),
        ("zz-<script>", "en"),
    ],
)
def test_the_language_follows_the_browser(
    tmp_path: Path, accept: str, language: str
) -> None:
    """Accept-Language chooses among the catalogues; English is the fallback."""
    page = browser(tmp_path).get("/admin", headers={"Accept-Language": accept})
    assert f'<html lang="{language}">' in page.get_data(as_text=True)
