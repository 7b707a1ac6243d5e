"""Business hours: how much working time lies between two moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MOST_DAYS = 370


@dataclass(frozen=True, slots=True)
class Interval:
    """Working time on a day of the week, 1 (Monday) .. 7, in minutes of the day."""

    weekday: int
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When a team works; no ``intervals`` means always, holidays or not."""

    time_zone: str = "UTC"
    intervals: tuple[Interval, ...] = ()
    holidays: tuple[str, ...] = ()


def worked_between(hours: BusinessHours, start: datetime, end: datetime) -> timedelta:
    """Return the working time from ``start`` to ``end``; both aware.

    Days are those of the team's zone, so one with a change of clocks is 23 or 25
    hours long. What lies more than a year back is not counted.
    """
    if end <= start:
        return timedelta(0)
    if not hours.intervals:
        return end - start
    zone = _zone(hours.time_zone)
    start = max(start, end - timedelta(days=_MOST_DAYS))
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    total = timedelta(0)
    while day <= last:
        if day.isoformat() not in hours.holidays:
            for interval in hours.intervals:
                if interval.weekday == day.isoweekday():
                    opens = _moment(day, interval.start_minute, zone)
                    closes = _moment(day, interval.end_minute, zone)
                    part = min(closes, end) - max(opens, start)
                    total += max(part, timedelta(0))
        day += timedelta(days=1)
    return total


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    if minute >= 24 * 60:
        day, minute = day + timedelta(days=1), 0
    local = datetime.combine(day, time(minute // 60, minute % 60), zone)
    # In UTC, because arithmetic within one zone ignores a change of clocks.
    return local.astimezone(UTC)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
