"""Merging threads: whatever arrives in whatever order, the same thread results."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.ticket import Author, AuthorRole, Message
from sidecar.store.threads import Known, digest, merge, named

AT = datetime(2026, 11, 21, tzinfo=UTC)
AUTHORS = st.builds(Author, st.sampled_from(AuthorRole), st.sampled_from(["", "a"]))
MESSAGES = st.builds(
    Message,
    external_id=st.sampled_from(["", "1", "2", "3", "4"]),
    author=AUTHORS,
    body=st.sampled_from(["", "yes", "no"]),
    internal=st.booleans(),
    sent_at=st.none() | st.integers(0, 5).map(lambda n: AT + timedelta(minutes=n)),
)
THREADS = st.lists(MESSAGES, max_size=8)


def apply(known: list[Known], messages: list[Message]) -> list[Known]:
    """Return what the database would hold after a merge."""
    merged = merge(known, named(messages), AT)
    places = {message.id: n for n, message in (*merged.added, *merged.replaced)}
    places |= dict(merged.moved)
    kept = [replace(k, position=places.get(k.id, k.position)) for k in merged.order]
    # Every position is written or was right already.
    assert [k.position for k in kept] == list(range(len(kept)))
    return kept


@given(messages=THREADS)
def test_the_same_thread_again_writes_nothing(messages: list[Message]) -> None:
    """Repeating a call adds, replaces and moves nothing."""
    known = apply([], messages)
    again = merge(known, named(messages), AT)
    assert (again.added, again.replaced, again.moved) == ((), (), ())
    assert again.order == tuple(known)


@given(messages=THREADS)
def test_each_external_id_is_there_once(messages: list[Message]) -> None:
    """Named messages once each; unnamed ones as often as they were said."""
    known = apply([], messages)
    names = [k.external_id for k in known]
    assert len(names) == len(set(names))
    unnamed = sum(not m.external_id for m in messages)
    assert len(names) == unnamed + len({m.external_id for m in messages} - {""})


@given(messages=st.lists(MESSAGES, max_size=8), cut=st.integers(0, 8))
def test_a_thread_may_arrive_in_portions(messages: list[Message], cut: int) -> None:
    """First a part and then the whole gives what the whole gives."""
    whole = apply([], messages)
    portions = apply(apply([], messages[:cut]), messages)
    assert {(k.external_id, k.digest) for k in portions} == {
        (k.external_id, k.digest) for k in whole
    }


@given(seed=st.integers())
def test_timed_messages_end_in_order_however_they_arrive(seed: int) -> None:
    """The order is that of sending."""
    thread = [
        Message(
            f"m{n}", Author(AuthorRole.CUSTOMER), "x", sent_at=AT + n * timedelta(1)
        )
        for n in range(6)
    ]
    shuffled = random.Random(seed).sample(thread, len(thread))
    known: list[Known] = []
    for message in shuffled:
        known = apply(known, [message])
    assert [k.external_id for k in known] == [m.external_id for m in thread]


@given(first=THREADS, second=THREADS)
def test_an_outdated_view_never_replaces(
    first: list[Message], second: list[Message]
) -> None:
    """Without leave to replace, known content stays."""
    known = apply([], first)
    merged = merge(known, named(second), AT, may_replace=False)
    assert merged.replaced == ()
    marks = {k.external_id: k.digest for k in merged.order}
    assert all(marks[k.external_id] == k.digest for k in known)


@given(one=MESSAGES, other=MESSAGES)
def test_a_digest_stands_for_the_content(one: Message, other: Message) -> None:
    """Equal digests mean equal messages but for their ids."""
    same = replace(one, external_id="", id="") == replace(other, external_id="", id="")
    assert (digest(one) == digest(other)) is same


def test_the_parts_of_a_message_do_not_run_together() -> None:
    """A name that swallows the body is another message."""
    one = Message("", Author(AuthorRole.CUSTOMER, "ab", "c"), "d")
    other = Message("", Author(AuthorRole.CUSTOMER, "a", "bc"), "d")
    assert digest(one) != digest(other)
