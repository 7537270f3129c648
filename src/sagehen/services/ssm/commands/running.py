"""Runner: what carries commands to machines, and what they print back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress

from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.machines import MachineGone, MachineProgram, Machines
from sagehen.domain.scope import Scope
from sagehen.domain.timeouts import timeout
from sagehen.services.ssm.commands.command import (
    CANCELLED,
    FAILED,
    SUCCESS,
    TIMED_OUT,
    Command,
    Invocation,
    Output,
    most,
)
from sagehen.services.ssm.commands.document import Document, Script
from sagehen.services.ssm.commands.records import CommandRecords

logger = logging.getLogger("sagehen.ssm")

# Of this platform at once; others wait, as those beyond MaxConcurrency do.
_MOST_AT_ONCE = 32
_MOST_WAITING = 1_000  # with those that run: each has a script of up to 64 KB in memory
_LAST_OUTPUT_S = 1.0
_Key = tuple[Scope, str, str]


class Runner:
    """Runs invocations, each in a task of its own.

    Args:
        records: Where they are written down.
        machines: Where they run.
        clock: Dates them; what they take is measured in the machine's seconds.
    """

    def __init__(self, records: CommandRecords, machines: Machines, clock: Clock) -> None:
        self._records = records
        self._machines = machines
        self._clock = clock
        self._slots = asyncio.Semaphore(_MOST_AT_ONCE)
        self._tasks: dict[_Key, asyncio.Task[None]] = {}
        self._cancelled: set[_Key] = set()

    async def start(self) -> None:
        """Say of what an earlier life left behind that it ended."""
        await self._records.interrupt(self._clock.now().timestamp())

    async def stop(self) -> None:
        """End what runs; the next start says so."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def has_room_for(self, invocations: int) -> bool:
        """Tell whether so many more may wait and run."""
        return len(self._tasks) + invocations <= _MOST_WAITING

    def begin(
        self,
        scope: Scope,
        command: Command,
        document: Document,
        script: Script,
        invocations: Sequence[Invocation],
    ) -> None:
        """Run a command on its machines."""
        gate = asyncio.Semaphore(max(1, most(command.max_concurrency, len(invocations))))
        errors: list[str] = []
        allowed = most(command.max_errors, len(invocations))

        for invocation in invocations:
            key = scope, command.command_id, invocation.instance_id

            async def one(key: _Key = key, invocation: Invocation = invocation) -> None:
                try:
                    ended = await self._deliver(
                        scope, command, document, script, invocation, gate, lambda: len(errors) > allowed
                    )
                except asyncio.CancelledError:
                    if key not in self._cancelled:
                        raise
                    stored = self._records.invocation(*key) or invocation
                    ended = stored.over(CANCELLED, CANCELLED, self._now())
                except Exception as error:
                    logger.exception("command %s on %s", command.command_id, invocation.instance_id)
                    ended = invocation.over(FAILED, FAILED, self._now(), error=f"{type(error).__name__}\n")
                if ended.status in (FAILED, TIMED_OUT):
                    errors.append(ended.instance_id)
                # Who cancels it now comes too late: that it ended is written down all the same.
                await asyncio.shield(self._records.store(scope, ended))

            task = asyncio.create_task(one())
            self._tasks[key] = task
            task.add_done_callback(lambda _, key=key: self._forget(key))  # type: ignore[misc]

    def cancel(self, scope: Scope, command_id: str, instance_ids: Sequence[str]) -> None:
        """End invocations that have not ended."""
        for instance_id in instance_ids:
            key = scope, command_id, instance_id
            if (task := self._tasks.get(key)) is not None and key not in self._cancelled:
                self._cancelled.add(key)
                task.cancel()

    def _forget(self, key: _Key) -> None:
        self._tasks.pop(key, None)
        self._cancelled.discard(key)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _deliver(
        self,
        scope: Scope,
        command: Command,
        document: Document,
        script: Script,
        invocation: Invocation,
        gate: asyncio.Semaphore,
        is_over: Callable[[], bool],
    ) -> Invocation:
        async with AsyncExitStack() as held:
            try:
                async with timeout(command.timeout_s):
                    await held.enter_async_context(gate)
                    await held.enter_async_context(self._slots)
            except TimeoutError:
                return invocation.over(TIMED_OUT, "DeliveryTimedOut", self._now())
            if is_over():
                return invocation.over(CANCELLED, "Terminated", self._now())
            invocation = invocation.began(self._now())
            await self._records.store(scope, invocation)
            try:
                program = await self._machines.start(
                    scope,
                    invocation.instance_id,
                    document.words,
                    environment={
                        "AWS_SSM_INSTANCE_ID": invocation.instance_id,
                        "AWS_SSM_REGION_NAME": scope.region,
                    },
                    directory=script.directory,
                )
            except (MachineGone, OSError) as error:
                return invocation.over(FAILED, FAILED, self._now(), 1, error=f"{error}\n")
            return await self._follow(program, script, invocation)

    async def _follow(self, program: MachineProgram, script: Script, invocation: Invocation) -> Invocation:
        out, error = Output(), Output()
        streams = [
            asyncio.create_task(_give(program, script.content)),
            asyncio.create_task(_take(program.read, out)),
            asyncio.create_task(_take(program.read_error, error)),
        ]
        status = details = TIMED_OUT
        code = -1
        try:
            async with timeout(script.timeout_s):
                code = await program.wait()
            await asyncio.wait(streams, timeout=_LAST_OUTPUT_S)
            status = details = SUCCESS if code == 0 else FAILED
        except TimeoutError:
            details = "ExecutionTimedOut"
        finally:
            if code == -1:
                with suppress(Exception):
                    await program.kill()
                await asyncio.wait(streams, timeout=_LAST_OUTPUT_S)
            for task in streams:
                task.cancel()
            await asyncio.gather(*streams, return_exceptions=True)
        return invocation.over(status, details, self._now(), code, output=out.text, error=error.text)


async def _give(program: MachineProgram, content: bytes) -> None:
    with suppress(OSError):
        await program.write(content)
        await program.end_input()


async def _take(read: Callable[[], Awaitable[bytes]], output: Output) -> None:
    with suppress(OSError):
        while piece := await read():
            output.add(piece)
