"""Members: listing, changing, and that somebody can always administer."""

from __future__ import annotations

import threading
from itertools import count
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import access_pb2, session_pb2
from tests.contract.rpc.conftest import Running

ADMIN, AGENT, VIEWER = (
    access_pb2.ROLE_ADMIN,
    access_pb2.ROLE_AGENT,
    access_pb2.ROLE_VIEWER,
)
PASSWORD = "correct horse battery"
_NUMBERS = count(1)


def add(client: SidecarClient, role: int, password: str = "") -> access_pb2.Member:
    """Add a person nobody has heard of."""
    person = access_pb2.Member(
        email=f"Person{next(_NUMBERS):03}@team.example",
        name="A Person",
        role=role,  # type: ignore[arg-type]  # also what no enum has
    )
    return client.access.CreateMember(
        access_pb2.CreateMemberRequest(member=person, password=password)
    ).member


def change(
    client: SidecarClient,
    person: access_pb2.Member,
    *paths: str,
    password: str = "",
    request_id: str = "",
) -> access_pb2.Member:
    """Send a person's new values."""
    request = access_pb2.UpdateMemberRequest(
        request_id=request_id,
        member=person,
        update_mask=FieldMask(paths=paths),
        password=password,
    )
    return client.access.UpdateMember(request).member


def changed(person: access_pb2.Member, **fields: object) -> access_pb2.Member:
    """Return a copy with other values."""
    made = access_pb2.Member()
    made.CopyFrom(person)
    made.MergeFrom(access_pb2.Member(**fields))  # type: ignore[arg-type]  # fields by name
    return made


def listed(client: SidecarClient, size: int, role: int = 0) -> list[access_pb2.Member]:
    """List all, page by page."""
    found: list[access_pb2.Member] = []
    request = access_pb2.ListMembersRequest(page_size=size, role=role)  # type: ignore[arg-type]  # also what no enum has
    while True:
        page = client.access.ListMembers(request)
        assert len(page.members) <= size
        found += page.members
        request.page_token = page.next_page_token
        if not request.page_token:
            return found


def sign_in(
    client: SidecarClient, email: str, password: str = PASSWORD
) -> SidecarClient:
    """Return a view of the client with a person's session."""
    made = client.sessions.CreateSession(
        session_pb2.CreateSessionRequest(
            password=session_pb2.PasswordCredential(email=email, password=password)
        )
    )
    return client.with_bearer(made.session.token)


def test_members_come_in_pages_by_address(running: Running) -> None:
    """Each once, in order, and only the role asked for."""
    with running.client() as client:
        made = [add(client, role) for role in (AGENT, VIEWER, AGENT, VIEWER, AGENT)]
        everybody = listed(client, 2)
        agents = listed(client, 1, AGENT)
    emails = [member.email for member in everybody]
    assert emails == sorted(emails)
    ids = [member.member_id for member in everybody]
    assert len(set(ids)) == len(ids)
    assert {member.member_id for member in made} <= set(ids)
    assert all(member.role == AGENT for member in agents)
    assert len(agents) == sum(member.role == AGENT for member in everybody)


def test_another_workspace_sees_and_changes_nobody(running: Running) -> None:
    """Its list is its own; a stranger's id is not found."""
    with running.client() as client, running.client("elsewhere") as other:
        person = add(client, AGENT)
        assert person.member_id not in {m.member_id for m in listed(other, 50)}
        with pytest.raises(SidecarError) as caught:
            change(other, changed(person, role=ADMIN))
    assert caught.value.reason == "MEMBER_NOT_FOUND"


def test_only_what_the_mask_names_is_changed(running: Running) -> None:
    """The other values of the message do not count."""
    with running.client() as client:
        person = add(client, AGENT)
        after = change(
            client, changed(person, name="Somebody", role=VIEWER, disabled=True), "name"
        )
    assert (after.name, after.role, after.disabled) == ("Somebody", AGENT, False)
    assert after.etag != person.etag


def test_without_a_mask_everything_is_set(running: Running) -> None:
    """Name, role and state."""
    with running.client() as client:
        person = add(client, AGENT)
        after = change(client, changed(person, name="B", role=VIEWER, disabled=True))
    assert (after.name, after.role, after.disabled) == ("B", VIEWER, True)


def test_a_repeat_returns_the_first_answer(running: Running) -> None:
    """The etag has moved on, and the repeat still succeeds."""
    with running.client() as client:
        wanted = changed(add(client, AGENT), name="Once")
        first = change(client, wanted, "name", request_id="member-once")
        assert change(client, wanted, "name", request_id="member-once") == first


def test_of_writers_that_race_one_wins(running: Running) -> None:
    """All have read the same version; the others are told to read again."""
    outcomes: list[str] = []
    with running.client() as client:
        person = add(client, AGENT)

        def write(number: int) -> None:
            try:
                change(client, changed(person, name=f"Name {number}"), "name")
                outcomes.append("done")
            except SidecarError as error:
                outcomes.append(f"{error.code.name} {error.reason}")

        in_threads([lambda n=n: write(n) for n in range(6)])
    assert sorted(outcomes) == ["ABORTED ETAG_MISMATCH"] * 5 + ["done"]


