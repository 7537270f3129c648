"""WarmPools: lets jobs take pools over, keeps what they leave, and ends what nobody takes in time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from sagehen.domain.background import Background
from sagehen.domain.clock import wait_for
from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.folders.job import JobFolder
from sagehen.executors.folders.removal import discard
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.content import PoolContent
from sagehen.services.sagemaker.training.pools.held import Held
from sagehen.services.sagemaker.training.pools.matching import keep_alive_s, key_of, may_reuse
from sagehen.services.sagemaker.training.pools.pool import WarmPool
from sagehen.services.sagemaker.training.pools.records import WarmPoolRecords

_log = logging.getLogger(__name__)
# On AWS a quota of each account, 0 until it is asked for. Here what waits is a folder: so many of all
# accounts, then the one that waits longest goes.
MOST_WAITING = 20
# An unused warm parent is retired after 15 minutes (`executors.sandbox.settings`).
_LOOK_AGAIN_S = 300.0
_AFTER_FAILURE_S = 10.0


class WarmPools:
    """All pools of the platform.

    Args:
        means: Its folder is the pools' own, on the file system of the jobs' folders.
        records: Their rows.
    """

    def __init__(self, means: Means, records: WarmPoolRecords) -> None:
        self._means = means
        self._records = records
        self._waiting: dict[str, Held] = {}  # by pool id; what only memory knows of them
        self._changed = asyncio.Event()
        self._ending = Background("warm-pools", self._go_on)

    async def recover(self, running: Collection[TrainingJob]) -> None:
        """Take up what an earlier life left: pools that wait are as they were; of those in use, the instances
        are gone, and a job that goes on begins cold.

        Args:
            running: The jobs that have not ended.
        """
        names = {(job.scope, job.name) for job in running}
        waiting = set()
        for pool in await asyncio.to_thread(self._records.unfinished):
            goes_on = (pool.scope, pool.name) in names
            if pool.status == "Available" and not goes_on:
                waiting.add(pool.pool_id)
            elif pool.status == "Available":  # it was left to wait, then the job's end was not recorded
                await self._records.store(pool.regained())
            elif not goes_on:
                await self._records.store(pool.terminated(self._now()))
        await asyncio.to_thread(self._sweep, waiting)
        self._ending.start()

    async def stop(self) -> None:
        """End nothing: what waits goes on waiting at the next start."""
        await self._ending.stop()
        self._waiting.clear()

    # --- a job's hold ------------------------------------------------------------------------

    async def begin(self, job: TrainingJob) -> Held | None:
        """Return the pool that a job has now: one that it matches, a new one, or none.

        A job without KeepAlivePeriodInSeconds may use a pool up (documented: it then spins down after the
        job).
        """
        known = self._records.get(job.scope, job.name)
        if known is not None and known.status == "InUse":  # another attempt
            return Held(known, self._content(known), reused=False)
        keep_s, now = keep_alive_s(job.request), self._means.clock.now()
        resources = job.request["ResourceConfig"]
        mine = WarmPool(
            job.scope, job.name, self._means.ids.hex(16), key_of(job.scope, job.request),
            resources.get("InstanceType", ""), resources.get("InstanceCount", 1), keep_s, now.timestamp(),
        )  # fmt: skip
        if may_reuse(job.scope, job.request) is not None:
            moved = await self._records.move(mine, lambda earlier: earlier.reused(job.name, now))
            if moved is not None:
                self._changed.set()
                held = self._waiting.pop(moved.pool_id, None)
                if held is None:
                    return Held(moved, self._content(moved), reused=True)
                return replace(held, pool=moved, reused=True)
        if not keep_s:
            return None
        await self._records.store(mine)
        return Held(mine, self._content(mine), reused=False)

    async def end(
        self, held: Held, folder: JobFolder, hosts: Collection[str], *, healthy: bool
    ) -> str | None:
        """Keep what a job leaves, or end its pool; return why nothing is kept where that needs to be said.

        Args:
            folder: Of the job, of which nothing runs any more.
            healthy: Whether what ended the job says nothing against its instances.
        """
        pool = self._records.get(held.pool.scope, held.pool.name) or held.pool
        note = self._refused(pool) if pool.keep_s and healthy else None
        if not (pool.keep_s and healthy) or note:
            await self._records.store(pool.terminated(self._now()))
            await asyncio.to_thread(held.content.discard)
            return note
        try:
            await asyncio.to_thread(held.content.take, folder, tuple(hosts))
        except OSError as error:  # a job may do with its folders what it likes; its end is not touched by it
            await self._records.store(pool.terminated(self._now()))
            await asyncio.to_thread(held.content.discard)
            return f"no warm pool is kept: what the job left cannot be moved: {error.strerror}"
        self._waiting[pool.pool_id] = held
        now = self._means.clock.now()
        # Changed, not stored: its time may have been updated a moment ago.
        await self._records.change(pool.scope, pool.name, lambda pool: pool.kept(now))
        self._changed.set()
        return None

    def _refused(self, pool: WarmPool) -> str | None:
        """Documented (Request a warm pool quota increase): without one, a pool is simply not retained."""
        limit = self._means.supply.offer(pool.instance_type).limit
        if limit is None:
            return None
        others = self._records.instances_besides(pool)
        if others + pool.instances <= limit:
            return None
        return (
            f"no warm pool is kept: the account's limit of {pool.instance_type} for training warm pool usage "
            f"is {limit} instances, and {others} are kept (`sagehen capacity`)"
        )

    async def settle(self, job: TrainingJob) -> None:
        """End a pool that is still in use by a job that has ended, however that came."""
        known = self._records.get(job.scope, job.name)
        if known is not None and known.status == "InUse":
            await self._records.store(known.terminated(self._now()))
            await asyncio.to_thread(self._content(known).discard)

    def of(self, job: TrainingJob) -> WarmPool | None:
        """Return what a job has to do with a pool, or None."""
        return self._records.get(job.scope, job.name)

    def of_jobs(self, jobs: Sequence[TrainingJob]) -> dict[str, WarmPool]:
        """Return the same of several jobs of one account and region, by their names."""
        return self._records.of_jobs(jobs[0].scope, [job.name for job in jobs]) if jobs else {}

    async def forget(self, job: TrainingJob) -> None:
        """Forget what a job has to do with pools: it is deleted."""
        await self._records.delete(job.scope, job.name)

    # --- the user's wishes -------------------------------------------------------------------

    async def keep_for(self, job: TrainingJob, seconds: int) -> WarmPool | None:
        """Let a job's pool wait for so long, from the job's end on; 0 ends it. None: the job has none.

        Raises:
            PoolOver
        """
        now = self._now()
        pool = await self._records.change(job.scope, job.name, lambda pool: pool.keep_for(seconds, now))
        if pool is not None and pool.status == "Terminated":
            await self._let_go(pool)
        self._changed.set()
        return pool

    # --- what goes on by itself --------------------------------------------------------------

    async def _go_on(self) -> None:
        """End pools when their time is over, until cancelled."""
        while True:
            self._changed.clear()
            wait_at_least_s = 0.0
            try:
                await self._end_what_is_over()
                await self._stay_warm()
            except Exception:  # a full disk today must not end it for good
                _log.exception("ending warm pools failed; it is tried again")
                wait_at_least_s = _AFTER_FAILURE_S
            times = [
                at - self._now() for pool in self._records.available() if (at := pool.expires_at) is not None
            ]
            await wait_for(
                self._changed, self._means.clock, max(wait_at_least_s, min([_LOOK_AGAIN_S, *times]))
            )

    async def _end_what_is_over(self) -> None:
        waiting = self._records.available()
        surplus = {pool.pool_id for pool in waiting[: max(0, len(waiting) - MOST_WAITING)]}
        for pool in waiting:
            at = pool.expires_at
            if at is None or (at > self._now() and pool.pool_id not in surplus):
                continue
            ended = await self._records.change(pool.scope, pool.name, self._terminated)
            if ended is not None and ended.status == "Terminated":
                await self._let_go(ended)

    async def _let_go(self, pool: WarmPool) -> None:
        self._waiting.pop(pool.pool_id, None)
        await asyncio.to_thread(self._content(pool).discard)

    def _terminated(self, pool: WarmPool) -> WarmPool:
        """As `step` of a change: a job may have taken it a moment ago."""
        at = pool.expires_at
        return pool if at is None else pool.terminated(min(at, self._now()))

    async def _stay_warm(self) -> None:
        """Keep the warm parents of what waits from being retired."""
        for held in list(self._waiting.values()):
            if held.image is not None and held.image.warm_parent is not None:
                try:
                    await self._means.executor.prewarm(held.image.warm_parent, python=held.image.interpreter)
                except SandboxUnavailable as error:
                    _log.warning("nothing is preloaded for a warm pool: %s", error)

    def _content(self, pool: WarmPool) -> PoolContent:
        return PoolContent(self._means.folder / pool.pool_id)

    def _now(self) -> float:
        return self._means.clock.now().timestamp()

    def _sweep(self, waiting: Collection[str]) -> None:
        """Delete folders of pools that nobody waits in."""
        folder: Path = self._means.folder
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if path.name not in waiting:
                discard(path)
