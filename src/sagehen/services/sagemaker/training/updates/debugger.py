"""UpdateTrainingJob's ProfilerConfig and ProfilerRuleConfigurations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.profiler.update import profiler_updated
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.training.rules.update import rules_added, stopped
from sagehen.services.sagemaker.training.runs import TrainingRuns
from sagehen.services.sagemaker.training.statuses import rejected
from sagehen.services.sagemaker.training.updates.operation import Update

_Change = Callable[[TrainingJob, Any, datetime], TrainingJob]


def debugger_updates(records: TrainingJobRecords, runs: TrainingRuns, clock: Clock) -> dict[str, Update]:
    """Return what takes the members of UpdateTrainingJob that are Debugger's."""
    return {
        "ProfilerConfig": _DebuggerUpdate(_with_profiler, records, runs, clock),
        "ProfilerRuleConfigurations": _DebuggerUpdate(_with_rules, records, runs, clock),
    }


class _DebuggerUpdate:
    """See `updates.operation.Update`."""

    def __init__(
        self, change: _Change, records: TrainingJobRecords, runs: TrainingRuns, clock: Clock
    ) -> None:
        self._change = change
        self._records = records
        self._runs = runs
        self._clock = clock

    def check(self, job: TrainingJob, value: Any) -> None:
        """See `updates.operation.Update`."""
        self._changed(value, job)

    async def __call__(self, job: TrainingJob, value: Any) -> None:
        """Change a job that is in progress.

        Raises:
            ValidationException, NotImplementedOperation
        """
        changed = await self._records.change(job.scope, job.name, partial(self._changed, value))
        self._runs.poke(changed or job)

    def _changed(self, value: Any, job: TrainingJob) -> TrainingJob:
        if job.status != "InProgress":
            raise rejected(job.status)
        return self._change(job, value, self._clock.now())


def _with_profiler(job: TrainingJob, config: Mapping[str, Any], now: datetime) -> TrainingJob:
    after = profiler_updated(job.request, config)
    changed = _changed(job, "ProfilerConfig", after, now)
    if after.get("DisableProfiler"):
        return changed.with_evaluations(stopped(job.request, job.evaluations, now.timestamp()))
    return changed


def _with_rules(job: TrainingJob, added: Sequence[Mapping[str, Any]], now: datetime) -> TrainingJob:
    member = "ProfilerRuleConfigurations"
    return _changed(job, member, rules_added(job.request, added), now) if added else job


def _changed(job: TrainingJob, member: str, value: Any, now: datetime) -> TrainingJob:
    return replace(
        job,
        request={**job.request, member: value},
        updated={**job.updated, member: value},
        modified_at=now.timestamp(),
    )
