"""What is planned for a ticket, and where a draft ends and another reply begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.events import Mode
from connectors.zendesk.conversation import Thread, thread_of
from connectors.zendesk.marks import mark_of
from connectors.zendesk.outbound import Finding, note_text, plan, priority_word
from connectors.zendesk.replies import kind_of, reply_to
from sidecar.v1 import assist_pb2, classification_pb2, escalation_pb2
from sidecar.v1 import ticket_service_pb2 as tickets_pb2

MARK = "[deskside:0123456789abcdef]"
DRAFT = (
    "Hello Ana, please open Settings, choose Security and press Reset sessions."
    " Afterwards you can sign in again. It takes about one minute."
)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def _finding(
    decision: classification_pb2.Decision.ValueType, **more: object
) -> Finding:
    found = classification_pb2.Classification(
        category=classification_pb2.Prediction(
            value="Billing & refunds", confidence=0.91, decision=decision
        ),
        priority=8,
        risk=0.8,
        severity=classification_pb2.SEVERITY_HIGH,
        sentiment=classification_pb2.SENTIMENT_ANGRY,
    )
    return Finding(found, **more)  # type: ignore[arg-type]  # named in each test


@pytest.mark.parametrize(
    ("mode", "decision", "allowed", "fields"),
    [
        (Mode.SUGGEST, "AUTOMATE", ("priority", "tags"), {}),
        (Mode.AUTOMATE, "AUTOMATE", (), {}),
        (Mode.AUTOMATE, "SELECT", ("priority", "tags"), {}),
        (Mode.AUTOMATE, "AUTOMATE", ("priority",), {"priority": "high"}),
        (Mode.AUTOMATE, "AUTOMATE", ("tags", "priority"), {"priority": "high"}),
    ],
)
def test_a_field_is_written_only_when_allowed_and_sure(
    mode: Mode, decision: str, allowed: tuple[str, ...], fields: dict[str, str]
) -> None:
    """Priority needs mode automate, the administrator's word and decision AUTOMATE."""
    value = classification_pb2.Decision.Value(f"DECISION_{decision}")
    planned = plan(_finding(value), mode, MARK, automate_fields=allowed)
    written = {k: v for k, v in planned.fields.items() if k != "additional_tags"}
    assert written == fields
    plain = mode is Mode.AUTOMATE and decision == "AUTOMATE" and "tags" in allowed
    assert ("billing-refunds" in planned.tags) is plain
    assert {"deskside", "deskside-billing-refunds", "deskside-look-now"} <= set(
        planned.tags
    )


def test_an_abstained_category_is_nowhere() -> None:
    """What is not shown as an answer is neither tag nor word of the note."""
    planned = plan(_finding(classification_pb2.DECISION_ABSTAIN), Mode.SUGGEST, MARK)
    assert "illing" not in planned.note + str(planned.tags)


def test_what_the_ticket_has_is_not_written_again() -> None:
    """Tags and priority that are there already are left out."""
    planned = plan(
        _finding(classification_pb2.DECISION_AUTOMATE),
        Mode.AUTOMATE,
        MARK,
        automate_fields=("priority",),
        tags=["deskside", "deskside-billing-refunds", "deskside-look-now"],
        priority="high",
    )
    assert planned.fields == {}


@pytest.mark.parametrize(
    ("priority", "word"),
    [(0, ""), (1, "low"), (3, "low"), (4, "normal"), (7, "high"), (10, "urgent")],
)
def test_ten_priorities_become_four_words(priority: int, word: str) -> None:
    """Zendesk knows four; none is guessed for nothing."""
    assert priority_word(priority) == word


def test_a_note_ends_with_its_mark_and_names_its_sources() -> None:
    """Draft, sources, escalation and similar tickets are in the note; the mark last."""
    draft = assist_pb2.Draft(
        text=DRAFT,
        outcome=assist_pb2.DRAFT_OUTCOME_READY,
        citations=[assist_pb2.Citation(marker=1, title="Sign-in", url="https://x/1")],
    )
    similar = [tickets_pb2.SimilarTicket(external_id="7", subject="Login\nfails")]
    finding = _finding(
        classification_pb2.DECISION_SELECT,
        draft=draft,
        similar=similar,
        escalation=escalation_pb2.Escalation(level=2),
    )
    note = note_text(finding, MARK)
    assert note.endswith(f"\n\n{MARK}")
    for words in (DRAFT, "[1] Sign-in https://x/1", "level 2", "#7 Login fails"):
        assert words in note


