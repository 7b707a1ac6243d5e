"""`deskside members`: a password is typed or piped, never an argument."""

from __future__ import annotations

import pytest

from sidecar.cli.main import run

SECRET = "correct horse battery"


@pytest.mark.parametrize("verb", ["add", "set"])
@pytest.mark.parametrize("written", [("--password", SECRET), (f"--password={SECRET}",)])
def test_a_password_on_the_command_line_is_refused(
    verb: str, written: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """It would stand in the list of processes; the refusal does not repeat it."""
    assert run(["members", verb, "boss@acme.example", *written]) == 2
    said = capsys.readouterr()
    assert "never written on the command line" in said.err
    assert SECRET not in said.err + said.out


def test_an_address_after_the_option_is_not_taken_for_a_password(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`--password boss@…` is told where the option goes."""
    assert run(["members", "add", "--password", "boss@acme.example"]) == 2
    assert "Put --password last" in capsys.readouterr().err


def test_setting_nothing_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """What can be changed is listed."""
    assert run(["members", "set", "boss@acme.example"]) == 2
    assert "--role, --password" in capsys.readouterr().err
