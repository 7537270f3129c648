"""Seats: room for invocations on demand, out of a function's reservation or of what nobody has reserved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sagehen.concurrency.counting import refusal
from sagehen.concurrency.limits import Limits
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.errors import TooManyRequestsException
from sagehen.services.lambda_.execution.contract import Environment, FunctionVersion
from sagehen.services.lambda_.execution.endings import Endings
from sagehen.services.lambda_.invocations.pools import EnvironmentPool
from sagehen.services.lambda_.names import FunctionReference


@dataclass(frozen=True, slots=True)
class Seat:
    """Room for one invocation, taken out of the function's pool and perhaps the account's."""

    pool: EnvironmentPool
    unreserved: bool


@dataclass(frozen=True, slots=True)
class Busy:
    """How many environments run an invocation, provisioned ones included.

    Args:
        function: Of its function.
        unreserved: Of all functions that reserve nothing.
        account: Of all functions.
    """

    function: int
    unreserved: int
    account: int


class Seats:
    """The pools of all functions, and how many invocations of theirs run. Decides in `counting`.

    A pool is forgotten once it is empty (`expire`): there are as many as functions that were lately invoked.
    """

    def __init__(self, records: ConcurrencyRecords, limits: Limits, clock: Clock, endings: Endings) -> None:
        self._records = records
        self._limits = limits
        self._clock = clock
        self._endings = endings
        self._pools: dict[tuple[Scope, str], EnvironmentPool] = {}
        self._unreserved_busy: dict[Scope, int] = {}
        self._all_busy: dict[Scope, int] = {}

    def take(self, function: FunctionVersion) -> Seat:
        """Take a seat if one more invocation may run now; who has it gives it back (`leave`).

        Environments of an older revision end here: only an invocation tells which one is in use.

        Raises:
            TooManyRequestsException: No concurrency is left, or ten requests per second for each unit of it
                have come.
        """
        scope, name = function.scope, function.function_name
        shares = self._records.shares(scope)
        now = self._clock.monotonic()
        pool = self._pools.get((scope, name))
        rate = shares.rate(name, self._limits)
        if pool is None:
            pool = self._pools[scope, name] = EnvironmentPool.new(rate, now)
        self._endings.end_all(pool.outdated(function))
        unreserved_busy = self.unreserved_busy(scope)
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
        self._all_busy[scope] = self._all_busy.get(scope, 0) + 1
        if not reserves:
            self._unreserved_busy[scope] = unreserved_busy + 1
        return Seat(pool, unreserved=not reserves)

    def leave(self, seat: Seat, scope: Scope) -> None:
        """Give a seat back; by who took it, even where its function reserves or not by now."""
        seat.pool.busy -= 1
        self._all_busy[scope] -= 1
        if seat.unreserved:
            self._unreserved_busy[scope] -= 1

    def unreserved_busy(self, scope: Scope) -> int:
        """Return how many invocations run that share what nobody has reserved."""
        return self._unreserved_busy.get(scope, 0)

    def busy(self, scope: Scope, name: str) -> Busy:
        """Return how many invocations run on demand."""
        pool = self._pools.get((scope, name))
        return Busy(
            0 if pool is None else pool.busy, self.unreserved_busy(scope), self._all_busy.get(scope, 0)
        )

    def knows(self, pool: EnvironmentPool) -> bool:
        """Tell whether a pool is still in use: nobody would look into another one again."""
        return any(known is pool for known in self._pools.values())

    def environments(self) -> Iterator[Environment]:
        """Yield the idle ones."""
        for pool in self._pools.values():
            yield from pool.environments()

    def expire(self, before_s: float) -> None:
        """End the environments that have been idle since before a moment of the monotonic clock."""
        for name, pool in list(self._pools.items()):
            self._endings.end_all(pool.expired(before_s))
            if pool.is_empty:
                del self._pools[name]

    def drain(self, reference: FunctionReference) -> None:
        """End a function's idle environments now, and the busy ones when they are done."""
        pool = self._pools.get((reference.scope, reference.name))
        if pool is not None:
            self._endings.end_all(pool.drain())

    def clear(self) -> None:
        """End every idle environment and count from nothing."""
        for pool in self._pools.values():
            self._endings.end_all(pool.drain())
        self._pools.clear()
        self._unreserved_busy.clear()
        self._all_busy.clear()
