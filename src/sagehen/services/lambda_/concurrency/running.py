"""Provisioned concurrency as what is paid for while it is there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from sagehen.domain.ports.compute.running_things import Running
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords

_GB_MIB = 1024


class RunningConcurrency:
    """Implements `RunningThings`: GB of memory that environments keep ready.

    Args:
        provisioning: What is there.
        records: Since when it is configured.
    """

    def __init__(self, provisioning: Provisioning, records: ConcurrencyRecords) -> None:
        self._provisioning = provisioning
        self._records = records

    def running(self) -> Iterable[Running]:
        """See `RunningThings.running`."""
        for reference, allocation in self._provisioning.allocations():
            gb = sum(environment.function.memory_mib for environment in allocation.environments()) / _GB_MIB
            config = self._records.provisioned(reference) if gb else None
            if config is not None:
                since = config.modified_at.astimezone(UTC)
                yield Running(
                    reference.scope,
                    "function",
                    reference.name,
                    reference.qualifier or "",
                    "GB",
                    gb,
                    since,
                )
