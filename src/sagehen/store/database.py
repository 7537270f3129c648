"""Database: SQLite in WAL mode behind one writer thread with group commit.

Reads run where they are called, on a connection per thread: a point read costs some 10 us, less
than a hop to another thread. Writes queue for the writer, which commits all that wait in one
transaction; each caller's function runs in a savepoint of its own, so one that raises undoes
itself alone. `await write(...)` returns after the commit: what was acknowledged survives kill -9
(WAL with synchronous=NORMAL: process death loses nothing; power loss may lose the last commits
but never corrupts. `durability="full"` syncs every commit.)
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

T = TypeVar("T")
Transaction = sqlite3.Connection
Row = sqlite3.Row
Parameters = Sequence[Any] | Mapping[str, Any]

# More callers than this in one transaction would make the first wait for the last.
_GROUP_LIMIT = 256
_CHECKPOINT_PAGES = 8000  # of 4 kB


class Database:
    """All metadata of the platform.

    Args:
        path: The database file; its folder must exist.
        durability: `normal` or `full`, see the module's text.
    """

    def __init__(self, path: Path, durability: Literal["normal", "full"] = "normal") -> None:
        self.path = path
        self._durability = durability
        self._readers = threading.local()
        self._reader_connections: list[sqlite3.Connection] = []
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer_connection = self._connect()
        self._writer_connection.execute("PRAGMA journal_mode=WAL")
        # Pages that many commits touch (indexes, counters) go into the database file once per
        # checkpoint: at 32 MB of log instead of 4, a 10 kB object cost 7 to 34 % fewer bytes on disk.
        self._writer_connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        self._closed = False
        self._writer = threading.Thread(target=self._run_writer, name="store-writer", daemon=True)
        self._writer.start()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA synchronous={self._durability}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA busy_timeout=5000")
        return connection

    # --- reading ---------------------------------------------------------------------------

    @property
    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self._readers.connection = self._connect()
            connection.execute("PRAGMA query_only=ON")
            self._reader_connections.append(connection)
        return connection

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return every row; they are indexable by column name."""
        return self._reader.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row, or None."""
        row: Row | None = self._reader.execute(sql, parameters).fetchone()
        return row

    # --- writing ---------------------------------------------------------------------------

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Run `change` in the writer thread and return its result once it is committed.

        `change` may read through the transaction and raise (a ServiceError, say): then its own
        statements are undone and the exception comes out here. It must not await or block.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(change, _AsyncOutcome(future)))
        # A caller that is cancelled must not lose sight of a write that goes on regardless.
        return await asyncio.shield(future)

    def write_now(self, change: Callable[[Transaction], T]) -> T:
        """Like `write`, for code that runs outside the event loop (start-up, threads)."""
        outcome = _BlockingOutcome()
        self._jobs.put(_Job(change, outcome))
        result: T = outcome.result()
        return result

    async def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one statement and return how many rows it changed."""
        return await self.write(lambda tx: tx.execute(sql, parameters).rowcount)

    def _run_writer(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            ended = False
            while len(group) < _GROUP_LIMIT:
                try:
                    following = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    ended = True
                    break
                group.append(following)
            self._commit(group)
            if ended:
                return

    def _commit(self, group: list[_Job]) -> None:
        connection = self._writer_connection
        outcomes: list[Callable[[], None]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in group:
                connection.execute("SAVEPOINT job")
                try:
                    value = job.change(connection)
                except BaseException as error:
                    connection.execute("ROLLBACK TO job")
                    outcomes.append(_bind(job.outcome.fail, error))
                else:
                    outcomes.append(_bind(job.outcome.succeed, value))
                connection.execute("RELEASE job")
            connection.execute("COMMIT")
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            outcomes = [_bind(job.outcome.fail, error) for job in group]
        for settle in outcomes:
            settle()

    # --- schema and life -------------------------------------------------------------------

    def migrate(self, component: str, steps: Sequence[str]) -> None:
        """Bring a component's tables up to date: `steps` are SQL scripts, applied once each, in order.

        Never change a step that has landed; append one.
        """

        def apply(tx: Transaction) -> None:
            tx.execute(
                "CREATE TABLE IF NOT EXISTS schema_versions"
                " (component TEXT PRIMARY KEY, version INTEGER NOT NULL)"
            )
            row = tx.execute(
                "SELECT version FROM schema_versions WHERE component = ?", (component,)
            ).fetchone()
            done = row["version"] if row else 0
            if done > len(steps):
                raise RuntimeError(
                    f"the data folder was written by a newer Sagehen ({component} {done} > {len(steps)})"
                )
            for step in steps[done:]:
                for statement in _statements(step):
                    tx.execute(statement)
            tx.execute(
                "INSERT INTO schema_versions VALUES (?, ?)"
                " ON CONFLICT (component) DO UPDATE SET version = excluded.version",
                (component, len(steps)),
            )

        self.write_now(apply)

    async def clear(self) -> None:
        """Delete every row of every table (the schema stays): `POST /_sagehen/reset`."""

        def delete(tx: Transaction) -> None:
            tx.execute("PRAGMA defer_foreign_keys=ON")
            names = tx.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite_%' AND name <> 'schema_versions'"
            ).fetchall()
            for row in names:
                tx.execute(f'DELETE FROM "{row["name"]}"')

        await self.write(delete)

    def close(self) -> None:
        """Commit what is queued, then close."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._writer.join()
        for connection in (*self._reader_connections, self._writer_connection):
            connection.close()


def _statements(script: str) -> Iterable[str]:
    """Split a script at the semicolons that end statements (triggers hold inner ones)."""
    pending = ""
    for part in script.split(";"):
        pending += part + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip(" \n\t;"):
                yield pending
            pending = ""


def _bind(settle: Callable[[Any], None], value: Any) -> Callable[[], None]:
    return lambda: settle(value)


class _Job:
    __slots__ = ("change", "outcome")

    def __init__(
        self, change: Callable[[Transaction], Any], outcome: _AsyncOutcome | _BlockingOutcome
    ) -> None:
        self.change = change
        self.outcome = outcome


class _AsyncOutcome:
    """Hands a result back to the event loop that waits for it."""

    __slots__ = ("_future", "_loop")

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self._future = future
        self._loop = future.get_loop()

    def succeed(self, value: Any) -> None:
        self._post(self._future.set_result, value)

    def fail(self, error: BaseException) -> None:
        self._post(self._future.set_exception, error)

    def _post(self, settle: Callable[[Any], None], value: Any) -> None:
        def run() -> None:
            if not self._future.done():
                settle(value)

        # A loop that closed meanwhile has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(run)


class _BlockingOutcome:
    """Hands a result back to a thread that waits for it."""

    __slots__ = ("_done", "_error", "_value")

    def __init__(self) -> None:
        self._done = threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def succeed(self, value: Any) -> None:
        self._value = value
        self._done.set()

    def fail(self, error: BaseException) -> None:
        self._error = error
        self._done.set()

    def result(self) -> Any:
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._value
