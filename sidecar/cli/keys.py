"""Commands about API keys; they open the store themselves."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from sidecar.cli.console import json_option, note, say, show_json, show_table
from sidecar.cli.operator import operator_settings

if TYPE_CHECKING:
    from sidecar.bootstrap import House
    from sidecar.domain.access import ApiKey, Principal

ROLES = ("admin", "agent", "viewer", "service", "panel")


@click.group()
def keys() -> None:
    """Make, list and revoke API keys. Works while the sidecar runs or not."""


@contextmanager
def _operator() -> Iterator[tuple[House, Principal]]:
    """Open the house as the person at this machine."""
    from sidecar.bootstrap import open_house
    from sidecar.domain.access import Principal, Role

    settings = operator_settings()
    house = open_house(settings)
    try:
        actor = f"operator:{getpass.getuser()}"
        yield house, Principal(settings.workspace, Role.ADMIN, actor, "")
    finally:
        house.close()


def _check_connector(name: str, role: str) -> None:
    """Refuse a key that would belong to nobody; raises ``UsageError``."""
    from sidecar.domain.connector_settings import CATALOGUE

    if name not in CATALOGUE:
        known = ", ".join(sorted(CATALOGUE))
        raise click.UsageError(f"There is no connector {name}, but {known}.")
    if role != "service":
        raise click.UsageError(
            f"--connector is for service keys: leave it out, or --role {role}."
        )


@keys.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="service", show_default=True)
@click.option("--connector", default="", help="Only for this connector (service keys).")
@click.option("--days", type=click.IntRange(1, 3650), help="Ends after so many days.")
@json_option
def create(
    name: str, role: str, connector: str, days: int | None, as_json: bool
) -> None:
    """Make a key for a program. Its secret is shown once, here.

    \b
    Examples:
      deskside keys create reporting --role viewer --days 90
      export DESKSIDE_API_KEY=$(deskside keys create ci --json | jq -r .secret)

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    if connector:
        _check_connector(connector, role)
    with _operator() as (house, operator):
        from sidecar.domain.access import Role
        from sidecar.usecases.access import create_key
        from sidecar.usecases.ports import unsaved

        ends = house.ports.clock.now() + timedelta(days=days) if days else None
        key, secret = create_key(
            house.ports, operator, name, Role(role), connector, ends, unsaved
        )
    if as_json:
        show_json({**_fields(key), "secret": secret})
        return
    note(f"Key {key.id} ({key.role.value}). Its secret is shown only now:")
    say(secret)


@keys.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List keys, never their secrets.

    \b
    Example:
      deskside keys list

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    with _operator() as (house, operator):
        from sidecar.usecases.access import list_keys

        found = [_fields(key) for key in list_keys(house.ports, operator)]
    if as_json:
        show_json({"keys": found})
        return
    columns = ["key_id", "name", "role", "connector", "created_at", "expires_at"]
    columns += ["last_used_at", "revoked_at"]
    show_table(columns, [[_cell(name, key[name]) for name in columns] for key in found])


def _cell(column: str, value: str) -> str:
    """Shorten times to the minute, and nothing that may be copied."""
    is_time = column.endswith("_at")
    return value[:16].replace("T", " ") if is_time else value


@keys.command()
@click.argument("key_id")
@json_option
def revoke(key_id: str, as_json: bool) -> None:
    """Make a key worthless at once.

    \b
    Example:
      deskside keys revoke key_0123

    Exit status: 0 done, 1 failed (also: not there), 2 wrong use.
    """
    with _operator() as (house, operator):
        from sidecar.usecases.access import revoke_key

        revoke_key(house.ports, operator, key_id)
    if as_json:
        show_json({"key_id": key_id, "revoked": True})
    else:
        say(f"Key {key_id} is revoked.")


@keys.command()
@json_option
def rotate(as_json: bool) -> None:
    """Make a new secret of the deployment: what signs pages and seals credentials.

    It is put before the old ones in the file of the secret, which still open what
    they sealed. Restart every process; then what the old ones sealed is sealed anew,
    and their lines may be removed. API keys are not touched.

    \b
    Example:
      deskside keys rotate

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.bootstrap import make_private_folder
    from sidecar.secret_keys import key_file
    from sidecar.secret_keys import rotate as make_new

    settings = operator_settings()
    if settings.secret_key_file is None:
        make_private_folder(settings.data_dir)
    count = make_new(settings)
    if as_json:
        show_json({"file": str(key_file(settings)), "keys": count})
    else:
        say(f"{key_file(settings)} holds {count} keys now. Restart every process.")


def _fields(key: ApiKey) -> dict[str, Any]:
    def moment(value: Any) -> str:
        return value.isoformat() if value else ""

    return {
        "key_id": key.id,
        "name": key.name,
        "role": key.role.value,
        "connector": key.connector,
        "created_at": moment(key.created_at),
        "expires_at": moment(key.expires_at),
        "last_used_at": moment(key.last_used_at),
        "revoked_at": moment(key.revoked_at),
        "created_by": key.created_by,
    }
