"""Summarise with a model: every line is checked against the conversation.

A line that names a number, a link or personal data the conversation does not have, that
tells the contrary of what it says, or that repeats our own orders, is left out; what is
needed and missing then comes from the local engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from sidecar.domain.reply import Warning
from sidecar.domain.summary import ActionItem, Summary, SummaryKind
from sidecar.domain.ticket import Ticket
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.remote.answers import objects, string, strings, whole
from sidecar.llm.remote.asking import Asker, Errand, Provider
from sidecar.llm.remote.conversation import conversation, names_in
from sidecar.llm.remote.door import Door, Order, Sealed
from sidecar.llm.remote.failure import Failure, ProviderFailed
from sidecar.llm.remote.languages import speaks, written_in
from sidecar.llm.remote.prompts import prompt
from sidecar.llm.remote.schemas import SUMMARY
from sidecar.safety.port import Safety

TASK = "summarize"
_MOST_OUTPUT = 1500
_LONGEST_HEADLINE = 120
_LONGEST_LINE = 600
_SUSPICIOUS_FROM = 0.7
_MOST = {SummaryKind.BRIEF: 3, SummaryKind.HANDOVER: 8, SummaryKind.RESOLUTION: 5}
_DIGITS = re.compile(r"\d+")


class Summarizing:
    """Summarises one conversation with whichever provider answers."""

    def __init__(
        self,
        door: Door,
        asker: Asker,
        safety: Safety,
        local: LocalEngine,
        ticket: Ticket,
        kind: SummaryKind,
        language: str,
        most: int,
    ) -> None:
        self._door = door
        self._asker = asker
        self._safety = safety
        self._local = local
        self._kind = kind
        notes = kind is SummaryKind.HANDOVER
        self._thread = conversation(ticket, most, with_notes=notes)
        said = [ticket.subject, *(m.body for m in ticket.messages)]
        self._said = "\n".join(said)
        self._shown = "\n\n".join(block.text for block in self._thread.blocks)
        self._numbers = frozenset(_DIGITS.findall(self._said))
        self._authors = names_in(ticket)
        self._language = language
        self._order = Order(
            prompt=prompt(TASK),
            values={"kind": kind.value, "language": written_in(language)},
            blocks=self._thread.blocks,
            names=self._authors,
            schema=SUMMARY,
            most_output_tokens=_MOST_OUTPUT,
        )

    def attempt(
        self, provider: Provider, seconds: float, errand: Errand, known: Summary
    ) -> Iterator[Summary]:
        """Yield the summary once; ``known`` is the local engine's."""
        sealed = self._door.seal(self._order)
        text = "".join(self._asker.ask(provider, sealed, errand, seconds))
        found = sealed.opened(whole(text))
        made = self._checked(found, sealed, known)
        self._asker.remember(provider, sealed, errand, text)
        yield replace(
            made,
            engine=provider.name,
            model=f"{provider.client.model}+{self._order.prompt.version}",
        )

    def _checked(
        self, found: dict[str, Any], sealed: Sealed, known: Summary
    ) -> Summary:
        headline = self._told(string(found, "headline", _LONGEST_LINE), sealed)
        problem = self._told(string(found, "problem", 2 * _LONGEST_LINE), sealed)
        if not speaks(self._local, f"{headline}. {problem}", self._language):
            raise ProviderFailed(Failure.WRONG_LANGUAGE)
        resolution = self._told(string(found, "resolution", 2 * _LONGEST_LINE), sealed)
        cut = (Warning.THREAD_TRUNCATED,) if self._thread.cut else ()
        return replace(
            known,
            headline=(headline or known.headline)[:_LONGEST_HEADLINE],
            problem=problem or known.problem,
            steps_taken=self._lines(found, "steps_taken", sealed, self._told),
            open_questions=self._lines(found, "open_questions", sealed, self._line),
            next_steps=self._lines(found, "next_steps", sealed, self._line),
            action_items=self._items(found, sealed),
            # Solved is what the helpdesk says, not what a model concludes.
            resolution=resolution if known.resolution else "",
            truncated=known.truncated or self._thread.cut,
            warnings=(*known.warnings, *cut),
        )

    def _lines(
        self,
        found: dict[str, Any],
        name: str,
        sealed: Sealed,
        checked: Callable[[str, Sealed], str],
    ) -> tuple[str, ...]:
        lines = (checked(text, sealed) for text in strings(found, name, _LONGEST_LINE))
        return tuple(line for line in lines if line)[: _MOST[self._kind]]

    def _items(self, found: dict[str, Any], sealed: Sealed) -> tuple[ActionItem, ...]:
        items = []
        for item in objects(found, "action_items"):
            text = self._line(string(item, "text", _LONGEST_LINE), sealed)
            owner = string(item, "owner", 200).strip()
            due = self._due(string(item, "due", 40).strip())
            if text:
                # An owner is somebody who takes part, not whoever a text names.
                owner = owner if owner in self._authors else ""
                items.append(ActionItem(text, owner, due))
        return tuple(items)[: _MOST[self._kind]]

    def _due(self, text: str) -> date | None:
        try:
            due = date.fromisoformat(text)
        except ValueError:
            return None
        named = {str(due.day), f"{due.day:02}"} & self._numbers
        return due if named else None

    def _told(self, text: str, sealed: Sealed) -> str:
        """Return one line that tells what is so, '' when the conversation denies it.

        What is to be done or asked may well be what the conversation says is not so.
        """
        line = self._line(text, sealed)
        return "" if self._safety.contradicts(line, self._shown) else line

    def _line(self, text: str, sealed: Sealed) -> str:
        """Return one line, '' when it says what the conversation does not."""
        line = " ".join(text.split())
        if not line or not sealed.may_be_shown(line):
            return ""
        if not frozenset(_DIGITS.findall(line)) <= self._numbers:
            return ""
        if self._safety.only_known_links(line, ()) != line:
            return ""
        if not self._safety.brings_nothing_new(line, (self._said, *self._authors)):
            return ""
        return line if self._safety.suspicion(line).score < _SUSPICIOUS_FROM else ""
