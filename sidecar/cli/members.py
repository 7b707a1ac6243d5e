"""Commands about the people of the team."""

from __future__ import annotations

import uuid

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import json_option, say, show_json, show_table, word

ROLES = ("admin", "agent", "viewer")
_PAGE = 200


@click.group()
def members() -> None:
    """Add and list the people who may act, in Slack as well."""


@members.command()
@click.argument("email")
@click.option("--name", default="", help="How the person is called.")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@json_option
def add(email: str, name: str, role: str, as_json: bool) -> None:
    """Add a person. In Slack they are known by this address, once Slack has it too.

    \b
    Example:
      deskside members add ana@acme.example --name "Ana Agent" --role agent

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import access_pb2

    member = access_pb2.Member(
        email=email, name=name, role=access_pb2.Role.Value(f"ROLE_{role.upper()}")
    )
    request = access_pb2.CreateMemberRequest(request_id=uuid.uuid4().hex, member=member)
    with connect() as client:
        answer = client.access.CreateMember(request)
    if as_json:
        show_json(answer)
        return
    say(f"{answer.member.email} is a member: {word(answer.member, 'role')}")


@members.command("list")
@json_option
def list_members(as_json: bool) -> None:
    """List the people of the team by address, and whether they may act.

    \b
    Example:
      deskside members list

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import access_pb2

    found = access_pb2.ListMembersResponse()
    with connect() as client:
        while True:
            page = client.access.ListMembers(
                access_pb2.ListMembersRequest(
                    page_size=_PAGE, page_token=found.next_page_token
                )
            )
            found.next_page_token = ""
            found.MergeFrom(page)
            if not page.next_page_token:
                break
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
