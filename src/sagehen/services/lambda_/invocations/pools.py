"""EnvironmentPool: the on-demand environments of one function. Bookkeeping only; starts and stops nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from sagehen.concurrency.counting import (
    NEW_ENVIRONMENTS,
    NEW_ENVIRONMENTS_PER_S,
    TokenBucket,
)
from sagehen.services.lambda_.execution.contract import Environment, FunctionVersion


@dataclass(slots=True)
class _Idle:
    environment: Environment
    since_s: float


@dataclass(slots=True)
class EnvironmentPool:
    """Idle environments by version, most recently used last, and how many are busy.

    Args:
        scaling: How fast environments may be added.
        rate: How many requests may come.
    """

    scaling: TokenBucket
    rate: TokenBucket
    busy: int = 0
    _idle: dict[str, list[_Idle]] = field(default_factory=dict)
    # The newest revision seen of each version: older environments take nothing any more.
    _revisions: dict[str, str] = field(default_factory=dict)
    # Invocations that wait for a cold start and take what comes free before, by (version, revision).
    _waiting: dict[tuple[str, str], deque[asyncio.Future[Environment]]] = field(default_factory=dict)

    @classmethod
    def new(cls, rate_per_s: int, now_s: float) -> EnvironmentPool:
        """Make an empty pool with both buckets full.

        Args:
            rate_per_s: Requests per second, and as many at once.
            now_s: Of the monotonic clock.
        """
        return cls(
            TokenBucket(NEW_ENVIRONMENTS, NEW_ENVIRONMENTS_PER_S, now_s),
            # A second's worth at once; how AWS smoothes bursts is not documented.
            TokenBucket(rate_per_s, rate_per_s, now_s),
        )

    def take(self, function: FunctionVersion) -> Environment | None:
        """Take the most recently used idle environment of this revision."""
        waiting = self._idle.get(function.version)
        while waiting:
            environment = waiting.pop().environment
            if environment.is_usable:
                return environment
        return None

    def wait(self, function: FunctionVersion) -> asyncio.Future[Environment]:
        """Return a future of the next environment of this revision that comes free. Cancel it or use it."""
        handed: asyncio.Future[Environment] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault((function.version, function.revision), deque()).append(handed)
        return handed

    def outdated(self, function: FunctionVersion) -> list[Environment]:
        """Note the revision in use and return the idle environments of others, which are given up."""
        if self._revisions.get(function.version) == function.revision:
            return []
        self._revisions[function.version] = function.revision
        return [idle.environment for idle in self._idle.pop(function.version, ())]

    def keep(self, environment: Environment, now_s: float) -> bool:
        """Put an environment back, or hand it to who waits; False where it may not be used again."""
        function = environment.function
        if not environment.is_usable or self._revisions.get(function.version) != function.revision:
            return False
        waiting = self._waiting.get((function.version, function.revision))
        while waiting:
            handed = waiting.popleft()
            if not handed.done():
                handed.set_result(environment)
                return True
        self._waiting.pop((function.version, function.revision), None)
        self._idle.setdefault(function.version, []).append(_Idle(environment, now_s))
        return True

    def expired(self, before_s: float) -> list[Environment]:
        """Give up the environments that have been idle since before a moment, or that ended."""
        gone: list[Environment] = []
        for version, waiting in self._idle.items():
            kept = [idle for idle in waiting if idle.since_s >= before_s and idle.environment.is_usable]
            gone += [idle.environment for idle in waiting if idle not in kept]
            self._idle[version] = kept
        return gone

    def drain(self) -> list[Environment]:
        """Give up every idle environment; busy ones are given up when they come back."""
        gone = [idle.environment for waiting in self._idle.values() for idle in waiting]
        self._idle.clear()
        self._revisions.clear()
        return gone

    def environments(self) -> Iterator[Environment]:
        """Yield the idle ones, by version."""
        for waiting in self._idle.values():
            yield from (idle.environment for idle in waiting)

    @property
    def is_empty(self) -> bool:
        return self.busy == 0 and not any(self._idle.values())
