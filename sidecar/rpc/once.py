"""The same request once: a repeated ``request_id`` returns the first answer.

The request is claimed before the work and its answer saved in the same transaction
as the effects, so a crash in between leaves neither or both.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from google.protobuf.message import Message

from sidecar import logs, metrics
from sidecar.errors import TryAgain
from sidecar.rpc.translate.limits import request_id
from sidecar.store.port import RequestKey
from sidecar.usecases.ports import Finish, unsaved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sidecar.rpc.call import Call
    from sidecar.store.port import Store, Transaction

R = TypeVar("R")
M = TypeVar("M", bound=Message)

_LOG = logging.getLogger(__name__)

# A killed process leaves its claim behind; the caller's repeat waits this long for it.
# Longer work is safe too: whoever lost the claim cannot save an answer.
_LEASE = timedelta(seconds=1.5)
_LONG_LEASE = timedelta(seconds=10)
_LONG_WORK = frozenset({"DraftReply", "StreamDraftReply", "AddDocument"})


class Once:
    """Runs work at most once per workspace, RPC and request id (kept 30 days)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def run(
        self,
        call: Call,
        request: Message,
        work: Callable[[Finish[R]], R],
        answer: Callable[[R], M],
    ) -> M:
        """Do ``work`` and translate its result, or return what was answered before."""
        claim = self._claim(call, request)
        if claim is None:
            return answer(work(unsaved))
        if (saved := claim.saved) is not None:
            return cast("M", saved)
        with claim:
            result = work(lambda tx, made: claim.keep(tx, answer(made)))
            return claim.kept or self._keep_late(claim, answer(result))

    def stream(
        self,
        call: Call,
        request: Message,
        work: Callable[[Finish[R]], Iterator[Any]],
        answer: Callable[[Any], M],
    ) -> Iterator[M]:
        """Stream the work's steps; of a finished one only the last step is repeated."""
        claim = self._claim(call, request)
        if claim is None:
            yield from map(answer, work(unsaved))
            return
        if (saved := claim.saved) is not None:
            yield cast("M", saved)
            return
        with claim:
            last = None
            for step in work(lambda tx, made: claim.keep(tx, answer(made))):
                last = answer(step)
                yield last
            if claim.kept is None and last is not None:
                self._keep_late(claim, last)

    def _claim(self, call: Call, request: Message) -> _Claim | None:
        given = request_id(getattr(request, "request_id", ""))
        if not given:
            return None
        key = RequestKey(call.caller.workspace, call.rpc.name, given, digest(request))
        lease = _LONG_LEASE if call.rpc.name in _LONG_WORK else _LEASE
        with self._store.transaction(durable=False) as tx:
            saved = tx.requests.begin(key, lease)
        if saved is None:
            return _Claim(self._store, key, None)
        metrics.RPC_REPLAYED.labels(call.rpc.path).inc()
        return _Claim(self._store, key, call.rpc.response.FromString(saved))

    def _keep_late(self, claim: _Claim, answered: M) -> M:
        with self._store.transaction() as tx:
            claim.keep(tx, answered)
        return answered


class _Claim:
    """A request in work: given back when the work fails."""

    def __init__(self, store: Store, key: RequestKey, saved: Message | None) -> None:
        self._store = store
        self._key = key
        self.saved = saved
        self.kept: Any = None

    def keep(self, tx: Transaction, answered: Message) -> None:
        """Save the answer within the transaction of the effects."""
        tx.requests.finish(self._key, answered.SerializeToString())
        self.kept = answered

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            return
        try:
            with self._store.transaction(durable=False) as tx:
                tx.requests.abandon(self._key)
        except TryAgain as lost:  # the lease ends it; the first error is what counts
            logs.event(_LOG, logging.WARNING, "request.abandon", reason=lost.reason)


def digest(request: Message) -> str:
    """Return the SHA-256 of the request without its id and what we alone assign."""
    copy = type(request)()
    copy.CopyFrom(request)
    copy.ClearField("request_id")
    if "ticket" in copy.DESCRIPTOR.fields_by_name and copy.HasField("ticket"):
        copy.ticket.ClearField("id")  # type: ignore[attr-defined]  # only messages that have a ticket
    return hashlib.sha256(copy.SerializeToString(deterministic=True)).hexdigest()
