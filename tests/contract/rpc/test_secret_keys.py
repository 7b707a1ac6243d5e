"""The deployment's key: a wrong one ends the start, an old one is read once more."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.bootstrap import open_house
from sidecar.domain.access import Principal, Role
from sidecar.domain.connector import Mode
from sidecar.errors import Misconfigured
from sidecar.safety.port import WrongKey
from sidecar.safety.vault import FernetVault
from sidecar.secret_keys import read_secrets, rotate
from sidecar.settings import Settings
from sidecar.usecases.connectors import SaveCommand, connector_credentials
from sidecar.usecases.connectors import save_connector as save
from sidecar.usecases.ports import unsaved

ADMIN = Principal("default", Role.ADMIN, "test", "key_1")
SLACK = {"bot_token": "xoxb-1", "signing_secret": "s", "team_id": "T", "channel": "C"}


def settings_of(folder: Path) -> Settings:
    """Return settings without a model."""
    return Settings(data_dir=folder, embedder="none")


def set_up(folder: Path) -> None:
    """Store credentials in a new house."""
    house = open_house(settings_of(folder))
    save(
        house.ports,
        ADMIN,
        SaveCommand("slack", Mode.OFF, SLACK, (), "", False),
        unsaved,
    )
    house.close()


def token(folder: Path) -> str:
    """Open the house and return the stored token."""
    house = open_house(settings_of(folder))
    found = connector_credentials(house.ports, ADMIN, "slack", safe=True)
    house.close()
    return found.values["bot_token"]


def test_a_wrong_key_refuses_to_start_and_says_why(tmp_path: Path) -> None:
    """E21: nothing is overwritten; with the right key it starts again."""
    set_up(tmp_path)
    file = tmp_path / "secret.key"
    right = file.read_text()
    file.write_text(base64.urlsafe_b64encode(b"x" * 32).decode())
    for _ in range(2):
        with pytest.raises(Misconfigured, match="does not open the credentials"):
            open_house(settings_of(tmp_path))
    file.write_text(right)
    assert token(tmp_path) == "xoxb-1"


@pytest.mark.parametrize("text", ["", "short", "####", "x" * 44 + "\nno"])
def test_a_broken_key_file_is_said_to_be_one(tmp_path: Path, text: str) -> None:
    """E21: the message names the setting and what must be in the file."""
    (tmp_path / "secret.key").write_text(text)
    with pytest.raises(Misconfigured, match=r"DESKSIDE_SECRET_KEY_FILE.*32 random"):
        open_house(settings_of(tmp_path))


def test_rotated_it_reads_the_old_and_seals_anew(tmp_path: Path) -> None:
    """E21: after one start with both keys the old line can go."""
    set_up(tmp_path)
    file = tmp_path / "secret.key"
    old = file.read_text()
    assert rotate(settings_of(tmp_path)) == 2
    assert file.read_text().endswith(old)
    assert file.stat().st_mode & 0o777 == 0o600
    assert token(tmp_path) == "xoxb-1"
    file.write_text(file.read_text().replace(old, ""))
    assert len(read_secrets(settings_of(tmp_path))) == 1
    assert token(tmp_path) == "xoxb-1"


def test_credentials_need_a_private_line(tmp_path: Path) -> None:
    """Off loopback and without TLS nobody gets secrets, whoever asks."""
    from sidecar.errors import AskSomebodyElse

    set_up(tmp_path)
    house = open_house(settings_of(tmp_path))
    own = replace(ADMIN, role=Role.SERVICE, connector="slack")
    with pytest.raises(AskSomebodyElse):
        connector_credentials(house.ports, own, "slack", safe=False)
    house.close()


def test_what_is_sealed_cannot_be_read_or_changed() -> None:
    """A flipped bit is noticed, and another deployment's key opens nothing."""
    one, two = FernetVault([b"1" * 32]), FernetVault([b"2" * 32])
    sealed = one.seal("secret words")
    assert "secret" not in sealed
    assert one.open(sealed) == "secret words"
    broken = sealed[:-9] + ("A" if sealed[-9] != "A" else "B") + sealed[-8:]
    for vault, text in ((two, sealed), (one, broken), (one, "")):
        with pytest.raises(WrongKey):
            vault.open(text)
    assert FernetVault([b"2" * 32, b"1" * 32]).open(sealed) == "secret words"
