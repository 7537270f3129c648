"""BriefWrites: changes of a few rows, committed where they are asked for, in the event loop.

The writer thread and the event loop share one interpreter lock, and each of a change's statements
passes it to and fro: a 10 kB object cost 0.33 ms of CPU in the thread and another 0.4 ms in the loop,
where the same statements take 0.1 ms in the loop alone. A commit here writes to the page cache
and never waits for the disk: checkpoints, which do, stay with the thread. Whatever else would wait
goes to the thread too: while it writes, and for a while after a commit that the kernel held up.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sagehen.store.group_commit import Job, commit_group

_log = logging.getLogger(__name__)

# A commit that takes longer waited for something: the kernel slows down who fills its page cache.
_STALL_S = 0.02
# Changes in one turn of the event loop: some 3 ms.
_GROUP_LIMIT = 32
_PAUSE_S = 10.0
# How often the log's length is looked at, in commits, and when it has to go into the database file.
_LOOK_EVERY = 64
_CHECKPOINT_BYTES = 32 * 1024 * 1024


class BriefWrites:
    """Commits groups of brief changes at the end of the event loop's iteration.

    Args:
        connection: Its own, which waits for nobody: `busy_timeout` 0, `wal_autocheckpoint` 0.
        log_path: The write-ahead log.
        is_idle: Whether the writer thread has nothing queued; what was asked first is written first.
        hand_over: Gives a job to the writer thread.
        checkpoint: Asks the writer thread to empty the log.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        log_path: Path,
        is_idle: Callable[[], bool],
        hand_over: Callable[[Job], None],
        checkpoint: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._log_path = log_path
        self._is_idle = is_idle
        self._hand_over = hand_over
        self._checkpoint = checkpoint
        self._waiting: list[Job] = []
        self._commits = 0
        self._paused_until = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, job: Job, loop: asyncio.AbstractEventLoop) -> None:
        """Take a job whose outcome is a LoopOutcome of the running loop."""
        self._waiting.append(job)
        if len(self._waiting) == 1:
            self._loop = loop
            loop.call_soon(self._flush)

    def close(self) -> None:
        """Fail what waits; nothing may come later."""
        for job in self._waiting:
            job.outcome.fail(sqlite3.ProgrammingError("The database is closed."))
        self._waiting.clear()

    def _flush(self) -> None:
        group, self._waiting = self._waiting[:_GROUP_LIMIT], self._waiting[_GROUP_LIMIT:]
        if self._waiting and self._loop is not None:
            self._loop.call_soon(self._flush)
        if not group:
            return
        began = time.monotonic()
        if began < self._paused_until or not self._is_idle() or not self._commit(group):
            for job in group:
                self._hand_over(job)
            return
        took = time.monotonic() - began
        if took > _STALL_S * len(group):
            self._paused_until = began + took + _PAUSE_S
            _log.debug("a commit took %.0f ms: the writer thread takes over for %g s", took * 1e3, _PAUSE_S)
        self._commits += 1
        if self._commits % _LOOK_EVERY == 0 and self._log_path.stat().st_size > _CHECKPOINT_BYTES:
            self._checkpoint()

    def _commit(self, group: list[Job]) -> bool:
        try:
            commit_group(self._connection, group)
        except sqlite3.OperationalError:  # the thread, or another process, is writing
            return False
        except BaseException as error:  # the file is damaged
            for job in group:
                job.outcome.fail(error)
        return True
