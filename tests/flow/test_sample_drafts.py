"""Every sample ticket's draft reads as a support engineer would have it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from sidecar.bootstrap import House, open_house
from sidecar.domain.access import Principal, Role
from sidecar.domain.knowledge import Visibility
from sidecar.domain.reply import Blocker, Draft, SentenceRole
from sidecar.domain.reply_templates import BUILT_IN_TEMPLATES
from sidecar.llm.local.phrases import phrases, supported
from sidecar.settings import Settings
from sidecar.usecases.commands import AddDocumentCommand, DraftCommand
from sidecar.usecases.draft_reply import draft_reply
from sidecar.usecases.ingest_document import ingest_document
from sidecar.usecases.ports import Target, always_wanted, unsaved
from tests import needs
from tests.unit.llm.test_sample_tickets import SAMPLES, samples

# The first test reads 54 articles, 4 s of processor time; machines are busy at times.
pytestmark = pytest.mark.timeout(150)
CALLER = Principal("default", Role.ADMIN, "key:test", "test")
KNOWLEDGE = SAMPLES.parent / "knowledge"
# A sync, a cold room, a contract, tide tables, a sound, stickier labels: no article.
UNANSWERABLE = ("1037", "1038", "1043", "1048", "1050", "1064")
SET_ASIDE = ("1083", "1084")


class Drafted:
    """Drafts a reply to a sample ticket when a test first asks for it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._done: dict[str, Draft] = {}
        self.tickets = {t.external_id.removeprefix("NWH-"): t for t in samples()}

    def __getitem__(self, number: str) -> Draft:
        if number not in self._done:
            command = DraftCommand(Target(ticket=self.tickets[number]))
            ports = self._house.ports
            *_, draft = draft_reply(ports, CALLER, command, unsaved, always_wanted)
            assert isinstance(draft, Draft)
            self._done[number] = draft
        return self._done[number]

    def written(self) -> Iterator[tuple[str, Draft]]:
        """Yield the drafts with a text, of every other ticket and every open one."""
        for place, (number, ticket) in enumerate(self.tickets.items()):
            if place % 2 and ticket.status.is_finished:
                continue
            if self[number].text:
                yield number, self[number]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drafted]:
    """A house that has read the sample company's public articles."""
    needs.weights()
    house = open_house(Settings(data_dir=tmp_path_factory.mktemp("sample")))
    for path in sorted(KNOWLEDGE.rglob("*.md")):
        if "visibility: PUBLIC" in path.read_text(encoding="utf-8"):
            command = AddDocumentCommand(
                path.read_bytes(), path.name, visibility=Visibility.PUBLIC
            )
            ingest_document(house.ports, CALLER, command, unsaved, always_wanted)
    yield Drafted(house)
    house.close()


@pytest.mark.parametrize("number", UNANSWERABLE)
def test_what_no_article_answers_is_left_to_a_person(
    drafted: Drafted, number: str
) -> None:
    """Neither text nor confidence where the knowledge has no answer."""
    draft = drafted[number]
    assert draft.blocker is Blocker.KNOWLEDGE_MISSING
    assert not draft.text
    assert draft.confidence == 0.0


@pytest.mark.parametrize("number", SET_ASIDE)
def test_orders_to_a_machine_are_set_aside(drafted: Drafted, number: str) -> None:
    """No reply is written to them."""
    assert drafted[number].blocker is Blocker.UNSAFE_CONTENT
    assert not drafted[number].text


@pytest.mark.parametrize(
    ("number", "said", "unsaid"),
    [
        ("1045", "Settings → People → … → Erase", "write to us"),
        ("1046", "email, date, duration, project", "72 hours"),
        ("1060", "For Clipper there is no higher limit", "60 requests per minute."),
        ("1066", "no scan for 5 business days", "numbers like"),
        ("1068", "It is covered for 12 months", "Calibrate"),
        ("1069", "Trash → Entries for 14 days", "30 days"),
        ("1071", "höchstens 5 Links", "Hello"),
        ("1078", "Use the body as received", "Skiff"),
    ],
)
def test_what_is_asked_is_answered_from_the_right_article(
    drafted: Drafted, number: str, said: str, unsaid: str
) -> None:
    """The sentence a support engineer would pick is in the draft."""
    assert said in drafted[number].text
    assert unsaid not in drafted[number].text


def test_what_the_customer_knows_already_is_left_to_a_person(drafted: Drafted) -> None:
    """No draft repeats what an agent said or the customer did."""
    for number in ("1033", "1042", "1058"):
        assert not drafted[number].text, number


def test_news_and_given_answers_are_left_to_a_person(drafted: Drafted) -> None:
    """Where a matter stands, and what follows from an answer, no article says."""
    for number in ("1025", "1035", "1039", "1044", "1049"):
        assert not drafted[number].text, number


def test_anger_is_acknowledged_in_the_customer_s_language(drafted: Drafted) -> None:
    """An angry French customer reads first that the anger is understood."""
    draft = drafted["1056"]
    assert draft.sentences[1].text == phrases("fr")["acknowledgement"]["angry"]


def test_every_written_draft_has_all_parts_of_a_reply(drafted: Drafted) -> None:
    """Greeting, acknowledgement, what happens next, closing, in this order."""
    checked = 0
    for number, draft in drafted.written():
        roles = [s.role for s in draft.sentences]
        assert roles[0] is SentenceRole.GREETING, number
        assert roles[1] is SentenceRole.ACKNOWLEDGEMENT, number
        assert roles[-1] is SentenceRole.CLOSING, number
        # After the acknowledgement: thanks end with an offer, all else with a step.
        assert len(roles) >= 4, number
        last = draft.sentences[-2].text
        assert last in _next_steps(draft.language), (number, last)
        checked += 1
    assert checked >= 35


def _next_steps(language: str) -> str:
    texts = phrases(supported(language) or "en")
    bodies = [t.body for t in BUILT_IN_TEMPLATES]
    return "\n".join([*bodies, texts["heard"]["open"], texts["outage"]["look"]])


def test_no_draft_is_a_pasted_passage(drafted: Drafted) -> None:
    """Every fact is one cited sentence; no two paragraphs of an article stand in it."""
    for number, draft in drafted.written():
        facts = [s for s in draft.sentences if s.role is SentenceRole.FACT]
        assert len(facts) <= 11, number
        assert all(s.markers for s in facts), number
        plain = " ".join(draft.text.split())
        assert not any(paragraph in plain for paragraph in _paragraphs()), number


@cache
def _paragraphs() -> tuple[str, ...]:
    """Return every article's paragraphs of more than 300 letters, without marks."""
    texts = [p.read_text(encoding="utf-8") for p in KNOWLEDGE.rglob("*.md")]
    return tuple(
        plain
        for text in texts
        for block in text.replace("**", "").replace("`", "").split("\n\n")
        # The steps of a list are told one by one, as many as there are.
        if len(plain := " ".join(block.split())) > 300 and not plain[0].isdigit()
    )
