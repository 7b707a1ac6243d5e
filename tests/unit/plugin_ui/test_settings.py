"""What the panel reads from its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin_ui.settings import PanelMisconfigured, PanelSettings


def test_nothing_needs_to_be_set() -> None:
    """An empty environment gives loopback, no frames and no demo."""
    settings = PanelSettings.from_environment({})
    assert settings.address == "127.0.0.1:8080"
    assert settings.sidecar_address == "127.0.0.1:50051"
    assert settings.frame_origins == ()
    assert not settings.demo_is_served


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DESKSIDE_PANEL_ADDRESS", "8080"),
        ("DESKSIDE_PANEL_ADDRESS", "0.0.0.0:8080"),
        ("DESKSIDE_SIDECAR_ADDRESS", "nowhere"),
        ("DESKSIDE_FRAME_ORIGINS", "https://*.zendesk.com"),
        ("DESKSIDE_FRAME_ORIGINS", "http://team.zendesk.com"),
        ("DESKSIDE_FRAME_ORIGINS", "https://team.zendesk.com/path"),
        ("DESKSIDE_FRAME_ORIGINS", "https://a.example; script-src *"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    """The start fails with the name of the setting, whatever is wrong with it."""
    with pytest.raises(PanelMisconfigured, match=name):
        PanelSettings.from_environment({name: value})


def test_off_this_machine_needs_a_decision() -> None:
    """Listening for others without TLS takes DESKSIDE_INSECURE=1."""
    environment = {
        "DESKSIDE_PANEL_ADDRESS": "0.0.0.0:8080",
        "DESKSIDE_INSECURE": "1",
        "DESKSIDE_DEMO": "1",
    }
    settings = PanelSettings.from_environment(environment)
    assert settings.address == "0.0.0.0:8080"
    assert not settings.demo_is_served


def test_the_demo_stays_on_this_machine() -> None:
    """A sidecar elsewhere means no demo, although it is switched on."""
    far = {"DESKSIDE_DEMO": "1", "DESKSIDE_SIDECAR_ADDRESS": "10.0.0.5:50051"}
    assert not PanelSettings.from_environment(far).demo_is_served
    assert PanelSettings.from_environment({"DESKSIDE_DEMO": "1"}).demo_is_served


def test_the_panels_key_is_read_when_it_is_there(tmp_path: Path) -> None:
    """The sidecar may write the key after the panel started, and replace it."""
    settings = PanelSettings(data_dir=tmp_path)
    assert settings.read_panel_key() == ""
    (tmp_path / "panel.key").write_text("first\n")
    assert settings.read_panel_key() == "first"
    (tmp_path / "panel.key").write_text("second\n")
    assert settings.read_panel_key() == "second"
    assert PanelSettings(panel_key="given").read_panel_key() == "given"
