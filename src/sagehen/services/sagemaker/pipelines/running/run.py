"""ExecutionRun: carries one execution to its end. It decides; what each step does is in `work.py`."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from sagehen.api.errors import ServiceError
from sagehen.services.sagemaker.pipelines.definition.document import Definition
from sagehen.services.sagemaker.pipelines.executions import execution as statuses
from sagehen.services.sagemaker.pipelines.executions import step_record
from sagehen.services.sagemaker.pipelines.executions.decisions import Begin, Decision, Finish, Stop, decide
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.step_record import StepRecord
from sagehen.services.sagemaker.pipelines.running.parts import Parts
from sagehen.services.sagemaker.pipelines.running.work import StepWork

_log = logging.getLogger(__name__)
# After a round that failed: of a store that is full for a moment, say.
_PAUSE_S = 2.0
_GONE = "InternalServerError: The definition of the execution is gone, or cannot be read any more."


class ExecutionRun:
    """One execution that goes on."""

    def __init__(self, parts: Parts, execution: Execution) -> None:
        self._parts = parts
        self._execution = execution
        self._poked = asyncio.Event()
        self._works: dict[str, StepWork] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._records: dict[str, StepRecord] | None = None
        self._definition: Definition | None = None

    def poke(self) -> None:
        """Look again: the execution's record changed, or a step has ended."""
        self._poked.set()

    async def run(self) -> None:
        """Carry it to its end. Cancelled, it leaves the records as they are."""
        try:
            while not await self._tried():
                pass
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tried(self) -> bool:
        """Do one thing, or fail and pause; return whether the execution has ended."""
        try:
            return await self._round()
        except Exception:
            _log.exception("a round of %s failed; it is tried again", self._execution.arn)
            self._records = None  # what was stored is read again
            await self._parts.machine.sleep(_PAUSE_S)
            return False

    async def _round(self) -> bool:
        self._poked.clear()
        execution = self._parts.records.get(self._execution.scope, self._execution.id)
        if execution is None or execution.ended:
            return True
        self._execution = execution
        definition = self._definition = self._definition or await asyncio.to_thread(self._read, execution)
        if definition is None:
            await self._finish(Finish(statuses.FAILED, _GONE))
            return True
        if self._records is None:
            self._records = self._parts.records.steps(execution)
            self._take_up(definition)
        self._records |= {name: work.record for name, work in self._works.items()}
        self._works = {name: work for name, work in self._works.items() if not work.record.ended}
        decision = decide(
            definition.steps,
            self._records,
            status=execution.status,
            parallel=execution.parallel,
            taking_part=definition.steps.keys() if execution.selected is None else execution.selected,
            told_to_stop=[name for name, work in self._works.items() if work.told_to_stop],
        )
        return await self._perform(decision, definition)

    def _read(self, execution: Execution) -> Definition | None:
        try:
            return self._parts.definition(execution.scope, execution.pipeline, execution.version)
        except ServiceError:  # an earlier version of Sagehen took it, and this one would not
            return None

    async def _perform(self, decision: Decision, definition: Definition) -> bool:
        match decision:
            case Begin(names):
                for name in names:
                    await self._begin(name, definition)
            case Stop(names):
                for name in names:
                    self._works[name].stop()
            case Finish():
                await self._finish(decision)
                return True
            case _:
                await self._poked.wait()
        return False

    def _take_up(self, definition: Definition) -> None:
        """Go on with the steps that an earlier life left unfinished, and with those that go on already."""
        for record in (self._records or {}).values():
            if not record.ended and record.name not in self._works:
                self._work(definition, record, taken_up=True)

    async def _begin(self, name: str, definition: Definition) -> None:
        records = self._records
        assert records is not None
        now = self._parts.now()
        position = 1 + max((one.position for one in records.values()), default=0)
        step = definition.steps[name]
        record = StepRecord(
            name, step.kind, position, step_record.STARTING, now, now,
            display_name=step.display_name, description=step.description,
        )  # fmt: skip
        await self._parts.records.put_step(self._execution, record)
        records[name] = record
        self._work(definition, record, taken_up=False)

    def _work(self, definition: Definition, record: StepRecord, *, taken_up: bool) -> None:
        work = StepWork(self._parts, self._execution, definition, record, taken_up=taken_up)
        self._works[record.name] = work
        task = asyncio.create_task(work.carry_out(), name=f"step {record.name} of {self._execution.id}")
        self._tasks.add(task)
        task.add_done_callback(partial(self._work_ended, record.name))

    def _work_ended(self, name: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its end could not be recorded; the next round finds it unfinished, and takes it up.
            _log.error("step %s of %s broke off", name, self._execution.arn, exc_info=error)
            del self._works[name]
            self._records = None
        self._poked.set()

    async def _finish(self, end: Finish) -> None:
        now = self._parts.now()

        def finish(execution: Execution) -> Execution:
            return execution if execution.ended else execution.becomes(end.status, now, end.reason)

        changed = await self._parts.records.change(self._execution.scope, self._execution.id, finish)
        if changed is not None:
            self._execution = changed
