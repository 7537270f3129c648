"""Retention policies, and the deletion of what they let expire."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.logs.access import on_group
from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.groups.records import LogRecords
from sagehen.services.logs.streams.operations import requested_group

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
DAY_MS = 86_400_000


class Retention:
    def __init__(self, records: LogRecords, events: EventRecords, clock: Clock) -> None:
        self._records = records
        self._events = events
        self._clock = clock

    @operation("PutRetentionPolicy", access=on_group)
    async def put_retention_policy(self, context: RequestContext, request: Request) -> None:
        days = request["retentionInDays"]
        if days not in RETENTION_DAYS:
            raise InvalidParameterException(
                f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy"
                f" constraint: Member must satisfy enum value set: {list(RETENTION_DAYS)}"
            )
        group = requested_group(self._records, context.scope, request)
        await self._records.set_retention(group.id, days)

    @operation("DeleteRetentionPolicy", access=on_group)
    async def delete_retention_policy(self, context: RequestContext, request: Request) -> None:
        group = requested_group(self._records, context.scope, request)
        await self._records.set_retention(group.id, None)

    async def expire(self) -> None:
        """Delete events past their group's retention, and those of deleted groups and streams.

        In small bites, each a transaction: other writers get their turn in between.
        """
        now_ms = int(self._clock.now().timestamp() * 1000)
        for group in self._records.groups_with_retention():
            before_ms = now_ms - (group.retention_days or 0) * DAY_MS
            while await self._events.expire(group.id, before_ms):
                pass
        while await self._events.sweep_garbage():
            pass
