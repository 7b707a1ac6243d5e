"""Corpora for the measures: every text is added and found as callers do it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.domain.access import Principal
from sidecar.domain.knowledge import Retrieval, SearchMode, Visibility
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.evaluation.desk import Desk
from sidecar.evaluation.measures import Say
from sidecar.usecases.commands import AddDocumentCommand, RetrieveCommand
from sidecar.usecases.ingest_document import ingest_document
from sidecar.usecases.ports import Target, always_wanted, unsaved
from sidecar.usecases.retrieve import retrieve

_TOLD_EVERY = 200
MOST_PASSAGES = 50
"""As many as a caller may ask for; a document counts where its first passage stands."""


@dataclass(frozen=True, slots=True)
class Text:
    """A document of a data set."""

    id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, after which turns, and the documents that answer it.

    ``history`` holds (by the customer?, text) of the turns before, oldest first.
    """

    id: str
    text: str
    relevant: frozenset[str]
    history: tuple[tuple[bool, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """A workspace filled with a data set's documents."""

    desk: Desk
    caller: Principal
    documents: dict[str, str]

    def search(
        self,
        question: Question,
        mode: SearchMode = SearchMode.HYBRID,
        top_k: int = MOST_PASSAGES,
    ) -> Retrieval:
        """Retrieve as a caller does: a query, or a ticket where there were turns."""
        if question.history:
            target = Target(ticket=conversation(question))
            command = RetrieveCommand(target=target, top_k=top_k, mode=mode)
        else:
            command = RetrieveCommand(query=question.text, top_k=top_k, mode=mode)
        return retrieve(self.desk.ports, self.caller, command)

    def ranked(self, found: Retrieval) -> list[str]:
        """Return the data set's ids of the documents found, best first, each once."""
        ids = (self.documents[passage.document_id] for passage in found.passages)
        return list(dict.fromkeys(ids))


def fill(desk: Desk, name: str, texts: Sequence[Text], say: Say) -> Library:
    """Add the texts to a workspace of this name; those it has cost nothing."""
    caller = desk.fresh(name)
    documents = {}
    for count, text in enumerate(texts):
        if count and count % _TOLD_EVERY == 0:
            say(f"{name}: {count} of {len(texts)} documents added")
        command = AddDocumentCommand(
            content=text.body.encode(),
            file_name=f"{text.id}.txt",
            title=text.title,
            source=name,
            visibility=Visibility.PUBLIC,
            language="en",
        )
        done = ingest_document(desk.ports, caller, command, unsaved, always_wanted)
        documents[done.document.id] = text.id
    return Library(desk, caller, documents)


def conversation(question: Question) -> Ticket:
    """Return the question as a ticket with all its turns."""
    turns = (*question.history, (True, question.text))
    messages = (
        Message(str(n), Author(AuthorRole.CUSTOMER if by else AuthorRole.AGENT), text)
        for n, (by, text) in enumerate(turns)
    )
    return Ticket(question.id, "evaluation", messages=tuple(messages))


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file with one a line."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def corpus_of(path: Path) -> list[Text]:
    """Read a corpus.jsonl with doc_id, title and text."""
    rows = json_lines(path)
    return [Text(r["doc_id"], r["title"] or "", r["text"]) for r in rows]


def faq_of(questions: Iterable[str]) -> dict[str, Text]:
    """Return a document a different question, by question: an FAQ without answers."""
    different = dict.fromkeys(q.strip() for q in questions)
    return {q: Text(f"faq-{n}", q, q) for n, q in enumerate(different)}
