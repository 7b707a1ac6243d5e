"""The storm: kill processes while events travel, then count lost and doubled effects.

    python -m tests.storm.run [--kills 60] [--seconds 90] [--store sqlite,mariadb]
                              [--rate 5] [--drain 600]

`make storm` is the same. Prints the ledger of each database and exits with 1 when a
promise was broken. docs/reliability.md says what each number is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socketserver
import sys
import tempfile
import threading
import time
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from plugin_ui.doubles.slack import SlackDouble
from plugin_ui.doubles.zendesk import ZendeskDouble
from plugin_ui.doubles.zendesk.hooks import SECRET
from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import access_pb2, connector_pb2
from tests.bench.measuring import machine, spread
from tests.servers import DatabaseServer, start_mariadb
from tests.storm import count
from tests.storm.parts import Fleet, Killer, in_thread
from tests.storm.senders import ASKER, Senders

RATE = 5.0
WARM_SECONDS, CALM_SECONDS = 15.0, 30.0
DRAIN_SECONDS = 600.0
PROGRESS_SECONDS = 30.0
MOST_IN_SLACK = 2
P99_STORM_MS, P99_CALM_MS = 500.0, 100.0


@dataclass(slots=True)
class Storm:
    """One storm over one database."""

    kills: int = 60
    seconds: float = 90.0
    warm_seconds: float = WARM_SECONDS
    calm_seconds: float = CALM_SECONDS
    database_kills: int = 4
    rate: float = RATE
    drain_seconds: float = DRAIN_SECONDS
    say: Callable[[str], None] = print

    def on_sqlite(self) -> dict[str, Any]:
        """Run it on the embedded default."""
        with _folder() as folder:
            url = f"sqlite:///{folder}/data/deskside.db"
            return self._run(folder, "", url, None)

    def on_mariadb(self) -> dict[str, Any]:
        """Run it on MariaDB, and once more with the database killed."""
        server = start_mariadb()
        try:
            with server.database() as url, _folder() as folder:
                return self._run(folder, url, url, server)
        finally:
            server.stop()

    def _run(
        self, folder: Path, setting: str, url: str, server: DatabaseServer | None
    ) -> dict[str, Any]:
        fleet = Fleet(folder, setting)
        with _doubles() as (zendesk, slack):
            senders = Senders(fleet.hook_ports, zendesk, slack)
            try:
                self._start(fleet, zendesk, slack)
                calm = self._calm(senders)
                quiet = len(senders.ledger.seconds)
                killer = Killer(fleet, self.seconds / max(self.kills, 1), seed=11)
                self._rage(senders, lambda: killer.run(self.kills), self.seconds)
                stormy = len(senders.ledger.seconds)
                storm = senders.ledger.seconds[quiet:stormy]
                result: dict[str, Any] = {"calm": calm, "storm": _latency(storm)}
                if server is not None and self.database_kills:
                    seconds = self.database_kills * 5.0
                    kills = self.database_kills
                    self._rage(
                        senders, lambda: killer.run_database(server, kills), seconds
                    )
                    rest = senders.ledger.seconds[stormy:]
                    result["without_database"] = _latency(rest)
                result |= self._drain(fleet, senders)
            finally:
                senders.close()
                statuses = fleet.stop()
            result |= {
                "kills": dict(killer.kills.items()),
                "answers": {str(k): n for k, n in senders.ledger.statuses.items()},
                "exit_statuses": statuses,
                "ended_by_themselves": fleet.ended,
                "inside": count.inside(url, senders.ledger),
                "zendesk": count.at_zendesk(zendesk, senders.tickets),
                "slack": count.at_slack(slack, senders.questions),
            }
        return result

    def _start(self, fleet: Fleet, zendesk: ZendeskDouble, slack: SlackDouble) -> None:
        first = fleet.sidecars[0]
        first.start()
        key = fleet.folder / "data" / "admin.key"
        _until(key.exists, 120, "the first key")
        with _client(fleet) as client:
            assert client.wait_until_serving(120), first.log.read_text()[-2000:]
            _set_up(client, zendesk, slack)
        for part in fleet.parts[1:]:
            part.start()
        for port in fleet.hook_ports:
            _until(partial(_answers, port), 60, f"receiver on {port}")

    def _calm(self, senders: Senders) -> dict[str, Any]:
        # Processes that start are part of the storm, not of the calm before it.
        senders.make_traffic(self.warm_seconds, self.rate)
        senders.wait(30)
        warm = len(senders.ledger.seconds)
        self.say(f"  {self.calm_seconds:g} s of traffic without kills")
        senders.make_traffic(self.calm_seconds, self.rate)
        senders.wait(30)
        return _latency(senders.ledger.seconds[warm:])

    def _rage(self, senders: Senders, kill: Callable[[], None], seconds: float) -> None:
        self.say(f"  {seconds:g} s of traffic with kills")
        # Processes are started here and not in a thread: some are bound to die with
        # the thread that started them.
        sending = threading.Thread(
            target=senders.make_traffic, args=(seconds, self.rate), name="traffic"
        )
        sending.start()
        kill()
        in_thread(sending, seconds + 60)

    def _drain(self, fleet: Fleet, senders: Senders) -> dict[str, Any]:
        """Wait until all is accepted and nothing waits, longer than a lease lasts."""
        began = time.monotonic()
        left = senders.wait(self.drain_seconds)
        self.say(f"  answers so far: {dict(senders.ledger.statuses.items())}")
        assert left == 0, f"{left} letters were never accepted"
        end, told = began + self.drain_seconds, 0.0
        quiet = 0
        at_most = waiting = _waiting(fleet)
        while quiet < 4 and time.monotonic() < end:
            fleet.revive()
            waiting = _waiting(fleet)
            quiet = quiet + 1 if waiting == 0 else 0
            if time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                self.say(f"  {waiting} deliveries wait")
            time.sleep(1.5)
        drained = quiet >= 4
        took = round(time.monotonic() - began, 1)
        self.say(f"  drained in {took} s" if drained else f"  NOT drained: {waiting}")
        return {"drained": drained, "drain_seconds": took, "backlog": at_most}


@contextmanager
def _folder() -> Iterator[Path]:
    """Lend a folder for data and logs; a storm that fails leaves it to be read."""
    folder = Path(tempfile.mkdtemp(prefix="storm-"))
    try:
        yield folder
    except BaseException:
        print(f"  logs are in {folder}")
        raise
    shutil.rmtree(folder)


@contextmanager
def _doubles() -> Iterator[tuple[ZendeskDouble, SlackDouble]]:
    zendesk, slack = ZendeskDouble(), SlackDouble()
    slack.add_user(ASKER, "ana@acme.example")
    try:
        yield zendesk, slack
    finally:
        zendesk.close()
        slack.close()


def _client(fleet: Fleet) -> SidecarClient:
    key = (fleet.folder / "data" / "admin.key").read_text().strip()
    return SidecarClient(f"127.0.0.1:{fleet.sidecar_port}", key)


def _set_up(client: SidecarClient, zendesk: ZendeskDouble, slack: SlackDouble) -> None:
    for name, settings in (
        ("zendesk", {**zendesk.settings, "webhook_secret": SECRET}),
        ("slack", slack.settings),
    ):
        client.connectors.SaveConnector(
            connector_pb2.SaveConnectorRequest(
                connector=name,
                mode=connector_pb2.CONNECTOR_MODE_SUGGEST,
                settings=settings,
            )
        )
    ana = access_pb2.Member(
        email="ana@acme.example", name="Ana", role=access_pb2.ROLE_AGENT
    )
    client.access.CreateMember(access_pb2.CreateMemberRequest(member=ana))


def _waiting(fleet: Fleet) -> int:
    """Return how many deliveries are not done; -1 when nobody can say."""
    total = 0
    with _client(fleet) as client:
        for name in ("zendesk", "slack"):
            request = connector_pb2.GetConnectorStatusRequest(connector=name)
            try:
                status = client.connectors.GetConnectorStatus(request).status
            except SidecarError:
                return -1
            total += status.pending_count
    return int(total)


def _latency(seconds: list[float]) -> dict[str, Any]:
    found = spread(seconds) if seconds else {"p50_ms": 0.0, "p99_ms": 0.0}
    return {"requests": len(seconds), **found}


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
            return True
    except OSError:
        return False


def _until(true: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"no {what} within {seconds} s"
        time.sleep(0.05)


def broken(result: dict[str, Any]) -> list[str]:
    """Return the promises that were not kept.

    Slack may repeat a message once for a kill of who sends it, and only those kills
    count: nothing is sent again because a sidecar or a database was killed.
    """
    inside, zendesk, slack = (result[name] for name in ("inside", "zendesk", "slack"))
    kills = result["kills"].get("connectors", 0)
    wrong = [] if result["drained"] else ["not drained in time"]
    if any(result["exit_statuses"]):
        wrong.append(f"stopped with {result['exit_statuses']}")
    if result["ended_by_themselves"] and not result["kills"].get("database"):
        wrong.append(f"ended: {result['ended_by_themselves']}")
    wrong += [
        f"inside: {name} = {inside[name]}"
        for name in ("lost", "unexpected", "stored_twice", "not_done", "dead")
        if inside[name]
    ]
    wrong += [
        f"inside: {name} = {inside[name]}"
        for name in ("classified_twice", "escalated_twice")
        if inside[name]
    ]
    wrong += [
        f"zendesk: {name} = {zendesk[name]}"
        for name in ("lost", "doubled", "unexpected")
        if zendesk[name]
    ]
    wrong += [f"slack: {n} = {slack[n]}" for n in ("lost", "unexpected") if slack[n]]
    if slack["doubled"] > kills:
        wrong.append(f"slack: doubled = {slack['doubled']} of {kills} kills of senders")
    if slack["most"] > MOST_IN_SLACK:
        wrong.append(f"slack: one message came {slack['most']} times")
    return wrong


def slow(result: dict[str, Any]) -> list[str]:
    """Return the latencies over their limit."""
    limits = (("storm", P99_STORM_MS), ("calm", P99_CALM_MS))
    return [
        f"{name}: p99 {result[name]['p99_ms']} ms of {most} ms"
        for name, most in limits
        if result[name]["p99_ms"] > most
    ]


def _hush(_server: object, _request: object, _address: object) -> None:
    if not isinstance(sys.exception(), ConnectionError):
        traceback.print_exc()


def main() -> int:
    """Run the storms that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=0.0, help="default 1.5 a kill")
    parser.add_argument("--store", default="sqlite,mariadb")
    parser.add_argument("--rate", type=float, default=RATE, help="a second")
    parser.add_argument("--drain", type=float, default=DRAIN_SECONDS, help="seconds")
    options = parser.parse_args()
    storm = Storm(
        *(options.kills, options.seconds or options.kills * 1.5),
        rate=options.rate,
        drain_seconds=options.drain,
        say=lambda text: print(text, flush=True),
    )
    status = 0
    # A killed client resets its connections to the doubles: that is what we do here.
    setattr(socketserver.BaseServer, "handle_error", _hush)  # noqa: B010 - mypy refuses the assignment
    for name in options.store.split(","):
        print(json.dumps(machine()))
        print(f"== {name}: {storm.kills} kills in {storm.seconds:g} s", flush=True)
        result = getattr(storm, f"on_{name}")()
        result["load_after"] = round(os.getloadavg()[0], 2)
        print(json.dumps(result, indent=2))
        for word in broken(result):
            print(f"BROKEN {word}")
            status = 1
        for word in slow(result):
            print(f"SLOW {word}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
