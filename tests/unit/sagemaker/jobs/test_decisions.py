"""What a job that has a status alone needs next, as a table: one row per situation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.jobs.actions import Launch, Prepare, Step, Wait
from sagehen.services.sagemaker.jobs.decisions import (
    MACHINE_LOST,
    MOST_ATTEMPTS,
    End,
    Ending,
    Finish,
    Observed,
    Store,
    decide,
)
from sagehen.services.sagemaker.jobs.failure import INTERNAL_REASON
from sagehen.services.sagemaker.processing.job import ProcessingJob

from ..conftest import SCOPE

IDLE, RUNNING, DONE = Step.IDLE, Step.RUNNING, Step.DONE
STOPPED, COMPLETED = Finish("Stopped"), Finish("Completed")


def at(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def job(status: str = "InProgress", begun_at: float | None = None) -> ProcessingJob:
    """Return a job that was made at second 100, may run for 60 seconds, and began when it says."""
    made = ProcessingJob.new(SCOPE, "J", {"StoppingCondition": {"MaxRuntimeInSeconds": 60}}, at(100))
    made = made if begun_at is None else made.begun(at(begun_at))
    return replace(made, status=status)


def seen(preparation: Step = DONE, containers: Step = IDLE, storing: Step = IDLE, **more: Any) -> Observed:
    return Observed(preparation, containers, storing, **more)


STORING = seen(containers=DONE, storing=RUNNING, storing_began=at(200))
LOST = seen(containers=DONE, lost=True, ending=Ending.MACHINE_LOST)
CASES = [
    ("accepted", job(), seen(IDLE), 100, Prepare()),
    ("stopped before anything", job("Stopping"), seen(IDLE), 100, STOPPED),
    ("waiting for instances has no limit", job(), seen(RUNNING), 9_999, Wait()),
    ("stopped while it waits", job("Stopping"), seen(RUNNING), 100, STOPPED),
    ("inputs on their way", job(begun_at=110), seen(RUNNING), 120, Wait(at(170))),
    ("inputs that take too long", job(begun_at=110), seen(RUNNING), 170, STOPPED),
    ("all is there", job(begun_at=110), seen(), 120, Launch()),
    ("it cannot be prepared", job(), seen(RUNNING, problem="ClientError: no"), 120,
     Finish("Failed", "ClientError: no")),
    ("the machine is lost that had got its data", job(begun_at=110), seen(RUNNING, lost=True), 120,
     MACHINE_LOST),
    ("it runs", job(begun_at=110), seen(containers=RUNNING), 120, Wait(at(170))),
    ("it is asked to stop", job("Stopping", 110), seen(containers=RUNNING), 120, End(Ending.STOP, 120)),
    ("its time is over", job(begun_at=110), seen(containers=RUNNING), 170, End(Ending.MAX_RUNTIME, 120)),
    ("one instance fails", job(begun_at=110), seen(containers=RUNNING, failure="f"), 120,
     End(Ending.PEER_FAILED, 0)),
    ("it is told once", job("Stopping", 110), seen(containers=RUNNING, ending=Ending.STOP), 121, Wait()),
    ("all went well", job(begun_at=110), seen(containers=DONE), 130, Store(completed=True)),
    ("it failed", job(begun_at=110), seen(containers=DONE, failure="f"), 130, Store(completed=False)),
    ("it was stopped", job("Stopping", 110), seen(containers=DONE), 130, Store(completed=False)),
    ("storing", job(begun_at=110), STORING, 210, Wait(at(3800))),
    ("storing, and somebody asks to stop", replace(job("Stopping", 110), modified_at=300), STORING, 310,
     Wait(at(420))),
    ("storing takes too long", job(begun_at=110), STORING, 3800,
     Finish("Failed", "ClientError: the outputs could not be stored in 3600 seconds")),
    ("a failed one's storing too", job(begun_at=110), replace(STORING, failure="f"), 3800,
     Finish("Failed", "f")),
    ("stored", job(begun_at=110), seen(containers=DONE, storing=DONE), 220, COMPLETED),
    ("stored, its time was over", job(begun_at=110),
     seen(containers=DONE, storing=DONE, ending=Ending.MAX_RUNTIME), 220, STOPPED),
    ("a machine is lost", job(begun_at=110), seen(containers=RUNNING, lost=True), 120,
     End(Ending.MACHINE_LOST, 0)),
    ("its instances have ended", job(begun_at=110), LOST, 130, MACHINE_LOST),
    ("it was to stop", job("Stopping", 110), LOST, 130, Store(completed=False)),
    ("it had failed by itself", job(begun_at=110), replace(LOST, failure="f"), 130, Store(completed=False)),
    ("for the last time", replace(job(begun_at=110), attempts=MOST_ATTEMPTS), LOST, 130,
     Finish("Failed", INTERNAL_REASON)),
    ("a failure comes before a request to stop", job("Stopping", 110),
     seen(containers=DONE, storing=DONE, failure="f"), 220, Finish("Failed", "f")),
]  # fmt: skip


@pytest.mark.parametrize(("_", "record", "observed", "now", "action"), CASES, ids=[case[0] for case in CASES])
def test_what_comes_next(_: str, record: ProcessingJob, observed: Observed, now: float, action: Any) -> None:
    assert decide(record, observed, at(now)) == action


def test_a_restart_takes_no_time_from_the_job_and_an_ended_one_is_not_stopped() -> None:
    again = job(begun_at=110).restarting(at(1000)).begun(at(2000))
    assert (again.started_at, again.attempt_at, again.attempts) == (110, 2000, 2)
    assert decide(again, seen(containers=RUNNING), at(2010)) == Wait(at(2060))
    with pytest.raises(ValidationException, match="the job is in status Completed"):
        again.finished("Completed", at(3000)).asked_to_stop(at(3001))
