"""What we changed on tickets, listed completely: also what a killed worker wrote."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.desk import Desk
from connectors.events import TryAgain
from connectors.zendesk.api import ZendeskApi
from connectors.zendesk.changes import Change, from_audits
from connectors.zendesk.conversation import Thread
from connectors.zendesk.marks import marks_in
from connectors.zendesk.settings import NAME
from sidecar.v1 import connector_pb2

RECORD = "listed:"
"""Record of the marks whose changes are listed, by the ticket's number."""

_MARKS = 20
_MOST_REMEMBERED = 10_000


class Ledger:
    """Lists changes in the sidecar, each once for its mark and field.

    That all changes of a mark are listed is kept as well. Only this tells a later
    look that nothing is missing: a worker may have written before it was killed
    although its delivery counts as a first attempt.
    """

    def __init__(self, api: ZendeskApi, desk: Desk) -> None:
        self._api = api
        self._desk = desk
        # Spares the question for what this process has listed itself.
        self._listed: set[str] = set()

    def record(
        self, ticket_id: str, thread: Thread, changes: Iterable[Change], mark: str
    ) -> None:
        """Write down what an update with this mark changed."""
        for change in changes:
            self._desk.record_change(
                connector_pb2.VendorChange(
                    connector=NAME,
                    ticket_id=ticket_id,
                    external_id=thread.number,
                    field=change.field,
                    before=change.before,
                    after=change.after,
                    mark=mark,
                )
            )
        self._keep(thread, mark)

    def record_missing(self, ticket_id: str, thread: Thread) -> None:
        """Write down what a worker changed that died, or could not, before it was.

        Each of our latest notes is looked at, not only the one for the present state.
        """
        marks = [mark for note in thread.own_notes for mark in marks_in(note)][-_MARKS:]
        missing = [mark for mark in marks if mark not in self._listed]
        if missing:
            kept, _ = self._kept(thread)
            self._remember(kept)
            missing = [mark for mark in missing if mark not in kept]
        audits = self._api.audits(thread.number) if missing else ()
        for mark in missing:
            self.record(ticket_id, thread, from_audits(audits, mark), mark)

    def _keep(self, thread: Thread, mark: str) -> None:
        """Keep that all of a mark is listed; most tickets have one note only."""
        kept: list[str] = []
        etag = ""
        if thread.own_notes:
            kept, etag = self._kept(thread)
        try:
            self._put(thread, [*kept, mark], etag)
        except TryAgain:
            kept, etag = self._kept(thread)
            self._put(thread, [*kept, mark], etag)
        self._remember([mark])

    def _kept(self, thread: Thread) -> tuple[list[str], str]:
        value, etag = self._desk.record(f"{RECORD}{thread.number}")
        return value.decode("ascii", "replace").split(), etag

    def _put(self, thread: Thread, marks: list[str], etag: str) -> None:
        value = " ".join(list(dict.fromkeys(marks))[-_MARKS:]).encode()
        self._desk.keep(f"{RECORD}{thread.number}", value, etag)

    def _remember(self, marks: Iterable[str]) -> None:
        if len(self._listed) >= _MOST_REMEMBERED:
            self._listed.clear()
        self._listed.update(marks)
