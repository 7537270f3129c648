"""Aside: the platform's side of a query that runs in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import zlib
from collections.abc import Sequence
from typing import Any

from sagehen.domain.own_processes import bare_environment, end
from sagehen.domain.timeouts import timeout
from sagehen.services.logs.insights.queries.frames import (
    HEAD,
    LONGEST,
    Kind,
    Task,
    read_outcome,
    written_task,
)
from sagehen.services.logs.insights.queries.query import Outcome, Statistics, Status

_COMMAND = (sys.executable, "-m", "sagehen.services.logs.insights.queries.worker")
# It ends by itself in time; on a machine that is busy it may take so much longer to start and to say so.
_GRACE_S = 120.0
# Pages of the newest rows are read ahead of their storing: of a result that can be 128 MB, packed.
_BUFFER_BYTES = 1 << 20


class Aside:
    """One run.

    Args:
        task: What is asked.

    Attributes:
        statistics: What it has looked at so far.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._process: asyncio.subprocess.Process | None = None
        self._cancelled = False
        self._pages: list[bytes] = []
        self.statistics = Statistics(groups=len(task.groups))

    @property
    def rows(self) -> Sequence[Any]:
        """What has come out so far. Blocking."""
        return [row for page in tuple(self._pages) for row in json.loads(zlib.decompress(page))]

    def cancel(self) -> None:
        """Have it end soon."""
        self._cancelled = True
        self._kill()

    async def finish(self) -> tuple[Outcome, Sequence[bytes]]:
        """Run to the end: what has become of it, and its pages."""
        try:
            async with timeout(self._task.longest_s + _GRACE_S):
                outcome = await self._talk()
        except TimeoutError:
            outcome = Outcome(Status.TIMEOUT, self.statistics)
        except (OSError, ValueError, asyncio.IncompleteReadError):  # it ended before its outcome
            outcome = Outcome(Status.CANCELLED if self._cancelled else Status.FAILED, self.statistics)
        finally:
            await self._end()
        return outcome, tuple(self._pages) if outcome.status is Status.COMPLETE else ()

    async def _talk(self) -> Outcome:
        self._process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env=bare_environment(),
            start_new_session=True,
            limit=_BUFFER_BYTES,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        if self._cancelled:
            self._kill()
        self._process.stdin.write(written_task(self._task))
        await self._process.stdin.drain()
        while True:
            kind, length = HEAD.unpack(await self._process.stdout.readexactly(HEAD.size))
            if length > LONGEST:
                raise ValueError
            payload = await self._process.stdout.readexactly(length)
            if kind == Kind.PAGE:
                self._pages.append(payload)
                continue
            outcome = read_outcome(payload)
            self.statistics = outcome.statistics
            if kind == Kind.OUTCOME:
                return outcome

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _end(self) -> None:
        if self._process is not None:
            await end(self._process)
