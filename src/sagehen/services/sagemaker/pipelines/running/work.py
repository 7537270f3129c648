"""StepWork: carries one step of an execution to its end, attempt after attempt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sagehen.domain.clock import wait_for
from sagehen.services.sagemaker.pipelines.definition import caching
from sagehen.services.sagemaker.pipelines.definition.conditions import NotComparable, holds
from sagehen.services.sagemaker.pipelines.definition.document import Definition
from sagehen.services.sagemaker.pipelines.definition.retrying import (
    CAPACITY,
    INTERNAL_ERROR,
    RESOURCE_LIMIT,
    SERVICE_FAULT,
    policy_for,
)
from sagehen.services.sagemaker.pipelines.definition.step import Step
from sagehen.services.sagemaker.pipelines.definition.step_types import (
    CONDITION,
    FAIL,
    LAMBDA,
    TYPES,
    StepType,
)
from sagehen.services.sagemaker.pipelines.executions import step_record as statuses
from sagehen.services.sagemaker.pipelines.executions.checks import Check
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.names import job_name
from sagehen.services.sagemaker.pipelines.executions.step_record import StepRecord
from sagehen.services.sagemaker.pipelines.executions.values import Unresolved
from sagehen.services.sagemaker.pipelines.running import functions, making
from sagehen.services.sagemaker.pipelines.running.arguments import evaluated
from sagehen.services.sagemaker.pipelines.running.baselines import with_baseline
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.parts import Parts

_log = logging.getLogger(__name__)
# Between two looks at a job: a row is read, of which fifty go on at once in an execution.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0
_UNFINISHED = ("InProgress", "Stopping")
_INTERNAL = "InternalServerError: The step could not be carried out. Please try again."


class AttemptFailed(Exception):
    """An attempt at a step came to nothing.

    Args:
        exception: The exception type of retry policies; '' where there is none for it.
    """

    def __init__(self, reason: str, exception: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.exception = exception


class StepWork:
    """One step that goes on.

    Args:
        record: As it is on record.
        taken_up: An earlier life of the platform began its attempt.

    Attributes:
        told_to_stop: Whether `stop` was called.
    """

    def __init__(
        self,
        parts: Parts,
        execution: Execution,
        definition: Definition,
        record: StepRecord,
        *,
        taken_up: bool,
    ) -> None:
        self._parts = parts
        self._execution = execution
        self._definition = definition
        self._step: Step = definition.steps[record.name]
        self._taken_up = taken_up
        self._stopping = asyncio.Event()
        self.record = record

    @property
    def told_to_stop(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """End it as soon as may be."""
        self._stopping.set()

    async def carry_out(self) -> None:
        """Go on with it until it has ended. Cancelled, it leaves the record as it is."""
        try:
            while not self.record.ended:
                await self._once()
        except Exception:
            _log.exception("step %s of %s broke off", self._step.name, self._execution.arn)
            await self._end(statuses.FAILED, _INTERNAL)

    async def _once(self) -> None:
        """One attempt, or the pause before it."""
        if self.record.retry_at is not None:
            await wait_for(self._stopping, self._parts.clock, self.record.retry_at - self._parts.now())
            if self.told_to_stop:
                await self._end(statuses.STOPPED)
                return
            await self._save(replace(self.record, retry_at=None, job_name="", arn=""))
        if self.told_to_stop and not self.record.job_name:
            await self._end(statuses.STOPPED)
            return
        try:
            await self._attempt()
        except Unresolved as error:
            await self._end(statuses.FAILED, str(error))
        except CallFailed as error:
            await self._failed(error.reason, error.exception)
        except AttemptFailed as error:
            await self._failed(error.reason, error.exception)
        self._taken_up = False

    async def _failed(self, reason: str, exception: str) -> None:
        """Try again where a policy says so, else end."""
        now, record = self._parts.now(), self.record
        policy = policy_for(self._step.retries, exception) if exception else None
        again_at = policy.again_at(record.retries, record.first_at, now) if policy else None
        if again_at is not None and not self.told_to_stop:
            await self._save(
                replace(record, status=statuses.STARTING, retries=record.retries + 1, retry_at=again_at)
            )
            return
        if exception and policy is None:
            # Recorded of SAGEMAKER_RESOURCE_LIMIT: public reports of executions.
            reason += (
                "\nRetry not appropriate on execution of step with PipelineExecutionArn "
                f"{self._execution.arn} and StepId {self._step.name}. No retry policy configured for the "
                f"exception type {exception.replace('.', '_').upper()}."
            )
        await self._end(statuses.FAILED, reason)

    # --- an attempt, by the type of the step ---------------------------------------------------

    async def _attempt(self) -> None:
        if (made := TYPES.get(self._step.kind)) is not None:
            await self._make(made)
        elif self._step.kind == LAMBDA:
            await self._invoke()
        elif self._step.kind == CONDITION:
            await self._judge()
        else:
            assert self._step.kind == FAIL
            arguments = await self._arguments()
            message = str(arguments.get("ErrorMessage", ""))
            await self._save(replace(self.record, message=message))
            await self._end(statuses.FAILED, message)

    async def _judge(self) -> None:
        arguments = await self._arguments()
        try:
            outcome = all([holds(one) for one in arguments["Conditions"]])
        except NotComparable as error:
            raise Unresolved(f"ClientError: {error}") from None
        await self._save(replace(self.record, outcome=outcome))
        await self._end(statuses.SUCCEEDED)

    async def _invoke(self) -> None:
        if self._taken_up and self.record.status == statuses.EXECUTING:
            # Whether the function ran to its end nobody knows: a fault of the service, which is retried.
            raise AttemptFailed(_INTERNAL, SERVICE_FAULT)
        arguments = await self._arguments()
        if await self._from_cache({"FunctionArn": self._step.function_arn, "Arguments": arguments}):
            return
        await self._save(replace(self.record, status=statuses.EXECUTING))
        found = await functions.invoked(self._parts, self._execution, self._step, arguments)
        await self._save(replace(self.record, outputs=found, arn=self._step.function_arn))
        await self._end(statuses.SUCCEEDED, properties=making.told({"OutputParameters": found}))

    async def _make(self, made: StepType) -> None:
        record = self.record
        if not (self._taken_up and record.job_name and await self._is_there(made)):
            name = record.job_name or self._name(made)
            arguments, check = await self._evaluated(name)
            given = arguments.pop(made.name, None)
            if check is not None:
                arguments = check.arguments(arguments)
            if not record.job_name:
                if isinstance(given, str) and given and made.name != "ModelPackageName":
                    name = job_name(self._parts.ids, self._execution.id, self._step.kind, "", given)
                if made.cached and await self._from_cache(check.cached(arguments) if check else arguments):
                    return
                told = asdict(check) if check else {}
                await self._save(replace(self.record, job_name=name, check=told))
            arn = await making.make(self._parts, self._execution, made, name, arguments)
            await self._save(replace(self.record, status=statuses.EXECUTING, arn=arn))
        if made.job:
            await self._wait(made)
        found = await making.description(
            self._parts, self._execution, made, self.record.job_name, self.record.arn
        )
        await self._ended(made, found)

    def _name(self, made: StepType) -> str:
        if made.create == "CreateModelPackage":
            return self._parts.ids.uuid()
        return job_name(self._parts.ids, self._execution.id, self._step.kind, self._step.name)

    async def _is_there(self, made: StepType) -> bool:
        """Find what an earlier life made under the name that is on record."""
        if made.create == "CreateModelPackage" and not self.record.arn:
            return False
        try:
            found = await making.description(
                self._parts, self._execution, made, self.record.job_name, self.record.arn
            )
        except CallFailed as error:
            if error.exception or error.code == "AccessDeniedException":
                raise
            return False
        if not self.record.arn:
            await self._save(replace(self.record, status=statuses.EXECUTING, arn=str(found[made.arn])))
        return True

    async def _wait(self, made: StepType) -> None:
        """Return when the job has ended; pass on that it shall stop."""
        status_of, asked = self._parts.statuses[self._step.kind], self.record.status == statuses.STOPPING
        pause_s = _FIRST_PAUSE_S
        while status_of(self._execution.scope, self.record.job_name) in _UNFINISHED:
            if self.told_to_stop and not asked:
                asked = True
                await self._save(replace(self.record, status=statuses.STOPPING))
                try:
                    await making.stop(self._parts, self._execution, made, self.record.job_name)
                except CallFailed as error:
                    if status_of(self._execution.scope, self.record.job_name) in _UNFINISHED:
                        raise AttemptFailed(error.reason) from None
            if asked:
                await self._parts.machine.sleep(pause_s)
            else:
                await wait_for(self._stopping, self._parts.machine, pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 1.1)

    async def _ended(self, made: StepType, found: Mapping[str, Any]) -> None:
        status = found.get(made.status) if made.job else None
        reason = str(found.get("FailureReason") or "")
        if self._step.check and found.get("ExitMessage"):
            reason = f"{reason} {found['ExitMessage']}"  # where the analyzer says what it could not do
        if status == "Failed":
            exception = _exception_of(reason, self._step.kind)
            raise AttemptFailed(
                f"ClientError: {reason}" if reason else "ClientError: The job failed.", exception
            )
        if status == "Stopped":
            await self._end(statuses.STOPPED, properties=making.told(found))
        elif self._step.check:
            await self._checked(Check.from_json(self.record.check).ended(found))
        else:
            await self._end(statuses.SUCCEEDED, properties=making.told(found))

    async def _checked(self, check: Check) -> None:
        """End a quality check whose job has completed."""
        await self._save(replace(self.record, check=asdict(check)))
        status = statuses.FAILED if check.failure else statuses.SUCCEEDED
        await self._end(status, check.failure, making.told(check.properties))

    # --- what attempts share -------------------------------------------------------------------

    async def _arguments(self) -> dict[str, Any]:
        return (await evaluated(self._parts, self._execution, self._definition, self._step, ""))[0]

    async def _evaluated(self, name: str) -> tuple[dict[str, Any], Check | None]:
        """Return a job's arguments, and the check that it is for."""
        arguments, values = await evaluated(self._parts, self._execution, self._definition, self._step, name)
        if not values:
            return arguments, None
        if self.record.job_name:  # an earlier life found its baseline
            return arguments, Check.from_json(self.record.check)
        return arguments, await with_baseline(self._parts, self._execution, Check.of(values))

    async def _from_cache(self, arguments: Mapping[str, Any]) -> bool:
        """End the step with the result of an earlier one, where there is one that may be used."""
        cache_s = self._step.cache_s
        if cache_s is None:
            return False
        key = caching.key(self._step.kind, arguments)
        now = self._parts.now()
        found = self._parts.records.cached(self._execution, self._step.name, key, now - cache_s)
        if found is None:
            await self._save(replace(self.record, cache_key=key))
            return False
        earlier, properties = found
        await self._save(
            replace(
                self.record, arn=earlier.arn, job_name=earlier.job_name, outputs=earlier.outputs,
                check=earlier.check, cached_from=earlier.cached_from,
            )
        )  # fmt: skip
        await self._end(statuses.SUCCEEDED, properties=properties)
        return True

    async def _end(self, status: str, reason: str = "", properties: str | None = None) -> None:
        await self._save(self.record.end(status, self._parts.now(), reason), properties)

    async def _save(self, record: StepRecord, properties: str | None = None) -> None:
        await self._parts.records.put_step(self._execution, record, properties)
        self.record = record


def _exception_of(reason: str, kind: str) -> str:
    """Return the exception type of a job's failure reason; '' where retry policies have none for it."""
    if reason.startswith("InternalServerError"):
        # Documented: tuning jobs retry within themselves, and are not retried for it.
        return "" if kind == "Tuning" else INTERNAL_ERROR
    if reason.startswith("CapacityError"):
        return CAPACITY
    return RESOURCE_LIMIT if reason.startswith("ResourceLimitExceeded") else ""
