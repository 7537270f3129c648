"""What the asynchronous queue is made of, and its operations."""

from __future__ import annotations

from sagehen.services.lambda_.concurrency.assembly import ConcurrencyRoom
from sagehen.services.lambda_.functions.assembly import FunctionRoom
from sagehen.services.lambda_.invocations.assembly import InvocationRoom
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.queue.destinations import Destinations
from sagehen.services.lambda_.queue.loop import AsyncQueue
from sagehen.services.lambda_.queue.operations import EventInvokeConfigs
from sagehen.services.lambda_.queue.records import EventRecords
from sagehen.services.lambda_.storage.tables import Tables


class QueueRoom:
    """The queue. It takes up what waits when `loop` is started."""

    def __init__(
        self,
        premises: Premises,
        tables: Tables,
        functions: FunctionRoom,
        concurrency: ConcurrencyRoom,
        invocations: InvocationRoom,
    ) -> None:
        records = EventRecords(tables)
        destinations = Destinations(
            targets=functions.targets,
            roles=functions.roles,
            authorizer=premises.authorizer,
            metrics=invocations.metrics,
            clock=premises.clock,
            ids=premises.ids,
        )
        self.loop = AsyncQueue(
            records=records,
            concurrency=concurrency.records,
            runner=invocations.runner,
            destinations=destinations,
            metrics=invocations.metrics,
            clock=premises.clock,
        )
        self.operations: tuple[object, ...] = (
            EventInvokeConfigs(
                events=records,
                records=functions.records,
                descriptions=functions.descriptions,
                roles=functions.roles,
                authorizer=premises.authorizer,
                clock=premises.clock,
            ),
        )
