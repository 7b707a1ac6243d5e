"""Training through the RPCs, done by the real child process."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.client import SidecarClient, SidecarError
from sidecar.domain.training import LabelledText
from sidecar.llm.trainer_port import Progress, Trained, TrainingFailed
from sidecar.training import ChildTrainer
from sidecar.usecases.run_training import MOST_ATTEMPTS, run_next_training
from sidecar.v1 import (
    assist_pb2,
    classification_pb2,
    common_pb2,
    insight_pb2,
    policy_pb2,
    ticket_pb2,
)
from tests.contract.rpc.conftest import Running
from tests.unit.llm.little_training import labelled

CHILD = ChildTrainer(Path(), "", 1)


class Broken:
    """A trainer that ends as a killed child does."""

    def train(self, rows: Sequence[LabelledText], say: Progress) -> Trained:
        """Say one step, then fail."""
        say(1, len(rows), "reading the texts")
        raise TrainingFailed("The training process ended before its end.")


@pytest.fixture
def client(running: Running) -> Iterator[SidecarClient]:
    """Return an administrator's client; the workspace has no classifier after it."""
    with running.client() as one:
        yield one
        one.policies.ActivateClassifierVersion(
            policy_pb2.ActivateClassifierVersionRequest(version=0)
        )


def _requests(
    rows: Sequence[LabelledText],
    *,
    add: bool = True,
    request_id: str = "",
    count: int = 0,
) -> Iterator[policy_pb2.TrainClassifierRequest]:
    header = policy_pb2.TrainClassifierHeader(
        request_id=request_id, add_missing_labels=add, text_count=count
    )
    yield policy_pb2.TrainClassifierRequest(header=header)
    texts = [policy_pb2.LabelledText(text=r.text, labels=r.labels) for r in rows]
    batch = policy_pb2.LabelledTexts(texts=texts)
    yield policy_pb2.TrainClassifierRequest(batch=batch)


def _start(client: SidecarClient) -> common_pb2.Job:
    return client.policies.TrainClassifier(_requests(labelled())).job


def _job(client: SidecarClient, job_id: str) -> common_pb2.Job:
    return client.insight.GetJob(insight_pb2.GetJobRequest(job_id=job_id)).job


def _intent(client: SidecarClient, text: str) -> classification_pb2.Prediction:
    message = ticket_pb2.Message(
        external_id=uuid.uuid4().hex,
        body=text,
        author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER),
    )
    ticket = ticket_pb2.Ticket(
        connector="test", external_id=uuid.uuid4().hex, messages=[message]
    )
    request = assist_pb2.ClassifyRequest(ticket=ticket)
    return client.assist.Classify(request).classification.intent


def _versions(client: SidecarClient) -> Sequence[policy_pb2.ClassifierVersion]:
    request = policy_pb2.ListClassifierVersionsRequest()
    return client.policies.ListClassifierVersions(request).versions


def test_a_training_ends_in_a_version_that_classify_uses_at_once(
    running: Running, client: SidecarClient
) -> None:
    """Job, report, version and the predictions after it belong together."""
    started = _start(client)
    assert started.state == common_pb2.JOB_STATE_PENDING
    assert started.kind == common_pb2.JOB_KIND_TRAIN
    assert run_next_training(running.house.ports, "w", CHILD)
    ended = _job(client, started.job_id)
    assert ended.state == common_pb2.JOB_STATE_SUCCEEDED
    report = json.loads(ended.result_json)
    assert report["texts"] == 72
    assert {"accuracy", "macro_f1", "ece", "by_label", "confusions"} <= report.keys()
    assert _versions(client)[0].active
    assert _versions(client)[0].job_id == started.job_id
    assert _intent(client, "I forgot it: my password needs a reset").value == "password"
    assert len(_intent(client, "the printer jams").alternatives) == 3


def test_an_older_version_and_none_can_be_used_again(
    running: Running, client: SidecarClient
) -> None:
    """Rolling back holds from the next call on, in every process."""
    for _ in range(2):
        _start(client)
        assert run_next_training(running.house.ports, "w", CHILD)
    newest, older = (item.version for item in _versions(client)[:2])
    for wanted in (older, 0, newest):
        request = policy_pb2.ActivateClassifierVersionRequest(version=wanted)
        answer = client.policies.ActivateClassifierVersion(request)
        active = [item.version for item in answer.versions if item.active]
        assert active == ([wanted] if wanted else [])
        is_trained = _intent(client, "the printer jams all day").value == "printer"
        assert is_trained == bool(wanted)


