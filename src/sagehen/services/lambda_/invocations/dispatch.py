"""Dispatch: finds an environment for an invocation, or throttles it.

A free provisioned environment of the qualifier comes first; else an on-demand one, as far as the
concurrency of function and account goes: the most recently used idle one, or a cold start.
Synchronous calls wait for room only where the operator wants it (`excess.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

from sagehen.concurrency.counting import concurrency_used_up
from sagehen.concurrency.limits import Limits
from sagehen.concurrency.waiting_line import Patience
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.errors import TooManyRequestsException
from sagehen.services.lambda_.execution.contract import (
    Environment,
    Environments,
    FunctionVersion,
    Invocation,
    Outcome,
)
from sagehen.services.lambda_.execution.endings import Endings
from sagehen.services.lambda_.invocations.cold_starts import ColdStarts
from sagehen.services.lambda_.invocations.excess import Excess
from sagehen.services.lambda_.invocations.seats import Busy, Seat, Seats
from sagehen.services.lambda_.names import FunctionReference


@dataclass(frozen=True, slots=True)
class WillWait:
    """An invocation that may wait for concurrency.

    Args:
        function: Returns what it runs, as of when there is room.
        departed: Returns when its client has left.
    """

    function: Callable[[], FunctionVersion]
    departed: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Dispatched:
    """An outcome and where it came from.

    Args:
        provisioned: It ran in a provisioned environment.
        spilled: It would have, had one been free.
        busy: Environments that were busy with it, itself among them.
    """

    outcome: Outcome
    provisioned: bool
    spilled: bool
    busy: Busy


@dataclass(frozen=True, slots=True)
class Started:
    """An invocation that runs.

    Args:
        task: Its end; who waits for it shields it.
        function: What it runs.
        queued_s: How long it waited for concurrency; None where it did not have to.
    """

    task: asyncio.Task[Dispatched]
    function: FunctionVersion
    queued_s: float | None = None


class Dispatch:
    """The environments of all functions.

    Args:
        environments: Starts them.
        provisioning: Those that wait for their qualifier.
        records: Who may run how often.
        limits: The account's.
        clock: For idle times and rates.
        on_release: Told when an invocation has given its concurrency back.
        patience: How long synchronous invocations may wait for theirs; None: not at all, as on AWS.
    """

    def __init__(
        self,
        environments: Environments,
        provisioning: Provisioning,
        records: ConcurrencyRecords,
        limits: Limits,
        clock: Clock,
        on_release: Callable[[Scope], None] = lambda scope: None,
        patience: Patience | None = None,
    ) -> None:
        self._on_release = on_release
        self._records = records
        self._excess: Excess[Started] = Excess(patience)
        self._provisioning = provisioning
        self._clock = clock
        self._endings = Endings()
        self._seats = Seats(records, limits, clock, self._endings)
        self._starts = ColdStarts(environments, clock, self._endings, self._seats.knows)
        self._running: set[asyncio.Task[Dispatched]] = set()

    async def start(
        self,
        reference: FunctionReference,
        function: FunctionVersion,
        invocation: Invocation,
        waiting: WillWait | None = None,
    ) -> Started:
        """Start an invocation. It runs to its end, even if the caller goes away meanwhile, as AWS does.

        Args:
            waiting: How it may wait for room; None: not at all.

        Raises:
            TooManyRequestsException: No room.
            ClientDeparted: It waited for room, and its client left.
        """
        try:
            return self._begin(reference, function, invocation)
        except TooManyRequestsException as refused:
            if waiting is None:
                raise
            return await self._start_later(reference, invocation, waiting, refused)

    async def _start_later(
        self,
        reference: FunctionReference,
        invocation: Invocation,
        waiting: WillWait,
        refused: TooManyRequestsException,
    ) -> Started:
        began = time.monotonic()
        name = (reference.scope, reference.name)
        started = await self._excess.wait(
            name,
            len(invocation.payload),
            self._records.shares(reference.scope).reserved.get(reference.name),
            refused,
            # Its code may have changed meanwhile.
            lambda: self._begin(reference, waiting.function(), invocation, is_first=True),
            waiting.departed,
        )
        return replace(started, queued_s=time.monotonic() - began)

    @property
    def waiting(self) -> int:
        """How many invocations wait for concurrency."""
        return len(self._excess)

    def _begin(
        self,
        reference: FunctionReference,
        function: FunctionVersion,
        invocation: Invocation,
        *,
        is_first: bool = False,
    ) -> Started:
        """Start an invocation.

        Args:
            is_first: It has waited for longest. Whoever comes now finds no room while others wait.

        Raises:
            TooManyRequestsException: No room.
        """
        provisioned = self._provisioning.take(reference, function)
        if provisioned is not None:
            work = self._run_provisioned(reference, provisioned, invocation)
        else:
            if not is_first and self._excess.is_waited_for((function.scope, function.function_name)):
                reserves = function.function_name in self._records.shares(function.scope).reserved
                raise TooManyRequestsException(concurrency_used_up(reserves))
            work = self._run_on_demand(self._seats.take(function), function, invocation, reference)
        if invocation.stream is not None:
            invocation.stream.executed_version = function.version
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return Started(task, function)

    def _freed(self, scope: Scope) -> None:
        """Concurrency came free: first for those who wait for it in the open, then for queued events."""
        self._excess.freed(scope)
        self._on_release(scope)

    async def _run_provisioned(
        self, reference: FunctionReference, environment: Environment, invocation: Invocation
    ) -> Dispatched:
        scope = environment.function.scope
        busy = self._busy(scope, reference.name)
        try:
            outcome = await environment.invoke(invocation)
        finally:
            self._provisioning.give_back(reference, environment)
            self._freed(scope)
        return Dispatched(outcome, True, False, busy)

    def _busy(self, scope: Scope, name: str) -> Busy:
        on_demand = self._seats.busy(scope, name)
        of_function, unreserved, account = on_demand.function, on_demand.unreserved, on_demand.account
        reserved = self._records.shares(scope).reserved
        for owner, count in self._provisioning.busy(scope):
            account += count
            unreserved += 0 if owner in reserved else count
            of_function += count if owner == name else 0
        return Busy(of_function, unreserved, account)

    async def _run_on_demand(
        self,
        seat: Seat,
        function: FunctionVersion,
        invocation: Invocation,
        reference: FunctionReference,
    ) -> Dispatched:
        pool = seat.pool
        busy = self._busy(function.scope, function.function_name)
        environment: Environment | None = None
        outcome: Outcome | None = None
        try:
            environment = pool.take(function) or await self._starts.next(pool, function)
            outcome = await environment.invoke(invocation)
        finally:
            self._seats.leave(seat, function.scope)
            # One that was left in the middle of an invocation is not used again.
            kept = outcome is not None and environment is not None
            if environment is not None and not (kept and pool.keep(environment, self._clock.monotonic())):
                self._endings.end(environment)
            self._freed(function.scope)
        spilled = self._provisioning.allocation(reference) is not None
        return Dispatched(outcome, False, spilled, busy)

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
        self._excess.clear()
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        # Starts whose invocation found another environment belong to none of them.
        await asyncio.gather(*tasks, self._starts.stop(), return_exceptions=True)
        self._seats.clear()
        await self._endings.settle()
