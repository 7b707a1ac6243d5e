"""A house on a folder of its own, and the few steps the tests of section D share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sidecar.bootstrap import House, open_house
from sidecar.domain.access import Principal, Role
from sidecar.domain.knowledge import Visibility
from sidecar.domain.reply import Draft, Purpose
from sidecar.domain.ticket import Attachment, Author, AuthorRole, Customer, Message
from sidecar.domain.ticket import Ticket as DomainTicket
from sidecar.settings import Settings
from sidecar.usecases.commands import AddDocumentCommand, CheckedSentence, DraftCommand
from sidecar.usecases.draft_reply import SET_ASIDE, draft_reply
from sidecar.usecases.ingest_document import ingest_document
from sidecar.usecases.ports import Ports, Target, always_wanted, unsaved
from sidecar.usecases.quarantine import list_quarantine, release_quarantined
from tests.doubles.obedient_engine import ObedientEngine

ARTICLE = """Returning a device

You can return any device within 14 days of delivery. Print the return label in the
portal and put it on the parcel.
"""


@dataclass
class Guarded:
    """The real store, index, parser and guards, with an engine that obeys everybody."""

    house: House
    ports: Ports
    engine: ObedientEngine

    def caller(self, workspace: str = "default") -> Principal:
        """Return an agent of a workspace."""
        return Principal(workspace, Role.AGENT, "key:test", "test")

    def learn(
        self,
        text: str | bytes,
        file_name: str = "returns.txt",
        workspace: str = "default",
        url: str = "https://help.acme.test/returns",
    ) -> str:
        """Ingest a public document and return its id."""
        content = text.encode() if isinstance(text, str) else text
        command = AddDocumentCommand(
            content, file_name, source_url=url, visibility=Visibility.PUBLIC
        )
        caller = Principal(workspace, Role.ADMIN, "key:test", "test")
        done = ingest_document(self.ports, caller, command, unsaved, always_wanted)
        return done.document.id

    def draft(
        self,
        ticket: DomainTicket,
        purpose: Purpose = Purpose.INITIAL_RESPONSE,
        workspace: str = "default",
    ) -> tuple[Draft, list[CheckedSentence]]:
        """Return the draft and the sentences that were streamed before it.

        What was set aside is released first: the guards must hold without quarantine.
        """
        draft, shown = self.draft_once(ticket, purpose, workspace)
        if draft.blocker_text == SET_ASIDE:
            release_all(self.ports, workspace)
            return self.draft_once(ticket, purpose, workspace)
        return draft, shown

    def draft_once(
        self,
        ticket: DomainTicket,
        purpose: Purpose = Purpose.INITIAL_RESPONSE,
        workspace: str = "default",
    ) -> tuple[Draft, list[CheckedSentence]]:
        """Return the draft as it is while nobody has released anything."""
        command = DraftCommand(Target(ticket=ticket), purpose)
        steps = list(
            draft_reply(
                self.ports, self.caller(workspace), command, unsaved, always_wanted
            )
        )
        draft = steps[-1]
        assert isinstance(draft, Draft)
        return draft, [step for step in steps if isinstance(step, CheckedSentence)]


def release_all(ports: Ports, workspace: str = "default") -> None:
    """Do what an administrator does who lets everything go."""
    caller = Principal(workspace, Role.ADMIN, "key:test", "test")
    for item in list_quarantine(ports, caller, (), 200, "").items:
        release_quarantined(ports, caller, item.id, unsaved)


def open_guarded(folder: Path) -> Guarded:
    """Open the house with the obedient double where a model would be."""
    house = open_house(Settings(data_dir=folder, embedder="none"))
    engine = ObedientEngine()
    return Guarded(house, replace(house.ports, engine=engine), engine)


def ticket(
    body: str,
    number: str = "1",
    subject: str = "How do I return a device?",
    name: str = "Jo Miller",
    email: str = "jo@customer.test",
    file_name: str = "",
) -> DomainTicket:
    """Return a customer's ticket of one message."""
    attached = (Attachment("a", file_name),) if file_name else ()
    author = Author(AuthorRole.CUSTOMER, email, name)
    message = Message(f"{number}-m", author, body, attachments=attached)
    customer = Customer(external_id=email, email=email, name=name)
    return DomainTicket(f"T-{number}", "test", subject, (message,), customer)


def everything(draft: Draft, streamed: list[CheckedSentence]) -> str:
    """Return all that a person or a program could read of a draft."""
    return repr((draft, streamed))
