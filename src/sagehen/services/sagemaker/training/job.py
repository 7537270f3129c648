"""TrainingJob: one job as it is recorded, and the changes that its life makes to the record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.jobs.groups.group import InstanceGroup, groups_of
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.training.statuses import MESSAGES, STEPS, Transition, noted
from sagehen.services.sagemaker.transfers import uris

ENDED = ("Completed", "Failed", "Stopped")
# Documented: StoppingCondition's model, one day.
DEFAULT_MAX_RUNTIME_S = 86_400
# Documented: DescribeTrainingJob's model, FailureReason.
FAILURE_REASON_CHARACTERS = 1024


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """A training job's record. Times are seconds since the epoch.

    Args:
        request: CreateTrainingJob's input, as it came.
        started_at: When the instances were first at its disposal (TrainingStartTime).
        attempt_at: The same of the present attempt: MaxRuntimeInSeconds counts from here, so that a
            platform that was down does not eat a restarted job's time.
        final_metrics: Name -> (value, time) of the last match of each MetricDefinition.
        metric_series: Name -> what all of its matches came to, as `MetricSeries.stored` has it.
        attempts: How many times it was begun.
        retries: How many times it was begun anew after an InternalServerError.
        spent_s: What earlier attempts took of MaxRuntimeInSeconds, which is for all of them together.
        tuning_job_arn: Of the tuning job that started it, where one did.
        evaluations: Of its rules, as `rules/evaluation.py` has them.
        updated: Members of the request as UpdateTrainingJob changed them; `request` has them already.
        interrupting_at: When its spot instances were taken away, until they are gone.
        interruptions: How often they were.
        broken_by: What ended the attempt before this one: `interruption`, `fault`, `restart`.
    """

    scope: Scope
    name: str
    created_at: float
    modified_at: float
    status: str
    secondary_status: str
    request: Mapping[str, Any] = field(repr=False)
    transitions: tuple[Transition, ...] = ()
    started_at: float | None = None
    attempt_at: float | None = None
    ended_at: float | None = None
    failure_reason: str | None = None
    final_metrics: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    metric_series: Mapping[str, Sequence[float]] = field(default_factory=dict, repr=False)
    attempts: int = 0
    retries: int = 0
    spent_s: float = 0.0
    tuning_job_arn: str | None = None
    evaluations: Mapping[str, tuple[str, str, float]] = field(default_factory=dict)
    updated: Mapping[str, Any] = field(default_factory=dict, repr=False)
    interrupting_at: float | None = None
    interruptions: int = 0
    broken_by: str | None = None

    @classmethod
    def new(
        cls, scope: Scope, request: Mapping[str, Any], now: datetime, tuning_job_arn: str | None = None
    ) -> TrainingJob:
        """Return the record of a job that was just accepted."""
        at = now.timestamp()
        name = request["TrainingJobName"]
        job = cls(scope, name, at, at, "InProgress", "Starting", request, tuning_job_arn=tuning_job_arn)
        return job.entered("Starting", now)

    # --- what it says of itself --------------------------------------------------------------

    @property
    def arn(self) -> str:
        return arns.training_job_arn(self.scope, self.name)

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def stopping(self) -> bool:
        return self.status == "Stopping"

    @property
    def volume_gb(self) -> int | None:
        """What was asked for, if anything was."""
        size: int | None = self.request["ResourceConfig"].get("VolumeSizeInGB")
        return size

    @property
    def hosts(self) -> tuple[str, ...]:
        """`algo-1`, `algo-2`, … : one per instance, group after group."""
        return tuple(host for group in self.groups for host in group.hosts)

    @property
    def groups(self) -> tuple[InstanceGroup, ...]:
        return groups_of(self.request["ResourceConfig"])

    @property
    def group_of(self) -> dict[str, str]:
        """The name of each host's group."""
        return {host: group.name for group in self.groups for host in group.hosts}

    @property
    def max_runtime_s(self) -> int:
        condition = self.request.get("StoppingCondition", {})
        seconds: int = condition.get("MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME_S)
        return seconds

    @property
    def may_retry(self) -> bool:
        """Whether RetryStrategy has another attempt for it."""
        most: int = (self.request.get("RetryStrategy") or {}).get("MaximumRetryAttempts", 0)
        return self.status == "InProgress" and self.retries < most

    @property
    def is_spot(self) -> bool:
        return bool(self.request.get("EnableManagedSpotTraining"))

    @property
    def interrupting(self) -> bool:
        """Whether its spot instances are being taken away."""
        return self.interrupting_at is not None and not self.ended

    @property
    def max_wait_s(self) -> int | None:
        """How long a spot job may take from its creation, waiting included; None for others."""
        seconds: int | None = self.request.get("StoppingCondition", {}).get("MaxWaitTimeInSeconds")
        return seconds

    @property
    def output_prefix(self) -> str:
        """`s3://bucket/prefix/<job>/output`, whether or not S3OutputPath ends with a slash."""
        base: str = self.request["OutputDataConfig"]["S3OutputPath"]
        return f"{base.rstrip('/')}/{self.name}/output"

    @property
    def compresses_output(self) -> bool:
        """Whether the artifacts are archives, not single objects."""
        return bool(self.request["OutputDataConfig"].get("CompressionType", "GZIP") == "GZIP")

    @property
    def output_kms_key(self) -> str | None:
        key: str | None = self.request["OutputDataConfig"].get("KmsKeyId")
        return key

    @property
    def model_artifacts_uri(self) -> str:
        """The archive, or the prefix of the single objects: the layout is documented in SDK v2's
        `model_data`, which adds the slash at the end where it is missing."""
        return f"{self.output_prefix}/{'model.tar.gz' if self.compresses_output else 'model/'}"

    def output_key(self, name: str) -> tuple[str, str]:
        """Return (bucket, key) of one of its outputs."""
        return uris.split(f"{self.output_prefix}/{name}")

    @property
    def training_time_s(self) -> int | None:
        """Whole seconds from TrainingStartTime to TrainingEndTime, begun ones counted; None before. Of a spot
        job those that it had instances."""
        if self.started_at is None or self.ended_at is None:
            return None
        if self.is_spot:  # what it waited for between its instances is none of it
            last_s = 0.0 if self.attempt_at is None else self.ended_at - self.attempt_at
            return max(1, math.ceil(self.spent_s + last_s))
        return max(1, math.ceil(self.ended_at - self.started_at))

    # --- what happens to it ------------------------------------------------------------------

    def entered(self, secondary: str, now: datetime, message: str | None = None) -> TrainingJob:
        """Return the job in its next secondary status. One that is asked to stop shows Stopping
        whatever it is doing, so the step is not recorded then."""
        if self.stopping and secondary in STEPS:
            return self
        at = now.timestamp()
        closed = [*self.transitions]
        if closed and closed[-1].end is None:
            closed[-1] = replace(closed[-1], end=at)
        step = Transition(secondary, at, message or MESSAGES.get(secondary, secondary))
        return replace(self, secondary_status=secondary, transitions=(*closed, step), modified_at=at)

    def begun(self, now: datetime) -> TrainingJob:
        """Return the job at the beginning of an attempt: its instances are there."""
        at = now.timestamp()
        job = replace(self, started_at=self.started_at or at, attempt_at=at, attempts=self.attempts + 1)
        return job.entered("Downloading", now)

    def asked_to_stop(self, now: datetime) -> TrainingJob:
        """Return the job once StopTrainingJob was called; what it is doing shows no more."""
        return replace(self.entered("Stopping", now), status="Stopping")

    def restarting(self, now: datetime, why: str) -> TrainingJob:
        """Return the job before another attempt: no time of MaxRuntimeInSeconds runs meanwhile."""
        return replace(self.entered("Restarting", now, why), attempt_at=None, broken_by="restart")

    def machine_lost(self, now: datetime) -> TrainingJob:
        """Return the job before another attempt, once a machine of the cluster is lost that it ran on."""
        why = "The training job is started again: a machine that it ran on is lost"
        entered = self.entered("Restarting", now, why)
        return replace(entered, spent_s=self._spent(now), attempt_at=None, broken_by="machine")

    def _spent(self, now: datetime) -> float:
        """Return what attempts have taken of MaxRuntimeInSeconds until now."""
        return self.spent_s + (now.timestamp() - self.attempt_at if self.attempt_at is not None else 0.0)

    def asked_to_yield(self, now: datetime) -> TrainingJob:
        """Return the job once its spot instances are to be taken away."""
        return replace(self, interrupting_at=now.timestamp(), modified_at=now.timestamp())

    def interrupted(self, now: datetime, gone_at: datetime | None = None) -> TrainingJob:
        """Return the job once they are gone, before another attempt.

        Args:
            gone_at: When they were, if that was before now: what came after is none of the job's time.
        """
        waiting = self.entered("Interrupted", now).entered("Starting", now)
        return replace(
            waiting,
            spent_s=self._spent(gone_at or now),
            attempt_at=None,
            interrupting_at=None,
            interruptions=self.interruptions + 1,
            broken_by="interruption",
        )

    def with_evaluations(self, found: Mapping[str, tuple[str, str, float]]) -> TrainingJob:
        """Return the job with what became of some of its rules; what is recorded of one stays."""
        return replace(self, evaluations={**found, **self.evaluations})

    def failed(self, now: datetime, reason: str) -> TrainingJob:
        """Return the job after a failure: in its last state, or before another attempt.

        Documented (RetryStrategy): for an InternalServerError; the secondary status is Starting then.
        """
        if not (self.may_retry and reason.startswith("InternalServerError")):
            return self.finished("Failed", "Failed", now, reason)
        return replace(
            self.entered("Starting", now),
            retries=self.retries + 1,
            spent_s=self._spent(now),
            attempt_at=None,
            broken_by="fault",
        )

    def finished(
        self, status: str, secondary: str, now: datetime, reason: str | None = None, note: str | None = None
    ) -> TrainingJob:
        """Return the job in its last state; the last transition is closed at once.

        Args:
            reason: FailureReason.
            note: What its status message says besides AWS's words.
        """
        at = now.timestamp()
        job = self.entered(secondary, now, noted(secondary, note))
        last = replace(job.transitions[-1], end=at)
        return replace(
            job,
            status=status,
            transitions=(*job.transitions[:-1], last),
            failure_reason=reason[:FAILURE_REASON_CHARACTERS] if reason else None,
            ended_at=at if self.started_at is not None else None,
        )
