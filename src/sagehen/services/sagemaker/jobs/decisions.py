"""What a job needs next: decide(record, observed, now) -> Action. No effects, no waiting.

For jobs that have a status alone. `attempt.py` carries out one action, observes, and asks again; it is woken
by events (inputs that are there, an instance that ended, a request to stop) and by the deadline in `Wait`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from sagehen.services.sagemaker.jobs.actions import Launch, Prepare, Step, Wait
from sagehen.services.sagemaker.jobs.failure import INTERNAL_REASON
from sagehen.services.sagemaker.jobs.job import Job

# Documented of StopTrainingJob; of other jobs AWS says none. From memory: it is the same.
STOP_GRACE_S = 120.0
# Outputs are on this machine: what takes longer than this to store is not going to end.
STORE_LIMIT_S = 3600.0
# Ours: a job that takes each machine down with it comes to an end.
MOST_ATTEMPTS = 10


class Ending(Enum):
    """Why the instances were told to end."""

    STOP = "asked to"
    MAX_RUNTIME = "MaxRuntimeInSeconds"
    PEER_FAILED = "another instance failed"
    MACHINE_LOST = "the machine of another instance is lost"


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known of the running attempt.

    Args:
        preparation: Session, capacity, folders, inputs.
        containers: The instances' processes.
        storing: Outputs to S3.
        problem: FailureReason of a preparation, start or upload that failed.
        failure: FailureReason of the first instance that failed by itself.
        ending: Why the instances were told to end, or None.
        storing_began: When the outputs began to be stored.
        lost: A machine of a cluster is lost on which one of the instances ran.
    """

    preparation: Step = Step.IDLE
    containers: Step = Step.IDLE
    storing: Step = Step.IDLE
    problem: str | None = None
    failure: str | None = None
    ending: Ending | None = None
    storing_began: datetime | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """Tell the containers to end."""

    why: Ending
    grace_s: float


@dataclass(frozen=True, slots=True)
class Store:
    """Put what the containers have left into S3."""

    completed: bool


@dataclass(frozen=True, slots=True)
class Finish:
    """Record the job's last state."""

    status: str
    reason: str | None = None


Action = Prepare | Launch | End | Store | Finish | Wait
_STOPPED = Finish("Stopped")
# The attempt's end, not the job's.
MACHINE_LOST = Finish("InProgress")


def deadline(job: Job) -> datetime | None:
    """Return when the job's time is over; None where none counts yet."""
    if job.attempt_at is None or job.max_runtime_s is None:
        return None
    return datetime.fromtimestamp(job.attempt_at + job.max_runtime_s, UTC)


def decide(job: Job, seen: Observed, now: datetime) -> Action:
    """Return the one next action for a job that has not ended."""
    if seen.problem is not None:
        return Finish("Failed", seen.problem)
    if seen.containers is Step.IDLE:
        return _before_start(job, seen, now)
    if seen.containers is Step.RUNNING:
        return _while_running(job, seen, now)
    if seen.lost and seen.failure is None and not job.stopping:
        return _lost(job)  # and with it what it had not stored
    outcome = _outcome(job, seen)
    if seen.storing is Step.IDLE:
        return Store(outcome.status == "Completed")
    return outcome if seen.storing is Step.DONE else _while_storing(job, seen, now, outcome)


def _lost(job: Job) -> Finish:
    return MACHINE_LOST if job.attempts < MOST_ATTEMPTS else Finish("Failed", INTERNAL_REASON)


def _before_start(job: Job, seen: Observed, now: datetime) -> Action:
    if job.stopping:
        return _STOPPED
    if seen.preparation is Step.IDLE:
        return Prepare()
    if seen.lost:
        return _lost(job)
    limit = deadline(job)
    if limit is not None and now >= limit:
        return _STOPPED
    return Launch() if seen.preparation is Step.DONE else Wait(limit)


def _while_running(job: Job, seen: Observed, now: datetime) -> Action:
    if seen.ending is not None:
        return Wait()
    if seen.lost:
        return End(Ending.MACHINE_LOST, 0.0)
    if seen.failure is not None:
        return End(Ending.PEER_FAILED, 0.0)
    if job.stopping:
        return End(Ending.STOP, STOP_GRACE_S)
    limit = deadline(job)
    if limit is not None and now >= limit:
        return End(Ending.MAX_RUNTIME, STOP_GRACE_S)
    return Wait(limit)


def _while_storing(job: Job, seen: Observed, now: datetime, outcome: Finish) -> Action:
    assert seen.storing_began is not None
    limit = seen.storing_began + timedelta(seconds=STORE_LIMIT_S)
    if job.stopping:  # soon, where somebody asked it to stop
        asked = max(seen.storing_began, datetime.fromtimestamp(job.modified_at, UTC))
        limit = min(limit, asked + timedelta(seconds=STOP_GRACE_S))
    if now < limit:
        return Wait(limit)
    if outcome.status != "Completed":
        return outcome
    return Finish("Failed", f"ClientError: the outputs could not be stored in {STORE_LIMIT_S:.0f} seconds")


def _outcome(job: Job, seen: Observed) -> Finish:
    if seen.failure is not None:
        return Finish("Failed", seen.failure)
    if seen.ending in (Ending.STOP, Ending.MAX_RUNTIME) or job.stopping:
        return _STOPPED
    return Finish("Completed")