def in_threads(works: list[Any]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def admins(client: SidecarClient) -> list[access_pb2.Member]:
    return [m for m in listed(client, 50, ADMIN) if not m.disabled]


@pytest.mark.parametrize("how", ["demoted", "disabled"])
def test_the_last_admin_stays(running: Running, how: str) -> None:
    """Somebody must be able to administer; others may go."""
    with running.client("elsewhere") as client:
        for person in admins(client)[1:]:
            change(client, changed(person, role=AGENT), "role")
        last = (admins(client) or [add(client, ADMIN)])[0]
        second = add(client, ADMIN)
        wanted = {"role": AGENT} if how == "demoted" else {"disabled": True}
        change(client, changed(second, **wanted))
        with pytest.raises(SidecarError) as caught:
            change(client, changed(last, **wanted))
        assert change(client, changed(last, name="Still here")).role == ADMIN
    assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
    assert caught.value.reason == "LAST_ADMIN"


def test_two_admins_that_demote_each_other_do_not_both_succeed(
    running: Running,
) -> None:
    """Whoever comes second is the last one."""
    outcomes: list[str] = []
    with running.client("elsewhere") as client:
        two = [add(client, ADMIN), add(client, ADMIN)]
        for person in admins(client):
            if person.member_id not in {m.member_id for m in two}:
                change(client, changed(person, role=AGENT), "role")

        def demote(person: access_pb2.Member) -> None:
            try:
                change(client, changed(person, role=VIEWER), "role")
                outcomes.append("done")
            except SidecarError as error:
                outcomes.append(error.reason)

        in_threads([lambda p=p: demote(p) for p in two])
        assert len(admins(client)) == 1
    assert sorted(outcomes) == ["LAST_ADMIN", "done"]


def test_a_new_role_ends_the_sessions_of_the_old_one(running: Running) -> None:
    """A demoted person does not stay an administrator for the session's rest."""
    with running.client() as client:
        add(client, ADMIN)
        person = add(client, ADMIN, PASSWORD)
        session = sign_in(client, person.email)
        assert listed(session, 50)
        change(client, changed(person, role=VIEWER), "role")
        with pytest.raises(SidecarError) as caught:
            listed(session, 50)
    assert caught.value.code is grpc.StatusCode.UNAUTHENTICATED


def test_a_disabled_member_is_out_and_stays_out(running: Running) -> None:
    """The session ends at once and no new one opens; enabling lets the person in."""
    with running.client() as client:
        person = add(client, AGENT, PASSWORD)
        session = sign_in(client, person.email)
        out = change(client, changed(person, disabled=True), "disabled")
        for call in (
            lambda: session.sessions.GetMe(session_pb2.GetMeRequest()),
            lambda: sign_in(client, person.email),
        ):
            with pytest.raises(SidecarError) as caught:
                call()
            assert caught.value.code is grpc.StatusCode.UNAUTHENTICATED
        out.disabled = False
        change(client, out, "disabled")
        sign_in(client, person.email)


def test_a_new_password_replaces_the_old_one(running: Running) -> None:
    """The old one opens nothing any more."""
    with running.client() as client:
        person = add(client, AGENT, PASSWORD)
        change(client, person, "name", password="another long password")
        with pytest.raises(SidecarError) as caught:
            sign_in(client, person.email)
        sign_in(client, person.email, "another long password")
    assert caught.value.reason == "CREDENTIALS_INVALID"


BROKEN: dict[str, dict[str, object]] = {
    "member.member_id": {"member_id": ""},
    "member.etag": {"etag": ""},
    "member.role": {"role": access_pb2.ROLE_SERVICE},
    "member.name": {"name": "n" * 501},
    "member.teams": {"teams": ["billing"]},
    "member.suggestions_off": {"suggestions_off": True},
    "member.external_accounts": {"external_accounts": [{}]},
}


@pytest.mark.parametrize("field", BROKEN)
def test_each_limit_names_its_field(running: Running, field: str) -> None:
    """One thing is wrong or could not be kept; exactly that field is named."""
    with running.client() as client:
        person = add(client, AGENT)
        for name, value in BROKEN[field].items():
            if value == "":
                person.ClearField(name)  # type: ignore[arg-type]  # any field
            else:
                person.MergeFrom(access_pb2.Member(**{name: value}))  # type: ignore[arg-type]  # by name
        with pytest.raises(SidecarError) as caught:
            change(client, person)
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert [v.field for v in caught.value.violations] == [field]


@pytest.mark.parametrize(
    ("path", "password", "field"),
    [("email", "", "update_mask"), ("name", "short", "password")],
)
def test_what_cannot_be_changed_is_refused(
    running: Running, path: str, password: str, field: str
) -> None:
    """An address stays; a password has twelve characters."""
    with running.client() as client:
        person = add(client, AGENT)
        with pytest.raises(SidecarError) as caught:
            change(client, person, path, password=password)
    assert [v.field for v in caught.value.violations] == [field]


def test_a_new_member_cannot_have_what_would_be_forgotten(running: Running) -> None:
    """Teams of a new person are refused, not dropped."""
    with running.client() as client, pytest.raises(SidecarError) as caught:
        client.access.CreateMember(
            access_pb2.CreateMemberRequest(
                member=access_pb2.Member(
                    email="t@team.example", role=AGENT, teams=["billing"]
                )
            )
        )
    assert [v.field for v in caught.value.violations] == ["member.teams"]
