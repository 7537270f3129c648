"""Model package groups: the operations."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.model_packages import names
from sagehen.services.sagemaker.model_packages.group_records import GroupRecord, GroupRecords
from sagehen.services.sagemaker.model_packages.rights import group_creation, on_group
from sagehen.services.sagemaker.resources.user_context import user_context


class Groups:
    """CreateModelPackageGroup, DescribeModelPackageGroup, ListModelPackageGroups, DeleteModelPackageGroup."""

    def __init__(self, records: GroupRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    @operation("CreateModelPackageGroup", access=group_creation)
    async def create_model_package_group(self, context: RequestContext, request: Request) -> Request:
        """Record a group without versions.

        Raises:
            ValidationException: The name is taken.
            NotImplementedOperation, ResourceLimitExceeded.
        """
        if request.get("ManagedConfiguration"):
            raise NotImplementedOperation(
                "CreateModelPackageGroup ManagedConfiguration (storage of AWS's own) is not implemented."
            )
        group = GroupRecord(
            context.scope,
            request["ModelPackageGroupName"],
            self._clock.now(),
            request.get("ModelPackageGroupDescription") or "",
            user_context(context.principal),
        )
        await self._records.add(group, request.get("Tags") or ())
        return {"ModelPackageGroupArn": group.arn}

    @operation("DescribeModelPackageGroup", access=on_group)
    async def describe_model_package_group(self, context: RequestContext, request: Request) -> Request:
        """Return a group.

        Raises:
            ValidationException: No such group.
        """
        group = self._records.require(names.group(context.scope, request["ModelPackageGroupName"]))
        return describe(group)

    @operation("ListModelPackageGroups")
    async def list_model_package_groups(self, context: RequestContext, request: Request) -> Request:
        """Return one page of the account's groups, the oldest first where the request does not say.

        None of another account's is listed: that takes a resource share, and there is no RAM here.
        """
        if request.get("CrossAccountFilterOption") == "CrossAccount":
            return {"ModelPackageGroupSummaryList": []}
        groups, token = self._records.page(context.scope, request)
        return {"ModelPackageGroupSummaryList": [_summary(group) for group in groups], "NextToken": token}

    @operation("DeleteModelPackageGroup", access=on_group)
    async def delete_model_package_group(self, context: RequestContext, request: Request) -> None:
        """Forget a group that has no versions.

        Raises:
            ValidationException: No such group.
            ConflictException: It has versions.
        """
        await self._records.delete(names.group(context.scope, request["ModelPackageGroupName"]))


def describe(group: GroupRecord) -> dict[str, Any]:
    """Return DescribeModelPackageGroup's answer."""
    return {**_summary(group), "CreatedBy": group.created_by}


def _summary(group: GroupRecord) -> dict[str, Any]:
    return {
        "ModelPackageGroupName": group.name,
        "ModelPackageGroupArn": group.arn,
        "ModelPackageGroupDescription": group.description or None,
        "CreationTime": group.created_at,
        "ModelPackageGroupStatus": "Completed",
    }
