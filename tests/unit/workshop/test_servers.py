from __future__ import annotations

import os
import socket
import subprocess
import sys

import pymysql
import pytest
import redis
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import create_engine, text

from tests.servers import DatabaseServer

UNREACHABLE = """
import socket, sys
try:
    socket.create_connection(("192.0.2.1", 80), timeout=3)
except OSError as error:
    sys.exit(0 if error.errno == 101 else f"not unreachable: {error}")
sys.exit("connected")
"""


def test_mariadb_lends_an_empty_database(mariadb_url: str) -> None:
    """Each test gets MariaDB with nothing in it."""
    assert "MariaDB" in _version_of_empty(mariadb_url)


def test_mysql_lends_an_empty_database(mysql_url: str) -> None:
    """Each test gets MySQL, not MariaDB by another name, with nothing in it."""
    version = _version_of_empty(mysql_url)
    assert "MariaDB" not in version
    assert int(version.split(".")[0]) >= 8


def _version_of_empty(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW TABLES")).all() == []
        version = str(connection.execute(text("SELECT version()")).scalar_one())
    engine.dispose()
    return version


def test_a_killed_database_comes_back_with_what_was_committed(
    mariadb_server: DatabaseServer,
) -> None:
    """`kill` loses nothing that was committed, and `start` restores the service."""
    with mariadb_server.database() as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (n INT) ENGINE=InnoDB"))
            connection.execute(text("INSERT INTO t VALUES (7)"))
        mariadb_server.kill()
        with pytest.raises(pymysql.Error):
            mariadb_server.execute("SELECT 1")
        mariadb_server.start()
        engine.dispose()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT n FROM t")).scalar_one() == 7
        engine.dispose()


def test_redis_is_empty_for_each_test(redis_url: str) -> None:
    """Each test gets Redis with nothing in it."""
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_test_cannot_leave_the_machine() -> None:
    """Python code under test reaches loopback and nothing else."""
    with socket.socket() as outside, pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 80))


def test_child_processes_cannot_leave_the_machine_either() -> None:
    """Under `make test` as root, programs that tests start have only loopback."""
    if os.environ.get("TEST_NETWORK") != "none":
        # Run by hand or without root: pytest-socket still watches this process.
        return
    subprocess.run([sys.executable, "-c", UNREACHABLE], check=True)
