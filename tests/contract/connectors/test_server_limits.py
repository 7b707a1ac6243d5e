"""What the receiver's server bears: sizes, slowness, many at once (A14, A15)."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import tracemalloc

from connectors.server import MAX_BODY_BYTES
from tests.contract.connectors.cases import CASES
from tests.contract.connectors.conftest import Receiver

CASE = CASES[0]
PATH = f"/hooks/default/{CASE.path}"


def _open(receiver: Receiver) -> socket.socket:
    return socket.create_connection(("127.0.0.1", receiver.port), timeout=15)


def _answer(connection: socket.socket) -> bytes:
    found = b""
    with contextlib.suppress(OSError):
        while part := connection.recv(65536):
            found += part
    return found


def test_a_body_of_the_limit_is_read_and_one_byte_more_is_not(
    receiver: Receiver,
) -> None:
    """A14: 10 MB is read (and refused for its signature), 10 MB + 1 is 413."""
    headers = {"Content-Type": "application/json"}
    whole = receiver.send(PATH, b"x" * MAX_BODY_BYTES, headers)
    assert whole.status == 401
    with _open(receiver) as connection:
        length = MAX_BODY_BYTES + 1
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
        connection.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode())
        # Refused by its length alone: not a byte of the body was sent.
        assert _answer(connection).startswith(b"HTTP/1.1 413")


def test_chunks_without_end_are_cut_at_the_limit(receiver: Receiver) -> None:
    """A14: a chunked body is read up to the limit, and not into memory."""
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    tracemalloc.start()
    sent = 0
    with _open(receiver) as connection:
        connection.sendall(head.encode())
        with contextlib.suppress(OSError):
            while sent < 20 * MAX_BODY_BYTES:
                connection.sendall(chunk)
                sent += len(chunk)
        _answer(connection)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # What lies in the buffers of both sockets comes on top of the limit.
    assert MAX_BODY_BYTES < sent < 3 * MAX_BODY_BYTES
    assert peak < MAX_BODY_BYTES / 2
    assert receiver.send("/healthz", method="GET").status == 200


def test_a_request_that_trickles_in_is_closed(receiver: Receiver) -> None:
    """A15: a byte now and then keeps no connection open; others are served."""
    slow = [_open(receiver) for _ in range(60)]
    began = time.monotonic()
    for connection in slow:
        connection.sendall(f"POST {PATH} HTTP/1.1\r\n".encode())
    closed = threading.Event()

    def trickle() -> None:
        with contextlib.suppress(OSError):
            while not closed.is_set():
                for connection in slow:
                    connection.sendall(b"X")
                time.sleep(0.2)

    thread = threading.Thread(target=trickle)
    thread.start()
    answered = receiver.hook(CASE, CASE.body())
    assert answered.status == 200
    assert _answer(slow[0]) == b""
    lasted = time.monotonic() - began
    closed.set()
    thread.join()
    for connection in slow:
        connection.close()
    assert receiver.read_seconds <= lasted < receiver.read_seconds + 4


def test_a_slow_body_is_closed_as_well(receiver: Receiver) -> None:
    """A15: the limit counts from the first byte to the last of the body."""
    with _open(receiver) as connection:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        connection.sendall(head.encode())
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < receiver.read_seconds + 4:
                connection.sendall(b"x")
                time.sleep(0.1)
        lasted = time.monotonic() - began
    assert lasted < receiver.read_seconds + 4


def test_garbage_is_answered_or_closed(receiver: Receiver) -> None:
    """What is no HTTP is a client's error; the next request is served."""
    for garbage in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST " + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        f"POST {PATH} HTTP/1.1\r\nContent-Length: -5\r\n\r\n".encode(),
        f"POST {PATH} HTTP/1.1\r\nContent-Length: 5, 6\r\n\r\nxxxxx".encode(),
        f"POST {PATH} HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nxxxx".encode(),
    ):
        with _open(receiver) as connection:
            # Closed before all was sent is an answer as well.
            with contextlib.suppress(OSError):
                connection.sendall(garbage)
                connection.shutdown(socket.SHUT_WR)
            answer = _answer(connection)
        assert not answer or answer.split(b" ", 2)[1][:1] in (b"4", b"5"), answer[:80]
    assert receiver.hook(CASE, CASE.body()).status == 200


def test_answers_come_within_a_second_under_load(receiver: Receiver) -> None:
    """200 requests of 20 senders are answered 200, each within a second."""
    spent: list[float] = []
    statuses: list[int] = []

    def send() -> None:
        for _ in range(10):
            began = time.monotonic()
            statuses.append(receiver.hook(CASE, CASE.body()).status)
            spent.append(time.monotonic() - began)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200}
    assert len(receiver.gateway.events) == 200
    assert max(spent) < 1.0


def test_the_probes_tell_whether_an_event_could_be_stored(receiver: Receiver) -> None:
    """/healthz lives without the sidecar, /readyz does not; /metrics counts hooks."""
    assert receiver.send("/readyz", method="GET").status == 200
    receiver.hook(CASE, CASE.body())
    measured = receiver.send("/metrics", method="GET").body.decode()
    labels = f'connector="{CASE.connector}",outcome="accepted"'
    assert f"deskside_hook_requests_total{{{labels}}}" in measured
    receiver.gateway.down = True
    assert receiver.send("/readyz", method="GET").status == 503
    assert receiver.send("/healthz", method="GET").status == 200
