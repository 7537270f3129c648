"""LambdaService: what app makes, starts and stops."""

from __future__ import annotations

import asyncio

from sagehen.api.operation import Service
from sagehen.services.lambda_.code.assembly import CodeRoom
from sagehen.services.lambda_.concurrency.assembly import ConcurrencyRoom
from sagehen.services.lambda_.functions.assembly import FunctionRoom
from sagehen.services.lambda_.housekeeping import Housekeeping
from sagehen.services.lambda_.invocations.assembly import InvocationRoom
from sagehen.services.lambda_.invocations.sources import LogEvents, ObjectEvents
from sagehen.services.lambda_.layers.assembly import LayerRoom
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.queue.assembly import QueueRoom
from sagehen.services.lambda_.storage.quota import CodeQuota
from sagehen.services.lambda_.storage.schema import MIGRATIONS
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.services.lambda_.urls.assembly import UrlRoom


class LambdaService:
    """Lambda as one component: its rooms, from the lowest to the highest.

    Attributes:
        resource_policies: `ports.ResourcePolicies` for the evaluator.
        resource_tags: `ports.ResourceTags` for the evaluator.
        scalable_concurrency: `ports.ScalableResources` for Application Auto Scaling.
        invoker: `ports.FunctionInvoker` for API Gateway, alarms.
        notifier: `ports.Notifier` for S3.
        log_subscribers: `ports.LogSubscribers` for CloudWatch Logs.
        urls: Answers requests to function URLs, for the front door.
        downloads: Resolves the URLs of packages; `app` makes a page of it.
    """

    def __init__(self, premises: Premises) -> None:
        premises.database.migrate("lambda", MIGRATIONS)
        self._environments = premises.environments
        self._tables = tables = Tables(premises.database)
        quota = CodeQuota(tables, premises.limits.code_bytes)
        self._code = code = CodeRoom(premises)
        layers = LayerRoom(premises, tables, quota, code)
        self._functions = functions = FunctionRoom(premises, tables, quota, code, layers)
        self._concurrency = concurrency = ConcurrencyRoom(premises, tables, quota, functions)
        # The one thing that a lower room tells a higher one: concurrency was given back.
        self._invocations = invocations = InvocationRoom(
            premises, functions, concurrency, on_release=lambda scope: self._queue.concurrency_freed(scope)
        )
        queue = QueueRoom(premises, tables, functions, concurrency, invocations)
        urls = UrlRoom(premises, tables, functions, invocations)
        self._queue = queue.loop
        self._housekeeping = Housekeeping(premises, quota, layers.records, code, invocations, concurrency)

        resources = (
            *functions.operations(invocations.dispatch.drain, concurrency.provisioning.reconcile_function),
            *layers.operations,
            *concurrency.operations,
            *invocations.operations(queue.loop),
            *queue.operations,
            *urls.operations,
        )
        self.services = (Service("lambda", resources),)
        self.downloads = code.downloads
        self.urls = urls.data_plane
        self.resource_tags = functions.resource_tags
        self.networks = functions.networks
        self.scalable_concurrency = concurrency.scalable
        self.running = concurrency.running
        self.resource_policies = functions.resource_policies
        self.invoker = invocations.invoker(queue.loop)
        self.notifier = ObjectEvents(self.invoker)
        self.log_subscribers = LogEvents(self.invoker)

    async def start(self) -> None:
        """Take up what an earlier life left: unpacking, provisioned concurrency, queued events."""
        await asyncio.to_thread(self._code.store.prepare)
        # Looking for interpreters takes a moment that nobody should wait for, and must not block.
        self._looking = asyncio.create_task(asyncio.to_thread(self._environments.runtimes))
        self._begin()

    async def stop(self) -> None:
        """End every environment; `start` brings back what waits."""
        await asyncio.gather(self._looking, return_exceptions=True)
        await self._end()
        await self._environments.close()

    async def reset(self) -> None:
        """Forget everything; the tables were emptied before."""
        await self._end()
        self._tables.forget()
        await self._code.store.discard_all()
        self._begin()

    def _begin(self) -> None:
        self._functions.preparations.recover()
        self._concurrency.provisioning.recover()
        self._queue.start()
        self._housekeeping.start()

    async def _end(self) -> None:
        """End every invocation and environment, those first that would begin others."""
        await self._housekeeping.stop()
        await self._queue.stop()
        await self._invocations.dispatch.stop()
        await self._concurrency.provisioning.stop()
        await self._functions.preparations.settle()
