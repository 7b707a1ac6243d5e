"""Escalation rules, both ways.

The product knows seven conditions, each of which escalates by itself; on the wire
each is a rule with a fixed identifier. What cannot be kept (combined conditions) is
refused with the field's name, never dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sidecar.domain.classification import ReasonCode, Sentiment, Severity
from sidecar.domain.escalation import EscalationRules
from sidecar.errors import invalid
from sidecar.rpc.translate import alerting, enums, limits
from sidecar.usecases.try_rules import Span
from sidecar.v1 import policy_pb2, rules_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sidecar.usecases.try_rules import Tried

MAX_KEYWORDS = 500
MAX_KEYWORD = 100
MAX_CATEGORIES = 500
MAX_ATTEMPTS = 1_000
MAX_TICKETS = 500

_SHOWN = 20

_SEVERITIES = tuple(Severity)

NAMES = {
    "priority": "Priority",
    "angry": "Angry customer",
    "keywords": "Words the customer wrote",
    "attempts": "Repeated attempts",
    "risk": "Risk",
    "vip": "VIP customer",
    "categories": "Categories",
}
"""Every rule there is: its identifier and its name for people, in order."""

_RULE_OF = {
    ReasonCode.PRIORITY: "priority",
    ReasonCode.ANGRY_TONE: "angry",
    ReasonCode.KEYWORD: "keywords",
    ReasonCode.ATTEMPTS: "attempts",
    ReasonCode.RISK: "risk",
    ReasonCode.VIP_CUSTOMER: "vip",
    ReasonCode.CATEGORY: "categories",
}
_LATER = {
    "max_alerts_per_hour": "This limit cannot be set yet; leave it out.",
}


@dataclass(slots=True)
class _Bounds:
    """The conditions while they are read; every one starts switched off."""

    priority_min: int = 0
    angry: bool = False
    keywords: tuple[str, ...] = ()
    attempts_min: int = 0
    risk_min: float = 0.0
    vip_severity: str = ""
    categories: tuple[str, ...] = ()


def rules(found: EscalationRules) -> policy_pb2.GetEscalationRulesResponse:
    """Return the rules by which tickets are escalated."""
    return policy_pb2.GetEscalationRulesResponse(rules=_outgoing(found))


def updated(found: EscalationRules) -> policy_pb2.UpdateEscalationRulesResponse:
    """Return the new rules."""
    return policy_pb2.UpdateEscalationRulesResponse(rules=_outgoing(found))


def new_rules(request: Any) -> EscalationRules:
    """Return the rules of a request; a rule that is left out is switched off."""
    if not request.HasField("rules"):
        raise limits.missing("rules")
    given = request.rules
    for name, why in _LATER.items():
        kept = given.DESCRIPTOR.fields_by_name[name]
        present = given.HasField(name) if kept.has_presence else getattr(given, name)
        if present:
            raise invalid(f"rules.{name}", why)
    limits.check_count("rules.rules", len(given.rules), len(NAMES))
    bounds = _Bounds()
    seen: set[str] = set()
    for position, rule in enumerate(given.rules):
        place = f"rules.rules[{position}]"
        kind = _read(place, rule, bounds)
        if kind in seen:
            raise invalid(place, "There is another rule with the same condition.")
        seen.add(kind)
    kept_values = {item.name: getattr(bounds, item.name) for item in fields(bounds)}
    etag = limits.identifier("rules.etag", given.etag)
    return EscalationRules(**kept_values, **alerting.read(given), etag=etag)


def trial(
    request: policy_pb2.TestEscalationRulesRequest,
) -> tuple[EscalationRules, Span | None, int]:
    """Return the rules to try, on tickets opened when, and on how many."""
    rules = new_rules(request)
    most = limits.between(
        "max_tickets", request.max_tickets, 1, MAX_TICKETS, MAX_TICKETS
    )
    if not request.HasField("time_range"):
        return rules, None, most
    given = request.time_range
    span = Span(
        start=limits.moment(
            "time_range.start_time",
            given.start_time,
            present=given.HasField("start_time"),
        ),
        end=limits.moment(
            "time_range.end_time", given.end_time, present=given.HasField("end_time")
        ),
    )
    if span.start and span.end and span.end <= span.start:
        raise invalid("time_range.end_time", "Must be after start_time.")
    return rules, span, most


def tried(
    found: Tried, rules: EscalationRules
) -> policy_pb2.TestEscalationRulesResponse:
    """Return what each rule would have done; one that holds for nothing says 0."""
    ids = {_RULE_OF[code]: tickets for code, tickets in found.by_rule.items()}
    return policy_pb2.TestEscalationRulesResponse(
        matches=[
            policy_pb2.EscalationRuleMatch(
                rule_id=kind,
                ticket_count=len(ids.get(kind, [])),
                ticket_ids=ids.get(kind, [])[:_SHOWN],
            )
            for kind in switched_on(rules)
        ],
        tested_ticket_count=found.tickets,
        escalated_ticket_count=found.escalated,
    )


def _read(place: str, rule: rules_pb2.EscalationRule, bounds: _Bounds) -> str:
    kind = _kind(place, rule)
    _check_frame(place, rule, kind)
    if kind == "priority":
        bounds.priority_min = limits.between(
            f"{place}.priority_min", rule.priority_min, 1, 10, 0
        )
    elif kind == "angry":
        if list(rule.sentiments) != [enums.SENTIMENT[Sentiment.ANGRY]]:
            wanted = "Only ANGRY escalates; other tones cannot be chosen yet."
            raise invalid(f"{place}.sentiments", wanted)
        bounds.angry = True
    elif kind == "keywords":
        bounds.keywords = _words(
            f"{place}.keywords", rule.keywords, MAX_KEYWORDS, MAX_KEYWORD
        )
    elif kind == "attempts":
        bounds.attempts_min = limits.between(
            f"{place}.attempts_min", rule.attempts_min, 1, MAX_ATTEMPTS, 0
        )
    elif kind == "risk":
        bounds.risk_min = limits.share(f"{place}.risk_min", rule.risk_min)
    elif kind == "vip":
        bounds.vip_severity = _least_severity(f"{place}.severities", rule.severities)
    else:
        bounds.categories = _words(
            f"{place}.categories", rule.categories, MAX_CATEGORIES, MAX_KEYWORD
        )
    return kind


def _kind(place: str, rule: rules_pb2.EscalationRule) -> str:
    """Return which condition a rule has; it must be exactly one."""
    if rule.HasField("unanswered_for"):
        wanted = "Waiting time cannot be a condition yet; leave it out."
        raise invalid(f"{place}.unanswered_for", wanted)
    present = {
        "priority": rule.priority_min,
        "angry": rule.sentiments,
        "keywords": rule.keywords,
        "attempts": rule.attempts_min,
        "risk": rule.risk_min,
        "vip": rule.vip_only,
        "categories": rule.categories,
    }
    kinds = [kind for kind, value in present.items() if value]
    if rule.severities and "vip" not in kinds:
        wanted = "Severities can be chosen for VIP customers only, for now."
        raise invalid(f"{place}.severities", wanted)
    if not kinds:
        raise invalid(place, "A rule needs a condition.")
    if len(kinds) > 1:
        wanted = "Conditions cannot be combined yet; make a rule of each."
        raise invalid(place, wanted)
    return kinds[0]


def _check_frame(place: str, rule: rules_pb2.EscalationRule, kind: str) -> None:
    """Refuse a name, identifier, level or switch that nothing would remember."""
    if rule.rule_id not in ("", kind):
        wanted = f"Leave it empty or say “{kind}”."
        raise invalid(f"{place}.rule_id", wanted)
    if rule.name not in ("", NAMES[kind]):
        wanted = f"Leave it empty or say “{NAMES[kind]}”."
        raise invalid(f"{place}.name", wanted)
    if not rule.enabled:
        wanted = "A rule that is not applied is left out; set enabled for the others."
        raise invalid(f"{place}.enabled", wanted)
    if rule.level:
        wanted = "The level follows from severity and risk; leave it 0."
        raise invalid(f"{place}.level", wanted)


def _words(
    field: str, values: Sequence[str], most: int, longest: int
) -> tuple[str, ...]:
    limits.check_count(field, len(values), most)
    return tuple(
        limits.text(f"{field}[{i}]", value, longest, required=True).strip()
        for i, value in enumerate(values)
    )


def _least_severity(field: str, numbers: Sequence[int]) -> str:
    """Return the least of the severities; every worse one must be among them."""
    if not numbers:
        return _SEVERITIES[0].value
    known = {int(number): word for word, number in enums.SEVERITY.items()}
    given = {
        limits.choice(f"{field}[{i}]", number, known)
        for i, number in enumerate(numbers)
    }
    least = min(_SEVERITIES.index(word) for word in given)
    if len(given) != len(_SEVERITIES) - least:
        raise invalid(field, "Every severity above the least one must be there too.")
    return _SEVERITIES[least].value


def _outgoing(found: EscalationRules) -> rules_pb2.EscalationRules:
    made = {
        "priority": _rule("priority", priority_min=found.priority_min),
        "angry": _rule(
            "angry",
            sentiments=[enums.SENTIMENT[Sentiment.ANGRY]] if found.angry else [],
        ),
        "keywords": _rule("keywords", keywords=found.keywords),
        "attempts": _rule("attempts", attempts_min=found.attempts_min),
        "risk": _rule("risk", risk_min=found.risk_min),
        "vip": _vip(found.vip_severity),
        "categories": _rule("categories", categories=found.categories),
    }
    on = switched_on(found)
    return rules_pb2.EscalationRules(
        rules=[rule for kind, rule in made.items() if kind in on],
        etag=found.etag,
        config_version=found.etag or "default",
        **alerting.written(found),
    )


def switched_on(found: EscalationRules) -> tuple[str, ...]:
    """Return the identifiers of the rules that are applied."""
    values = {
        "priority": found.priority_min,
        "angry": found.angry,
        "keywords": found.keywords,
        "attempts": found.attempts_min,
        "risk": found.risk_min,
        "vip": found.vip_severity,
        "categories": found.categories,
    }
    return tuple(kind for kind, value in values.items() if value)


def _rule(kind: str, **condition: Any) -> rules_pb2.EscalationRule:
    return rules_pb2.EscalationRule(
        rule_id=kind, name=NAMES[kind], enabled=True, **condition
    )


def _vip(least: str) -> rules_pb2.EscalationRule:
    if not least:
        return _rule("vip")
    worse = _SEVERITIES[_SEVERITIES.index(Severity(least)) :]
    return _rule(
        "vip", vip_only=True, severities=[enums.SEVERITY[word] for word in worse]
    )
