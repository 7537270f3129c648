"""ExecutionRuns: the executions that go on."""

from __future__ import annotations

from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.running.parts import Parts
from sagehen.services.sagemaker.pipelines.running.run import ExecutionRun
from sagehen.services.sagemaker.resources.ongoing import Ongoing


class ExecutionRuns:
    """Keeps one task per execution that has not ended."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._ongoing: Ongoing[ExecutionRun] = Ongoing()

    def recover(self) -> None:
        """Take up every execution that an earlier life left unfinished; jobs are taken up already."""
        for execution in self._parts.records.unfinished():
            self.begin(execution)

    def begin(self, execution: Execution) -> None:
        """Go on with an execution that is recorded. A run of before has nothing left to do: it had ended."""
        run = ExecutionRun(self._parts, execution)
        self._ongoing.begin(execution.arn, run, run.run(), f"pipeline-execution {execution.id}")

    def poke(self, execution: Execution) -> None:
        """Tell an execution's run that its record changed."""
        self._ongoing.poke(execution.arn)

    async def end_all(self) -> None:
        """End what goes on; the records stay, so that `recover` takes the executions up."""
        await self._ongoing.end_all()
