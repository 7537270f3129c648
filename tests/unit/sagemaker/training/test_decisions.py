"""What a training job needs next, as a table: one row per situation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.services.sagemaker.jobs.actions import Launch, Prepare, Step, Wait
from sagehen.services.sagemaker.training.decisions import (
    MACHINE_LOST,
    End,
    Ending,
    Finish,
    Observed,
    Upload,
    decide,
)
from sagehen.services.sagemaker.training.job import TrainingJob

from ..conftest import SCOPE, job_request

IDLE, RUNNING, DONE = Step.IDLE, Step.RUNNING, Step.DONE


def at(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def job(status: str = "InProgress", begun_at: float | None = None, **condition: int) -> TrainingJob:
    """Return a job that was made at second 100, may run for 60 seconds, and began when it says."""
    times = {"MaxRuntimeInSeconds": 60, **condition}
    made = TrainingJob.new(SCOPE, job_request(StoppingCondition=times), at(100))
    made = made if begun_at is None else made.begun(at(begun_at))
    return replace(made, status=status)


def seen(preparation: Step = DONE, containers: Step = IDLE, upload: Step = IDLE, **more: Any) -> Observed:
    return Observed(preparation, containers, upload, **more)


STOPPED = Finish("Stopped", "Stopped")
TOO_LATE = Finish(
    "Failed",
    "Failed",
    "ClientError: Artifact upload failed:the artifacts could not be stored in 3600 seconds",
)
UPLOADING = seen(containers=DONE, upload=RUNNING, upload_began=at(200))
LOST = seen(containers=DONE, lost=True)
CASES = [
    ("a machine is lost, others go on", job(begun_at=100), seen(containers=RUNNING, lost=True), 110,
     End(Ending.MACHINE_LOST, 0.0)),
    ("they have ended", job(begun_at=100), LOST, 110, MACHINE_LOST),
    ("it is stopped meanwhile", job("Stopping", begun_at=100), LOST, 110, Upload()),
    ("another one had failed by itself", job(begun_at=100), replace(LOST, failure="AlgorithmError: "), 110,
     Upload()),
    ("accepted", job(), seen(IDLE), 100, Prepare()),
    ("stopped before anything", job("Stopping"), seen(IDLE), 100, STOPPED),
    ("waiting for capacity", job(), seen(RUNNING), 10_000, Wait()),
    ("stopped while it waits", job("Stopping"), seen(RUNNING), 100, STOPPED),
    ("a spot job waits", job(MaxWaitTimeInSeconds=90), seen(RUNNING), 189, Wait(at(190))),
    ("but not for ever", job(MaxWaitTimeInSeconds=90), seen(RUNNING), 190,
     Finish("Stopped", "MaxWaitTimeExceeded")),
    ("downloading counts", job(begun_at=120), seen(RUNNING), 179, Wait(at(180))),
    ("and ends it", job(begun_at=120), seen(RUNNING), 180, Finish("Stopped", "MaxRuntimeExceeded")),
    ("a download failed", job(begun_at=120), seen(RUNNING, problem="p"), 130,
     Finish("Failed", "Failed", "p")),
    ("a machine is lost with its data", job(begun_at=120), seen(RUNNING, lost=True), 130, MACHINE_LOST),
    ("and the job is stopped", job("Stopping", 120), seen(RUNNING, lost=True), 130, STOPPED),
    ("prepared", job(begun_at=120), seen(), 130, Launch()),
    ("stopped just then", job("Stopping", 120), seen(), 130, STOPPED),
    ("training", job(begun_at=120), seen(containers=RUNNING), 179, Wait(at(180))),
    ("its time is over", job(begun_at=120), seen(containers=RUNNING), 180, End(Ending.MAX_RUNTIME, 120.0)),
    ("its time with the waiting is over", job(begun_at=150, MaxWaitTimeInSeconds=90),
     seen(containers=RUNNING), 190, End(Ending.MAX_WAIT, 120.0)),
    ("told to stop", job("Stopping", 120), seen(containers=RUNNING), 130, End(Ending.STOP, 120.0)),
    ("stopped is stopped, even late", job("Stopping", 120), seen(containers=RUNNING), 500,
     End(Ending.STOP, 120.0)),
    ("one of them failed", job(begun_at=120), seen(containers=RUNNING, failure="f"), 130,
     End(Ending.PEER_FAILED, 0.0)),
    ("failed comes before stopped", job("Stopping", 120), seen(containers=RUNNING, failure="f"), 130,
     End(Ending.PEER_FAILED, 0.0)),
    ("they are ending", job("Stopping", 120), seen(containers=RUNNING, ending=Ending.STOP), 10_000, Wait()),
    ("ended", job(begun_at=120), seen(containers=DONE), 10_000, Upload()),
    ("failed: what there is, is kept", job(begun_at=120), seen(containers=DONE, failure="f"), 130, Upload()),
    ("uploading", job(begun_at=120), UPLOADING, 3799, Wait(at(3800))),
    ("not for ever", job(begun_at=120), UPLOADING, 3800, TOO_LATE),
    ("who failed has a better reason", job(begun_at=120), replace(UPLOADING, failure="f"), 3800,
     Finish("Failed", "Failed", "f")),
    ("who is asked to stop is not kept", job("Stopping", 120), UPLOADING, 319, Wait(at(320))),
    ("longer than two minutes", job("Stopping", 120), UPLOADING, 320, STOPPED),
    ("completed", job(begun_at=120), seen(containers=DONE, upload=DONE), 130,
     Finish("Completed", "Completed")),
    ("stopped", job("Stopping", 120), seen(containers=DONE, upload=DONE), 130, STOPPED),
    ("out of time", job(begun_at=120), seen(containers=DONE, upload=DONE, ending=Ending.MAX_RUNTIME), 130,
     Finish("Stopped", "MaxRuntimeExceeded")),
    ("waited too long", job(begun_at=120), seen(containers=DONE, upload=DONE, ending=Ending.MAX_WAIT), 130,
     Finish("Stopped", "MaxWaitTimeExceeded")),
    ("failed", job(begun_at=120), seen(containers=DONE, upload=DONE, failure="f"), 130,
     Finish("Failed", "Failed", "f")),
    ("an upload failed", job(begun_at=120), seen(containers=DONE, upload=DONE, problem="p"), 130,
     Finish("Failed", "Failed", "p")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_one_look(case: Any) -> None:
    _, found, observed, now, action = case
    assert decide(found, observed, at(now)) == action
