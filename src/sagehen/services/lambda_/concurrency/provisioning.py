"""Provisioning: keeps the environments that provisioned concurrency asks for, initialized and waiting.

What is wanted is in the records; what is there is in memory and is made anew at every start.
Allocation is all or nothing: none of a request's environments is used before the last one is
ready. AWS begins after a minute or two; here it begins at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords, ProvisionedConfig
from sagehen.services.lambda_.errors import LambdaError
from sagehen.services.lambda_.execution.contract import (
    Environment,
    EnvironmentFailed,
    Environments,
    FunctionVersion,
)
from sagehen.services.lambda_.functions.preparations import Preparations
from sagehen.services.lambda_.functions.targets import Targets
from sagehen.services.lambda_.names import FunctionReference

_log = logging.getLogger(__name__)

# Init is the user's code at full speed: more at once would only make each one slower.
_STARTS_AT_ONCE = 4


@dataclass(slots=True)
class Allocation:
    """The provisioned environments of one version or alias.

    Attributes:
        wanted: As the configuration asks.
        status: `IN_PROGRESS`, `READY` or `FAILED`.
        free: Ready and idle, by version.
        busy: Running an invocation.
    """

    wanted: int
    status: str = "IN_PROGRESS"
    reason: str = ""
    free: dict[str, list[Environment]] = field(default_factory=dict)
    busy: set[Environment] = field(default_factory=set)
    task: asyncio.Task[None] | None = None

    @property
    def allocated(self) -> int:
        return len(self.busy) + sum(len(waiting) for waiting in self.free.values())

    @property
    def available(self) -> int:
        return self.allocated

    def count(self, version: str) -> int:
        busy = sum(1 for environment in self.busy if environment.function.version == version)
        return busy + len(self.free.get(version, ()))


class Provisioning:
    """Makes provisioned environments so many as the records want."""

    def __init__(
        self,
        records: ConcurrencyRecords,
        targets: Targets,
        preparations: Preparations,
        environments: Environments,
    ) -> None:
        self._records = records
        self._targets = targets
        self._preparations = preparations
        self._environments = environments
        self._allocations: dict[FunctionReference, Allocation] = {}
        self._starts = asyncio.Semaphore(_STARTS_AT_ONCE)
        self._ending: set[asyncio.Task[None]] = set()

    # --- what dispatch asks ----------------------------------------------------------------------

    def allocation(self, reference: FunctionReference) -> Allocation | None:
        return self._allocations.get(reference)

    def take(self, reference: FunctionReference, function: FunctionVersion) -> Environment | None:
        """Take a free environment of this qualifier that runs this version."""
        allocation = self._allocations.get(reference)
        if allocation is None:
            return None
        waiting = allocation.free.get(function.version)
        while waiting:
            environment = waiting.pop()
            if environment.is_usable:
                allocation.busy.add(environment)
                return environment
            self._end(environment)
        return None

    def give_back(self, reference: FunctionReference, environment: Environment) -> None:
        """Put an environment back; one that is spent is replaced."""
        allocation = self._allocations.get(reference)
        if allocation is None or environment not in allocation.busy:
            self._end(environment)
            return
        allocation.busy.discard(environment)
        if environment.is_usable:
            allocation.free.setdefault(environment.function.version, []).append(environment)
        else:
            self._end(environment)
        if not environment.is_usable or allocation.allocated > allocation.wanted:
            self.reconcile(reference)

    def allocations(self) -> Iterator[tuple[FunctionReference, Allocation]]:
        yield from self._allocations.items()

    def code_in_use(self) -> Iterator[Environment]:
        for allocation in self._allocations.values():
            yield from allocation.busy
            for waiting in allocation.free.values():
                yield from waiting

    # --- making it so ----------------------------------------------------------------------------

    def recover(self) -> None:
        """Allocate everything anew."""
        for config in self._records.all_provisioned():
            self.reconcile(config.reference)

    def reconcile(self, reference: FunctionReference, *, retry: bool = False) -> None:
        """Move what is there towards what the records want; returns at once.

        Args:
            retry: What failed is tried again; it is FAILED until that succeeds.
        """
        config = self._records.provisioned(reference)
        allocation = self._allocations.get(reference)
        if config is None:
            if allocation is not None:
                self._release(reference, allocation)
            return
        if allocation is None:
            allocation = self._allocations[reference] = Allocation(config.requested)
        allocation.wanted = config.requested
        if not retry:
            allocation.status, allocation.reason = "IN_PROGRESS", ""
        if allocation.task is not None:
            allocation.task.cancel()
        allocation.task = asyncio.create_task(self._allocate(config, allocation))

    def retry_failed(self) -> None:
        for reference, allocation in list(self._allocations.items()):
            if allocation.status == "FAILED" and (allocation.task is None or allocation.task.done()):
                self.reconcile(reference, retry=True)

    def reconcile_function(self, reference: FunctionReference) -> None:
        """After a change to a function or its aliases: look at all of its allocations."""
        for known in [one for one in self._allocations if one.qualified("") == reference.qualified("")]:
            self.reconcile(known)

    async def _allocate(self, config: ProvisionedConfig, allocation: Allocation) -> None:
        started: list[Environment] = []
        try:
            wanted = await self._wanted(config)
            missing = [
                function
                for function, count in wanted
                for _ in range(count - allocation.count(function.version))
            ]
            async with asyncio.TaskGroup() as group:
                for function in missing:
                    group.create_task(self._start(function, started))
        except BaseExceptionGroup as errors:
            self._end_all(started)
            _fail(allocation, errors.exceptions[0])
            return
        except (LambdaError, EnvironmentFailed) as error:
            _fail(allocation, error)
            return
        except asyncio.CancelledError:
            self._end_all(started)
            raise
        for environment in started:
            allocation.free.setdefault(environment.function.version, []).append(environment)
        self._trim(allocation, dict((function.version, count) for function, count in wanted))
        allocation.status, allocation.reason = "READY", ""

    async def _wanted(self, config: ProvisionedConfig) -> list[tuple[FunctionVersion, int]]:
        """Return how many environments each version gets: an alias shares them out by its weights."""
        found = self._targets.versions(config.reference)
        for record, _ in found:
            await self._preparations.ready(record)
        counts = [round(config.requested * share) for _, share in found]
        counts[-1] = config.requested - sum(counts[:-1])
        return [
            (self._targets.function_version(record), count)
            for (record, _), count in zip(found, counts, strict=True)
        ]

    async def _start(self, function: FunctionVersion, started: list[Environment]) -> None:
        async with self._starts:
            environment = await self._environments.start(function, "provisioned-concurrency")
            try:
                await environment.initialize()
            except BaseException:
                self._end(environment)
                raise
            started.append(environment)

    def _trim(self, allocation: Allocation, wanted: dict[str, int]) -> None:
        """End free environments that are too many; busy ones are looked at when they come back."""
        for version, waiting in list(allocation.free.items()):
            while waiting and allocation.count(version) > wanted.get(version, 0):
                self._end(waiting.pop(0))

    # --- ending ----------------------------------------------------------------------------------

    def _release(self, reference: FunctionReference, allocation: Allocation) -> None:
        del self._allocations[reference]
        if allocation.task is not None:
            allocation.task.cancel()
        for waiting in allocation.free.values():
            self._end_all(waiting)

    def _end_all(self, environments: list[Environment]) -> None:
        for environment in environments:
            self._end(environment)

    def _end(self, environment: Environment) -> None:
        task = asyncio.create_task(_shut_down(environment))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def stop(self) -> None:
        """End every provisioned environment; the records still want them."""
        tasks = [one.task for one in self._allocations.values() if one.task is not None]
        for reference, allocation in list(self._allocations.items()):
            self._release(reference, allocation)
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*self._ending, return_exceptions=True)


async def _shut_down(environment: Environment) -> None:
    with contextlib.suppress(EnvironmentFailed):
        await environment.shutdown()


def _fail(allocation: Allocation, error: BaseException) -> None:
    _log.warning("provisioned concurrency failed: %s", error)
    allocation.status = "FAILED"
    allocation.reason = "FUNCTION_ERROR_INIT_FAILURE" if isinstance(error, EnvironmentFailed) else str(error)
