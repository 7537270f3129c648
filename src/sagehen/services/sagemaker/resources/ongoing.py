"""Ongoing: the jobs that go on by themselves, a task each, from their start or a restart to their end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Generic, Protocol, TypeVar

_log = logging.getLogger(__name__)


class Pokeable(Protocol):
    """What carries a job out."""

    def poke(self) -> None:
        """Look again: the job's record changed."""
        ...


R = TypeVar("R", bound=Pokeable)


class Ongoing(Generic[R]):
    """What carries each job out, by the job's ARN."""

    def __init__(self) -> None:
        self._runs: dict[str, R] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, arn: str, run: R, work: Coroutine[Any, Any, None], name: str) -> None:
        """Go on with a job.

        Args:
            work: Ends when the job has ended.
            name: Of the task.
        """
        self._runs[arn] = run
        task = self._tasks[arn] = asyncio.create_task(work, name=name)
        task.add_done_callback(lambda done: self._forget(arn, done))

    def follow_with(self, arn: str, run: R) -> R:
        """Have the job's work go on with another run."""
        self._runs[arn] = run
        return run

    def get(self, arn: str) -> R | None:
        """Return what carries a job out, or None where it does not go on."""
        return self._runs.get(arn)

    def poke(self, arn: str) -> None:
        """Tell a job's run that its record changed."""
        if run := self._runs.get(arn):
            run.poke()

    async def end_all(self) -> None:
        """End all; the records stay, so that a start can take the jobs up."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, arn: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(arn) is task:
            del self._tasks[arn], self._runs[arn]
        if not task.cancelled() and (error := task.exception()) is not None:
            # Not even its end could be recorded: the store is gone, and the platform with it.
            _log.error("the run of %s broke off; it is taken up at the next start", arn, exc_info=error)
