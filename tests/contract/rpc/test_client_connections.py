"""A client's calls are shared among the processes that listen on the port."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from sidecar import client_channel
from sidecar.server import Options
from sidecar.v1 import assist_pb2
from tests.contract.rpc.tiny import RETRIEVE, UNLIMITED, serving

_KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


def test_one_client_is_answered_by_every_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Connections are dealt by the kernel; of sixteen no server gets all."""
    monkeypatch.setattr(client_channel, "CONNECTIONS", 16)
    asked: Counter[str] = Counter()

    def answers(name: str) -> Any:
        def retrieve(_request: Any, _call: Any) -> Any:
            asked[name] += 1
            return assist_pb2.RetrieveResponse()

        return {RETRIEVE: retrieve}

    with serving(answers("first"), Options(limits=UNLIMITED)) as first:
        again = Options(address=first.address, limits=UNLIMITED)
        with serving(answers("second"), again), first.client() as client:
            for _ in range(64):
                client.assist.Retrieve(assist_pb2.RetrieveRequest())
    assert asked.total() == 64
    assert set(asked) == {"first", "second"}


def test_calls_take_turns_and_every_kind_of_call_is_made() -> None:
    """Each connection has its turn, and all are closed at the end."""
    with serving({}, Options(limits=UNLIMITED)) as tiny, tiny.client() as client:
        assert client.wait_until_serving(5)
        channel = client._base
        assert isinstance(channel, client_channel.SpreadChannel)
        states: list[Any] = []
        channel.subscribe(states.append, try_to_connect=True)
        channel.unsubscribe(states.append)
        make: Any = _Channel
        with client_channel.SpreadChannel(make, 3) as counted:
            for kind in _KINDS:
                named = [getattr(counted, kind)("/a/b") for _ in range(3)]
                assert len(set(named)) == 3
        assert _Channel.closed == 3


class _Channel:
    """Says which one was asked for which kind of call."""

    made = 0
    closed = 0

    def __init__(self, options: tuple[tuple[str, int | str], ...]) -> None:
        assert dict(options) == {"grpc.use_local_subchannel_pool": 1}
        _Channel.made += 1
        self.number = _Channel.made

    def __getattr__(self, kind: str) -> Any:
        return lambda method: (self.number, kind, method)

    def close(self) -> None:
        """Count."""
        _Channel.closed += 1
