"""StepProgress: how far a step has come, which is on record before anything more is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.sagemaker.pipelines.definition import caching
from sagehen.services.sagemaker.pipelines.definition.document import Definition
from sagehen.services.sagemaker.pipelines.executions import step_record as statuses
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.step_record import StepRecord
from sagehen.services.sagemaker.pipelines.running.arguments import evaluated
from sagehen.services.sagemaker.pipelines.running.parts import Parts


class StepProgress:
    """One step of an execution.

    Attributes:
        record: As it is on record.
    """

    def __init__(
        self, parts: Parts, execution: Execution, definition: Definition, record: StepRecord
    ) -> None:
        self.parts = parts
        self.execution = execution
        self.step = definition.steps[record.name]
        self.record = record
        self._definition = definition

    async def save(self, record: StepRecord, properties: str | None = None) -> None:
        """Put it on record.

        Args:
            properties: What other steps may read of it, as JSON.
        """
        await self.parts.records.put_step(self.execution, record, properties)
        self.record = record

    async def end(self, status: str, reason: str = "", properties: str | None = None) -> None:
        """Put its end on record."""
        await self.save(self.record.end(status, self.parts.now(), reason), properties)

    async def evaluated(self, job_name: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
        """Return its arguments, and its check; see `arguments.evaluated`.

        Raises:
            Unresolved, CallFailed
        """
        return await evaluated(self.parts, self.execution, self._definition, self.step, job_name)

    async def end_from_cache(self, arguments: Mapping[str, Any]) -> bool:
        """End it with the result of an earlier one, where there is one that may be used."""
        cache_s = self.step.cache_s
        if cache_s is None:
            return False
        key = caching.key(self.step.kind, arguments)
        now = self.parts.now()
        found = self.parts.records.cached(self.execution, self.step.name, key, now - cache_s)
        if found is None:
            await self.save(replace(self.record, cache_key=key))
            return False
        earlier, properties = found
        await self.save(
            replace(
                self.record, arn=earlier.arn, job_name=earlier.job_name, outputs=earlier.outputs,
                check=earlier.check, cached_from=earlier.cached_from,
            )
        )  # fmt: skip
        await self.end(statuses.SUCCEEDED, properties=properties)
        return True
