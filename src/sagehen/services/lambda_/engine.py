"""Engine: what runs functions, and what goes on in the background; the operations stand on it."""

from __future__ import annotations

from pathlib import Path

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.metrics import MetricSink
from sagehen.domain.ports.roles import Roles
from sagehen.services.lambda_.code.store import CodeStore
from sagehen.services.lambda_.concurrency.counting import Limits
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.execution.contract import Environments
from sagehen.services.lambda_.functions.aliases.records import AliasRecords
from sagehen.services.lambda_.functions.preparations import Preparations
from sagehen.services.lambda_.functions.records import Records
from sagehen.services.lambda_.functions.roles import FunctionRoles
from sagehen.services.lambda_.functions.targets import Targets
from sagehen.services.lambda_.housekeeping import Housekeeping
from sagehen.services.lambda_.invocations.dispatch import Dispatch
from sagehen.services.lambda_.invocations.metrics import InvocationMetrics
from sagehen.services.lambda_.invocations.runner import FunctionRunner
from sagehen.services.lambda_.layers.records import LayerRecords
from sagehen.services.lambda_.queue.destinations import Destinations
from sagehen.services.lambda_.queue.loop import AsyncQueue
from sagehen.services.lambda_.queue.records import EventRecords


class Engine:
    """Made with the service's arguments; see `LambdaService`."""

    def __init__(
        self,
        *,
        records: Records,
        folder: Path,
        clock: Clock,
        ids: Ids,
        roles: Roles,
        authorizer: Authorizer,
        metrics: MetricSink,
        environments: Environments,
        limits: Limits,
        idle_s: float,
    ) -> None:
        self.records = records
        self.store = CodeStore(folder, ids)
        self.aliases, self.layer_records = AliasRecords(records), LayerRecords(records)
        self.concurrency, self.events = ConcurrencyRecords(records), EventRecords(records)
        self.preparations = Preparations(records, self.store, ids)
        self.targets = Targets(records, self.aliases, self.store)
        self.provisioning = Provisioning(self.concurrency, self.targets, self.preparations, environments)
        self.dispatch = Dispatch(
            environments,
            self.provisioning,
            self.concurrency,
            limits,
            clock,
            on_release=lambda scope: self.queue.concurrency_freed(scope),
        )
        counted = InvocationMetrics(metrics)
        self.runner = FunctionRunner(
            records=records,
            targets=self.targets,
            preparations=self.preparations,
            dispatch=self.dispatch,
            metrics=counted,
            draw=ids.uniform,
        )
        self.function_roles = FunctionRoles(roles, clock)
        destinations = Destinations(
            targets=self.targets,
            roles=self.function_roles,
            authorizer=authorizer,
            metrics=counted,
            clock=clock,
            ids=ids,
        )
        self.queue = AsyncQueue(
            records=self.events,
            concurrency=self.concurrency,
            runner=self.runner,
            destinations=destinations,
            metrics=counted,
            clock=clock,
        )
        self._housekeeping = Housekeeping(
            records=records,
            layers=self.layer_records,
            store=self.store,
            dispatch=self.dispatch,
            provisioning=self.provisioning,
            metrics=counted,
            clock=clock,
            idle_s=idle_s,
        )

    def begin(self) -> None:
        """Take up what an earlier life left: unpacking, provisioned concurrency, queued events."""
        self.preparations.recover()
        self.provisioning.recover()
        self.queue.start()
        self._housekeeping.start()

    async def end(self) -> None:
        """End every invocation and environment; `begin` takes up again what waits."""
        await self._housekeeping.stop()
        await self.queue.stop()
        await self.dispatch.stop()
        await self.provisioning.stop()
        await self.preparations.settle()
