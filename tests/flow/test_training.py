"""Trainings in real processes: killed, cancelled, seen by every process, taken back."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import (
    assist_pb2,
    common_pb2,
    insight_pb2,
    policy_pb2,
    ticket_pb2,
)
from tests.flow.sidecar_process import SidecarProcess
from tests.unit.llm.little_training import labelled

# A lease of ten seconds runs out in between; the rest is a busy machine.
SOON_SECONDS = 60.0
ENDED = (
    common_pb2.JOB_STATE_SUCCEEDED,
    common_pb2.JOB_STATE_FAILED,
    common_pb2.JOB_STATE_CANCELLED,
)
QUICK = {"DESKSIDE_EMBEDDER": "none"}


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    """A sidecar that serves and has a version in use."""
    one = SidecarProcess(tmp_path_factory.mktemp("house") / "data", **QUICK)
    one.start()
    one.wait_until_serving()
    with one.client() as client:
        ended = _wait(client, _start(client, 1))
        assert ended.state == common_pb2.JOB_STATE_SUCCEEDED
    yield one
    one.process.kill()
    one.process.wait()


@pytest.fixture(autouse=True)
def nothing_left(sidecar: SidecarProcess) -> Iterator[None]:
    """Stop what a failed test has left running, so that the next one may start."""
    yield
    with suppress(SidecarError), sidecar.client() as client:
        for job in client.insight.ListJobs(insight_pb2.ListJobsRequest()).jobs:
            if job.state not in ENDED:
                stop = insight_pb2.CancelJobRequest(job_id=job.job_id)
                client.insight.CancelJob(stop)


def _start(client: SidecarClient, times: int) -> str:
    """Start a training on so many times 72 texts and return the job."""
    texts = [
        policy_pb2.LabelledText(text=f"{row.text} number {n}", labels=row.labels)
        for n in range(times)
        for row in labelled()
    ]
    header = policy_pb2.TrainClassifierHeader(add_missing_labels=True)
    steps = [policy_pb2.TrainClassifierRequest(header=header)]
    for at in range(0, len(texts), 500):
        batch = policy_pb2.LabelledTexts(texts=texts[at : at + 500])
        steps.append(policy_pb2.TrainClassifierRequest(batch=batch))
    return str(client.policies.TrainClassifier(iter(steps)).job.job_id)


def _job(client: SidecarClient, job_id: str) -> common_pb2.Job:
    return client.insight.GetJob(insight_pb2.GetJobRequest(job_id=job_id)).job


def _wait(client: SidecarClient, job_id: str) -> common_pb2.Job:
    _until(lambda: _job(client, job_id).state in ENDED)
    return _job(client, job_id)


def _until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def _child(sidecar: SidecarProcess) -> psutil.Process:
    """Wait for the child that trains, and return it."""
    found: list[psutil.Process] = []

    def is_there() -> bool:
        children = psutil.Process(sidecar.process.pid).children(recursive=True)
        found.extend(c for c in children if "sidecar.training" in c.cmdline())
        return bool(found)

    _until(is_there)
    return found[0]


def _versions(client: SidecarClient) -> Sequence[policy_pb2.ClassifierVersion]:
    request = policy_pb2.ListClassifierVersionsRequest()
    return client.policies.ListClassifierVersions(request).versions


def _active(client: SidecarClient) -> list[int]:
    return [item.version for item in _versions(client) if item.active]


def _made_by(client: SidecarClient, job_id: str) -> list[int]:
    return [item.version for item in _versions(client) if item.job_id == job_id]


def _intent(client: SidecarClient, text: str) -> str:
    author = ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER)
    ticket = ticket_pb2.Ticket(
        connector="test",
        external_id=uuid.uuid4().hex,
        messages=[ticket_pb2.Message(external_id="1", body=text, author=author)],
    )
    request = assist_pb2.ClassifyRequest(ticket=ticket)
    return str(client.assist.Classify(request).classification.intent.value)


@pytest.mark.timeout(180)
def test_a_killed_sidecar_is_followed_by_the_same_training(
    sidecar: SidecarProcess,
) -> None:
    """The child ends with its parent, the old version stays, the next start goes on."""
    with sidecar.client() as client:
        before = _active(client)
        job_id = _start(client, 3)
        child = _child(sidecar)
        child.suspend()
        _until(lambda: _job(client, job_id).state == common_pb2.JOB_STATE_RUNNING)
    sidecar.process.send_signal(signal.SIGKILL)
    sidecar.process.wait()
    child.resume()
    assert psutil.wait_procs([child], timeout=5)[1] == []
    sidecar.start()
    sidecar.wait_until_serving()
    with sidecar.client() as client:
        assert _active(client) == before
        assert not _made_by(client, job_id)
        ended = _wait(client, job_id)
        assert ended.state == common_pb2.JOB_STATE_SUCCEEDED
        assert _active(client) == _made_by(client, job_id)
    assert f"the training {job_id} is begun anew" in sidecar.said()


def test_a_killed_child_fails_the_training_and_nothing_else(
    sidecar: SidecarProcess,
) -> None:
    """The job says so at once, the old version stays, another training may start."""
    with sidecar.client() as client:
        before = _active(client)
        job_id = _start(client, 3)
        _child(sidecar).kill()
        ended = _wait(client, job_id)
        assert ended.state == common_pb2.JOB_STATE_FAILED
        assert ended.error_reason == "TRAINING_FAILED"
        assert "ended before its end" in ended.error_message
        assert _active(client) == before
        assert not _made_by(client, job_id)
        assert _intent(client, "the printer jams") == "printer"
        again = _wait(client, _start(client, 1))
        assert again.state == common_pb2.JOB_STATE_SUCCEEDED


def test_a_cancelled_training_ends_its_child_and_keeps_nothing(
    sidecar: SidecarProcess,
) -> None:
    """CANCELLED at once and for good; the child is gone soon; the next may start."""
    with sidecar.client() as client:
        job_id = _start(client, 200)
        child = _child(sidecar)
        request = insight_pb2.CancelJobRequest(job_id=job_id, request_id="stop")
        job = client.insight.CancelJob(request).job
        assert job.state == common_pb2.JOB_STATE_CANCELLED
        assert job.HasField("finished_at")
        assert psutil.wait_procs([child], timeout=10)[1] == []
        assert client.insight.CancelJob(request).job.job_id == job_id
        ended = _wait(client, _start(client, 1))
        assert ended.state == common_pb2.JOB_STATE_SUCCEEDED
        assert _job(client, job_id).state == common_pb2.JOB_STATE_CANCELLED
        assert not _made_by(client, job_id)
        over = insight_pb2.CancelJobRequest(job_id=ended.job_id)
        assert client.insight.CancelJob(over).job.state == ended.state
        with pytest.raises(SidecarError) as unknown:
            client.insight.CancelJob(insight_pb2.CancelJobRequest(job_id="job_none"))
        assert unknown.value.reason == "JOB_NOT_FOUND"


def test_every_process_follows_a_training_and_a_roll_back_with_its_next_call(
    sidecar: SidecarProcess, tmp_path: Path
) -> None:
    """Trained in one process, used by the other; taken back by the command."""
    other = SidecarProcess(sidecar.data_dir, **QUICK)
    other.log = tmp_path / "other.log"
    other.start()
    try:
        other.wait_until_serving()
        with sidecar.client() as first, other.client() as second:
            assert _intent(second, "the printer jams") == "printer"
            (before,) = _active(first)
            job_id = _start(first, 2)
            assert _wait(first, job_id).state == common_pb2.JOB_STATE_SUCCEEDED
            assert _active(second) == _made_by(first, job_id) != [before]
            assert _intent(second, "the printer jams all day") == "printer"
            for wanted in (0, before):
                listed = _activate(sidecar, wanted)
                active = [int(str(v["version"])) for v in listed if v["active"]]
                assert active == ([wanted] if wanted else [])
                intents = {_intent(one, "printer jams") for one in (first, second)}
                assert (intents == {"printer"}) == bool(wanted)
    finally:
        other.process.kill()
        other.process.wait()


def test_the_command_shows_progress_and_says_what_is_wrong(
    sidecar: SidecarProcess, tmp_path: Path
) -> None:
    """Steps in a log, the report, few texts named; a second training is refused."""
    little = tmp_path / "little.csv"
    little.write_text("text,label\nthe printer jams,printer\nwhere is it,parcel\n")
    done = _train(sidecar, str(little))
    assert done.returncode == 0, done.stderr
    assert "Trained on 2 texts of 2 labels; in use now." in done.stdout
    assert "2 labels have fewer than 5 texts" in done.stderr
    more = tmp_path / "more.csv"
    _write(more, times=30)
    done = _train(sidecar, str(more))
    assert done.returncode == 0, done.stderr
    assert "judging by texts left out" in done.stderr
    one = tmp_path / "one.csv"
    one.write_text("text,label\nonly,one\n")
    refused = _train(sidecar, str(one))
    assert refused.returncode == 1
    assert "all texts have one label; at least two are needed" in refused.stderr
    with sidecar.client() as client:
        _start(client, 200)
        again = _train(sidecar, str(little))
        assert again.returncode == 1
        assert "A training waits or runs already" in again.stderr
    assert "Training now (job_" in _train(sidecar, "--list").stderr
    assert "is cancelled." in _train(sidecar, "--cancel").stdout
    assert "No training waits or runs." in _train(sidecar, "--cancel").stderr


def _write(path: Path, times: int) -> None:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("text", "label"))
        for number in range(times):
            rows.writerows((f"{r.text} {number}", r.labels[0]) for r in labelled())


def _train(sidecar: SidecarProcess, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sidecar.cli.main", "train", *words],
        env={
            "DESKSIDE_SIDECAR_ADDRESS": sidecar.address,
            "DESKSIDE_API_KEY": sidecar.key("admin"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def _activate(sidecar: SidecarProcess, version: int) -> list[dict[str, object]]:
    done = _train(sidecar, "--activate", str(version), "--json")
    assert done.returncode == 0, done.stderr
    versions: list[dict[str, object]] = json.loads(done.stdout)["versions"]
    return versions
