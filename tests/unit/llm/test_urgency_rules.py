"""Urgency, severity, priority and risk: rules that must be true of every text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sidecar.domain.classification import ReasonCode, Sentiment, Severity
from sidecar.llm.port import Signals

Read = Callable[..., Signals]
Priority = Callable[..., int]

ORDER = list(Severity)
PLAIN = [
    "How do I export my hours to Excel?",
    "The label printer shows error E-57 since this morning.",
    "I was charged twice this month, please check.",
    "Where is my order NH-103655? It is late.",
    "Our team cannot log in.",
    "Bitte stornieren Sie meine Bestellung.",
    "Thank you, everything works now!",
]


@pytest.mark.parametrize("text", PLAIN)
def test_production_down_for_all_users_never_lowers_severity_or_priority(
    read: Read, priority: Priority, text: str
) -> None:
    """The sentence raises to critical whatever it is added to, before or behind."""
    alarm = "Production is down for all users."
    for both in (f"{text} {alarm}", f"{alarm} {text}", f"{text}\n\n{alarm}"):
        assert read(both).severity is Severity.CRITICAL, both
        assert priority(both) >= priority(text)
        assert priority(both) >= 8


@pytest.mark.parametrize("text", PLAIN)
def test_politeness_changes_neither_severity_nor_priority(
    read: Read, priority: Priority, text: str
) -> None:
    """Please, thanks in advance and kind regards leave every figure as it was."""
    polite = (
        f"Dear team, good morning. {text} Thank you very much for your help, "
        "I would really appreciate it.\n\nKind regards,\nAnna"
    )
    assert read(polite).severity is read(text).severity
    assert priority(polite) == priority(text)


@pytest.mark.parametrize("text", PLAIN)
def test_a_quoted_old_outage_raises_nothing(
    read: Read, priority: Priority, text: str
) -> None:
    """What stands in a quote was said about something else, long ago."""
    quoted = (
        f"{text}\n\nOn Mon, 2 Mar 2026 at 10:00, Anna wrote:\n"
        "> Production is down for all users!!! THIS IS UNACCEPTABLE\n> We lost data."
    )
    assert read(quoted).severity is read(text).severity
    assert priority(quoted) == priority(text)


@pytest.mark.parametrize("text", PLAIN)
def test_a_signature_raises_nothing(read: Read, priority: Priority, text: str) -> None:
    """A job title such as emergency response or a slogan is no alarm."""
    signed = (
        f"{text}\n\n-- \nAnna Schmidt\nHead of Outage and Emergency Response\n"
        "Lawyers at court since 1990 - urgent matters welcome\n+49 30 000000"
    )
    assert read(signed).severity is read(text).severity
    assert priority(signed) == priority(text)


def test_the_word_urgent_alone_does_not_reach_the_top(
    read: Read, priority: Priority
) -> None:
    """Haste without harm stays under high."""
    for text in ("URGENT", "urgent!!! urgent urgent asap", "Dringend! Sofort! Eilt!"):
        assert ORDER.index(read(text).severity) < ORDER.index(Severity.HIGH)
        assert priority(text) <= 5
    asked = "URGENT: how do I change my profile picture? asap"
    assert priority(asked) <= 4


def test_sue_inside_issue_is_no_legal_threat(read: Read) -> None:
    """Keywords are whole words: 'sue' is not in 'issue', 'pursue' or 'tissue'."""
    signals = read("I have an issue with tissue paper labels and want to pursue it.")
    assert ReasonCode.LEGAL not in {r.code for r in signals.reasons}
    signals = read("If this is not fixed I will sue you.")
    assert ReasonCode.LEGAL in {r.code for r in signals.reasons}


def test_not_negative_is_not_negative(read: Read) -> None:
    """A negation before a word turns it off instead of being overlooked."""
    assert read("The outcome was not bad and not terrible.").sentiment is (
        Sentiment.NEUTRAL
    )
    assert read("I am not happy with this at all.").sentiment is not Sentiment.POSITIVE


@pytest.mark.parametrize(
    "text",
    [
        "This is absolutely unacceptable!! Your support is useless.",
        "Das ist eine Frechheit! Ich warte seit drei Wochen, mir reicht es!!",
        "C'est scandaleux, j'attends toujours et personne ne répond !!",
        "Esto es indignante, son unos incompetentes!!",
        "Isto é inaceitável, estou farto!!",
        "È vergognoso, sono furioso!!",
    ],
)
def test_anger_is_heard_in_six_languages(read: Read, text: str) -> None:
    """Angry words with emphasis are angry in every supported language."""
    assert read(text).sentiment is Sentiment.ANGRY


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Niemand kann sich anmelden, das ganze System steht.", Severity.CRITICAL),
        ("Personne ne peut se connecter depuis ce matin.", Severity.CRITICAL),
        ("Nadie puede entrar, el sistema está caído.", Severity.CRITICAL),
        ("Ninguém consegue entrar, o sistema caiu.", Severity.CRITICAL),
        ("Nessuno riesce ad accedere, il sistema è giù.", Severity.CRITICAL),
        ("Wie kann ich meine Rechnung herunterladen?", Severity.LOW),
        ("¿Cómo puedo exportar mis datos?", Severity.LOW),
        ("There is a typo on your pricing page.", Severity.LOW),
        ("The data of another company's customers is visible, a breach.", None),
    ],
)
def test_severity_follows_the_harm(
    read: Read, text: str, severity: Severity | None
) -> None:
    """Who is harmed and how much decides, in every supported language."""
    found = read(text).severity
    if severity is None:
        assert found in (Severity.HIGH, Severity.CRITICAL)
    else:
        assert found is severity


def test_what_is_over_or_only_supposed_is_no_alarm(read: Read) -> None:
    """Past and conditional mentions of an outage do not count."""
    for text in (
        "What happens to our data if the server is down?",
        "The outage last month was resolved, thank you. How do I invite a colleague?",
        "Will my entries be deleted when I downgrade?",
    ):
        assert read(text).severity in (Severity.LOW, Severity.NORMAL), text


def test_asking_again_does_not_make_an_open_outage_smaller(read: Read) -> None:
    """Severity stays until the customer says that it works."""
    down = "Production is down for all users."
    answer = "A: We are looking into it."
    assert read(down, answer, "Any news?").severity is Severity.CRITICAL
    solved = read(down, answer, "It works again, thank you!")
    assert solved.severity is Severity.LOW


def test_every_priority_is_reached_by_a_plain_ticket(priority: Priority) -> None:
    """The scale from 1 to 10 has no value that only exists on paper."""
    tickets = {
        1: ["How do I export my data to Excel?"],
        2: ["How do I export my data? Your documentation is useless, I hate it."],
        3: ["The export button shows an error."],
        4: ["The export fails and I am really disappointed with it."],
        5: ["The export fails. This is unacceptable, I am furious."],
        6: ["I was charged twice this month."],
        7: ["I was charged twice this month, I am disappointed."],
        8: ["The whole system is down."],
        9: ["The whole system is down. We are very disappointed."],
        10: ["Production is down for all users. This is unacceptable!!"],
    }
    assert {n: priority(*turns) for n, turns in tickets.items()} == {
        n: n for n in tickets
    }


def test_risk_says_look_now_for_a_threat_and_not_for_a_question(
    risk: Callable[..., float],
) -> None:
    """Above 0.7 means look now."""
    threat = "We lost all our data, my lawyer will sue you. Unacceptable!!"
    assert risk(threat) > 0.7
    assert risk("How do I change the time zone?") < 0.1


def test_a_word_said_twice_is_one_reason(read: Callable[..., Signals]) -> None:
    """Reasons are told apart by what they say."""
    texts = [r.text for r in read("Thanks. Thanks! 👍👍").reasons]
    assert len(texts) == len(set(texts))


def test_nobody_answering_is_not_many_people_affected(
    read: Callable[..., Signals],
) -> None:
    """One customer says "Nobody in support answers"."""
    found = read("Nobody in support answers my mails, the printer is broken.")
    assert ReasonCode.MANY_USERS not in {r.code for r in found.reasons}


@pytest.mark.parametrize(
    ("text", "shouts"),
    [
        ("Charged by WA DEPT REVENUE; WA DEPT REVENUE::MOONCHASER INC.", False),
        ("Card statement: AMAZON MKTPLACE PMTS LUX GERMANY BERLIN, 12.40.", False),
        ("Hello, YOU CHARGED ME TWICE AND NOBODY GIVES IT BACK", True),
        ("Hallo, MEIN PAKET IST IMMER NOCH NICHT DA UND KEINER HILFT", True),
        ("Bonjour, VOUS NE REPONDEZ JAMAIS ET RIEN NE MARCHE ICI", True),
    ],
)
def test_a_name_in_capitals_is_no_shouting(read: Read, text: str, shouts: bool) -> None:
    """Whoever shouts says small words; a line of a bank statement has none."""
    assert (read(text).sentiment is Sentiment.ANGRY) is shouts


def test_a_text_all_in_capitals_shouts_with_a_heated_word_only(read: Read) -> None:
    """Some people always write so; anger has a word to show."""
    assert read("THE PRINTER SHOWS E-57 SINCE THIS MORNING").sentiment is (
        Sentiment.NEUTRAL
    )
    assert read("YOU TOOK MY MONEY TWICE AND I WANT IT BACK NOW").sentiment is (
        Sentiment.ANGRY
    )


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("The reader in the hall shows E-57. Warranty?", Severity.NORMAL),
        ("What does E-57 mean?", Severity.LOW),
        ("can we export our hours and do they get wiped later", Severity.LOW),
    ],
)
def test_a_code_that_is_shown_is_a_report_and_order_of_words_a_question(
    read: Read, text: str, severity: Severity
) -> None:
    """With or without question marks."""
    assert read(text).severity is severity


def test_a_log_has_no_mood(read: Read) -> None:
    """Levels in capitals and words of a log are no anger; around it they are."""
    log = (
        "```\nINFO start\nWARN retry! FATAL useless ridiculous ERROR DELETE NOW\n```\n"
    )
    assert read(f"Where is this from?\n{log}").sentiment is Sentiment.NEUTRAL
    angry = read(f"This is useless and ridiculous.\n{log}")
    assert angry.sentiment is Sentiment.ANGRY


def test_the_trash_is_a_place(read: Read) -> None:
    """Looking in the trash is no insult, calling something trash is."""
    looked = "It is terrible. I looked in the trash."
    assert read(looked).sentiment is not Sentiment.ANGRY
    assert read("It is terrible. This is trash.").sentiment is Sentiment.ANGRY
