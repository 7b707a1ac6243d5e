"""Reading an answer that may hang, within a deadline and for as long as it is wanted.

An SDK's timeouts bound single waits, not the whole, and a caller that goes away is not
noticed while one of them lasts. So the SDK is read by a thread of its own and the
call's thread looks up twenty times a second.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator

from sidecar.llm.remote.client import Letter, ModelClient, Piece, Pieces
from sidecar.llm.remote.failure import Failure, ProviderFailed

_LOOK_UP = 0.05
_LONGEST_ANSWER = 200_000
_QUEUED = 1000


class _Ended:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def paced(
    client: ModelClient, letter: Letter, seconds: float, wanted: Callable[[], None]
) -> Iterator[Piece]:
    """Yield the pieces of the answer; ``wanted`` raises when nobody waits any more.

    Raises ``ProviderFailed(TIMEOUT)`` after ``seconds``, however much has come, and
    ``TOO_LONG`` for an answer no prompt asks for.
    """
    end_at = time.monotonic() + seconds
    reader = _Reader(client, letter, seconds)
    read = 0
    try:
        while True:
            wanted()
            left = end_at - time.monotonic()
            if left <= 0:
                raise ProviderFailed(Failure.TIMEOUT)
            try:
                piece = reader.pieces.get(timeout=min(_LOOK_UP, left))
            except queue.Empty:
                continue
            if isinstance(piece, _Ended):
                if piece.error is not None:
                    raise piece.error
                return
            read += len(piece) if isinstance(piece, str) else 0
            if read > _LONGEST_ANSWER:
                raise ProviderFailed(Failure.TOO_LONG)
            yield piece
    finally:
        reader.hang_up()


class _Reader:
    """The thread that reads; it ends when hung up on or when its own wait is over."""

    def __init__(self, client: ModelClient, letter: Letter, seconds: float) -> None:
        self.pieces: queue.Queue[Piece | _Ended] = queue.Queue(_QUEUED)
        self._gone = threading.Event()
        self._answer: Pieces | None = None
        self._lock = threading.Lock()
        threading.Thread(
            target=self._read,
            args=(client, letter, seconds),
            name=f"model-{client.name}",
            daemon=True,
        ).start()

    def hang_up(self) -> None:
        """Close the connection, wherever the thread is."""
        with self._lock:
            self._gone.set()
            answer = self._answer
        if answer is not None:
            answer.close()

    def _read(self, client: ModelClient, letter: Letter, seconds: float) -> None:
        error: BaseException | None = None
        try:
            answer = client.send(letter, seconds)
            with self._lock:
                self._answer = answer
            for piece in answer:
                if not self._put(piece):
                    break
            answer.close()
        except ProviderFailed as failed:
            error = failed
        except Exception:  # noqa: BLE001 - what an SDK raises may quote what was sent
            error = ProviderFailed(Failure.CUT)
        self._put(_Ended(error))

    def _put(self, piece: Piece | _Ended) -> bool:
        while not self._gone.is_set():
            try:
                self.pieces.put(piece, timeout=_LOOK_UP)
            except queue.Full:
                continue
            return True
        return False
