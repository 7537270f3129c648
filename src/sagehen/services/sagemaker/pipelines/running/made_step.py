"""MadeStep: a step of which a job, a model or a model package is made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sagehen.domain.clock import wait_for
from sagehen.services.sagemaker.pipelines.definition.step_types import StepType
from sagehen.services.sagemaker.pipelines.executions import step_record as statuses
from sagehen.services.sagemaker.pipelines.executions.checks import Check
from sagehen.services.sagemaker.pipelines.executions.names import job_name
from sagehen.services.sagemaker.pipelines.running import making
from sagehen.services.sagemaker.pipelines.running.baselines import with_baseline
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.failures import AttemptFailed, exception_of
from sagehen.services.sagemaker.pipelines.running.progress import StepProgress

# Between two looks at a job: a row is read, of which fifty go on at once in an execution.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0
_UNFINISHED = ("InProgress", "Stopping")


class MadeStep:
    """An attempt at it.

    Args:
        stopping: Set where the step shall end as soon as may be.
    """

    def __init__(self, progress: StepProgress, made: StepType, stopping: asyncio.Event) -> None:
        self._progress = progress
        self._parts = progress.parts
        self._execution = progress.execution
        self._step = progress.step
        self._made = made
        self._stopping = stopping

    async def carry_out(self, *, taken_up: bool) -> None:
        """Make it, unless an earlier life of the platform did, and end the step with it.

        Raises:
            Unresolved, CallFailed, AttemptFailed
        """
        record = self._progress.record
        if not (taken_up and record.job_name and await self._is_there()) and not await self._make():
            return
        if self._made.job:
            await self._wait()
        await self._ended(await self._description())

    async def _make(self) -> bool:
        """Make it; tell whether that was necessary: the step may have ended with an earlier result."""
        progress, made = self._progress, self._made
        is_named, name = bool(progress.record.job_name), progress.record.job_name or self._name()
        arguments, check = await self._evaluated(name)
        given = arguments.pop(made.name, None)
        if check is not None:
            arguments = check.arguments(arguments)
        if not is_named:
            if isinstance(given, str) and given and made.name != "ModelPackageName":
                name = job_name(self._parts.ids, self._execution.id, self._step.kind, "", given)
            cached = check.cached(arguments) if check else arguments
            if made.cached and await progress.end_from_cache(cached):
                return False
            told = asdict(check) if check else {}
            await progress.save(replace(progress.record, job_name=name, check=told))
        arn = await making.make(self._parts, self._execution, made, name, arguments)
        await progress.save(replace(progress.record, status=statuses.EXECUTING, arn=arn))
        return True

    async def _evaluated(self, name: str) -> tuple[dict[str, Any], Check | None]:
        """Return the arguments, and the check that they are for."""
        arguments, values = await self._progress.evaluated(name)
        if not values:
            return arguments, None
        if self._progress.record.job_name:  # an earlier life found its baseline
            return arguments, Check.from_json(self._progress.record.check)
        check = await with_baseline(self._parts, self._execution, Check.of(values))
        return arguments, check

    async def _description(self) -> dict[str, Any]:
        record = self._progress.record
        return await making.description(self._parts, self._execution, self._made, record.job_name, record.arn)

    def _name(self) -> str:
        if self._made.create == "CreateModelPackage":
            return self._parts.ids.uuid()
        return job_name(self._parts.ids, self._execution.id, self._step.kind, self._step.name)

    async def _is_there(self) -> bool:
        """Find what an earlier life made under the name that is on record."""
        if self._made.create == "CreateModelPackage" and not self._progress.record.arn:
            return False
        try:
            found = await self._description()
        except CallFailed as error:
            if error.exception or error.code == "AccessDeniedException":
                raise
            return False
        if not self._progress.record.arn:
            await self._progress.save(
                replace(self._progress.record, status=statuses.EXECUTING, arn=str(found[self._made.arn]))
            )
        return True

    async def _wait(self) -> None:
        """Return when the job has ended; pass on that it shall stop."""
        progress, pause_s = self._progress, _FIRST_PAUSE_S
        asked = progress.record.status == statuses.STOPPING
        while self._goes_on():
            if self._stopping.is_set() and not asked:
                asked = True
                await progress.save(replace(progress.record, status=statuses.STOPPING))
                try:
                    await making.stop(self._parts, self._execution, self._made, progress.record.job_name)
                except CallFailed as error:
                    if self._goes_on():
                        raise AttemptFailed(error.reason) from None
            if asked:
                await self._parts.machine.sleep(pause_s)
            else:
                await wait_for(self._stopping, self._parts.machine, pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 1.1)

    def _goes_on(self) -> bool:
        status_of = self._parts.statuses[self._step.kind]
        return status_of(self._execution.scope, self._progress.record.job_name) in _UNFINISHED

    async def _ended(self, found: Mapping[str, Any]) -> None:
        status = found.get(self._made.status) if self._made.job else None
        reason = str(found.get("FailureReason") or "")
        if self._step.check and found.get("ExitMessage"):
            reason = f"{reason} {found['ExitMessage']}"  # where the analyzer says what it could not do
        if status == "Failed":
            exception = exception_of(reason, self._step.kind)
            raise AttemptFailed(
                f"ClientError: {reason}" if reason else "ClientError: The job failed.", exception
            )
        if status == "Stopped":
            await self._progress.end(statuses.STOPPED, properties=making.told(found))
        elif self._step.check:
            await self._checked(Check.from_json(self._progress.record.check).ended(found))
        else:
            await self._progress.end(statuses.SUCCEEDED, properties=making.told(found))

    async def _checked(self, check: Check) -> None:
        """End a quality check whose job has completed."""
        await self._progress.save(replace(self._progress.record, check=asdict(check)))
        status = statuses.FAILED if check.failure else statuses.SUCCEEDED
        await self._progress.end(status, check.failure, making.told(check.properties))
