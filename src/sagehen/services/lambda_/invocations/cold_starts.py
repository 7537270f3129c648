"""ColdStarts: makes an environment for an invocation that found none, unless one comes free before."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from functools import partial

from sagehen.domain.clock import Clock
from sagehen.domain.timeouts import timeout
from sagehen.services.lambda_.errors import EnvironmentStartException, TooManyRequestsException
from sagehen.services.lambda_.execution.contract import (
    Environment,
    EnvironmentFailed,
    Environments,
    FunctionVersion,
)
from sagehen.services.lambda_.execution.endings import Endings
from sagehen.services.lambda_.invocations.pools import EnvironmentPool

# Environments being started at a time: more would only make each one slower.
_STARTS_AT_ONCE = max(2, os.cpu_count() or 2)
# For an environment of whatever kind, the queue of starts before it included: then the platform is at fault.
_PATIENCE_S = 120.0
# For so long an init counts as being started.
_INIT_ALONE_S = 1.0


class ColdStarts:
    """Starts environments, a few at a time.

    Args:
        endings: What ends those that nobody takes.
        is_in_use: Tells whether anybody will look into a pool again.
    """

    def __init__(
        self,
        environments: Environments,
        clock: Clock,
        endings: Endings,
        is_in_use: Callable[[EnvironmentPool], bool],
    ) -> None:
        self._environments = environments
        self._clock = clock
        self._endings = endings
        self._is_in_use = is_in_use
        self._slots = asyncio.Semaphore(_STARTS_AT_ONCE)
        self._under_way: set[asyncio.Task[Environment | None]] = set()

    async def next(self, pool: EnvironmentPool, function: FunctionVersion) -> Environment:
        """Return what is there first: a new environment, or one that another invocation gives back.

        In a burst of short invocations most get the latter, and few environments are started.

        Raises:
            TooManyRequestsException: Environments are added faster than AWS adds them.
            EnvironmentStartException: None could be started, or not within two minutes.
        """
        handed = pool.wait(function)
        starting = asyncio.create_task(self._cold_start(pool, function, handed))
        self._under_way.add(starting)
        starting.add_done_callback(self._under_way.discard)
        try:
            done, _ = await asyncio.wait(
                (handed, starting), timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED
            )
        except asyncio.CancelledError:
            if not handed.cancel():
                self._endings.end(handed.result())
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
        async with self._slots:
            if handed.done():
                return None
            environment = await self._start(pool, function)
            try:
                # Init is where the work is. One that waits for something else must not hold up the others.
                with contextlib.suppress(TimeoutError):
                    async with timeout(_INIT_ALONE_S):
                        await environment.init_over()
            except BaseException:
                self._endings.end(environment)
                raise
            return environment

    def _keep_spare(self, pool: EnvironmentPool, starting: asyncio.Task[Environment | None]) -> None:
        """Keep an environment that was started for an invocation that found another first."""
        if starting.cancelled() or starting.exception() is not None:
            return
        environment = starting.result()
        if environment is None:
            return
        # The pool may have been given up meanwhile.
        if not (self._is_in_use(pool) and pool.keep(environment, self._clock.monotonic())):
            self._endings.end(environment)

    async def _start(self, pool: EnvironmentPool, function: FunctionVersion) -> Environment:
        if not pool.scaling.take(self._clock.monotonic()):
            # The model has no reason of its own for the scaling rate (from memory).
            raise TooManyRequestsException("ConcurrentInvocationLimitExceeded")
        try:
            return await self._environments.start(function, "on-demand")
        except EnvironmentFailed as error:
            raise EnvironmentStartException(str(error)) from error

    async def stop(self) -> None:
        """Give up every start."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
