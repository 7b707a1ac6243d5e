"""Extractive summaries: the thread's own sentences, sorted into what an agent needs."""

from __future__ import annotations

from collections.abc import Iterable

from sidecar.domain.summary import ActionItem, Summary, SummaryKind
from sidecar.domain.ticket import AuthorRole, Ticket
from sidecar.llm.local.asked_headline import asked_headline, topic_of
from sidecar.llm.local.dates import due_date
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.headline import cleaned, headline, shortened
from sidecar.llm.local.language import UNKNOWN, LanguageDetector
from sidecar.llm.local.lexicon import LANGUAGES, raw, speaking
from sidecar.llm.local.orders import without_orders
from sidecar.llm.local.praise import praise_of
from sidecar.llm.local.problem import problem_of, shortened_at
from sidecar.llm.local.question import clean_subject
from sidecar.llm.local.sentiment import scan, sentiment_of
from sidecar.llm.local.talk import talked
from sidecar.llm.local.thread import Line, Thread, read_thread
from sidecar.llm.local.ticket_text import message_sections, newest_turns
from sidecar.llm.local.told_once import opening_note, unsaid

_MOST = {SummaryKind.BRIEF: 3, SummaryKind.HANDOVER: 8, SummaryKind.RESOLUTION: 5}
_LONGEST_LINE = 220
_TREND_TURNS = 50
_PROBLEM_LINES = {
    SummaryKind.BRIEF: 2,
    SummaryKind.HANDOVER: 4,
    SummaryKind.RESOLUTION: 2,
}


class Summarizer:
    """Summarises conversations; keeps nothing between calls."""

    def __init__(self, languages: LanguageDetector, model: str) -> None:
        self._languages = languages
        self._model = model

    def summarize(self, ticket: Ticket, kind: SummaryKind, language: str) -> Summary:
        """Return the summary; internal notes are used for the next agent only."""
        language = language or self._language(ticket)
        spoken = speaking(language)
        # A reply to the customer may be written from the other two kinds.
        notes = kind is SummaryKind.HANDOVER
        thread = read_thread(ticket, spoken, with_notes=notes)
        subject = clean_subject(without_orders(ticket.subject), spoken)
        labels = _labels(language)
        lines = list(thread.lines)
        most = _MOST[kind]
        said = talked(lines, subject, labels["agent"], english=language[:2] == "en")
        core = praise_of(ticket, lines, spoken) or problem_of(lines, "", spoken, 1)
        asked = asked_headline(subject, lines) if spoken == ("en",) and not said else ""
        core = opening_note(said) or core
        named = topic_of(subject) if spoken == ("en",) else subject
        title = shortened(asked) or headline(named, core, spoken)
        return Summary(
            headline=title or labels["no_text"],
            problem=said or problem_of(lines, subject, spoken, _PROBLEM_LINES[kind]),
            steps_taken=unsaid(_steps_taken(thread, labels, most), said),
            open_questions=unsaid(_open_questions(thread, spoken, most), said),
            next_steps=_next_steps(ticket, thread, labels, most),
            action_items=_action_items(ticket, thread, most),
            resolution=_resolution(ticket, thread),
            sentiment_trend=tuple(
                sentiment_of(tuple(scan(s, spoken) for s in message_sections(m)))[0]
                for m in ticket.customer_messages[-_TREND_TURNS:]
            ),
            language=language,
            engine="local",
            model=self._model,
            kind=kind,
            truncated=thread.truncated,
        )

    def _language(self, ticket: Ticket) -> str:
        messages = ticket.customer_messages or newest_turns(ticket)
        texts = [
            " ".join(s.text for s in message_sections(m))
            for m in (*messages[:1], *messages[-2:])
        ]
        # "(no subject)" is a mail program's word, in whatever language that runs.
        subject = clean_subject(ticket.subject, LANGUAGES)
        return self._languages.detect_first([*texts, subject]).language


def _labels(language: str) -> dict[str, str]:
    base = language.split("-", maxsplit=1)[0]
    code = base if base in LANGUAGES and language != UNKNOWN else "en"
    found: dict[str, str] = raw(code)["labels"]
    return found


def shortened_sentence(text: str) -> str:
    """Return a sentence, cut at a word when it is very long."""
    return shortened_at(text, _LONGEST_LINE)


def _said(line: Line, labels: dict[str, str]) -> str:
    who = labels["customer"] if line.role is AuthorRole.CUSTOMER else ""
    who = who or line.author or labels["agent"]
    return f"{who}: {shortened_sentence(line.text)}"


