"""What concurrency is made of, and its operations."""

from __future__ import annotations

from sagehen.services.lambda_.concurrency.provisioned import ProvisionedConcurrency
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.concurrency.reserved import ReservedConcurrency
from sagehen.services.lambda_.concurrency.running import RunningConcurrency
from sagehen.services.lambda_.concurrency.scalable import ScalableConcurrency
from sagehen.services.lambda_.functions.assembly import FunctionRoom
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.storage.quota import CodeQuota
from sagehen.services.lambda_.storage.tables import Tables


class ConcurrencyRoom:
    """Who may run how often, as the rooms above see it."""

    def __init__(self, premises: Premises, tables: Tables, quota: CodeQuota, functions: FunctionRoom) -> None:
        self.records = ConcurrencyRecords(tables)
        self.provisioning = Provisioning(
            self.records, functions.targets, functions.preparations, premises.environments
        )
        self.running = RunningConcurrency(self.provisioning, self.records)
        provisioned = ProvisionedConcurrency(
            concurrency=self.records,
            provisioning=self.provisioning,
            records=functions.records,
            aliases=functions.aliases,
            limits=premises.limits,
            clock=premises.clock,
        )
        self.scalable = ScalableConcurrency(provisioned, self.records, self.provisioning)
        self.operations: tuple[object, ...] = (
            ReservedConcurrency(
                concurrency=self.records, records=functions.records, quota=quota, limits=premises.limits
            ),
            provisioned,
        )
