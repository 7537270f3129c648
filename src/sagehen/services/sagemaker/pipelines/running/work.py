"""StepWork: carries one step of an execution to its end, attempt after attempt."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from sagehen.domain.clock import wait_for
from sagehen.services.sagemaker.pipelines.definition.conditions import NotComparable, holds
from sagehen.services.sagemaker.pipelines.definition.document import Definition
from sagehen.services.sagemaker.pipelines.definition.retrying import SERVICE_FAULT, policy_for
from sagehen.services.sagemaker.pipelines.definition.step_types import CONDITION, FAIL, LAMBDA, TYPES
from sagehen.services.sagemaker.pipelines.executions import step_record as statuses
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.step_record import StepRecord
from sagehen.services.sagemaker.pipelines.executions.values import Unresolved
from sagehen.services.sagemaker.pipelines.running import functions, making
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.failures import AttemptFailed
from sagehen.services.sagemaker.pipelines.running.made_step import MadeStep
from sagehen.services.sagemaker.pipelines.running.parts import Parts
from sagehen.services.sagemaker.pipelines.running.progress import StepProgress

_log = logging.getLogger(__name__)
_INTERNAL = "InternalServerError: The step could not be carried out. Please try again."


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
        self._progress = StepProgress(parts, execution, definition, record)
        self._parts = parts
        self._execution = execution
        self._step = self._progress.step
        self._taken_up = taken_up
        self._stopping = asyncio.Event()

    @property
    def record(self) -> StepRecord:
        return self._progress.record

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
            await self._progress.end(statuses.FAILED, _INTERNAL)

    async def _once(self) -> None:
        """One attempt, or the pause before it."""
        if self.record.retry_at is not None:
            await wait_for(self._stopping, self._parts.clock, self.record.retry_at - self._parts.now())
            if self.told_to_stop:
                await self._progress.end(statuses.STOPPED)
                return
            await self._progress.save(replace(self.record, retry_at=None, job_name="", arn=""))
        if self.told_to_stop and not self.record.job_name:
            await self._progress.end(statuses.STOPPED)
            return
        try:
            await self._attempt()
        except Unresolved as error:
            await self._progress.end(statuses.FAILED, str(error))
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
            await self._progress.save(
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
        await self._progress.end(statuses.FAILED, reason)

    # --- an attempt, by the type of the step ---------------------------------------------------

    async def _attempt(self) -> None:
        if (made := TYPES.get(self._step.kind)) is not None:
            work = MadeStep(self._progress, made, self._stopping)
            await work.carry_out(taken_up=self._taken_up)
        elif self._step.kind == LAMBDA:
            await self._invoke()
        elif self._step.kind == CONDITION:
            await self._judge()
        else:
            assert self._step.kind == FAIL
            arguments, _ = await self._progress.evaluated()
            message = str(arguments.get("ErrorMessage", ""))
            await self._progress.save(replace(self.record, message=message))
            await self._progress.end(statuses.FAILED, message)

    async def _judge(self) -> None:
        arguments, _ = await self._progress.evaluated()
        try:
            outcome = all([holds(one) for one in arguments["Conditions"]])
        except NotComparable as error:
            raise Unresolved(f"ClientError: {error}") from None
        await self._progress.save(replace(self.record, outcome=outcome))
        await self._progress.end(statuses.SUCCEEDED)

    async def _invoke(self) -> None:
        if self._taken_up and self.record.status == statuses.EXECUTING:
            # Whether the function ran to its end nobody knows: a fault of the service, which is retried.
            raise AttemptFailed(_INTERNAL, SERVICE_FAULT)
        arguments, _ = await self._progress.evaluated()
        if await self._progress.end_from_cache(
            {"FunctionArn": self._step.function_arn, "Arguments": arguments}
        ):
            return
        await self._progress.save(replace(self.record, status=statuses.EXECUTING))
        found = await functions.invoked(self._parts, self._execution, self._step, arguments)
        await self._progress.save(replace(self.record, outputs=found, arn=self._step.function_arn))
        await self._progress.end(statuses.SUCCEEDED, properties=making.told({"OutputParameters": found}))
