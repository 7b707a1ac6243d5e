"""Slack texts: nobody's words become a mention, a link or a second card (E06)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors.slack.cards import escalation_card, group_card
from connectors.slack.commands import Command, Verb, parse_command, parse_mention
from connectors.slack.mrkdwn import escape, line, link, moment, plain
from connectors.slack.outbound import answer_card, question_ticket, too_late
from sidecar.v1 import assist_pb2, classification_pb2, escalation_pb2, knowledge_pb2

HOSTILE = (
    "<!channel> <!here|now> <@U061F7AUR> <#C0ESC> <http://evil.test|bank.com> @everyone"
    " @channel &lt;!here&gt; \u202edrow\u200b"
)


def _escalation(subject: str = HOSTILE, number: int = 1) -> escalation_pb2.Escalation:
    return escalation_pb2.Escalation(
        escalation_id=f"esc_{number}",
        state=escalation_pb2.ESCALATION_STATE_OPEN,
        level=2,
        ticket_subject=subject,
        ticket_url="https://acme.example/t/1",
        customer_name=HOSTILE,
        reasons=[classification_pb2.Reason(text=HOSTILE)] * 9,
    )


def test_outsiders_markup_is_shown_and_does_nothing() -> None:
    """E06: no mass mention, no person, no channel, no disguised link is left."""
    text = json.dumps(escalation_card(_escalation()).blocks, ensure_ascii=False)
    for live in ("<!channel", "<!here", "<@U0", "<#C0", "<http://evil", "@everyone"):
        assert live not in text, live
    assert "&lt;!channel&gt;" in text
    assert "\u202e" not in text
    assert "\u200b" not in text


def test_an_entity_written_by_an_outsider_stays_what_it_says() -> None:
    """``&lt;!here&gt;`` is not decoded into a mention by a second pass."""
    assert escape("&lt;!here&gt;") == "&amp;lt;!here&amp;gt;"


def test_a_hundred_kilobytes_fit_slacks_limits() -> None:
    """E06: whatever the length, each text keeps within what Slack takes."""
    card = escalation_card(_escalation("&" * 100_000))
    for block in card.blocks:
        texts = [block.get("text", {}), *block.get("fields", [])]
        for text in texts:
            assert len(text.get("text", "")) <= 3_000
    assert len(card.text) <= 4_000
    assert len(escape("&" * 100_000, 300)) <= 300
    assert not escape("&" * 100_000, 300).rstrip("…").endswith(("&", "&a", "&am"))


def test_a_card_without_buttons_is_what_a_resolved_escalation_gets() -> None:
    """Nothing can be pressed any more once it is over."""
    done = _escalation()
    done.state = escalation_pb2.ESCALATION_STATE_RESOLVED
    assert not [b for b in escalation_card(done).blocks if b["type"] == "actions"]


def test_a_spikes_card_counts_what_it_does_not_list() -> None:
    """Ten lines, the rest as a number, one button for all that wait."""
    card = group_card([_escalation("x", n) for n in range(25)], "esc_0")
    text = json.dumps(card.blocks, ensure_ascii=False)
    assert text.count("•") == 10
    assert "15 more" in text
    assert "esc_ack_all" in text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://help.acme.test@evil.test/",
        "data:text/html,x",
        "//evil.test",
        "https://a b",
        "",
    ],
)
def test_only_plain_web_addresses_become_links(url: str) -> None:
    """Everything else is shown as its text."""
    assert link(url, "open") == "open"


def test_a_label_cannot_end_its_link() -> None:
    """A pipe or a bracket in a title stays inside the label."""
    made = link("https://acme.example/?a=1&b=2", "a|b>c<d")
    assert made.startswith("<https://acme.example/?a=1&amp;b=2|")
    assert made.count("|") == 1
    assert made.count(">") == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Command(Verb.HELP)),
        ("help", Command(Verb.HELP)),
        ("summarize 5158", Command(Verb.SUMMARIZE, "5158")),
        ("status ZD-5158", Command(Verb.SUMMARIZE, "5158")),
        ("Summarise #5158", Command(Verb.SUMMARIZE, "5158")),
        (
            "summarize <https://acme.zendesk.com/agent/tickets/5158>",
            Command(Verb.SUMMARIZE, "5158"),
        ),
        ("escalate 7 it burns", Command(Verb.ESCALATE, "7", "it burns")),
        ("escalate everything", Command(Verb.HELP, text="everything")),
        ("ask how do I pay?", Command(Verb.ASK, text="how do I pay?")),
        ("how do I pay?", Command(Verb.ASK, text="how do I pay?")),
    ],
)
def test_commands_are_read_as_people_type_them(text: str, wanted: Command) -> None:
    """Verbs in any case, tickets as number, with prefix, or as a link."""
    assert parse_command(text) == wanted


def test_a_mention_is_not_part_of_what_is_asked() -> None:
    """The app's own name says nothing; entities are what they stand for."""
    asked = parse_mention("<@U0LAN0Z89> is 3 &lt; 4 &amp; true?")
    assert asked == Command(Verb.ASK, text="is 3 < 4 & true?")


def test_an_answer_names_each_source_once() -> None:
    """Three passages of two articles: two sources, the quote escaped."""
    found = assist_pb2.RetrieveResponse(answerable=True, confidence=0.9)
    for number, document in enumerate(["a", "a", "b"]):
        found.passages.append(
            knowledge_pb2.Passage(
                passage_id=str(number),
                document_id=document,
                title=f"Article {document}",
                url=f"https://help.example/{document}",
                text="Press <b>Reset</b>.",
                score=0.9 - number / 10,
            )
        )
    text = json.dumps(answer_card("how?", found).blocks)
    assert "&lt;b&gt;" in text
    assert text.count("https://help.example/a") == 1
    assert text.count("https://help.example/b") == 1


def test_no_answer_is_said_as_such() -> None:
    """An unanswerable question gets no quote."""
    card = answer_card("who is <!here>?", assist_pb2.RetrieveResponse())
    assert "found nothing" in json.dumps(card.blocks)
    assert "<!here>" not in json.dumps(card.blocks)


def test_turns_keep_who_said_what() -> None:
    """Our own turns are the agent's, the others the customer's."""
    made = question_ticket([(False, "a"), (True, "b"), (False, "c")])
    assert [m.author.role for m in made.messages] == [1, 2, 1]


def test_a_time_is_everybodys_own() -> None:
    """Slack shows it in the reader's zone, with a spare text in UTC."""
    at = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
    assert moment(at).endswith("|2026-11-21 09:05 UTC>")


def test_plain_text_is_cut_with_a_sign() -> None:
    """A cut is seen."""
    assert plain("a" * 20, 10) == "a" * 9 + "…"
    assert line("two\nlines") == "two lines"
    assert "somebody" in too_late(_escalation()).casefold()
