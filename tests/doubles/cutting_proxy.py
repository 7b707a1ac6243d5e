"""A proxy before MariaDB that spoils commits: cut before, cut after, refused in words.

It reads the client's packets (three bytes of length, one of sequence, the payload:
MariaDB's client/server protocol) and lets all through until it is told to spoil.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections import Counter, deque

_QUERY = b"\x03"
_REFUSALS = {
    "deadlock": (1213, b"40001", b"Deadlock found when trying to get lock"),
    "lock wait": (1205, b"HY000", b"Lock wait timeout exceeded"),
}


class CuttingProxy:
    """Listens on ``port``; the faults told to `spoil` befall the next commits.

    ``cut before`` never shows the commit to the server, ``cut after`` swallows its
    answer, ``deadlock`` and ``lock wait`` answer in the server's place, which then
    has the transaction open until the client takes it back.
    """

    def __init__(self, server_port: int) -> None:
        self.done: Counter[str] = Counter()
        self._server_port = server_port
        self._faults: deque[str] = deque()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def spoil(self, *faults: str) -> None:
        """Let these faults befall the next commits, one each."""
        self._faults.extend(faults)

    def close(self) -> None:
        """Stop listening and cut every connection."""
        _end(self._listener)
        self._thread.join(5)
        with self._lock:
            for one in self._open:
                _end(one)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                _end(client)
                continue
            with self._lock:
                self._open += [client, server]
            for work, ends in (
                (self._forward, (client, server)),
                (_pump, (server, client)),
            ):
                threading.Thread(target=work, args=ends, daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while (packet := _packet(client)) is not None:
                fault = self._fault_for(packet)
                if fault in _REFUSALS:
                    client.sendall(_refusal(packet[3] + 1, *_REFUSALS[fault]))
                    continue
                if fault == "cut after":
                    _end(client)
                if fault == "cut before":
                    break
                server.sendall(packet)
                if fault == "cut after":
                    # The server reads the commit before it sees the end.
                    server.shutdown(socket.SHUT_WR)
                    return
        _end(client)
        _end(server)

    def _fault_for(self, packet: bytes) -> str:
        if packet[4:5] != _QUERY or packet[5:].strip().upper() != b"COMMIT":
            return ""
        with self._lock:
            fault = self._faults.popleft() if self._faults else ""
            self.done[fault or "left alone"] += 1
        return fault


def _packet(client: socket.socket) -> bytes | None:
    header = _exactly(client, 4)
    if header is None:
        return None
    body = _exactly(client, int.from_bytes(header[:3], "little"))
    return None if body is None else header + body


def _exactly(client: socket.socket, count: int) -> bytes | None:
    found = b""
    while len(found) < count:
        part = client.recv(count - len(found))
        if not part:
            return None
        found += part
    return found


def _refusal(sequence: int, number: int, state: bytes, words: bytes) -> bytes:
    payload = b"\xff" + struct.pack("<H", number) + b"#" + state + words
    return len(payload).to_bytes(3, "little") + bytes([sequence % 256]) + payload


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    _end(source)
    _end(target)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
