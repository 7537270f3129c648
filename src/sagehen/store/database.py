"""Database: SQLite in WAL mode behind one writer thread with group commit.

Reads run where they are called, on a connection per thread: a point read costs some 10 us, less
than a hop to another thread. Writes queue for the writer, which commits all that wait in one
transaction; each caller's function runs in a savepoint of its own, so one that raises undoes
itself alone. `await write(...)` returns after the commit: what was acknowledged survives kill -9
(WAL with synchronous=NORMAL: process death loses nothing; power loss may lose the last commits
but never corrupts. `durability="full"` syncs every commit.) Brief writes, of a few rows, are
committed where they are called, see brief_writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from sagehen.store.brief_writes import BriefWrites
from sagehen.store.emptying import Discarding, empty
from sagehen.store.group_commit import AsyncOutcome, BlockingOutcome, Job, LoopOutcome, commit_group
from sagehen.store.remembered import Remembered

T = TypeVar("T")
Transaction = sqlite3.Connection
Row = sqlite3.Row
Parameters = Sequence[Any] | Mapping[str, Any]
# What the writer thread is given: a change, or something to do between two transactions.
_Queued = Job | Callable[[], None]

# Behind a prefix it bounds the texts that begin so: `name >= :prefix AND name < :prefix || :last`.
LAST_CHARACTER = "\U0010ffff"

# More callers than this in one transaction would make the first wait for the last.
_GROUP_LIMIT = 256
_CHECKPOINT_PAGES = 8000  # of 4 kB
# How many may be left to move while everybody waits, and for how long to wait for readers then.
_TAIL_PAGES = 2000
_EMPTYING_MS = 50
_BUSY_MS = 5000
# Other writers come first: deleting what nobody sees has time.
_BETWEEN_SLICES_S = 0.02


class NewerData(RuntimeError):
    """The data folder was written by a newer Sagehen, whose tables this one does not know."""


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
        self._jobs: queue.SimpleQueue[_Queued] = queue.SimpleQueue()
        self._ended = False
        self._closed = False
        self._memories: list[Remembered[Any]] = []
        self._discarding: asyncio.Task[None] | None = None
        self._writer_connection = self._connect()
        mode = self._writer_connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        # Under `full`, and without a log (file systems that share no memory), a commit waits for the disk.
        self._brief_writes_are_quick = mode == "wal" and durability != "full"
        # Pages that many commits touch (indexes, counters) go into the database file once per
        # checkpoint: at 32 MB of log instead of 4, a 10 kB object cost 7 to 34 % fewer bytes on disk.
        self._writer_connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        self._brief = BriefWrites(
            self._connect_for_brief_writes(),
            path.with_name(f"{path.name}-wal"),
            is_idle=self._jobs.empty,
            hand_over=self._hand_over,
            checkpoint=lambda: self._jobs.put(self._checkpoint),
        )
        self._writer = threading.Thread(target=self._run_writer, name="store-writer", daemon=True)
        self._writer.start()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA synchronous={self._durability}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        return connection

    def _connect_for_brief_writes(self) -> sqlite3.Connection:
        connection = self._connect()
        connection.execute("PRAGMA busy_timeout=0")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        self._reader_connections.append(connection)
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
        """Return every row, indexable by column name; for what has no bound there are `within` and `each`."""
        return self._reader.execute(sql, parameters).fetchall()

    def each(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """Yield every row of one snapshot, one at a time: for what is summed up and not kept.

        To be gone through at once, in the thread that asked: an open statement holds its place in the log.
        """
        cursor = self._reader.execute(sql, parameters)
        try:
            yield from cursor
        finally:
            cursor.close()

    def within(
        self, sql: str, parameters: Parameters, *, most_bytes: int, size: Callable[[Row], int]
    ) -> tuple[list[Row], bool]:
        """Return the first rows that are `most_bytes` together, at least one, and whether these are all.

        For pages of what users may make large: what is over the bound is never read, given an index
        in the statement's order.

        Args:
            size: Bytes of a row.
        """
        cursor = self._reader.execute(sql, parameters)
        rows: list[Row] = []
        total = 0
        try:
            for row in cursor:
                total += size(row)
                if rows and total > most_bytes:
                    return rows, False
                rows.append(row)
            return rows, True
        finally:
            cursor.close()  # the statement would go on holding its place in the log

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row, or None."""
        row: Row | None = self._reader.execute(sql, parameters).fetchone()
        return row

    # --- writing ---------------------------------------------------------------------------

    async def write(
        self,
        change: Callable[[Transaction], T],
        *,
        brief: bool = False,
        touches: Sequence[Remembered[Any]] = (),
    ) -> T:
        """Run `change` in the writer thread and return its result once it is committed.

        `change` may read through the transaction and raise (a ServiceError, say): then its own
        statements are undone and the exception comes out here. It must not await or block.

        Args:
            change: What to do.
            brief: It changes a few rows and some 100 kB at most: commit it in the event loop.
            touches: Memories of what it changes.

        Raises:
            sqlite3.ProgrammingError: The database is closed.
            sqlite3.OperationalError: Another process held the lock for 5 s, or the disk is full.
        """
        self._check_open()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if brief and self._brief_writes_are_quick:
            self._brief.add(Job(change, LoopOutcome(future), touches), loop)
        else:
            self._jobs.put(Job(change, AsyncOutcome(future), touches))
        # A caller that is cancelled must not lose sight of a write that goes on regardless.
        return await asyncio.shield(future)

    def _check_open(self) -> None:
        if self._closed:
            raise sqlite3.ProgrammingError("The database is closed.")

    def _hand_over(self, job: Job) -> None:
        assert isinstance(job.outcome, LoopOutcome)
        self._jobs.put(Job(job.change, AsyncOutcome(job.outcome.future), job.touches))

    def write_now(self, change: Callable[[Transaction], T]) -> T:
        """Like `write`, outside the event loop (start-up, threads): it blocks until the commit.

        Raises:
            sqlite3.ProgrammingError: The database is closed.
        """
        self._check_open()
        outcome = BlockingOutcome()
        self._jobs.put(Job(change, outcome))
        result: T = outcome.result()
        return result

    async def execute(
        self, sql: str, parameters: Parameters = (), *, touches: Sequence[Remembered[Any]] = ()
    ) -> int:
        """Run one statement in the writer thread and return how many rows it changed, once it is committed.

        Raises:
            sqlite3.Error: It changed nothing.
        """
        return await self.write(lambda tx: tx.execute(sql, parameters).rowcount, touches=touches)

    def remember(self) -> Remembered[Any]:
        """Return a memory for reads, which `clear` empties too."""
        memory: Remembered[Any] = Remembered()
        self._memories.append(memory)
        return memory

    def _run_writer(self) -> None:
        while not self._ended:
            following: _Queued | None = self._jobs.get()
            group: list[Job] = []
            while isinstance(following, Job):
                group.append(following)
                following = self._next() if len(group) < _GROUP_LIMIT else None
            if group:
                self._commit(group)
            if following is not None:
                following()

    def _next(self) -> _Queued | None:
        try:
            return self._jobs.get_nowait()
        except queue.Empty:
            return None

    def _commit(self, group: Sequence[Job]) -> None:
        try:
            commit_group(self._writer_connection, group)
        except BaseException as error:  # another process held the lock for too long; the file is damaged
            for job in group:
                job.outcome.fail(error)

    def _end(self) -> None:
        self._ended = True

    def _checkpoint(self) -> None:
        """Bring the log into the database file and empty it.

        Most of it beside the writers; only what they have added meanwhile, and the emptying, under
        their lock. A reader of old pages, such as a shell's, keeps the log as long as it is.
        """
        connection = self._writer_connection
        with contextlib.suppress(sqlite3.Error):
            _, pages, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if pages - moved > _TAIL_PAGES:
                return
            connection.execute(f"PRAGMA busy_timeout={_EMPTYING_MS}")
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
            # The first commit into an empty log waits for the disk: better here than in the event loop.
            connection.execute("UPDATE schema_versions SET version = version")

    # --- schema and life -------------------------------------------------------------------

    def migrate(self, component: str, steps: Sequence[str]) -> None:
        """Bring a component's tables up to date: `steps` are SQL scripts, applied once each, in order.

        Never change a step that has landed; append one, and run `scripts/operations`.

        Raises:
            NewerData: The data folder's tables have taken more steps.
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
                raise NewerData(
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

    def schema_versions(self) -> dict[str, int]:
        """Return how many steps the tables of each component have taken, once one was migrated."""
        rows = self.all("SELECT component, version FROM schema_versions")
        return {row["component"]: row["version"] for row in rows}

    async def clear(self) -> None:
        """Delete every row of every table (the schema stays): `POST /_sagehen/reset`.

        It takes as long for much as for little; the pages of large tables are given back afterwards.
        """
        self._check_open()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        outcome = AsyncOutcome(future)

        def run() -> None:
            try:
                empty(self._writer_connection)
            except BaseException as error:
                outcome.fail(error)
                return
            for memory in self._memories:
                memory.forget()
            outcome.succeed(None)

        self._jobs.put(run)
        await asyncio.shield(future)
        self.discard()

    def discard(self) -> None:
        """Begin to delete what `clear` set aside, in this life or in one that ended too soon."""
        if self._discarding is None or self._discarding.done():
            self._discarding = asyncio.get_running_loop().create_task(self._discard(), name="discard")

    async def _discard(self) -> None:
        discarding = Discarding()
        with contextlib.suppress(sqlite3.Error):  # closed: the next start goes on
            while True:
                if not await self.write(discarding.slice):
                    return
                await asyncio.sleep(_BETWEEN_SLICES_S)

    def close(self) -> None:
        """Commit what is queued, then close; later writes raise. May be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._discarding is not None:
            with contextlib.suppress(RuntimeError):  # its loop is closed already
                self._discarding.cancel()
        self._brief.close()
        self._jobs.put(self._end)
        self._writer.join()
        while (late := self._next()) is not None:
            if isinstance(late, Job):
                late.outcome.fail(sqlite3.ProgrammingError("The database is closed."))
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
