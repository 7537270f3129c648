"""Group commit: what several callers want written goes into one transaction, each apart from the others."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sagehen.store.remembered import Remembered


class Outcome(Protocol):
    """Where a job's result goes, once its transaction is committed."""

    def succeed(self, value: Any) -> None:
        """Hand out what the change returned; it is committed."""
        ...

    def fail(self, error: BaseException) -> None:
        """Hand out why nothing was changed."""
        ...


class Job:
    """One caller's change.

    Args:
        change: Gets the transaction; may raise, which undoes its own statements alone.
        outcome: Told after the commit.
        touches: Memories that the change makes untrue.
    """

    __slots__ = ("change", "outcome", "touches")

    def __init__(
        self,
        change: Callable[[sqlite3.Connection], Any],
        outcome: Outcome,
        touches: Sequence[Remembered[Any]] = (),
    ) -> None:
        self.change = change
        self.outcome = outcome
        self.touches = touches


def commit_group(connection: sqlite3.Connection, group: Sequence[Job]) -> None:
    """Run all jobs in one transaction, then tell each how it went.

    Raises:
        sqlite3.OperationalError: The transaction could not begin; no job has run.
    """
    connection.execute("BEGIN IMMEDIATE")
    told: list[tuple[Callable[[Any], None], Any]] = []
    try:
        if len(group) == 1:
            _run_alone(connection, group[0], told)
        else:
            for job in group:
                _run_beside_others(connection, job, told)
        if connection.in_transaction:
            connection.execute("COMMIT")
    except BaseException as error:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        told = [(job.outcome.fail, error) for job in group]
    # Before anybody hears of the commit, nobody may remember what was before it.
    for job in group:
        for memory in job.touches:
            memory.forget()
    for tell, what in told:
        tell(what)


def _run_alone(
    connection: sqlite3.Connection, job: Job, told: list[tuple[Callable[[Any], None], Any]]
) -> None:
    """Without a savepoint: two statements less."""
    try:
        value = job.change(connection)
    except BaseException as error:
        connection.execute("ROLLBACK")
        told.append((job.outcome.fail, error))
    else:
        told.append((job.outcome.succeed, value))


def _run_beside_others(
    connection: sqlite3.Connection, job: Job, told: list[tuple[Callable[[Any], None], Any]]
) -> None:
    connection.execute("SAVEPOINT job")
    try:
        value = job.change(connection)
    except BaseException as error:
        connection.execute("ROLLBACK TO job")
        told.append((job.outcome.fail, error))
    else:
        told.append((job.outcome.succeed, value))
    connection.execute("RELEASE job")


class LoopOutcome:
    """Settles a future of the event loop that this is called in."""

    __slots__ = ("future",)

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self.future = future

    def succeed(self, value: Any) -> None:
        """Settle the future, unless who waited has gone."""
        if not self.future.done():
            self.future.set_result(value)

    def fail(self, error: BaseException) -> None:
        """Settle the future, unless who waited has gone."""
        if isinstance(error, StopIteration):  # a future takes everything but this
            error = RuntimeError("a change to the database raised StopIteration")
        if not self.future.done():
            self.future.set_exception(error)


class AsyncOutcome:
    """Settles a future of an event loop from another thread."""

    __slots__ = ("_inner", "_loop")

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self._inner = LoopOutcome(future)
        self._loop = future.get_loop()

    def succeed(self, value: Any) -> None:
        """Settle the future from the thread that this is called in."""
        self._post(self._inner.succeed, value)

    def fail(self, error: BaseException) -> None:
        """Settle the future from the thread that this is called in."""
        self._post(self._inner.fail, error)

    def _post(self, settle: Callable[[Any], None], value: Any) -> None:
        # A loop that closed meanwhile has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(settle, value)


class BlockingOutcome:
    """Hands a result back to a thread that waits for it."""

    __slots__ = ("_done", "_error", "_value")

    def __init__(self) -> None:
        self._done = threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def succeed(self, value: Any) -> None:
        """Let `result` return."""
        self._value = value
        self._done.set()

    def fail(self, error: BaseException) -> None:
        """Let `result` raise."""
        self._error = error
        self._done.set()

    def result(self) -> Any:
        """Wait, without a bound, for what the change returned, or raise what it raised."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._value
