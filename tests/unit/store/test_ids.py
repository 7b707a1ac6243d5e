"""Ids sort by the time they were made and cannot be guessed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.ids import new_etag, new_id

MOMENTS = st.datetimes(
    datetime.fromisoformat("1971-01-01"),
    datetime.fromisoformat("2500-01-01"),
    timezones=st.just(UTC),
)


@given(at=MOMENTS)
def test_an_id_is_short_plain_text(at: datetime) -> None:
    """Prefix, underscore, 26 characters without i, l, o and u."""
    made = new_id("tkt", at)
    assert len(made) == 30
    assert made.startswith("tkt_")
    assert set(made[4:]) <= set("0123456789abcdefghjkmnpqrstvwxyz")


@given(at=MOMENTS, later=st.timedeltas(timedelta(milliseconds=1), timedelta(9999)))
def test_ids_sort_by_time(at: datetime, later: timedelta) -> None:
    """An id made a millisecond later is greater, whatever was drawn."""
    assert new_id("a", at) < new_id("a", at + later)


def test_ids_of_one_moment_are_distinct_and_in_order() -> None:
    """Within a millisecond the order of making is kept."""
    at = datetime(2026, 11, 21, tzinfo=UTC)
    made = [new_id("a", at) for _ in range(1000)]
    assert made == sorted(set(made))


def test_threads_never_make_the_same_id() -> None:
    """Many threads at one moment draw different ids."""
    at = datetime(2026, 11, 21, tzinfo=UTC)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_id("a", at), range(4000)))
    assert len(set(made)) == 4000


def test_an_id_does_not_tell_the_next_moments_one() -> None:
    """80 bits are drawn anew each millisecond."""
    at = datetime(2026, 11, 21, tzinfo=UTC)
    tails = {new_id("a", at + timedelta(milliseconds=n))[-16:] for n in range(200)}
    assert len(tails) == 200


def test_etags_are_never_equal() -> None:
    """A version mark is used once."""
    assert len({new_etag() for _ in range(10_000)}) == 10_000
