"""Runs: what goes on in stacks, a task each."""

from __future__ import annotations

import asyncio
import logging

from sagehen.services.cloudformation.running.run import StackRun
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.stack import Stack

_log = logging.getLogger(__name__)


class StackRuns:
    """A task for each stack in which something goes on."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, stack: Stack, *, resumed: bool = False) -> None:
        """Go on with a stack."""
        run = StackRun(self.tools, stack, resumed=resumed)
        task = self._tasks[stack.id] = asyncio.create_task(run.carry_out(), name=f"stack {stack.name}")
        task.add_done_callback(lambda done: self._ended(stack, done))

    def _ended(self, stack: Stack, task: asyncio.Task[None]) -> None:
        if self._tasks.get(stack.id) is task:
            del self._tasks[stack.id]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("the stack %s broke off; it is taken up at the next start", stack.name, exc_info=error)

    async def settled(self, stack: Stack) -> Stack | None:
        """Wait until nothing goes on in a stack; return it as it is then, or None where it is not there."""
        if (task := self._tasks.get(stack.id)) is not None:
            await asyncio.wait((task,))
        return self.tools.records.find(stack.scope, stack.arn)

    def recover(self) -> None:
        """Take up what went on in an earlier life."""
        for stack in self.tools.records.unfinished():
            if not stack.is_held:  # the stack that it is nested in goes on with it
                self.start(stack, resumed=True)

    async def end_all(self) -> None:
        """End all; records stay, so that a start can take them up."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
