"""The retention policies of groups."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.logs.access import on_group
from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.groups.records import GroupRecords
from sagehen.services.logs.groups.requested import requested_group

# Documented: API_PutRetentionPolicy.
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


class RetentionPolicies:
    """PutRetentionPolicy and DeleteRetentionPolicy; `expiry` deletes what they let expire."""

    def __init__(self, records: GroupRecords) -> None:
        self._records = records

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
