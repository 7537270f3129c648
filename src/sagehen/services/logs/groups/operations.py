"""Log groups."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.scope import Scope
from sagehen.services.logs.access import group_name, on_created_group, on_group
from sagehen.services.logs.errors import (
    InvalidParameterException,
    ResourceAlreadyExistsException,
    ValidationException,
    no_such_group,
)
from sagehen.services.logs.groups.records import Group, GroupFilter, GroupRecords
from sagehen.services.logs.groups.requested import requested_group


class LogGroups:
    """Making, deleting, protecting and listing groups."""

    def __init__(self, records: GroupRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    @operation("CreateLogGroup", access=on_created_group)
    async def create_log_group(self, context: RequestContext, request: Request) -> None:
        """A group of the class that is asked for; the class has no effect here.

        Raises:
            NotImplementedOperation: With a KMS key.
        """
        if request.get("kmsKeyId"):  # events lie plain on the disk: no key would have its effect
            raise NotImplementedOperation("CreateLogGroup: kmsKeyId is not implemented.")
        group = Group(
            id=0,
            name=request["logGroupName"],
            created_ms=epoch_ms(self._clock.now()),
            retention_days=None,
            group_class=request.get("logGroupClass") or "STANDARD",
            deletion_protection=bool(request.get("deletionProtectionEnabled")),
            stored_bytes=0,
        )
        if not await self._records.create_group(context.scope, group, request.get("tags") or {}):
            raise ResourceAlreadyExistsException("The specified log group already exists")  # recorded

    @operation("DeleteLogGroup", access=on_group)
    async def delete_log_group(self, context: RequestContext, request: Request) -> None:
        """The group is gone at once; its events leave the disk with the next rounds of the sweeper."""
        group = self._records.group(context.scope, request["logGroupName"])
        if group is None:
            raise no_such_group()
        if group.deletion_protection:
            raise ValidationException(  # the code is documented, the wording from memory
                "The specified log group has deletion protection enabled."
                " Disable it before you delete the group."
            )
        await self._records.delete_group(group.id)

    @operation("PutLogGroupDeletionProtection", access=on_group)
    async def put_log_group_deletion_protection(self, context: RequestContext, request: Request) -> None:
        group = requested_group(self._records, context.scope, request)
        await self._records.set_deletion_protection(group.id, request["deletionProtectionEnabled"])

    @operation("DescribeLogGroups", access=on_group)
    async def describe_log_groups(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if request.get("includeLinkedAccounts") or request.get("accountIdentifiers"):
            raise NotImplementedOperation("DescribeLogGroups: linked accounts are not implemented.")
        prefix, pattern = request.get("logGroupNamePrefix"), request.get("logGroupNamePattern")
        if prefix and pattern:  # documented: API_DescribeLogGroups; the wording is from memory
            raise InvalidParameterException(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
            )
        identifiers = request.get("logGroupIdentifiers")
        after = sought(
            request.get("nextToken"), (str,), listing="log-groups", error=InvalidParameterException
        )
        limit = request.get("limit") or 50  # documented: the default, and the most
        found = self._records.group_page(
            context.scope,
            GroupFilter(
                prefix or "",
                pattern or "",
                request.get("logGroupClass"),
                [group_name(identifier) for identifier in identifiers] if identifiers else None,
            ),
            after="" if after is None else after[0],
            limit=limit + 1,
        )
        page = page_read(found, True, limit, key=lambda one: one[0].name, listing="log-groups")
        return {
            "logGroups": [_describe(context.scope, *one) for one in page.items],
            "nextToken": page.next_token,
        }


def _describe(scope: Scope, group: Group, metric_filters: int) -> dict[str, Any]:
    arn = scope.arn("logs", f"log-group:{group.name}")
    return {
        "logGroupName": group.name,
        "creationTime": group.created_ms,
        "retentionInDays": group.retention_days,
        "metricFilterCount": metric_filters,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": group.stored_bytes,
        "logGroupClass": group.group_class,
        # Told where it is on (recorded).
        "deletionProtectionEnabled": group.deletion_protection or None,
    }
