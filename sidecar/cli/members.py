"""Commands about the people of the team."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import json_option, say, show_json, show_table, word
from sidecar.cli.passwords import password_option, read_password

if TYPE_CHECKING:
    from sidecar.client import SidecarClient
    from sidecar.v1.access_pb2 import ListMembersResponse, Member

ROLES = ("admin", "agent", "viewer")
_PAGE = 200


@click.group()
def members() -> None:
    """Add, change and list the people who may act, in Slack as well."""


@members.command()
@click.argument("email")
@click.option("--name", default="", help="How the person is called.")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@password_option
@json_option
def add(
    email: str, name: str, role: str, password_from: str | None, as_json: bool
) -> None:
    """Add a person. In Slack they are known by this address, once Slack has it too.

    With a password they can sign in to the panel's page /admin as well.

    \b
    Examples:
      deskside members add ana@acme.example --name "Ana Agent" --role agent
      deskside members add boss@acme.example --role admin --password
      deskside members add boss@acme.example --password - < password.txt

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    with connect() as client:
        from sidecar.v1 import access_pb2

        member = access_pb2.Member(
            email=email, name=name, role=access_pb2.Role.Value(f"ROLE_{role.upper()}")
        )
        answer = client.access.CreateMember(
            access_pb2.CreateMemberRequest(
                request_id=uuid.uuid4().hex,
                member=member,
                password=read_password(password_from, email),
            )
        )
    if as_json:
        show_json(answer)
        return
    say(f"{answer.member.email} is a member: {word(answer.member, 'role')}")


@members.command("set")
@click.argument("who", metavar="ID|EMAIL")
@click.option("--name", help="How the person is called.")
@click.option("--role", type=click.Choice(ROLES))
@click.option("--disable/--enable", default=None, help="Whether they may sign in.")
@password_option
@json_option
def set_member(
    who: str,
    name: str | None,
    role: str | None,
    disable: bool | None,
    password_from: str | None,
    as_json: bool,
) -> None:
    """Change a person; what is not mentioned stays as it is.

    A new role, a new password and --disable end their sessions at once. The last
    administrator who may sign in stays one.

    \b
    Examples:
      deskside members set ana@acme.example --role admin --password
      deskside members set ana@acme.example --disable

    Exit status: 0 done, 1 failed (also: not there), 2 wrong use.
    """
    if (name, role, disable, password_from) == (None,) * 4:
        raise click.UsageError(
            "Say what to change: --name, --role, --password, --disable or --enable."
        )
    with connect() as client:
        from sidecar.v1 import access_pb2

        member = _find(client, who)
        changed = _changed(member, name, role, disable)
        answer = client.access.UpdateMember(
            access_pb2.UpdateMemberRequest(
                request_id=uuid.uuid4().hex,
                member=changed,
                password=read_password(password_from, member.email),
            )
        )
    if as_json:
        show_json(answer)
        return
    state = " (may not sign in)" if answer.member.disabled else ""
    say(f"{answer.member.email} is a member: {word(answer.member, 'role')}{state}")


def _find(client: SidecarClient, who: str) -> Member:
    for member in _everybody(client).members:
        if who == member.member_id or who.casefold() == member.email.casefold():
            return member
    raise click.ClickException(f"There is no member {who}. See: deskside members list")


@members.command("list")
@json_option
def list_members(as_json: bool) -> None:
    """List the people of the team by address, and whether they may act.

    \b
    Example:
      deskside members list

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    with connect() as client:
        found = _everybody(client)
    if as_json:
        show_json(found)
        return
    show_table(
        ["address", "name", "role", "disabled"],
        [
            [m.email, m.name, word(m, "role"), "yes" if m.disabled else ""]
            for m in found.members
        ],
    )


def _changed(
    member: Member, name: str | None, role: str | None, disable: bool | None
) -> Member:
    """Return the person as wished, with the etag of the one that was read.

    So nothing that somebody else changes meanwhile is undone.
    """
    from sidecar.v1 import access_pb2

    return access_pb2.Member(
        member_id=member.member_id,
        etag=member.etag,
        name=member.name if name is None else name,
        role=access_pb2.Role.Value(f"ROLE_{role.upper()}") if role else member.role,
        disabled=member.disabled if disable is None else disable,
    )


def _everybody(client: SidecarClient) -> ListMembersResponse:
    from sidecar.v1 import access_pb2

    found = access_pb2.ListMembersResponse()
    while True:
        page = client.access.ListMembers(
            access_pb2.ListMembersRequest(
                page_size=_PAGE, page_token=found.next_page_token
            )
        )
        found.next_page_token = ""
        found.MergeFrom(page)
        if not page.next_page_token:
            return found