def test_a_refused_draft_is_never_dressed_as_a_reply() -> None:
    """NEEDS_HUMAN shows why, and no text."""
    draft = assist_pb2.Draft(
        outcome=assist_pb2.DRAFT_OUTCOME_NEEDS_HUMAN,
        blocker_text="No passage answers this.",
        text="must not be shown",
    )
    finding = _finding(classification_pb2.DECISION_SELECT, draft=draft)
    note = note_text(finding, MARK)
    assert "No reply suggested. No passage answers this." in note
    assert "must not be shown" not in note


def test_a_very_long_note_keeps_its_mark() -> None:
    """What is cut is the text, not the mark by which it is found again."""
    draft = assist_pb2.Draft(
        text="word " * 20_000, outcome=assist_pb2.DRAFT_OUTCOME_READY
    )
    note = note_text(_finding(classification_pb2.DECISION_SELECT, draft=draft), MARK)
    assert len(note) <= 20_000
    assert note.endswith(MARK)


def test_a_mark_comes_from_its_key() -> None:
    """The same key is the same mark, another key another one."""
    assert mark_of("zendesk:abcdef0123456789ffff") == "[deskside:abcdef0123456789]"


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (DRAFT, "USED"),
        (DRAFT.replace(" ", "\n") + "\n", "USED"),
        (DRAFT.upper() + " [1]", "USED"),
        (f"Dear Ana,\n\n{DRAFT}\n\nKind regards,\nJo, Acme support team", "EDITED"),
        (DRAFT.replace("about one minute", "up to an hour in rare cases"), "EDITED"),
        (DRAFT[:90], "EDITED"),
        ("We have fixed this on our side, please try again now.", "IGNORED"),
        ("Please can you send us a screenshot of the settings? It helps.", "IGNORED"),
        ("", "IGNORED"),
    ],
)
def test_what_was_sent_tells_what_became_of_a_draft(sent: str, kind: str) -> None:
    """The draft as it was, the draft with changes, or something else."""
    assert kind_of(DRAFT, sent) == tickets_pb2.FeedbackKind.Value(
        f"FEEDBACK_KIND_{kind}"
    )


def _thread(*turns: tuple[str, int]) -> Thread:
    """Return a thread of (who, minute) turns; `a` agent, `c` customer, `n` a note."""
    comments = [
        {
            "id": position,
            "author_id": 1 if who == "c" else 2,
            "body": f"{who}{minute}",
            "public": who != "n",
            "created_at": (NOON + timedelta(minutes=minute)).isoformat(),
        }
        for position, (who, minute) in enumerate(turns, 1)
    ]
    users = {1: {"id": 1, "role": "end-user"}, 2: {"id": 2, "role": "agent"}}
    return thread_of({"id": 5, "requester_id": 1}, comments, users, 777)


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ((("c", 0), ("a", 20)), "a20"),
        ((("c", 0),), None),
        ((("c", 0), ("n", 12), ("a", 20), ("a", 30)), "a20"),
        ((("c", 0), ("c", 15), ("a", 20)), None),
        ((("c", 0), ("a", 2), ("c", 5), ("a", 20)), "a20"),
        ((("c", 0), ("a", 5)), None),
        ((("a", 0), ("a", 20)), None),
    ],
    ids=str,
)
def test_the_reply_to_a_draft_is_the_next_public_one(
    turns: tuple[tuple[str, int], ...], found: str | None
) -> None:
    """It follows what the draft answered and comes before the customer's next words."""
    draft = assist_pb2.Draft(text=DRAFT)
    draft.created_at.FromDatetime(NOON + timedelta(minutes=10))
    reply = reply_to(draft, _thread(*turns))
    assert (reply.body if reply else None) == found
