"""Dispatch: finds an environment for an invocation, or throttles it.

A free provisioned environment of the qualifier comes first; else an on-demand one, as far as the
concurrency of function and account goes: the most recently used idle one, or a cold start.
Synchronous calls never wait for room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sagehen.concurrency.limits import Limits
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.execution.contract import (
    Environment,
    Environments,
    FunctionVersion,
    Invocation,
    Outcome,
)
from sagehen.services.lambda_.execution.endings import Endings
from sagehen.services.lambda_.invocations.cold_starts import ColdStarts
from sagehen.services.lambda_.invocations.seats import Seat, Seats
from sagehen.services.lambda_.names import FunctionReference


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
        self._provisioning = provisioning
        self._clock = clock
        self._endings = Endings()
        self._seats = Seats(records, limits, clock, self._endings)
        self._starts = ColdStarts(environments, clock, self._endings, self._seats.knows)
        self._running: set[asyncio.Task[Dispatched]] = set()

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
            work = self._run_on_demand(self._seats.take(function), function, invocation, reference)
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _run_provisioned(
        self, reference: FunctionReference, environment: Environment, invocation: Invocation
    ) -> Dispatched:
        scope = environment.function.scope
        allocation = self._provisioning.allocation(reference)
        busy = len(allocation.busy) if allocation else 1
        try:
            outcome = await environment.invoke(invocation)
        finally:
            self._provisioning.give_back(reference, environment)
            self._on_release(scope)
        return Dispatched(outcome, True, False, busy, self._seats.unreserved_busy(scope))

    async def _run_on_demand(
        self,
        seat: Seat,
        function: FunctionVersion,
        invocation: Invocation,
        reference: FunctionReference,
    ) -> Dispatched:
        pool = seat.pool
        busy, unreserved_busy = pool.busy, self._seats.unreserved_busy(function.scope)
        environment: Environment | None = None
        outcome: Outcome | None = None
        try:
            environment = pool.take(function) or await self._starts.next(pool, function)
            outcome = await environment.invoke(invocation)
        finally:
            self._seats.leave(seat, function.scope)
            self._on_release(function.scope)
            # One that was left in the middle of an invocation is not used again.
            kept = outcome is not None and environment is not None
            if environment is not None and not (kept and pool.keep(environment, self._clock.monotonic())):
                self._endings.end(environment)
        spilled = self._provisioning.allocation(reference) is not None
        return Dispatched(outcome, False, spilled, busy, unreserved_busy)

    # --- ending ----------------------------------------------------------------------------------

    def expire(self, idle_s: float) -> None:
        """End the environments that have been idle for so many seconds of the clock."""
        self._seats.expire(self._clock.monotonic() - idle_s)

    def drain(self, reference: FunctionReference) -> None:
        """End a function's idle environments now, and the busy ones when they are done."""
        self._seats.drain(reference)

    def environments(self) -> Iterator[Environment]:
        """Yield what is idle here and provisioned: whose code must stay on the disk."""
        yield from self._seats.environments()
        yield from self._provisioning.code_in_use()

    async def stop(self) -> None:
        """End every environment, running invocations with them."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        # Starts whose invocation found another environment belong to none of them.
        await asyncio.gather(*tasks, self._starts.stop(), return_exceptions=True)
        self._seats.clear()
        await self._endings.settle()
