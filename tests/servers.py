"""Real servers for tests: MariaDB, MySQL and Redis as child processes on loopback.

Each keeps its data in a folder of its own below the system's temporary folder and
is stopped with the session. Databases keep the full flush settings of production,
so that a test may kill one and count what survives.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pymysql
import pytest
import redis

from tests import needs

USER = "deskside"
PASSWORD = "deskside-test"
_FIRST_PORT, _PORTS_EACH, _MOST_WORKERS = 12_000, 2_500, 8
_given_ports: set[int] = set()
_START_SECONDS = 40.0
_STOP_SECONDS = 20.0
_OWN_USER = "--user=root" if os.geteuid() == 0 else None


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nothing listens on just now.

    Below the ports the system gives to outgoing connections, in a range of this test
    process's own, and never the same twice: it stays free until it is used.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST_PORT + worker % _MOST_WORKERS * _PORTS_EACH
    while True:
        port = first + secrets.randbelow(_PORTS_EACH)
        with socket.socket() as probe, suppress(OSError):
            if port not in _given_ports:
                probe.bind(("127.0.0.1", port))
                _given_ports.add(port)
                return port


class Server:
    """One server process; its port and folder stay the same when it is restarted."""

    def __init__(
        self, command: list[str], folder: Path, port: int, ready: Callable[[], None]
    ) -> None:
        # A killed test run takes its servers along, where util-linux can arrange it.
        guard = shutil.which("setpriv")
        bound = [guard, "--pdeathsig", "KILL", "--"] if guard else []
        self.command = [*bound, *command]
        self.folder = folder
        self.port = port
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; its log is in the error otherwise."""
        log = self.folder / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C stops the tests; the servers are stopped by the fixtures.
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._ready()
            except (OSError, pymysql.Error, redis.RedisError):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise RuntimeError(log.read_text(errors="replace")) from None
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Ask it to stop, and wait; force it when it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it at once, as a power cut would; `start` brings it back."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


class DatabaseServer(Server):
    """A MariaDB or MySQL server; every test may have an empty database of its own."""

    def __init__(self, command: list[str], folder: Path, port: int) -> None:
        super().__init__(command, folder, port, lambda: self.execute("SELECT 1"))

    def execute(self, statement: str) -> None:
        """Run one statement as the tests' user."""
        with pymysql.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD
        ) as connection:
            connection.cursor().execute(statement)
            connection.commit()

    def url(self, database: str) -> str:
        """Return SQLAlchemy's address of one database."""
        return (
            f"mysql+pymysql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"
            "?charset=utf8mb4"
        )

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend the address of a new, empty database, dropped afterwards."""
        name = f"deskside_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            yield self.url(name)
        finally:
            # A test that killed the server for good has nothing to drop.
            with suppress(pymysql.Error):
                self.execute(f"DROP DATABASE {name}")


def _folder(kind: str) -> Path:
    # Not pytest's tmp_path: a Unix socket's path may have 107 characters at most.
    return Path(tempfile.mkdtemp(prefix=f"deskside-{kind}-"))


def _account(folder: Path) -> Path:
    """Write the statements that a server runs at each start: the tests' account."""
    script = folder / "account.sql"
    who = f"'{USER}'@'127.0.0.1'"
    script.write_text(
        f"CREATE USER IF NOT EXISTS {who} IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL ON *.* TO {who};\n"
    )
    return script


def _options(folder: Path, port: int) -> list[str]:
    """Return what MariaDB and MySQL share; all else stays at the server's default."""
    return [
        f"--datadir={folder}/data",
        f"--socket={folder}/s.sock",
        f"--pid-file={folder}/server.pid",
        f"--init-file={_account(folder)}",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--skip-log-bin",
        "--innodb-buffer-pool-size=96M",
        "--innodb-flush-log-at-trx-commit=1",
        *([_OWN_USER] if _OWN_USER else []),
    ]


def start_mariadb() -> DatabaseServer:
    """Start a MariaDB server with an empty data folder; skip where there is none."""
    program = needs.mariadb()
    installer = needs.program("mariadb-install-db", package="mariadb-server")
    folder = _folder("mariadb")
    port = free_port()
    _prepare(
        [
            *(str(installer), "--no-defaults", f"--datadir={folder}/data"),
            *("--auth-root-authentication-method=normal", "--skip-test-db"),
            *([_OWN_USER] if _OWN_USER else []),
        ]
    )
    command = [str(program), "--no-defaults", *_options(folder, port)]
    server = DatabaseServer(command, folder, port)
    server.start()
    return server


def start_mysql() -> DatabaseServer:
    """Start a real MySQL server with an empty data folder; skip where there is none."""
    loader_and_program = needs.mysql()
    # The loader takes the program first, so options follow in the order given.
    at = 4 if "--library-path" in loader_and_program else 1
    program, own = loader_and_program[:at], loader_and_program[at:]
    folder = _folder("mysql")
    port = free_port()
    base = [*program, "--no-defaults", *own, "--secure-file-priv="]
    _prepare(
        [
            *base,
            "--initialize-insecure",
            f"--datadir={folder}/data",
            *([_OWN_USER] if _OWN_USER else []),
        ]
    )
    server = DatabaseServer(
        [*base, "--mysqlx=OFF", *_options(folder, port)], folder, port
    )
    server.start()
    return server


def start_redis() -> Server:
    """Start a Redis server that keeps nothing; skip where there is none."""
    program = needs.redis()
    folder = _folder("redis")
    port = free_port()
    command = [
        *(str(program), "--port", str(port), "--bind", "127.0.0.1"),
        *("--dir", str(folder), "--save", "", "--appendonly", "no"),
    ]

    def ready() -> None:
        with redis.Redis(host="127.0.0.1", port=port) as client:
            client.ping()

    server = Server(command, folder, port, ready)
    server.start()
    return server


def _prepare(command: list[str]) -> None:
    made = subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if made.returncode:
        raise RuntimeError(made.stdout + made.stderr)


@contextmanager
def _until_the_end(server: Server) -> Iterator[None]:
    try:
        yield
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[DatabaseServer]:
    """The session's MariaDB server."""
    server = start_mariadb()
    with _until_the_end(server):
        yield server


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[DatabaseServer]:
    """The session's real MySQL server."""
    server = start_mysql()
    with _until_the_end(server):
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Server]:
    """The session's Redis server."""
    server = start_redis()
    with _until_the_end(server):
        yield server


@pytest.fixture
def mariadb_url(mariadb_server: DatabaseServer) -> Iterator[str]:
    """The address of an empty MariaDB database, new for each test."""
    with mariadb_server.database() as url:
        yield url


@pytest.fixture
def mysql_url(mysql_server: DatabaseServer) -> Iterator[str]:
    """The address of an empty MySQL database, new for each test."""
    with mysql_server.database() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: Server) -> str:
    """The address of a Redis server, emptied for each test."""
    with redis.Redis(host="127.0.0.1", port=redis_server.port) as client:
        client.flushall()
    return f"redis://127.0.0.1:{redis_server.port}/0"
