"""LambdaService: what app makes, starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.metrics import MetricSink
from sagehen.domain.ports.objects import Objects
from sagehen.domain.ports.resource_policies import ResourceDocuments, ResourceTags
from sagehen.domain.ports.roles import Roles
from sagehen.services.lambda_.code.downloads import Downloads
from sagehen.services.lambda_.code.packages import Packages
from sagehen.services.lambda_.concurrency.counting import Limits
from sagehen.services.lambda_.concurrency.provisioned import ProvisionedConcurrency
from sagehen.services.lambda_.concurrency.reserved import Concurrency
from sagehen.services.lambda_.engine import Engine
from sagehen.services.lambda_.execution.contract import Environments
from sagehen.services.lambda_.functions.aliases.operations import Aliases
from sagehen.services.lambda_.functions.code import FunctionCode
from sagehen.services.lambda_.functions.event_sources import EventSources
from sagehen.services.lambda_.functions.operations import Functions
from sagehen.services.lambda_.functions.permissions.operations import Permissions, StoredResourcePolicies
from sagehen.services.lambda_.functions.permissions.records import PolicyRecords
from sagehen.services.lambda_.functions.records import Records
from sagehen.services.lambda_.functions.state import LambdaState, Resource
from sagehen.services.lambda_.functions.tags import Tags, function_tags
from sagehen.services.lambda_.functions.unset import UnsetConfiguration
from sagehen.services.lambda_.functions.versions.operations import Versions
from sagehen.services.lambda_.invocations.invoker import Invoker, LogEvents, ObjectEvents
from sagehen.services.lambda_.invocations.operations import Invocations
from sagehen.services.lambda_.layers.choice import LayerChoice
from sagehen.services.lambda_.layers.operations import Layers
from sagehen.services.lambda_.queue.operations import EventInvokeConfigs
from sagehen.services.lambda_.storage.schema import MIGRATIONS
from sagehen.store.database import Database

_RESOURCES: tuple[type[Resource], ...] = (
    Aliases,
    Concurrency,
    EventInvokeConfigs,
    EventSources,
    FunctionCode,
    Functions,
    Layers,
    Permissions,
    ProvisionedConcurrency,
    Tags,
    UnsetConfiguration,
    Versions,
)


class LambdaService:
    """Lambda as one component.

    Args:
        database: The platform's metadata.
        folder: A folder of this service's own, for code.
        clock: The platform's clock.
        ids: Source of identifiers, and of the draws between an alias's versions.
        roles: PassRole checks, and sessions for destinations.
        objects: S3 with the rights of whoever names a package there.
        authorizer: Rights of those who invoke from inside the platform.
        documents: The grammar of resource policies.
        metrics: Where AWS/Lambda goes.
        environments: What runs functions; closed by `stop`.
        limits: The account's concurrency.
        idle_s: How long an environment waits for its next invocation, in seconds of the clock.

    Attributes:
        resource_policies: `ports.ResourcePolicies` for the evaluator.
        resource_tags: `ports.ResourceTags` for the evaluator.
        invoker: `ports.FunctionInvoker` for API Gateway, alarms.
        notifier: `ports.Notifier` for S3.
        log_subscribers: `ports.LogSubscribers` for CloudWatch Logs.
        downloads: Resolves the URLs of packages; `app` makes a page of it.
    """

    def __init__(
        self,
        *,
        database: Database,
        folder: Path,
        clock: Clock,
        ids: Ids,
        roles: Roles,
        objects: Objects,
        authorizer: Authorizer,
        documents: ResourceDocuments,
        metrics: MetricSink,
        environments: Environments,
        limits: Limits | None = None,
        idle_s: float = 600.0,
    ) -> None:
        database.migrate("lambda", MIGRATIONS)
        limits = limits or Limits()
        self._environments = environments
        self._engine = engine = Engine(
            records=Records(database, limits.code_bytes),
            folder=folder,
            clock=clock,
            ids=ids,
            roles=roles,
            authorizer=authorizer,
            metrics=metrics,
            environments=environments,
            limits=limits,
            idle_s=idle_s,
        )
        policies = PolicyRecords(engine.records)
        self.downloads = Downloads(engine.store, clock, ids)
        state = LambdaState(
            records=engine.records,
            aliases=engine.aliases,
            policies=policies,
            concurrency=engine.concurrency,
            events=engine.events,
            layer_records=engine.layer_records,
            layers=LayerChoice(engine.layer_records),
            packages=Packages(engine.store, objects),
            preparations=engine.preparations,
            targets=engine.targets,
            provisioning=engine.provisioning,
            dispatch=engine.dispatch,
            downloads=self.downloads,
            environments=environments,
            roles=roles,
            function_roles=engine.function_roles,
            authorizer=authorizer,
            documents=documents,
            limits=limits,
            clock=clock,
            ids=ids,
        )
        resources = (*(resource(state) for resource in _RESOURCES), Invocations(engine.runner, engine.queue))
        self.services: Sequence[Service] = (Service("lambda", resources),)
        self.resource_tags: ResourceTags = partial(function_tags, engine.records)
        self.resource_policies = StoredResourcePolicies(policies, engine.layer_records)
        self.invoker = Invoker(runner=engine.runner, queue=engine.queue, authorizer=authorizer, ids=ids)
        self.notifier = ObjectEvents(self.invoker)
        self.log_subscribers = LogEvents(self.invoker)

    async def start(self) -> None:
        """Take up what an earlier life left: unpacking, provisioned concurrency, queued events."""
        await asyncio.to_thread(self._engine.store.prepare)
        # Looking for interpreters takes a moment that nobody should wait for, and must not block.
        self._looking = asyncio.create_task(asyncio.to_thread(self._environments.runtimes))
        self._engine.begin()

    async def stop(self) -> None:
        """End every environment; `start` brings back what waits."""
        await asyncio.gather(self._looking, return_exceptions=True)
        await self._engine.end()
        await self._environments.close()

    async def reset(self) -> None:
        """Forget everything; the tables were emptied before."""
        await self._engine.end()
        self._engine.records.forget()
        await self._engine.store.discard_all()
        self._engine.begin()
