"""Summaries: what was asked, tried, promised and settled, from the thread itself."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

from sidecar.domain.classification import Sentiment
from sidecar.domain.summary import Summary, SummaryKind
from sidecar.domain.ticket import TicketStatus
from sidecar.llm.local.engine import LocalEngine
from tests.unit.llm.conftest import ticket

THREAD = ticket(
    "Hello,\n\nthe label printer shows error LP-17 since Monday. I restarted it twice "
    "and nothing helps. How do I calibrate it?\n\nBest regards,\nAnna",
    "A: Hi Anna, I have reset the calibration from here. Please send us a photo of "
    "the roll. I will call you tomorrow.",
    "N: Driver 3.7 is known to fail, replaced it remotely on 17 November.",
    "Still broken, this is unacceptable!! When will you call?",
    subject="LP-17 on the label printer",
)


def test_a_handover_tells_the_next_agent_everything(bare_engine: LocalEngine) -> None:
    """Headline, problem, steps of both sides, open questions, promises with dates."""
    found = bare_engine.summarize(THREAD, SummaryKind.HANDOVER, "")
    assert found.headline == "LP-17 on the label printer"
    assert "LP-17" in found.problem
    assert "Best regards" not in found.problem
    steps = " ".join(found.steps_taken)
    assert "Customer: I restarted it twice" in steps
    assert "Priya Raman: Hi Anna, I have reset" in steps
    assert "Driver 3.7" in steps
    assert found.open_questions == ("When will you call?",)
    assert found.next_steps[-1] == "Answer the customer."
    call = next(a for a in found.action_items if "call you" in a.text)
    assert call.owner == "Priya Raman"
    assert call.due == date(2026, 11, 19)
    photo = next(a for a in found.action_items if "photo" in a.text)
    assert photo.owner == "Anna Schmidt"
    assert found.sentiment_trend[-1] is Sentiment.ANGRY
    assert found.language == "en"
    assert not found.truncated


def test_internal_notes_stay_in_the_handover(bare_engine: LocalEngine) -> None:
    """A brief or a resolution may be shown to a customer; notes may not."""
    for kind in (SummaryKind.BRIEF, SummaryKind.RESOLUTION):
        assert "Driver 3.7" not in repr(bare_engine.summarize(THREAD, kind, ""))


def test_a_confirmed_thread_has_its_resolution(bare_engine: LocalEngine) -> None:
    """The record wins; without one, the answer before the customer's yes."""
    solved = ticket(
        "My badge reader is offline.",
        "A: Please open UDP port 123 in the firewall.",
        "It works now, thank you!",
    )
    found = bare_engine.summarize(solved, SummaryKind.RESOLUTION, "")
    assert "UDP port 123" in found.resolution
    recorded = replace(solved, resolution="Port opened.", status=TicketStatus.SOLVED)
    found = bare_engine.summarize(recorded, SummaryKind.RESOLUTION, "")
    assert found.resolution == "Port opened."
    assert found.action_items == ()
    assert found.next_steps == ()


def test_a_summary_is_in_the_language_of_the_conversation(
    bare_engine: LocalEngine,
) -> None:
    """Labels follow the customer's language."""
    german = ticket(
        "Guten Tag, der Drucker druckt nicht. Ich habe schon versucht, ihn neu zu "
        "starten. Was kann ich tun?"
    )
    found = bare_engine.summarize(german, SummaryKind.HANDOVER, "")
    assert found.language == "de"
    assert found.next_steps == ("Dem Kunden antworten.",)
    assert found.steps_taken[0].startswith("Kunde: Ich habe schon versucht")


def test_a_headline_is_one_short_line(bare_engine: LocalEngine) -> None:
    """At most 90 characters, also without a useful subject or any text."""
    long = "The export of our yearly report " + "very " * 60 + "often fails."
    for one in (
        ticket(long, subject="Re: help"),
        ticket(long, subject="x " * 400),
        ticket(""),
        ticket("👍"),
        ticket(),
    ):
        found = bare_engine.summarize(one, SummaryKind.BRIEF, "")
        assert 0 < len(found.headline) <= 90
        assert "\n" not in found.headline


def test_huge_threads_are_cut_by_policy_and_say_so(bare_engine: LocalEngine) -> None:
    """5,000 messages or 2 MB in one take no minute, head and tail kept."""
    turns = ["The reader fails first.", *["A: We check.", "Still failing."] * 2500]
    thread = ticket(*turns, "Finally it smokes, will you call today?")
    body = ticket("Start fails. " + "filler text here. " * 120_000 + "End fails?")
    for one, words in ((thread, "call today"), (body, "End fails?")):
        started = time.monotonic()
        found = bare_engine.summarize(one, SummaryKind.HANDOVER, "")
        assert time.monotonic() - started < 20
        assert found.truncated
        assert words in " ".join(found.open_questions)


def test_the_same_thread_gives_the_same_bytes(bare_engine: LocalEngine) -> None:
    """Byte for byte, again and again."""
    one = bare_engine.summarize(THREAD, SummaryKind.HANDOVER, "")
    assert repr(one) == repr(bare_engine.summarize(THREAD, SummaryKind.HANDOVER, ""))


def brief(engine: LocalEngine, *turns: str, subject: str = "") -> Summary:
    """Summarise a ticket in brief."""
    return engine.summarize(ticket(*turns, subject=subject), SummaryKind.BRIEF, "")


def test_the_problem_is_the_complaint_and_not_an_item_of_a_list(
    bare_engine: LocalEngine,
) -> None:
    """What was checked are steps, each item one; the lead-in to them is none."""
    found = brief(
        bare_engine,
        "As of this morning nine of them have nothing in their timesheet.\n\n"
        "Things I've checked so you don't ask me:\n- filters: none at all\n"
        "- trash: empty for entries (why is it empty? somebody deleted 83)\n",
        subject="3 WEEKS OF HOURS DISAPPEARED",
    )
    assert found.problem.startswith("As of this morning nine of them")
    assert "rash:" not in found.problem
    assert [s.split(": ", 1)[1] for s in found.steps_taken] == [
        "filters: none at all",
        "trash: empty for entries (why is it empty? somebody deleted 83)",
    ]


def test_a_headline_does_not_shout(bare_engine: LocalEngine) -> None:
    """Capitals become small letters, codes keep theirs, anger gives way."""
    body = "The app shows TW-5030 on every phone."
    loud = brief(bare_engine, body, subject="EVERYTHING DOWN TW-5030 all sites")
    assert loud.headline == "Everything down TW-5030 all sites"
    short = brief(bare_engine, body, subject="DOWN AGAIN")
    assert short.headline == "Down again: The app shows TW-5030 on every phone"
    calm = brief(bare_engine, body, subject="SLA credit")
    assert calm.headline == "SLA credit"


def test_the_problem_holds_no_card_number_and_is_short(
    bare_engine: LocalEngine,
) -> None:
    """At most 240 characters, of whole sentences."""
    found = brief(
        bare_engine,
        "The payment was declined and the link does not open.\n"
        "Card 4111 1111 1111 1111 for the payment was declined.\n" + "word " * 80,
    )
    assert "4111" not in found.problem
    assert found.problem.startswith("The payment was declined")
    assert len(found.problem) <= 240


def test_a_question_after_an_ellipsis_stays_whole(bare_engine: LocalEngine) -> None:
    """An arrow path such as "Settings → … → Trash" ends no sentence."""
    found = brief(
        bare_engine,
        "Reader broken.",
        "A: Could you please unpair it under Devices → … → Unpair?",
    )
    assert found.open_questions == ("Unpair it under Devices → … → Unpair?",)
