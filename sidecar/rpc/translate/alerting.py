"""When alerts climb and when people work: that part of the escalation rules.

One team's hours and a ladder of times can be kept. Targets, teams and on-call cannot
yet, and are refused with the field's name, never dropped.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.protobuf.duration_pb2 import Duration

from sidecar.domain.business_hours import BusinessHours, Interval
from sidecar.errors import invalid
from sidecar.rpc.translate import limits
from sidecar.v1 import rules_pb2

if TYPE_CHECKING:
    from sidecar.domain.escalation import EscalationRules

_LEAST, _MOST = 60, 30 * 24 * 3600
_MOST_LEVELS = 9
_MOST_INTERVALS = 50
_MOST_HOLIDAYS = 400
_DAY = 24 * 60
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}", re.ASCII)


def read(given: rules_pb2.EscalationRules) -> dict[str, Any]:
    """Return the fields of ``EscalationRules`` that are set; others keep defaults."""
    found: dict[str, Any] = {}
    if given.HasField("critical_unattended_after"):
        place = "rules.critical_unattended_after"
        found["unattended_after"] = _seconds(place, given.critical_unattended_after)
    if given.levels:
        found["climb_after"] = _ladder(given)
    if given.business_hours:
        found["hours"] = _hours(given)
    return found


def written(rules: EscalationRules) -> dict[str, Any]:
    """Return the same for the wire."""
    levels = [
        rules_pb2.EscalationLevel(level=i, climb_after=Duration(seconds=seconds))
        for i, seconds in enumerate(rules.climb_after, 1)
    ]
    found: dict[str, Any] = {
        "levels": levels,
        "critical_unattended_after": Duration(seconds=rules.unattended_after),
    }
    if rules.hours.intervals:
        hours = rules_pb2.BusinessHours(
            time_zone=rules.hours.time_zone,
            intervals=[
                rules_pb2.BusinessInterval(
                    weekday=i.weekday,
                    start_minute=i.start_minute,
                    end_minute=i.end_minute,
                )
                for i in rules.hours.intervals
            ],
            holidays=rules.hours.holidays,
        )
        found["business_hours"] = [hours]
    return found


def _ladder(given: rules_pb2.EscalationRules) -> tuple[int, ...]:
    limits.check_count("rules.levels", len(given.levels), _MOST_LEVELS)
    steps = []
    for position, level in enumerate(given.levels):
        place = f"rules.levels[{position}]"
        if level.level != position + 1:
            raise invalid(f"{place}.level", "Levels count upwards from 1.")
        if level.targets or level.name:
            raise invalid(place, "Names and targets cannot be set yet; leave them out.")
        if not level.HasField("climb_after"):
            if position != len(given.levels) - 1:
                said = "Only the last level may stay without a time."
                raise invalid(f"{place}.climb_after", said)
            break
        steps.append(_seconds(f"{place}.climb_after", level.climb_after))
    return tuple(steps)


def _hours(given: rules_pb2.EscalationRules) -> BusinessHours:
    if len(given.business_hours) > 1 or given.business_hours[0].team:
        said = "Hours of single teams cannot be set yet; give one without a team."
        raise invalid("rules.business_hours", said)
    hours = given.business_hours[0]
    if hours.on_call:
        said = "On-call cannot be set yet; leave it out."
        raise invalid("rules.business_hours", said)
    place = "rules.business_hours[0]"
    limits.check_count(f"{place}.intervals", len(hours.intervals), _MOST_INTERVALS)
    limits.check_count(f"{place}.holidays", len(hours.holidays), _MOST_HOLIDAYS)
    intervals = tuple(
        _interval(f"{place}.intervals[{i}]", given)
        for i, given in enumerate(hours.intervals)
    )
    for position, day in enumerate(hours.holidays):
        try:
            date.fromisoformat(day)
        except ValueError:
            field = f"{place}.holidays[{position}]"
            raise invalid(field, "Write a day as YYYY-MM-DD.") from None
    zone = _zone(f"{place}.time_zone", hours.time_zone or "UTC")
    return BusinessHours(zone, intervals, tuple(hours.holidays))


def _interval(place: str, given: rules_pb2.BusinessInterval) -> Interval:
    if not 1 <= given.weekday <= 7:
        raise invalid(f"{place}.weekday", "Must be 1 (Monday) to 7 (Sunday).")
    if not 0 <= given.start_minute < given.end_minute <= _DAY:
        said = "Must be after start_minute and at most 1440."
        raise invalid(f"{place}.end_minute", said)
    return Interval(given.weekday, given.start_minute, given.end_minute)


def _zone(field: str, name: str) -> str:
    try:
        if not _ZONE.fullmatch(name):
            raise ValueError(name)
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        said = "Use an IANA name such as Europe/Berlin."
        raise invalid(field, said) from None
    return name


def _seconds(field: str, given: Duration) -> int:
    if not _LEAST <= given.seconds <= _MOST:
        raise invalid(field, "Must be between a minute and 30 days.")
    return int(given.seconds)
