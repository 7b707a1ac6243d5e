"""The end of a training with new labels: each is read once to find its category."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sidecar.bootstrap import open_house
from sidecar.clock import FixedClock
from sidecar.domain.access import Principal, Role
from sidecar.domain.classification import Taxonomy
from sidecar.domain.ticket import CustomerHistory, Ticket
from sidecar.domain.training import LabelledText
from sidecar.errors import Reason, TryAgain
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.port import Signals
from sidecar.llm.trainer_port import Progress, Trained
from sidecar.settings import Settings
from sidecar.store.port import Job
from sidecar.usecases.ports import Ports, always_wanted, unsaved
from sidecar.usecases.run_training import TRAINING_LEASE, run_next_training
from sidecar.usecases.train import TrainCommand, list_versions, start_training

ADMIN = Principal("default", Role.ADMIN, "key:admin", "admin")
LABELS = 12
ONE_READ = timedelta(seconds=4)
WORKER, ANOTHER = "one:train", "other:train"


@dataclass
class Ready:
    """A trainer that is done at once."""

    embedder: str

    def train(self, rows: Sequence[LabelledText], say: Progress) -> Trained:
        """Return what nobody reads here."""
        say(1, len(rows), "reading the texts")
        return Trained(b"a classifier", self.embedder, "{}")


class Slow(LocalEngine):
    """The local engine on a machine that needs four seconds for every text."""

    def hold_up(self, clock: FixedClock, during: Callable[[], None]) -> None:
        """Let every read take so long; ``during`` happens at its end."""
        self._clock, self._during = clock, during

    def read(
        self, ticket: Ticket, taxonomy: Taxonomy, history: CustomerHistory | None
    ) -> Signals:
        """Read, four seconds later."""
        self._clock.advance(ONE_READ)
        self._during()
        return super().read(ticket, taxonomy, history)


@dataclass
class Desk:
    """A house with a training that waits, and the engine that will be slow at it."""

    ports: Ports
    job: Job
    reads: list[Job | None] = field(default_factory=list)

    def run(self, still_wanted: Callable[[], None] = always_wanted) -> None:
        """Do the training."""
        trainer = Ready(self.ports.embedder.model)
        assert run_next_training(self.ports, WORKER, trainer, still_wanted)

    def ended(self) -> Job:
        """Return the training as it stands."""
        with self.ports.store.reading() as tx:
            job = tx.jobs.get(ADMIN.workspace, self.job.id)
        assert job is not None
        return job


@contextmanager
def _desk(folder: Path) -> Iterator[Desk]:
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
    house = open_house(Settings(data_dir=folder, embedder="none"), clock)
    try:
        engine = Slow(house.ports.embedder)
        ports = replace(house.ports, engine=engine)
        rows = tuple(
            LabelledText(f"customer text {n} about a device", (f"new label {n}",))
            for n in range(LABELS)
        )
        job = start_training(ports, ADMIN, TrainCommand(rows, True), unsaved)
        desk = Desk(ports, job)

        def another_looks_for_work() -> None:
            with ports.store.transaction() as tx:
                taken = tx.jobs.lease(ANOTHER, TRAINING_LEASE, only="train")
            desk.reads.append(taken)

        engine.hold_up(clock, another_looks_for_work)
        yield desk
    finally:
        house.close()


def test_nobody_takes_a_training_over_while_its_labels_are_read(tmp_path: Path) -> None:
    """Finding the categories takes five leases, and the version is kept."""
    with _desk(tmp_path) as desk:
        desk.run()
        assert desk.reads == [None] * LABELS
        assert ONE_READ * LABELS > 4 * TRAINING_LEASE
        assert desk.ended().state == "done"
        [version] = list_versions(desk.ports, ADMIN).items
        assert len(json.loads(version.report)["categories"]) == LABELS


def test_a_process_that_ends_gives_it_back_between_two_labels(tmp_path: Path) -> None:
    """Shutting down waits for one label, not for all, and another process may begin."""
    with _desk(tmp_path) as desk:

        def until_the_third() -> None:
            if len(desk.reads) == 3:
                raise TryAgain(Reason.SHUTTING_DOWN)

        with pytest.raises(TryAgain):
            desk.run(until_the_third)
        assert len(desk.reads) == 3
        assert desk.ended().state == "queued"


def test_a_cancelled_training_reads_no_further_label(tmp_path: Path) -> None:
    """Cancelled while its labels are read, it keeps nothing."""
    with _desk(tmp_path) as desk:

        def cancel_at_the_third() -> None:
            if len(desk.reads) == 3:
                with desk.ports.store.transaction() as tx:
                    tx.jobs.cancel(ADMIN.workspace, desk.job.id)

        desk.run(cancel_at_the_third)
        assert len(desk.reads) == 3
        assert desk.ended().state == "cancelled"
        assert list_versions(desk.ports, ADMIN).items == ()
