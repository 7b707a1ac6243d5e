"""Zendesk's answers become tickets: recorded ones, strange ones, our own notes."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.events import Credentials, GiveUp, Mode
from connectors.zendesk.conversation import thread_of
from connectors.zendesk.guide import article_page, macro_page
from connectors.zendesk.settings import SETTINGS, Account, account_of
from connectors.zendesk.ticket import to_ticket
from sidecar.domain.connector_settings import CATALOGUE
from sidecar.v1 import ticket_pb2 as pb

ACCOUNT = Account("acme", "bot@acme.example", "t", "https://acme.zendesk.com")
PEOPLE = {
    1: {"id": 1, "name": "Ana", "role": "end-user", "email": "a@x.example"},
    2: {"id": 2, "name": "Jo", "role": "agent"},
    3: {"id": 3, "name": "Kim", "role": "admin"},
}


def _comment(number: int, author: int, body: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "author_id": author, "body": body, "public": True, **more}


def test_own_notes_are_no_part_of_the_thread() -> None:
    """Our private notes change neither the messages nor the version of the thread."""
    first = _comment(1, 1, "It is broken")
    note = _comment(2, 777, "Deskside: ... [deskside:abc]", public=False)
    plain = thread_of({"id": 5}, [first], PEOPLE, 777)
    noted = thread_of({"id": 5}, [first, note], PEOPLE, 777)
    assert plain.version == noted.version
    assert to_ticket(plain, ACCOUNT) == to_ticket(noted, ACCOUNT)
    assert noted.has_mark("[deskside:abc]")


MARK = "[deskside:0123456789abcdef]"


@pytest.mark.parametrize(
    "forged",
    [
        _comment(1, 1, MARK),
        _comment(1, 1, MARK, public=False),
        _comment(1, 2, MARK),
        _comment(1, 2, f"> {MARK}\nI do not think so.", public=False),
        _comment(1, 2, "[deskside:abc]", public=False),
        _comment(1, 3, f"They wrote: {MARK}", public=False, via={"channel": "rule"}),
        _comment(1, 99, MARK, public=False),
    ],
    ids=lambda comment: f"{comment['author_id']} {comment['body'][:30]!r}",
)
def test_a_mark_in_other_words_is_no_mark(forged: dict[str, Any]) -> None:
    """Customers, quotes and programs cannot keep a note from being written."""
    thread = thread_of({"id": 5}, [forged], PEOPLE, 777)
    assert not thread.has_mark(MARK)
    assert len(thread.comments) == 1


@pytest.mark.parametrize("author", [2, 3])
def test_a_note_under_a_former_name_is_still_ours(author: int) -> None:
    """A note that ends with a mark is ours though the token's owner has changed."""
    first = _comment(1, 1, "It is broken")
    note = _comment(2, author, f"Deskside: ...\n\n{MARK}\n", public=False)
    thread = thread_of({"id": 5}, [first, note], PEOPLE, 777)
    assert thread.has_mark(MARK)
    assert [comment.id for comment in thread.comments] == ["1"]


def test_own_tags_are_not_stored() -> None:
    """Tags we write do not make the ticket another one; others are kept."""
    tags = ["vip", "deskside", "deskside-billing"]
    thread = thread_of({"id": 5, "tags": tags}, [_comment(1, 1, "x")], PEOPLE, 777)
    assert list(to_ticket(thread, ACCOUNT).tags) == ["vip"]


def test_who_speaks_is_read_from_role_and_channel() -> None:
    """Customer, agent, program; a note of somebody who is gone is a colleague's."""
    comments = [
        _comment(1, 1, "customer"),
        _comment(2, 2, "agent"),
        _comment(3, -1, "system"),
        _comment(4, 2, "trigger", via={"channel": "rule"}),
        _comment(5, 99, "gone", public=False),
    ]
    thread = thread_of({"id": 5, "requester_id": 1}, comments, PEOPLE, 777)
    roles = [pb.AuthorRole.Name(c.role).rpartition("_")[2] for c in thread.comments]
    assert roles == ["CUSTOMER", "AGENT", "SYSTEM", "SYSTEM", "AGENT"]
    assert not thread.waits_for_agent


def test_strange_values_are_no_error() -> None:
    """Nulls, wrong types, control characters and great lengths are read as they can."""
    strange: list[dict[str, Any]] = [
        {"id": None, "author_id": "x", "body": None},
        _comment(2, 1, "a\x00b\x1fc" + "x" * 200_000, attachments="none"),
        _comment(
            3, 1, "f", attachments=[{"file_name": "../../etc/passwd", "size": "9"}]
        ),
        _comment(4, 1, "\ud800 lone"),
    ]
    ticket: dict[str, Any] = {
        "id": 5,
        "tags": None,
        "subject": 17,
        "via": [],
        "created_at": "never",
    }
    made = to_ticket(thread_of(ticket, strange, PEOPLE, 777), ACCOUNT)
    assert made.messages[1].body.startswith("abc")
    assert len(made.messages[1].body) <= 100_000
    assert made.messages[2].attachments[0].file_name == "passwd"
    assert made.SerializeToString()


