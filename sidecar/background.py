"""What happens without being asked: warming up, indexing, jobs, clean-up.

Every process may run it at once. Indexing belongs to the machine (its index lies on
this disk), so the processes of one machine take turns by a file lock, which the
kernel frees when its holder dies. Jobs are leased in the database.
"""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from sidecar.errors import DesksideError, Reason, TryAgain
from sidecar.training import trainer_for
from sidecar.usecases.documents import finish_left_documents
from sidecar.usecases.index_tickets import index_changed_tickets
from sidecar.usecases.jobs import queue_needed_reindex, run_next_job
from sidecar.usecases.ports import Ports
from sidecar.usecases.run_training import run_next_training
from sidecar.usecases.warm_up import warm_up

log = logging.getLogger(__name__)

LEFT_FOR = timedelta(seconds=120)
KEEP_ANSWERS = timedelta(days=30)
KEEP_CALLS = timedelta(days=400)
"""So long each call of a model can be compared with its provider's bill."""
PAUSE_SECONDS = 0.5
PURGE_EVERY = 600
PURGED_AT_ONCE = 1_000
BATCH = 32
# While callers keep the processor busy, indexing goes on at this pace: calls come
# first, and a ticket costs as much again when it is made findable.
BUSY_SECONDS = 2.0
BUSY_BATCH = 4


@dataclass(slots=True)
class Background:
    """Two threads that do what waits; ``stop`` ends them within a batch or a step."""

    ports: Ports
    data_dir: Path
    workspace: str
    _is_busy: Callable[[], bool]
    _stopping: threading.Event
    _threads: tuple[threading.Thread, ...] = ()
    _lock_file: IO[str] | None = None
    _rounds: int = 0
    _old_is_left: bool = False

    @classmethod
    def start(
        cls,
        ports: Ports,
        data_dir: Path,
        workspace: str,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> Background:
        """Start the thread; ``workspace`` is the one to be warm for.

        While ``is_busy`` says so, other work than that of callers holds back.
        """
        background = cls(ports, data_dir, workspace, is_busy, threading.Event())
        # Trainings of their own: they take minutes, and nothing else should wait.
        background._threads = (
            threading.Thread(target=background._run, name="background", daemon=True),
            threading.Thread(target=background._train, name="trainings", daemon=True),
        )
        for thread in background._threads:
            thread.start()
        return background

    def stop(self, timeout: float = 5.0) -> None:
        """Ask the threads to end and wait for them."""
        self._stopping.set()
        until = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _run(self) -> None:
        self._attempt(self._warm_up)
        while not self._stopping.is_set():
            busy = self._round()
            self._rounds += 1
            self._rest(PAUSE_SECONDS if not busy else 0.0)

    def _rest(self, seconds: float) -> None:
        """Pause so long, and longer while callers need the processor."""
        self._stopping.wait(seconds)
        patient_until = time.monotonic() + BUSY_SECONDS
        while self._is_busy() and time.monotonic() < patient_until:
            self._stopping.wait(PAUSE_SECONDS)

    def _train(self) -> None:
        trainer = trainer_for(self.ports.embedder.model, self.data_dir / "models")
        while not self._stopping.wait(PAUSE_SECONDS):
            if self._lock_file is not None:
                self._attempt(
                    lambda: run_next_training(
                        self.ports, f"{_worker()}:train", trainer, self._still_wanted
                    )
                )

    def _still_wanted(self) -> None:
        if self._stopping.is_set():
            raise TryAgain(Reason.SHUTTING_DOWN)

    def _round(self) -> bool:
        if not self._is_my_turn():
            return False
        tasks: list[Callable[[], int | bool]] = [
            lambda: index_changed_tickets(
                self.ports, BUSY_BATCH if self._is_busy() else BATCH
            ),
            # Whatever stands half done when this machine's first round begins was
            # left by a process that died; later rounds wait for the slow ones.
            lambda: finish_left_documents(
                self.ports, LEFT_FOR if self._rounds else timedelta(0), BATCH
            ),
            lambda: run_next_job(self.ports, _worker()),
        ]
        if self._rounds % PURGE_EVERY == 0:
            tasks.append(lambda: queue_needed_reindex(self.ports))
            self._old_is_left = True
        if self._old_is_left:
            tasks.append(self._purge)
        done = [self._attempt(task) for task in tasks]
        return any(done)

    def _attempt(self, task: Callable[[], int | bool]) -> bool:
        if self._stopping.is_set():
            return False
        try:
            return bool(task())
        except DesksideError as error:
            log.warning("background work waits: %s", error.reason.value)
        except Exception:  # one bad row must not end all background work
            log.exception("background work failed")
        return False

    def _is_my_turn(self) -> bool:
        if self._lock_file is not None:
            return True
        file = (self.data_dir / "background.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._lock_file = file
        return True

    def _warm_up(self) -> bool:
        warm_up(self.ports, self.workspace)
        # What is loaded by now stays for ever: the collector need not look at it
        # again and again (a full round took 50 ms, in the middle of somebody's call).
        gc.collect()
        gc.freeze()
        return True

    def _purge(self) -> bool:
        """Delete some of what is too old; say whether more of it may be left.

        Some at a time, as others wait to write, but not only some each time: where
        more comes than goes a table would grow for ever.
        """
        now = self.ports.clock.now()
        before = now - KEEP_ANSWERS
        with self.ports.store.transaction() as tx:
            deleted = (
                tx.requests.purge(before, PURGED_AT_ONCE),
                tx.events.purge(before, PURGED_AT_ONCE),
                tx.access.purge_sessions(now, PURGED_AT_ONCE),
                tx.spending.purge((now - KEEP_CALLS).date(), PURGED_AT_ONCE),
            )
        self._old_is_left = PURGED_AT_ONCE in deleted
        return self._old_is_left


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
