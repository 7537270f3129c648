"""Fleet: the instances of one attempt at a job, started and ended together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sagehen.executors.base import Executor, ExitStatus, Sandbox, SandboxSpec
from sagehen.services.sagemaker.jobs.works import Works


class Fleet:
    """One sandbox for each host.

    Args:
        works: Of the same attempt.

    Attributes:
        sandboxes: By host; those that end go from it.
    """

    def __init__(self, executor: Executor, works: Works) -> None:
        self._executor = executor
        self._works = works
        self.sandboxes: dict[str, Sandbox] = {}

    async def start(
        self,
        specs: Mapping[str, SandboxSpec],
        on_line: Callable[[str, str], None],
        ended: Callable[[str, ExitStatus], Awaitable[None]],
    ) -> None:
        """Start one for each host, all at once.

        Args:
            on_line: Takes host and line of what they print.
            ended: Is told of each end, once it is no longer among the sandboxes.

        Raises:
            Exception: Why the first of those did not start that did not; those that did go on.
        """
        starts = [self._executor.start(spec, _listener(on_line, host)) for host, spec in specs.items()]
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        problem: BaseException | None = None
        for host, outcome in zip(specs, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                problem = problem or outcome
            else:
                self.sandboxes[host] = outcome
        if problem is not None:
            raise problem
        for host, sandbox in list(self.sandboxes.items()):
            self._works.begin(self._follow(host, sandbox, ended))

    def end(self, grace_s: float) -> None:
        """Tell all to end: SIGTERM, and SIGKILL after the grace; at once without one."""
        for sandbox in self.sandboxes.values():
            self._works.begin(_end(sandbox, grace_s))

    async def kill(self) -> None:
        """Kill all that still run, and return when they have ended."""
        ends = [sandbox.kill() for sandbox in self.sandboxes.values()]
        self.sandboxes = {}
        await asyncio.gather(*ends, return_exceptions=True)

    async def _follow(
        self, host: str, sandbox: Sandbox, ended: Callable[[str, ExitStatus], Awaitable[None]]
    ) -> None:
        status = await sandbox.wait()
        del self.sandboxes[host]
        await ended(host, status)


def _listener(on_line: Callable[[str, str], None], host: str) -> Callable[[str, str], None]:
    return lambda _, line: on_line(host, line)


async def _end(sandbox: Sandbox, grace_s: float) -> None:
    if grace_s > 0:
        await sandbox.stop(grace_s)
    else:
        await sandbox.kill()