def test_a_thread_beyond_the_limit_keeps_its_first_and_latest_words() -> None:
    """Of 5,000 comments the first and the latest 999 are sent."""
    comments = [_comment(n, 1, str(n)) for n in range(1, 5001)]
    made = to_ticket(thread_of({"id": 5}, comments, PEOPLE, 777), ACCOUNT)
    assert len(made.messages) == 1000
    assert made.messages[0].body == "1"
    assert made.messages[-1].body == "5000"


@pytest.mark.parametrize("letter", ["x", "é", "語", "😀"])
def test_a_thread_of_long_mails_is_what_one_request_carries(letter: str) -> None:
    """The first turn and the newest up to 4 MiB as they are sent, in their order."""
    files = [{"id": n, "file_name": letter * 200, "size": 1} for n in range(50)]
    comments = [
        _comment(n, 1, f"{n} " + letter * 60_000, attachments=files)
        for n in range(1, 301)
    ]
    made = to_ticket(thread_of({"id": 5}, comments, PEOPLE, 777), ACCOUNT)
    names = [int(message.external_id) for message in made.messages]
    assert names == [1, *range(302 - len(names), 301)]
    one = made.messages[-1].ByteSize()
    assert 4 * 1024**2 - 2 * one < made.ByteSize() < 4 * 1024**2 + 5_000


@pytest.mark.parametrize(
    ("article", "name"),
    [
        ({"id": 7, "user_segment_id": None, "title": "T"}, "article-7-public.html"),
        (
            {"id": 7, "user_segment_id": None, "user_segment_ids": []},
            "article-7-public.html",
        ),
        ({"id": 7, "user_segment_id": 9, "body": "x"}, "article-7-internal.html"),
        ({"id": 7, "title": "who may read it is not told"}, "article-7-internal.html"),
        (
            {"id": 7, "user_segment_id": None, "user_segment_ids": [77]},
            "article-7-internal.html",
        ),
        ({"id": 7, "draft": True, "body": "x"}, None),
        ({"title": "no number"}, None),
    ],
)
def test_an_article_is_public_only_for_everybody(
    article: dict[str, Any], name: str | None
) -> None:
    """An article is public if it says so, else internal; a draft is not imported."""
    page = article_page(article)
    assert (page.name if page else None) == name
    assert page is None or page.public is name.endswith("public.html")  # type: ignore[union-attr]  # a page has a name


def test_a_macros_text_is_knowledge_of_the_team() -> None:
    """Only what a macro writes is imported, escaped, and never for customers."""
    actions = [
        {"field": "status", "value": "solved"},
        {"field": "comment_value", "value": ["channel:all", "Please restart & wait"]},
    ]
    page = macro_page({"id": 3, "title": "Restart", "actions": actions})
    assert page is not None
    assert not page.public
    assert b"Please restart &amp; wait" in page.body
    assert b"channel:all" not in page.body


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:9",
        "https://evil.example",
        "https://acme.zendesk.com.evil.example",
        "https://acme.zendesk.com@evil.example",
        "https://169.254.169.254",
        "https://evilzendesk.com",
        "ftp://acme.zendesk.com",
        "https://acme.zendesk.com:22",
        "https://[::1",
    ],
)
def test_the_token_goes_to_zendesk_only(base_url: str) -> None:
    """Another host needs DESKSIDE_ALLOW_TEST_HOSTS."""
    with pytest.raises(GiveUp):
        account_of(_settings(base_url=base_url), allow_test_hosts=False)


@pytest.mark.parametrize("base_url", ["http://10.0.0.1", "http://evil.example", "//x"])
def test_a_test_host_without_tls_is_this_machine(base_url: str) -> None:
    """Even in a test the token travels unprotected on this machine only."""
    with pytest.raises(GiveUp):
        account_of(_settings(base_url=base_url), allow_test_hosts=True)


@pytest.mark.parametrize(
    "subdomain", ["", "a.b", "acme.zendesk.com/", "a/b", "-a", "a@b"]
)
def test_a_subdomain_is_one_word(subdomain: str) -> None:
    """Nothing in it can lead to another host."""
    with pytest.raises(GiveUp):
        account_of(_settings(subdomain=subdomain), allow_test_hosts=False)


def test_settings_are_those_the_sidecar_keeps() -> None:
    """Names, secrets and what is required agree on both sides."""
    ours = {s.name: (s.secret, s.required) for s in SETTINGS}
    theirs = {s.name: (s.secret, s.required) for s in CATALOGUE["zendesk"]}
    assert ours == theirs


def _settings(**changed: str) -> Credentials:
    given = {"subdomain": "acme", "email": "a@x.example", "api_token": "t", **changed}
    return Credentials("zendesk", "default", Mode.SUGGEST, given)
