"""Dispatch: finds an environment for an invocation, or throttles it.

A free provisioned environment of the qualifier comes first; else an on-demand one, as far as the
concurrency of function and account goes: the most recently used idle one, or a cold start.
Synchronous calls never wait for room. What may run is decided in `counting`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.counting import Limits, refusal
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.errors import EnvironmentStartException, TooManyRequestsException
from sagehen.services.lambda_.execution.contract import (
    Environment,
    EnvironmentFailed,
    Environments,
    FunctionVersion,
    Invocation,
    Outcome,
)
from sagehen.services.lambda_.invocations.pools import EnvironmentPool
from sagehen.services.lambda_.names import FunctionReference

_log = logging.getLogger(__name__)

# Environments being started at a time: more would only make each one slower.
_STARTS_AT_ONCE = max(2, os.cpu_count() or 2)
# For an environment of whatever kind, the queue of starts before it included: then the platform is at fault.
_PATIENCE_S = 120.0
# For so long an init counts as being started.
_INIT_ALONE_S = 1.0


@dataclass(frozen=True, slots=True)
class Dispatched:
    """An outcome and where it came from.

    Args:
        provisioned: It ran in a provisioned environment.
        spilled: It would have, had one been free.
        busy: Environments of the function that were busy with it, itself among them.
        unreserved_busy: Those of all functions that share the unreserved pool.
    """

    outcome: Outcome
    provisioned: bool
    spilled: bool
    busy: int
    unreserved_busy: int


@dataclass(frozen=True, slots=True)
class _Seat:
    """Room for one invocation, taken out of the function's pool and perhaps the account's."""

    pool: EnvironmentPool
    unreserved: bool


class Dispatch:
    """The environments of all functions.

    Args:
        environments: Starts them.
        provisioning: Those that wait for their qualifier.
        records: Who may run how often.
        limits: The account's.
        clock: For idle times and rates.
        on_release: Told when an invocation has given its concurrency back.
    """

    def __init__(
        self,
        environments: Environments,
        provisioning: Provisioning,
        records: ConcurrencyRecords,
        limits: Limits,
        clock: Clock,
        on_release: Callable[[Scope], None] = lambda scope: None,
    ) -> None:
        self._on_release = on_release
        self._environments = environments
        self._provisioning = provisioning
        self._records = records
        self._limits = limits
        self._clock = clock
        self._pools: dict[tuple[Scope, str], EnvironmentPool] = {}
        self._unreserved_busy: dict[Scope, int] = {}
        self._starts = asyncio.Semaphore(_STARTS_AT_ONCE)
        self._running: set[asyncio.Task[Dispatched]] = set()
        self._starting: set[asyncio.Task[Environment | None]] = set()
        self._ending: set[asyncio.Task[None]] = set()

    async def run(
        self, reference: FunctionReference, function: FunctionVersion, invocation: Invocation
    ) -> Dispatched:
        """Run an invocation to its end, even if the caller goes away meanwhile, as AWS does.

        Raises:
            TooManyRequestsException: No room.
            EnvironmentStartException: No environment could be started.
        """
        provisioned = self._provisioning.take(reference, function)
        if provisioned is not None:
            work = self._run_provisioned(reference, provisioned, invocation)
        else:
            work = self._run_on_demand(self._admit(function), function, invocation, reference)
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _run_provisioned(
        self, reference: FunctionReference, environment: Environment, invocation: Invocation
    ) -> Dispatched:
        allocation = self._provisioning.allocation(reference)
        busy = len(allocation.busy) if allocation else 1
        try:
            outcome = await environment.invoke(invocation)
        finally:
            self._provisioning.give_back(reference, environment)
            self._on_release(environment.function.scope)
        unreserved_busy = self._unreserved_busy.get(environment.function.scope, 0)
        return Dispatched(outcome, True, False, busy, unreserved_busy)

    async def _run_on_demand(
        self,
        seat: _Seat,
        function: FunctionVersion,
        invocation: Invocation,
        reference: FunctionReference,
    ) -> Dispatched:
        pool = seat.pool
        busy, unreserved_busy = pool.busy, self._unreserved_busy.get(function.scope, 0)
        environment: Environment | None = None
        outcome: Outcome | None = None
        try:
            environment = pool.take(function) or await self._next(pool, function)
            outcome = await environment.invoke(invocation)
        finally:
            pool.busy -= 1
            if seat.unreserved:
                self._unreserved_busy[function.scope] -= 1
            self._on_release(function.scope)
            # One that was left in the middle of an invocation is not used again.
            kept = outcome is not None and environment is not None
            if environment is not None and not (kept and pool.keep(environment, self._clock.monotonic())):
                self._end(environment)
        spilled = self._provisioning.allocation(reference) is not None
        return Dispatched(outcome, False, spilled, busy, unreserved_busy)

    def _admit(self, function: FunctionVersion) -> _Seat:
        """Take a seat in the function's pool if one more invocation may run now."""
        scope, name = function.scope, function.function_name
        shares = self._records.shares(scope)
        now = self._clock.monotonic()
        pool = self._pools.get((scope, name))
        rate = shares.rate(name, self._limits)
        if pool is None:
            pool = self._pools[scope, name] = EnvironmentPool.new(rate, now)
        for environment in pool.outdated(function):
            self._end(environment)
        unreserved_busy = self._unreserved_busy.get(scope, 0)
        reason = refusal(shares, self._limits, name, pool.busy, unreserved_busy)
        if reason is not None:
            raise TooManyRequestsException(reason)
        pool.rate.resize(rate, rate)
        reserves = name in shares.reserved
        if not pool.rate.take(now):
            raise TooManyRequestsException(
                f"{'Reserved' if reserves else ''}FunctionInvocationRateLimitExceeded"
            )
        pool.busy += 1
        if not reserves:
            self._unreserved_busy[scope] = unreserved_busy + 1
        return _Seat(pool, unreserved=not reserves)

    async def _next(self, pool: EnvironmentPool, function: FunctionVersion) -> Environment:
        """Return what is there first: a new environment, or one that another invocation gives back.

        In a burst of short invocations most get the latter, and few environments are started.

        Raises:
            TooManyRequestsException, EnvironmentStartException: None could be started, or not in time.
        """
        handed = pool.wait(function)
        starting = asyncio.create_task(self._cold_start(pool, function, handed))
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)
        try:
            done, _ = await asyncio.wait(
                (handed, starting), timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED
            )
        except asyncio.CancelledError:
            if not handed.cancel():
                self._end(handed.result())
            starting.cancel()
            raise
        if not done:
            handed.cancel()
            starting.cancel()
            raise EnvironmentStartException(f"No execution environment was ready within {_PATIENCE_S:g} s.")
        if handed.cancel():
            environment = starting.result()
            assert environment is not None
            return environment
        starting.add_done_callback(partial(self._keep_spare, pool))
        return handed.result()

    async def _cold_start(
        self, pool: EnvironmentPool, function: FunctionVersion, handed: asyncio.Future[Environment]
    ) -> Environment | None:
        async with self._starts:
            if handed.done():
                return None
            environment = await self._start(pool, function)
            try:
                # Init is where the work is. One that waits for something else must not hold up the others.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_INIT_ALONE_S):
                        await environment.init_over()
            except BaseException:
                self._end(environment)
                raise
            return environment

    def _keep_spare(self, pool: EnvironmentPool, starting: asyncio.Task[Environment | None]) -> None:
        """Keep an environment that was started for an invocation that found another first."""
        if starting.cancelled() or starting.exception() is not None:
            return
        environment = starting.result()
        if environment is None:
            return
        # The pool may have been given up meanwhile: nobody would look into it again.
        is_known = any(known is pool for known in self._pools.values())
        if not (is_known and pool.keep(environment, self._clock.monotonic())):
            self._end(environment)

    async def _start(self, pool: EnvironmentPool, function: FunctionVersion) -> Environment:
        if not pool.scaling.take(self._clock.monotonic()):
            raise TooManyRequestsException("ConcurrentInvocationLimitExceeded")
        try:
            return await self._environments.start(function, "on-demand")
        except EnvironmentFailed as error:
            raise EnvironmentStartException(str(error)) from error

    # --- ending ----------------------------------------------------------------------------------

    def expire(self, idle_s: float) -> None:
        """End the environments that have been idle for so long."""
        before = self._clock.monotonic() - idle_s
        for name, pool in list(self._pools.items()):
            for environment in pool.expired(before):
                self._end(environment)
            if pool.is_empty:
                del self._pools[name]

    def drain(self, reference: FunctionReference) -> None:
        """End a function's idle environments now, and the busy ones when they are done."""
        pool = self._pools.get((reference.scope, reference.name))
        for environment in pool.drain() if pool else ():
            self._end(environment)

    def environments(self) -> Iterator[Environment]:
        """Yield what is idle here and provisioned: whose code must stay on the disk."""
        for pool in self._pools.values():
            yield from pool.environments()
        yield from self._provisioning.code_in_use()

    def _end(self, environment: Environment) -> None:
        task = asyncio.create_task(environment.shutdown())
        self._ending.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("an environment did not end in order: %s", error)

    async def stop(self) -> None:
        """End every environment, running invocations with them."""
        tasks = [*self._running, *self._starting]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for pool in self._pools.values():
            for environment in pool.drain():
                self._end(environment)
        self._pools.clear()
        self._unreserved_busy.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)