def test_a_failed_training_leaves_the_old_version_and_says_why(
    running: Running, client: SidecarClient
) -> None:
    """The job is FAILED with a sentence, its texts are gone, predictions stay."""
    _start(client)
    assert run_next_training(running.house.ports, "w", CHILD)
    before = [item.version for item in _versions(client) if item.active]
    started = _start(client)
    assert run_next_training(running.house.ports, "w", Broken())
    ended = _job(client, started.job_id)
    assert ended.state == common_pb2.JOB_STATE_FAILED
    assert "ended before its end" in ended.error_message
    assert [item.version for item in _versions(client) if item.active] == before
    with running.house.ports.store.reading() as tx:
        assert tx.classifiers.texts("default", started.job_id) == []


def test_a_training_that_ended_its_process_five_times_is_given_up(
    running: Running, client: SidecarClient
) -> None:
    """What kills the process is not begun for ever; the job says why."""
    started = _start(client)
    ports = running.house.ports
    with ports.store.transaction() as tx:
        parts = tx.classifiers.texts("default", started.job_id)
        job = tx.jobs.get("default", started.job_id)
        assert job is not None
        again = replace(job, id="job_again", attempts=MOST_ATTEMPTS)
        tx.classifiers.add_texts("default", again.id, 0, parts[0])
        tx.jobs.cancel("default", job.id)
        tx.jobs.add(again)
    assert run_next_training(ports, "w", CHILD)
    ended = _job(client, again.id)
    assert ended.state == common_pb2.JOB_STATE_FAILED
    assert "begun 5 times" in ended.error_message


def test_a_waiting_training_can_be_cancelled(
    running: Running, client: SidecarClient
) -> None:
    """It is never begun, its texts are gone, and only an administrator may do it."""
    started = _start(client)
    request = insight_pb2.CancelJobRequest(job_id=started.job_id)
    with running.client("agent") as agent, pytest.raises(SidecarError) as refused:
        agent.insight.CancelJob(request)
    assert refused.value.reason == "PERMISSION_MISSING"
    job = client.insight.CancelJob(request).job
    assert job.state == common_pb2.JOB_STATE_CANCELLED
    assert not run_next_training(running.house.ports, "w", CHILD)
    with running.house.ports.store.reading() as tx:
        assert tx.classifiers.texts("default", started.job_id) == []


def test_two_trainings_never_wait_at_once(
    running: Running, client: SidecarClient
) -> None:
    """The second is refused while the first waits; the same request is the first."""
    rows = _requests(labelled(), request_id="once")
    first = client.policies.TrainClassifier(rows).job
    again = client.policies.TrainClassifier(_requests(labelled(), request_id="once"))
    assert again.job.job_id == first.job_id
    with pytest.raises(SidecarError) as refused:
        _start(client)
    assert refused.value.reason == "TRAINING_RUNNING"
    assert run_next_training(running.house.ports, "w", Broken())


@pytest.mark.parametrize(
    ("rows", "add", "count"),
    [
        ([], True, 0),
        ([LabelledText("alone", ("one",))], True, 0),
        ([LabelledText("a", ("one",)), LabelledText("b", ("two",))], False, 0),
        ([LabelledText("a", ("one",)), LabelledText("b", ("two",))], True, 3),
        ([LabelledText(" ", ("one",)), LabelledText("b", ("two",))], True, 0),
        ([LabelledText("a" * 10_001, ("x",)), LabelledText("b", ("y",))], True, 0),
    ],
    ids=["no texts", "one label", "unknown label", "torn", "empty text", "too long"],
)
def test_texts_that_nothing_can_be_learned_from_are_refused(
    client: SidecarClient, rows: list[LabelledText], add: bool, count: int
) -> None:
    """The refusal comes at once, not as a failed job."""
    with pytest.raises(SidecarError) as refused:
        client.policies.TrainClassifier(_requests(rows, add=add, count=count))
    assert refused.value.reason.startswith("FIELD_")


def test_a_changed_taxonomy_keeps_the_trained_version(
    running: Running, client: SidecarClient
) -> None:
    """Who edits the taxonomy does not lose the classifier by it."""
    _start(client)
    assert run_next_training(running.house.ports, "w", CHILD)
    taxonomy = client.policies.GetTaxonomy(policy_pb2.GetTaxonomyRequest()).taxonomy
    client.policies.UpdateTaxonomy(policy_pb2.UpdateTaxonomyRequest(taxonomy=taxonomy))
    assert _intent(client, "the printer prints blank pages").value == "printer"
