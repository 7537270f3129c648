"""Turns: so many queries run at a time, others wait in order; what a life leaves undone the next one does.

A query begins in a thread, where most are through in some ms; one that is not begins anew in a process of its
own, which takes a quarter of a second to start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.scope import Scope
from sagehen.services.logs.groups.records import Group, GroupRecords
from sagehen.services.logs.insights.commands.pipeline import Pipeline
from sagehen.services.logs.insights.queries.aside import Aside
from sagehen.services.logs.insights.queries.frames import Task
from sagehen.services.logs.insights.queries.query import Outcome, Query, Status
from sagehen.services.logs.insights.queries.records import QueryRecords, packed
from sagehen.services.logs.insights.queries.running import LONGEST_S, Run
from sagehen.services.logs.insights.queries.scanning import Scanner
from sagehen.store.database import Database

_log = logging.getLogger(__name__)

_AT_ONCE = 2
# Processor time in the platform's own process.
_QUICK_S = 0.1
# What the stages of one query may hold.
_MOST_BYTES = 128 * 1024 * 1024
# A query that ended the platform itself is not begun for ever.
_MOST_ATTEMPTS = 3
# A thread looks up each ms; one that sorts what it has found, when it has.
_CANCELLED_WITHIN_S = 5.0
# Documented (CloudWatch Logs quotas): results are kept for 7 days.
_KEPT_MS = 7 * 86_400_000
_SWEEP_EVERY_S = 900.0


class Turns:
    """Runs queries.

    Args:
        database: Where its file is, a query's own process is told.
        groups, scanner: What they look at.
        records: Where they and their results are kept.
        clock: Says what is too old.
    """

    def __init__(
        self,
        database: Database,
        groups: GroupRecords,
        scanner: Scanner,
        records: QueryRecords,
        clock: Clock,
    ) -> None:
        self._database = database
        self._groups = groups
        self._scanner = scanner
        self._records = records
        self._clock = clock
        self._runs: dict[str, Run | Aside] = {}
        self._waiting: set[str] = set()
        self._stopped: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._pool: ThreadPoolExecutor | None = None
        self._sweeping = Rounds(
            "logs-queries-sweep", self.sweep, clock, _SWEEP_EVERY_S, tale="deleting old results of queries"
        )

    # --- life ------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin anew what an earlier life began."""
        self._sweeping.start()
        for query in self._records.undone():
            self.take(query)

    async def stop(self) -> None:
        """End soon: what runs is begun anew in the next life."""
        await self._sweeping.stop()
        await self.forget()
        if self._pool is not None:
            await asyncio.to_thread(self._pool.shutdown)
            self._pool = None

    async def forget(self) -> None:
        """Break off everything, and leave it as it is stored."""
        tasks = list(self._tasks.values())
        for run in self._runs.values():
            run.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def sweep(self) -> None:
        """Delete old queries, and those that are too many."""
        before_ms = epoch_ms(self._clock.now()) - _KEPT_MS
        while await self._records.sweep(before_ms):
            pass

    # --- queries ---------------------------------------------------------------------------

    def take(self, query: Query) -> None:
        """Run a query when its turn comes."""
        task = asyncio.create_task(self._serve(query), name=f"logs-query-{query.id}")
        self._waiting.add(query.id)
        self._tasks[query.id] = task

        def ended(_: object) -> None:
            self._tasks.pop(query.id, None)
            self._waiting.discard(query.id)

        task.add_done_callback(ended)

    def run_of(self, query_id: str) -> Run | Aside | None:
        """Return a query that runs now."""
        return self._runs.get(query_id)

    async def cancel(self, query_id: str) -> bool:
        """Have a query end as `Cancelled`, and return when it has; False where it neither runs nor waits."""
        task = self._tasks.get(query_id)
        if task is None:
            return False
        if query_id in self._waiting:
            task.cancel()
            await asyncio.wait((task,))
            await self._records.end(query_id, Outcome(Status.CANCELLED), ())
            return True
        self._stopped.add(query_id)
        if (run := self._runs.get(query_id)) is not None:
            run.cancel()
        await asyncio.wait((task,), timeout=_CANCELLED_WITHIN_S)
        return True

    async def _serve(self, query: Query) -> None:
        await self._places.acquire()
        self._waiting.discard(query.id)
        try:
            outcome, pages = await self._outcome(query)
            if outcome.status is Status.FAILED:
                _log.warning(
                    "query %s failed: it would hold more than %d MB, or its process ended",
                    query.id,
                    _MOST_BYTES // 2**20,
                )
            await self._records.end(query.id, outcome, pages)
        except Exception:
            _log.exception("query %s failed", query.id)
            await self._records.end(query.id, Outcome(Status.FAILED), ())
        finally:
            self._places.release()
            self._runs.pop(query.id, None)
            self._stopped.discard(query.id)

    async def _outcome(self, query: Query) -> tuple[Outcome, Sequence[bytes]]:
        if await self._records.begin(query.id) > _MOST_ATTEMPTS:
            return Outcome(Status.FAILED), ()
        groups = self._groups_of(query.scope, query.groups)
        outcome, pages = await self._quickly(query, groups)
        if outcome.status is Status.RUNNING:
            return await self._aside(query, groups)
        return outcome, pages

    async def _quickly(self, query: Query, groups: Sequence[Group]) -> tuple[Outcome, Sequence[bytes]]:
        """Run a query here; it is still `Running` where that takes too long."""

        def work() -> tuple[Outcome, Sequence[bytes]]:
            pipeline = Pipeline(query.text, query.limit, _MOST_BYTES)
            run = self._runs[query.id] = Run(pipeline, len(groups), most_cpu_s=_QUICK_S)
            if query.id in self._stopped:
                run.cancel()
            rows = self._scanner.rows(
                query.scope, groups, query.start_ms, query.end_ms, in_order=pipeline.in_order
            )
            outcome = run.finish(rows)
            return outcome, list(packed(run.rows)) if outcome.status is Status.COMPLETE else ()

        return await self._in_thread(work)

    async def _aside(self, query: Query, groups: Sequence[Group]) -> tuple[Outcome, Sequence[bytes]]:
        task = Task(
            str(self._database.path),
            query.scope,
            groups,
            query.text,
            query.start_ms,
            query.end_ms,
            query.limit,
            LONGEST_S,
            _MOST_BYTES,
        )
        run = self._runs[query.id] = Aside(task)
        if query.id in self._stopped:
            run.cancel()
        return await run.finish()

    async def _in_thread(
        self, work: Callable[[], tuple[Outcome, Sequence[bytes]]]
    ) -> tuple[Outcome, Sequence[bytes]]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="insights")
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _groups_of(self, scope: Scope, names: Sequence[str]) -> list[Group]:
        """Return the groups that are still there."""
        found = (self._groups.group(scope, name) for name in names)
        return [group for group in found if group is not None]
