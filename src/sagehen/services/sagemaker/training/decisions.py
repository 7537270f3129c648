"""What a training job needs next: decide(record, observed, now) -> Action. No effects, no waiting.

The loop in `attempts/run.py` carries out one action, observes, and asks again; it is woken by
events (a download done, an instance ended, StopTrainingJob) and by the deadline in `Wait`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from sagehen.services.sagemaker.jobs.actions import Launch, Prepare, Step, Wait
from sagehen.services.sagemaker.training.job import TrainingJob

# Documented: StopTrainingJob. The limits of StoppingCondition give the same time.
STOP_GRACE_S = 120.0
# Artifacts are on this machine: what takes longer than this to pack and store is not going to end.
UPLOAD_LIMIT_S = 3600.0
_LONGEST_PAUSE_S = 60.0


class Ending(Enum):
    """Why the instances were told to end."""

    STOP = "StopTrainingJob"
    MAX_RUNTIME = "MaxRuntimeInSeconds"
    MAX_WAIT = "MaxWaitTimeInSeconds"
    PEER_FAILED = "another instance failed"
    INTERRUPTION = "the spot instances are taken away"
    MACHINE_LOST = "the machine of another instance is lost"


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known of the running attempt.

    Args:
        preparation: Session, channels, source, folders.
        containers: The instances' processes.
        upload: Artifacts to S3.
        problem: FailureReason of a preparation, start or upload that failed.
        failure: FailureReason of the first instance that failed by itself.
        ending: Why the instances were told to end, or None.
        upload_began: When the artifacts began to be packed.
        lost: A machine of a cluster is lost on which one of the instances ran.
    """

    preparation: Step = Step.IDLE
    containers: Step = Step.IDLE
    upload: Step = Step.IDLE
    problem: str | None = None
    failure: str | None = None
    ending: Ending | None = None
    upload_began: datetime | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """Tell the containers to end."""

    why: Ending
    grace_s: float


@dataclass(frozen=True, slots=True)
class Upload:
    """Build the artifacts and put them into S3."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Record the job's last state."""

    status: str
    secondary: str
    reason: str | None = None


Action = Prepare | Launch | End | Upload | Finish | Wait
_STOPPED = Finish("Stopped", "Stopped")
# The attempt's end, not the job's.
INTERRUPTED = Finish("InProgress", "Interrupted")
MACHINE_LOST = Finish("InProgress", "Restarting")
_EXCEEDED = {Ending.MAX_RUNTIME: "MaxRuntimeExceeded", Ending.MAX_WAIT: "MaxWaitTimeExceeded"}


def deadline(job: TrainingJob) -> tuple[datetime, Ending] | None:
    """Return when the job's time is over, and by which limit; None where none counts yet.

    MaxRuntimeInSeconds counts from the attempt's beginning, MaxWaitTimeInSeconds (of spot training) from
    the job's creation, waiting included.
    """
    limits = []
    if job.attempt_at is not None:
        limits.append((job.attempt_at + job.max_runtime_s - job.spent_s, Ending.MAX_RUNTIME))
    if job.max_wait_s is not None:
        limits.append((job.created_at + job.max_wait_s, Ending.MAX_WAIT))
    if not limits:
        return None
    at, why = min(limits, key=lambda limit: limit[0])
    return datetime.fromtimestamp(at, UTC), why


def retry_at(job: TrainingJob) -> datetime | None:
    """Return when an attempt that a fault of ours ended is followed by another; None where it was none.

    On AWS it takes minutes to have instances again; here attempts would be used up within a second, before
    whatever is wrong has passed: the second waits 2 s, the third 4, the later ones at most a minute.
    """
    if job.broken_by != "fault" or not job.transitions:
        return None
    pause_s = min(_LONGEST_PAUSE_S, 2.0**job.retries)
    return datetime.fromtimestamp(job.transitions[-1].start + pause_s, UTC)


def decide(job: TrainingJob, seen: Observed, now: datetime) -> Action:
    """Return the one next action for a job that has not ended."""
    if seen.problem is not None:
        return Finish("Failed", "Failed", seen.problem)
    if seen.containers is Step.IDLE:
        return _before_start(job, seen, now)
    if seen.containers is Step.RUNNING:
        return _while_running(job, seen, now)
    if seen.ending is Ending.INTERRUPTION and not job.stopping:
        return INTERRUPTED  # whatever the script made of its last two minutes: its instances are gone
    if seen.lost and seen.failure is None and not job.stopping:
        return MACHINE_LOST  # what it had not stored is lost with it
    if seen.upload is not Step.DONE:
        return Upload() if seen.upload is Step.IDLE else _while_uploading(job, seen, now)
    return _outcome(job, seen)


def _before_start(job: TrainingJob, seen: Observed, now: datetime) -> Action:
    if job.stopping:
        return _STOPPED  # nothing was trained, so there is nothing to upload
    if job.interrupting:
        return INTERRUPTED
    if seen.lost:
        return MACHINE_LOST
    if seen.preparation is Step.IDLE:
        again_at = retry_at(job)
        return Wait(again_at) if again_at is not None and now < again_at else Prepare()
    limit, why = deadline(job) or (None, None)
    if limit is not None and why is not None and now >= limit:
        return Finish("Stopped", _EXCEEDED[why])
    return Launch() if seen.preparation is Step.DONE else Wait(limit)


def upload_deadline(job: TrainingJob, seen: Observed) -> datetime | None:
    """Return when packing and storing is given up: soon where somebody asked the job to stop."""
    if seen.upload_began is None:
        return None
    if job.stopping:
        asked = max(seen.upload_began, datetime.fromtimestamp(job.modified_at, UTC))
        return asked + timedelta(seconds=STOP_GRACE_S)
    return seen.upload_began + timedelta(seconds=UPLOAD_LIMIT_S)


def _while_uploading(job: TrainingJob, seen: Observed, now: datetime) -> Action:
    limit = upload_deadline(job, seen)
    if limit is None or now < limit:
        return Wait(limit)
    if seen.failure is not None or job.stopping:
        return _outcome(job, seen)
    return Finish(
        "Failed",
        "Failed",
        "ClientError: Artifact upload failed:the artifacts could not be stored in "
        f"{UPLOAD_LIMIT_S:.0f} seconds",
    )


def _while_running(job: TrainingJob, seen: Observed, now: datetime) -> Action:
    if seen.ending is not None:
        return Wait()
    if seen.lost:
        return End(Ending.MACHINE_LOST, 0.0)
    if seen.failure is not None:
        # The others would wait for the lost one in a collective call until some timeout.
        return End(Ending.PEER_FAILED, 0.0)
    if job.stopping:
        return End(Ending.STOP, STOP_GRACE_S)
    limit, why = deadline(job) or (None, None)
    if limit is not None and why is not None and now >= limit:
        return End(why, STOP_GRACE_S)
    if job.interrupting:
        return End(Ending.INTERRUPTION, STOP_GRACE_S)
    return Wait(limit)


def _outcome(job: TrainingJob, seen: Observed) -> Action:
    if seen.failure is not None:
        return Finish("Failed", "Failed", seen.failure)
    if seen.ending is not None and seen.ending in _EXCEEDED:
        return Finish("Stopped", _EXCEEDED[seen.ending])
    if job.stopping:
        return _STOPPED
    return Finish("Completed", "Completed")
