"""Changing and trying escalation rules: what is kept, refused and counted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import (
    assist_pb2,
    classification_pb2,
    common_pb2,
    policy_pb2,
    rules_pb2,
    ticket_pb2,
    ticket_service_pb2,
)
from tests.contract.rpc.conftest import Running

Rules = rules_pb2.EscalationRules
Rule = rules_pb2.EscalationRule


def stored(client: SidecarClient) -> Rules:
    """Read the rules as they stand."""
    return client.policies.GetEscalationRules(
        policy_pb2.GetEscalationRulesRequest()
    ).rules


def update(client: SidecarClient, rules: Rules, request_id: str = "") -> Rules:
    """Replace the rules."""
    request = policy_pb2.UpdateEscalationRulesRequest(
        request_id=request_id, rules=rules
    )
    return client.policies.UpdateEscalationRules(request).rules


def keyword_rules(*words: str) -> Rules:
    """Return rules that escalate for these words only."""
    return Rules(rules=[Rule(enabled=True, keywords=words)])


def classify(
    client: SidecarClient, name: str, body: str, opened: datetime | None = None
) -> assist_pb2.ClassifyResponse:
    """Classify a ticket opened then."""
    ticket = ticket_pb2.Ticket(
        external_id=name,
        connector="zendesk",
        subject="A question",
        messages=[ticket_pb2.Message(body=body)],
    )
    if opened is not None:
        ticket.created_at.FromDatetime(opened)
        ticket.updated_at.FromDatetime(opened)
    return client.assist.Classify(assist_pb2.ClassifyRequest(ticket=ticket))


def test_what_was_read_can_be_written_back(running: Running) -> None:
    """Every rule survives the way in and out."""
    with running.client() as client:
        before = stored(client)
        assert {rule.rule_id for rule in before.rules} == {
            *("priority", "angry", "keywords", "attempts", "risk", "vip")
        }
        wanted = Rules(etag=before.etag)
        wanted.rules.extend(before.rules)
        wanted.rules.add(enabled=True, categories=["billing"])
        after = update(client, wanted)
        assert stored(client) == after
    assert list(after.rules)[: len(before.rules)] == list(before.rules)
    assert after.rules[-1].rule_id == "categories"
    assert list(after.rules[-1].categories) == ["billing"]


def test_the_new_rules_escalate_and_the_old_ones_no_longer(running: Running) -> None:
    """A rule that is left out is switched off."""
    with running.client() as client:
        wanted = keyword_rules("xylophone")
        wanted.etag = stored(client).etag
        update(client, wanted)
        with_word = classify(client, "rules-1", "My Xylophone is out of tune.")
        with_lawyer = classify(client, "rules-2", "I will call my lawyer.")
    assert with_word.HasField("escalation")
    assert not with_lawyer.HasField("escalation")


def test_no_rules_mean_no_escalations(running: Running) -> None:
    """An empty list is a decision too."""
    with running.client() as client:
        after = update(client, Rules(etag=stored(client).etag))
        assert len(after.rules) == 0
        found = classify(client, "rules-3", "My lawyer will sue you!!! I am FURIOUS!")
    assert not found.HasField("escalation")


@pytest.mark.parametrize("least", ["LOW", "NORMAL", "HIGH", "CRITICAL"])
def test_every_severity_of_the_vip_rule_survives(running: Running, least: str) -> None:
    """The least severity and all above it, as they were written."""
    severity = classification_pb2.Severity
    low = severity.Value("SEVERITY_LOW")
    worse = [n for n in sorted(severity.values()) if n >= low]
    worse = worse[worse.index(severity.Value(f"SEVERITY_{least}")) :]
    with running.client() as client:
        wanted = Rules(
            rules=[Rule(enabled=True, vip_only=True, severities=worse)],
            etag=stored(client).etag,
        )
        kept = update(client, wanted).rules[0]
    assert sorted(kept.severities) == worse


def test_a_repeat_returns_the_first_answer(running: Running) -> None:
    """The etag has moved on, and the repeat still succeeds."""
    with running.client() as client:
        wanted = keyword_rules("one")
        wanted.etag = stored(client).etag
        first = update(client, wanted, "rules-once")
        assert update(client, wanted, "rules-once") == first


def test_of_writers_that_race_one_wins(running: Running) -> None:
    """All have read the same version; the others are told to read again."""
    with running.client() as client:
        etag = stored(client).etag
        outcomes: list[str] = []

        def write(number: int) -> None:
            wanted = keyword_rules(f"word{number}")
            wanted.etag = etag
            try:
                outcomes.append(update(client, wanted).etag)
            except SidecarError as error:
                outcomes.append(f"{error.code.name} {error.reason}")

        threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes.count("ABORTED ETAG_MISMATCH") == 5
        assert stored(client).etag in outcomes


ANGRY = classification_pb2.SENTIMENT_ANGRY
POSITIVE = classification_pb2.SENTIMENT_POSITIVE
CRITICAL = classification_pb2.SEVERITY_CRITICAL
HIGH = classification_pb2.SEVERITY_HIGH
LOW = classification_pb2.SEVERITY_LOW


def one(**fields: object) -> Callable[[Rules], object]:
    """Return a damage: this rule instead of the others."""

    def damage(rules: Rules) -> None:
        rules.ClearField("rules")
        rules.rules.add(**{"enabled": True, **fields})

    return damage


BROKEN: dict[str, tuple[str, Callable[[Rules], object]]] = {
    "a ladder": ("rules.levels[0].level", lambda r: r.levels.add(level=2)),
    "business hours": (
        "rules.business_hours",
        lambda r: r.business_hours.add(on_call=["mem_1"]),
    ),
    "attendance": (
        "rules.critical_unattended_after",
        lambda r: r.critical_unattended_after.FromSeconds(0),
    ),
    "alert limit": (
        "rules.max_alerts_per_hour",
        lambda r: setattr(r, "max_alerts_per_hour", 5),
    ),
    "too many rules": (
        "rules.rules",
        lambda r: r.rules.extend([Rule(enabled=True)] * 8),
    ),
    "the same twice": (
        "rules.rules[1]",
        lambda r: r.rules.add(enabled=True, keywords=["x"]),
    ),
    "no condition": ("rules.rules[0]", one()),
    "two conditions": ("rules.rules[0]", one(keywords=["x"], priority_min=5)),
    "waiting time": (
        "rules.rules[0].unanswered_for",
        lambda r: r.rules[0].unanswered_for.FromSeconds(60),
    ),
    "own id": ("rules.rules[0].rule_id", one(keywords=["x"], rule_id="mine")),
    "own name": ("rules.rules[0].name", one(keywords=["x"], name="Mine")),
    "switched off": ("rules.rules[0].enabled", one(keywords=["x"], enabled=False)),
    "own level": ("rules.rules[0].level", one(keywords=["x"], level=3)),
    "priority": ("rules.rules[0].priority_min", one(priority_min=11)),
    "negative priority": ("rules.rules[0].priority_min", one(priority_min=-1)),
    "other tone": ("rules.rules[0].sentiments", one(sentiments=[POSITIVE])),
    "one tone more": ("rules.rules[0].sentiments", one(sentiments=[ANGRY, POSITIVE])),
    "many words": ("rules.rules[0].keywords", one(keywords=["w"] * 501)),
    "long word": ("rules.rules[0].keywords[0]", one(keywords=["w" * 101])),
    "empty word": ("rules.rules[0].keywords[1]", one(keywords=["w", " "])),
    "attempts": ("rules.rules[0].attempts_min", one(attempts_min=1_001)),
    "negative attempts": ("rules.rules[0].attempts_min", one(attempts_min=-1)),
    "risk": ("rules.rules[0].risk_min", one(risk_min=1.1)),
    "no number": ("rules.rules[0].risk_min", one(risk_min=float("nan"))),
    "severity of all": (
        "rules.rules[0].severities",
        one(severities=[HIGH, CRITICAL], keywords=["x"]),
    ),
    "a gap": (
        "rules.rules[0].severities",
        one(vip_only=True, severities=[LOW, CRITICAL]),
    ),
    "unknown severity": (
        "rules.rules[0].severities[0]",
        one(vip_only=True, severities=[99]),
    ),
    "many categories": ("rules.rules[0].categories", one(categories=["c"] * 501)),
    "long category": ("rules.rules[0].categories[0]", one(categories=["c" * 101])),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_limit_names_its_field(running: Running, case: str) -> None:
    """What is wrong or cannot be kept is named; nothing changes, for a trial too."""
    field, damage = BROKEN[case]
    with running.client() as client:
        before = stored(client)
        wanted = keyword_rules("word")
        wanted.etag = before.etag
        damage(wanted)
        for write in (update, attempt):
            with pytest.raises(SidecarError) as caught:
                write(client, wanted)
            assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
            assert [v.field for v in caught.value.violations] == [field]
        assert stored(client) == before


def test_a_request_without_rules_is_refused(running: Running) -> None:
    """Forgetting the field must not switch all escalations off."""
    with running.client() as client, pytest.raises(SidecarError) as caught:
        client.policies.UpdateEscalationRules(policy_pb2.UpdateEscalationRulesRequest())
    assert [v.field for v in caught.value.violations] == ["rules"]


def attempt(
    client: SidecarClient,
    rules: Rules,
    most: int = 0,
    span: common_pb2.TimeRange | None = None,
) -> policy_pb2.TestEscalationRulesResponse:
    """Try rules."""
    return client.policies.TestEscalationRules(
        policy_pb2.TestEscalationRulesRequest(
            rules=rules, max_tickets=most, time_range=span
        )
    )


def day(number: int) -> datetime:
    """Return a day long past that no other test uses."""
    return datetime(2001, 1, 1, tzinfo=UTC) + timedelta(days=number)


def span(first: int, end: int) -> common_pb2.TimeRange:
    """Return the days from ``first`` on and before ``end``."""
    start_time, end_time = Timestamp(), Timestamp()
    start_time.FromDatetime(day(first))
    end_time.FromDatetime(day(end))
    return common_pb2.TimeRange(start_time=start_time, end_time=end_time)


def test_a_trial_counts_and_names_tickets_of_the_span(running: Running) -> None:
    """By rule and in all; a rule that holds for nothing says 0."""
    with running.client() as client:
        ids = [
            classify(client, f"trial-{n}", f"The {word} is blue.", day(n)).ticket_id
            for n, word in enumerate(["marimba", "cello", "marimba", "marimba"])
        ]
        rules = keyword_rules("marimba")
        rules.rules.add(enabled=True, categories=["no_such_category"])
        found = attempt(client, rules, span=span(0, 3))
    assert found.tested_ticket_count == 3
    assert found.escalated_ticket_count == 2
    by_rule = {match.rule_id: match for match in found.matches}
    assert list(by_rule["keywords"].ticket_ids) == [ids[2], ids[0]]
    assert by_rule["keywords"].ticket_count == 2
    assert by_rule["categories"].ticket_count == 0


def test_a_trial_takes_the_newest_and_counts_beyond_what_it_names(
    running: Running,
) -> None:
    """At most as many tickets as asked for; at most twenty are named."""
    with running.client() as client:
        ids = [
            classify(client, f"many-{n}", "My oboe broke.", day(100 + n)).ticket_id
            for n in range(25)
        ]
        days = span(100, 200)
        few = attempt(client, keyword_rules("oboe"), most=3, span=days)
        all_ = attempt(client, keyword_rules("oboe"), span=days)
    assert list(few.matches[0].ticket_ids) == ids[:-4:-1]
    assert few.tested_ticket_count == few.escalated_ticket_count == 3
    assert all_.matches[0].ticket_count == 25
    assert len(all_.matches[0].ticket_ids) == 20


def test_a_trial_stores_nothing(running: Running) -> None:
    """Neither the rules nor an escalation."""
    with running.client() as client:
        made = classify(client, "stores-nothing", "A quiet sousaphone.")
        before = stored(client)
        found = attempt(client, keyword_rules("sousaphone"))
        assert made.ticket_id in found.matches[0].ticket_ids
        assert stored(client) == before
        panel = client.tickets.GetTicketPanel(
            ticket_service_pb2.GetTicketPanelRequest(ticket_id=made.ticket_id)
        )
    assert not panel.HasField("escalation")


def test_a_ticket_that_was_never_classified_is_not_tried(running: Running) -> None:
    """Without a decision there is nothing to apply rules to."""
    with running.client() as client:
        ticket = ticket_pb2.Ticket(
            external_id="raw", connector="zendesk", subject="A bassoon"
        )
        ticket.created_at.FromDatetime(day(300))
        ticket.updated_at.FromDatetime(day(300))
        client.tickets.UpsertTicket(
            ticket_service_pb2.UpsertTicketRequest(ticket=ticket)
        )
        found = attempt(client, keyword_rules("bassoon"), span=span(300, 301))
    assert found.tested_ticket_count == 0


def test_a_trial_sees_only_its_workspace(running: Running) -> None:
    """Tickets of others are neither counted nor named."""
    with running.client() as client, running.client("elsewhere") as other:
        classify(client, "theirs", "A lonely theremin.", day(400))
        found = attempt(other, keyword_rules("theremin"), span=span(400, 401))
    assert found.tested_ticket_count == 0


@pytest.mark.parametrize("most", [-1, 501])
def test_a_trial_has_a_bound(running: Running, most: int) -> None:
    """More tickets than the contract says are refused."""
    with running.client() as client, pytest.raises(SidecarError) as caught:
        attempt(client, keyword_rules("x"), most=most)
    assert [v.field for v in caught.value.violations] == ["max_tickets"]


def test_a_span_that_ends_before_it_begins_is_refused(running: Running) -> None:
    """It could only ever find nothing."""
    with running.client() as client, pytest.raises(SidecarError) as caught:
        attempt(client, keyword_rules("x"), span=span(5, 5))
    assert [v.field for v in caught.value.violations] == ["time_range.end_time"]
