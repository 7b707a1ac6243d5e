"""Protobuf ↔ domain: limits by field, every enum, drafts that join to their text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.classification import ReasonCode, Sentiment
from sidecar.domain.reply import Blocker, Sentence, SentenceRole, Warning, render
from sidecar.domain.ticket import Author, AuthorRole, Customer, Message, Ticket
from sidecar.errors import MendRequest
from sidecar.rpc.once import digest
from sidecar.rpc.translate import drafts, enums, limits, tickets
from sidecar.rpc.translate.classification import trend
from sidecar.usecases.commands import CheckedSentence, DraftProgress
from sidecar.v1 import assist_pb2, classification_pb2, ticket_pb2


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(MendRequest) as caught:
        work()
    return caught.value.violations[0].field


@pytest.mark.parametrize(
    ("field", "work"),
    [
        ("request_id", lambda: limits.request_id("x" * 129)),
        ("f", lambda: limits.identifier("f", "x" * 256)),
        ("f", lambda: limits.identifier("f", "", required=True)),
        ("f", lambda: limits.identifier("f", "a\tb")),
        ("f", lambda: limits.text("f", "x" * 11, 10)),
        ("f", lambda: limits.text("f", "\x00", 10)),
        ("f", lambda: limits.text("f", "  ", 10, required=True)),
        ("f[1]", lambda: limits.words("f", ["a", "bbb"], most=5, longest=2)),
        ("f", lambda: limits.words("f", ["a"] * 6, most=5, longest=2)),
        ("f", lambda: limits.language("f", "english!")),
        ("f", lambda: limits.share("f", float("nan"))),
        ("f", lambda: limits.share("f", 1.1)),
        ("top_k", lambda: limits.top_k(51)),
        ("top_k", lambda: limits.top_k(-1)),
        ("page_size", lambda: limits.page_size(-1)),
        ("page_size", lambda: limits.page_size(201)),
        ("f", lambda: limits.moment("f", Timestamp(seconds=10**15), present=True)),
        ("f", lambda: limits.choice("f", 999, enums.TONE_IN)),
        ("f", lambda: tickets.web_address("f", "data:text/html,x")),
    ],
)
def test_a_limit_that_is_broken_names_its_field(
    field: str, work: Callable[[], object]
) -> None:
    """The caller is told where to look."""
    assert refused(work) == field


_AT = ticket_pb2.Attachment


@pytest.mark.parametrize(
    ("field", "ticket"),
    [
        ("subject", ticket_pb2.Ticket(subject="x" * (limits.MAX_SUBJECT + 1))),
        ("external_id", ticket_pb2.Ticket(external_id="x" * (limits.MAX_ID + 1))),
        ("tags", ticket_pb2.Ticket(tags=["t"] * (limits.MAX_TAGS + 1))),
        ("tags[0]", ticket_pb2.Ticket(tags=["t" * (limits.MAX_TAG + 1)])),
        ("url", ticket_pb2.Ticket(url="https://" + "x" * limits.MAX_URL)),
        (
            "customer.email",
            ticket_pb2.Ticket(customer=ticket_pb2.Customer(email="x" * 321)),
        ),
        (
            "messages",
            ticket_pb2.Ticket(
                messages=[ticket_pb2.Message()] * (limits.MAX_MESSAGES + 1)
            ),
        ),
        (
            "messages[0].body",
            ticket_pb2.Ticket(
                messages=[ticket_pb2.Message(body="x" * (limits.MAX_BODY + 1))]
            ),
        ),
        (
            "messages[0].attachments",
            ticket_pb2.Ticket(
                messages=[
                    ticket_pb2.Message(
                        attachments=[_AT()] * (limits.MAX_ATTACHMENTS + 1)
                    )
                ]
            ),
        ),
        (
            "messages[0].attachments[0].size_bytes",
            ticket_pb2.Ticket(
                messages=[ticket_pb2.Message(attachments=[_AT(size_bytes=-1)])]
            ),
        ),
    ],
)
def test_a_ticket_beyond_a_limit_names_the_field(
    field: str, ticket: ticket_pb2.Ticket
) -> None:
    """Paths lead to the very element."""
    assert refused(lambda: tickets.incoming(ticket)) == f"ticket.{field}"


def test_what_is_just_within_the_limits_passes() -> None:
    """A thread of 5,000 messages and a body of 2 MiB are accepted."""
    long = ticket_pb2.Ticket(messages=[ticket_pb2.Message(body="x" * limits.MAX_BODY)])
    many = ticket_pb2.Ticket(messages=[ticket_pb2.Message()] * limits.MAX_MESSAGES)
    assert len(tickets.incoming(long).messages[0].body) == 2 * 1024 * 1024
    assert len(tickets.incoming(many).messages) == 5_000


def test_control_characters_vanish_from_texts_but_not_layout() -> None:
    """Escape sequences are for terminals; tabs and lines belong to the text."""
    assert limits.text("f", "a\x1b[31mb\tc\r\nd\x7f", 99) == "a[31mb\tc\r\nd"


def test_a_ticket_without_name_gets_one_from_its_content() -> None:
    """The same text twice is the same ticket; another text is another."""
    one = tickets.inline(ticket_pb2.Ticket(subject="Help"))
    again = tickets.inline(ticket_pb2.Ticket(subject="Help"))
    other = tickets.inline(ticket_pb2.Ticket(subject="Help me"))
    assert one.external_id == again.external_id != other.external_id
    assert one.connector == "api"


def test_a_ticket_comes_back_as_it_went() -> None:
    """Translation loses nothing the contract can say."""
    when = datetime(2026, 11, 21, 8, 30, 1, 250_000, UTC)
    ticket = Ticket(
        external_id="7",
        connector="zendesk",
        subject="S",
        messages=(
            Message("m1", Author(AuthorRole.AGENT, "a", "Ada"), "B", True, when),
        ),
        customer=Customer("c", "jo@x.example", "Jo"),
        channel="email",
        tags=("a", "b"),
        url="https://x.example/7",
        created_at=when,
        updated_at=when,
    )
    assert tickets.incoming(tickets.outgoing(ticket)) == ticket


@pytest.mark.parametrize(
    "table",
    [
        *(enums.VISIBILITY, enums.DECISION, enums.SENTIMENT, enums.SEVERITY),
        *(enums.SEARCH_MODE, enums.PURPOSE, enums.OUTCOME, enums.SUMMARY_KIND),
        *(enums.AUTHOR_ROLE, enums.TIER, enums.ESCALATION_STATE, enums.TONE),
        *(enums.DOCUMENT_STATE, enums.STATUS, enums.REASON),
    ],
)
def test_every_word_of_the_domain_has_a_number(table: dict[object, int]) -> None:
    """Complete, and never UNSPECIFIED in an answer."""
    kind = type(next(iter(table)))
    assert set(table) == set(kind)  # type: ignore[call-overload]  # an enum wrapper is iterable
    assert 0 not in table.values()


def test_blockers_and_reasons_are_complete() -> None:
    """Everything that stops a draft can be told."""
    assert set(enums.BLOCKER) == set(Blocker) - {Blocker.NONE}
    assert set(enums.REASON) == set(ReasonCode)
    untold = set(Warning) - set(enums.WARNING)
    assert untold == {Warning.CUSTOMER_ANGRY, Warning.INTERNAL_SOURCE_EXISTS}


@pytest.mark.parametrize(
    ("moods", "word"),
    [
        ((), "STABLE"),
        ((Sentiment.ANGRY,), "STABLE"),
        ((Sentiment.ANGRY, Sentiment.NEUTRAL), "IMPROVING"),
        ((Sentiment.POSITIVE, Sentiment.NEGATIVE), "WORSENING"),
    ],
)
def test_the_trend_compares_first_and_last(
    moods: tuple[Sentiment, ...], word: str
) -> None:
    """Better, worse, or neither."""
    name = classification_pb2.SentimentTrend.Name(trend(moods))
    assert name == f"SENTIMENT_TREND_{word}"


_SENTENCES = st.lists(
    st.builds(
        Sentence,
        text=st.text("abc.", min_size=1, max_size=8),
        role=st.sampled_from(SentenceRole),
        starts_paragraph=st.booleans(),
        list_item=st.integers(0, 3),
    ),
    max_size=8,
)


@given(_SENTENCES)
def test_streamed_sentences_join_to_the_reply(sentences: list[Sentence]) -> None:
    """Each carries the white space that follows it, so a reader just appends."""
    steps = [CheckedSentence(sentence, ()) for sentence in sentences]
    placed = list(drafts.placed(iter(steps)))
    joined = "".join(drafts.step(item).sentence.text for item in placed)
    if sentences:
        steps_and_end = [*steps, DraftProgress("checking")]
        ended = list(drafts.placed(iter(steps_and_end)))
        joined = "".join(drafts.step(item).sentence.text for item in ended[:-1])
        assert [item.position for item in ended[:-1]] == list(range(len(sentences)))
    assert joined == render(tuple(sentences))


def test_the_digest_of_a_request_ignores_what_is_ours() -> None:
    """The request id and the identifier we assign do not make it another request."""
    request = assist_pb2.ClassifyRequest(
        request_id="1", ticket=ticket_pb2.Ticket(id="x", subject="s")
    )
    same = assist_pb2.ClassifyRequest(
        request_id="2", ticket=ticket_pb2.Ticket(id="y", subject="s")
    )
    other = assist_pb2.ClassifyRequest(ticket=ticket_pb2.Ticket(subject="t"))
    assert digest(request) == digest(same) != digest(other)
    assert request.request_id == "1"


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("Ann\u202egpj.exe", "Anngpj.exe"),
        ("\u2066a\u2067b\u2068c\u2069d\u202a\u202b\u202c\u202de", "abcde"),
        ("pay\u200bpal\ufeff \u2060now\u200d", "paypal now"),
        ("Family \U0001f468\u200d\U0001f469\u200d\U0001f467 plan", None),
        ("I \u2764\ufe0f\u200d\U0001f525 it, step 1\ufe0f\u20e3", None),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", None),
        ("Ünïcode, 東京 \u05e9\u05dc\u05d5\u05dd", None),
    ],
)
def test_a_line_shows_nothing_but_what_is_seen(given_: str, kept: str | None) -> None:
    """Names and subjects lose bidi and zero-width characters; bodies stay as sent."""
    wanted = given_ if kept is None else kept
    message = ticket_pb2.Message(
        body=given_,
        author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER, name=given_),
        attachments=[ticket_pb2.Attachment(file_name=given_)],
    )
    found = tickets.incoming(
        ticket_pb2.Ticket(
            subject=given_,
            tags=[given_, "\u200b\u202e"],
            customer=ticket_pb2.Customer(name=given_, email=given_),
            messages=[message],
        )
    )
    (turn,) = found.messages
    assert turn.body == given_
    assert (found.subject, found.tags) == (wanted, (wanted,))
    assert (found.customer.name, found.customer.email) == (wanted, wanted)
    assert (turn.author.name, turn.attachments[0].file_name) == (wanted, wanted)