def _distinct(lines: Iterable[Line]) -> list[Line]:
    """Drop lines that say what an earlier one said."""
    kept: list[Line] = []
    seen: list[set[str]] = []
    for line in lines:
        stems = set(content_stems(line.text))
        if any(len(stems & s) >= 0.8 * max(1, min(len(stems), len(s))) for s in seen):
            continue
        kept.append(line)
        seen.append(stems)
    return kept


def _steps_taken(thread: Thread, labels: dict[str, str], most: int) -> tuple[str, ...]:
    tried: list[Line] = []
    listed = -1
    for line in thread.lines:
        # "What I have checked:" is no step, the items below it are.
        leads = line.text.endswith(":")
        if leads and "tried" in line.kinds:
            listed = line.turn
        elif not line.is_item:
            listed = -1
        named = line.is_item and line.turn == listed
        if line.is_question or leads or line.role is AuthorRole.SYSTEM:
            continue
        noted = line.role is AuthorRole.AGENT and line.internal
        if named or noted or "tried" in line.kinds:
            tried.append(line)
    kept = _distinct(tried)
    # The newest steps say where things stand; the first ones are known by then.
    return tuple(_said(x, labels) for x in kept[-most:])


def _open_questions(
    thread: Thread, spoken: tuple[str, ...], most: int
) -> tuple[str, ...]:
    """Return questions nobody has answered: no later turn of the other side."""
    public = [x for x in thread.lines if not x.internal]
    last = {
        role: max((x.turn for x in public if x.role is role), default=-1)
        for role in (AuthorRole.CUSTOMER, AuthorRole.AGENT)
    }
    other = {
        AuthorRole.CUSTOMER: AuthorRole.AGENT,
        AuthorRole.AGENT: AuthorRole.CUSTOMER,
    }
    found = [
        x
        for x in public
        if x.role in other and x.turn > last[other[x.role]] and _asks(x)
    ]
    texts = (shortened_sentence(cleaned(x.text, spoken)) for x in _distinct(found))
    return tuple(texts)[:most]


def _asks(line: Line) -> bool:
    if line.is_question:
        return True
    return line.role is AuthorRole.AGENT and "ask" in line.kinds


def _next_steps(
    ticket: Ticket, thread: Thread, labels: dict[str, str], most: int
) -> tuple[str, ...]:
    if ticket.status.is_finished:
        return ()
    public = [x for x in thread.lines if not x.internal]
    last_turn = max((x.turn for x in public), default=-1)
    recent = [x for x in thread.lines if x.turn >= last_turn - 1]
    promised = [
        x
        for x in _distinct(recent)
        if "promise" in x.kinds and x.role is not AuthorRole.SYSTEM
    ]
    steps = [_said(x, labels) for x in promised]
    last = next((x for x in reversed(public)), None)
    if last is not None and last.role is AuthorRole.CUSTOMER:
        steps.append(labels["answer"])
    elif last is not None and last.role is AuthorRole.AGENT:
        steps.append(labels["wait"])
    return tuple(steps[-most:])


def _action_items(ticket: Ticket, thread: Thread, most: int) -> tuple[ActionItem, ...]:
    """Return promises and requests; the one who promised or was asked owns them."""
    if ticket.status.is_finished:
        return ()
    customer = " ".join(ticket.customer.name.split())[:60]
    agents = [x.author for x in thread.lines if x.role is AuthorRole.AGENT and x.author]
    agent = agents[-1] if agents else ""
    found: list[ActionItem] = []
    for line in _distinct(thread.lines):
        if line.role is AuthorRole.SYSTEM:
            continue
        own, theirs = (
            (customer, agent)
            if line.role is AuthorRole.CUSTOMER
            else (line.author, customer)
        )
        if "promise" in line.kinds:
            owner = own
        elif "ask" in line.kinds and not line.internal:
            owner = theirs
        else:
            continue
        text = shortened_sentence(line.text)
        found.append(ActionItem(text, owner, due_date(line.text, line.sent)))
    return tuple(found[-most:])


def _resolution(ticket: Ticket, thread: Thread) -> str:
    """Return the recorded resolution, else the answer before the customer's yes."""
    if ticket.resolution.strip():
        return " ".join(ticket.resolution.split())
    confirmed = [
        x.turn
        for x in thread.lines
        if x.role is AuthorRole.CUSTOMER
        and "confirmed" in x.kinds
        and not x.is_question
    ]
    if not confirmed:
        return ""
    answers = [
        x
        for x in thread.lines
        if x.role is AuthorRole.AGENT and not x.internal and x.turn < confirmed[-1]
    ]
    if not answers:
        return ""
    last = [x for x in answers if x.turn == answers[-1].turn]
    told = [x for x in last if {"tried", "ask", "promise"} & x.kinds] or last
    return " ".join(shortened_sentence(x.text) for x in told[:2])
