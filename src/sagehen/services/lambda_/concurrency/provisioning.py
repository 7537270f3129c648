"""Provisioning: keeps the environments that provisioned concurrency asks for, initialized and waiting.

What is wanted is in the records; what is there is in memory and is made anew at every start.
Allocation is all or nothing: none of a request's environments is used before the last one is
ready. AWS begins after a minute or two; here it begins at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.allocation import Allocation, shared_out
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords, ProvisionedConfig
from sagehen.services.lambda_.errors import LambdaError
from sagehen.services.lambda_.execution.contract import (
    Environment,
    EnvironmentFailed,
    Environments,
    FunctionVersion,
)
from sagehen.services.lambda_.execution.endings import Endings
from sagehen.services.lambda_.functions.preparations import Preparations
from sagehen.services.lambda_.functions.targets import Targets
from sagehen.services.lambda_.names import FunctionReference

_log = logging.getLogger(__name__)

# Init is the user's code at full speed: more at once would only make each one slower.
_STARTS_AT_ONCE = 4


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
        self._endings = Endings()

    # --- what dispatch asks ----------------------------------------------------------------------

    def allocation(self, reference: FunctionReference) -> Allocation | None:
        """Return what is there of exactly this qualifier; None where nothing is provisioned on it."""
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
            self._endings.end(environment)
        return None

    def give_back(self, reference: FunctionReference, environment: Environment) -> None:
        """Put an environment back; one that is spent is replaced."""
        allocation = self._allocations.get(reference)
        if allocation is None or environment not in allocation.busy:
            self._endings.end(environment)
            return
        allocation.busy.discard(environment)
        if environment.is_usable:
            allocation.add(environment)
        else:
            self._endings.end(environment)
        if not environment.is_usable or allocation.allocated > allocation.wanted:
            self.reconcile(reference)

    def allocations(self) -> Iterator[tuple[FunctionReference, Allocation]]:
        """Yield every version or alias that has provisioned concurrency."""
        yield from self._allocations.items()

    def busy(self, scope: Scope) -> Iterator[tuple[str, int]]:
        """Yield functions of a scope, and how many of their provisioned environments run an invocation."""
        for reference, allocation in self._allocations.items():
            if allocation.busy and reference.scope == scope:
                yield reference.name, len(allocation.busy)

    def code_in_use(self) -> Iterator[Environment]:
        """Yield the environments whose code must stay on the disk."""
        for allocation in self._allocations.values():
            yield from allocation.environments()

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
        # A retry is silent: FAILED stays on show until all of it is there.
        if not retry:
            allocation.status, allocation.reason = "IN_PROGRESS", ""
        if allocation.task is not None:
            allocation.task.cancel()
        allocation.task = asyncio.create_task(self._allocate(config, allocation))

    def retry_failed(self) -> None:
        """Try again what failed and is at rest; returns at once."""
        for reference, allocation in list(self._allocations.items()):
            if allocation.status == "FAILED" and allocation.is_at_rest:
                self.reconcile(reference, retry=True)

    def reconcile_function(self, reference: FunctionReference) -> None:
        """After a change to a function or its aliases: look at all of its allocations."""
        for known in [one for one in self._allocations if one.qualified("") == reference.qualified("")]:
            self.reconcile(known)

    async def _allocate(self, config: ProvisionedConfig, allocation: Allocation) -> None:
        started: list[Environment] = []
        try:
            functions = await self._wanted(config)
            wanted = {function.version: count for function, count in functions}
            missing = allocation.missing(wanted)
            async with asyncio.TaskGroup() as group:
                for function, _ in functions:
                    for _ in range(missing.get(function.version, 0)):
                        group.create_task(self._start(function, started))
        except BaseExceptionGroup as errors:
            self._endings.end_all(started)
            _fail(allocation, errors.exceptions[0])
            return
        except (LambdaError, EnvironmentFailed) as error:
            _fail(allocation, error)
            return
        except asyncio.CancelledError:
            self._endings.end_all(started)
            raise
        for environment in started:
            allocation.add(environment)
        self._endings.end_all(allocation.surplus(wanted))
        allocation.status, allocation.reason = "READY", ""

    async def _wanted(self, config: ProvisionedConfig) -> list[tuple[FunctionVersion, int]]:
        """Return how many environments each version gets: an alias shares them out by its weights."""
        found = self._targets.versions(config.reference)
        for record, _ in found:
            await self._preparations.ready(record)
        counts = shared_out(config.requested, [share for _, share in found])
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
                self._endings.end(environment)
                raise
            started.append(environment)

    # --- ending ----------------------------------------------------------------------------------

    def _release(self, reference: FunctionReference, allocation: Allocation) -> None:
        del self._allocations[reference]
        if allocation.task is not None:
            allocation.task.cancel()
        for waiting in allocation.free.values():
            self._endings.end_all(waiting)

    async def stop(self) -> None:
        """End every provisioned environment; the records still want them."""
        tasks = [one.task for one in self._allocations.values() if one.task is not None]
        for reference, allocation in list(self._allocations.items()):
            self._release(reference, allocation)
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._endings.settle()


def _fail(allocation: Allocation, error: BaseException) -> None:
    _log.warning("provisioned concurrency failed: %s", error)
    allocation.status = "FAILED"
    # From memory: AWS names the kind of failure in capitals.
    allocation.reason = "FUNCTION_ERROR_INIT_FAILURE" if isinstance(error, EnvironmentFailed) else str(error)
