"""Change sets, looked at."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.services.cloudformation import description
from sagehen.services.cloudformation.change_sets.rules import arn_of, execution_of
from sagehen.services.cloudformation.change_sets.telling import shown
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.operations.rights import on_stack
from sagehen.services.cloudformation.stacks.change_set import ChangeSet
from sagehen.services.cloudformation.stacks.change_set_records import ChangeSetRecords
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import Stack, Version

_PAGE = 100


class KnowsChangeSets:
    """Finds the change set that a request is about, and its stack."""

    def __init__(self, records: StackRecords, change_sets: ChangeSetRecords) -> None:
        self._records = records
        self._change_sets = change_sets

    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where it names none, or none that there is."""
        if name := request.get("StackName"):
            return self._records.find(context.scope, name)
        arn = self._change_sets.stack_of(context.scope, request.get("ChangeSetName") or "")
        return self._records.find(context.scope, arn) if arn else None

    def find(self, context: RequestContext, request: Request) -> tuple[Stack, ChangeSet]:
        """Return both. ValidationError, ChangeSetNotFound."""
        stack = self.stack_of(context, request)
        if stack is None:
            raise ValidationError(f"Stack [{request.get('StackName')}] does not exist")
        return stack, self._change_sets.require(stack, request["ChangeSetName"])


class ChangeSetViews(KnowsChangeSets):
    """DescribeChangeSet, ListChangeSets."""

    @operation("DescribeChangeSet", access=on_stack)
    async def describe_change_set(self, context: RequestContext, request: Request) -> Request:
        """Return a change set. ChangeSetNotFound where there is none."""
        stack, change_set = self.find(context, request)
        with_values = bool(request.get("IncludePropertyValues"))
        page = paginate(
            list(enumerate(change_set.changes)),
            key=lambda pair: pair[0],
            token=request.get("NextToken"),
            limit=_PAGE,
            listing=f"changes {change_set.id}",
            error=ValidationError,
        )
        version = Version(**change_set.version)
        return {
            **_summary(stack, change_set),
            "Parameters": description.parameters_told(version),
            "Capabilities": list(version.capabilities),
            "Tags": list(version.tags),
            "NotificationARNs": [],
            "RollbackConfiguration": {},
            "ImportExistingResources": change_set.takes_over,
            "OnStackFailure": change_set.on_failure,
            "DeploymentConfig": {
                "Mode": "STANDARD",
                "DisableRollback": change_set.on_failure == "DO_NOTHING",
            },
            "Changes": [shown(change, with_values=with_values) for _, change in page.items],
            "NextToken": page.next_token,
        }

    @operation("ListChangeSets", access=on_stack)
    async def list_change_sets(self, context: RequestContext, request: Request) -> Request:
        """Return a page of a stack's change sets, the newest first. ValidationError without a stack."""
        stack = self._records.require(context.scope, request["StackName"])
        page = paginate(
            sorted(self._change_sets.all(stack), key=lambda one: (-one.created_at, one.name)),
            key=lambda one: (-one.created_at, one.name),
            token=request.get("NextToken"),
            limit=_PAGE,
            listing=f"change sets {stack.id}",
            error=ValidationError,
        )
        return {"Summaries": [_summary(stack, one) for one in page.items], "NextToken": page.next_token}


def _summary(stack: Stack, change_set: ChangeSet) -> dict[str, Any]:
    return {
        "ChangeSetName": change_set.name,
        "ChangeSetId": arn_of(stack, change_set),
        "StackId": stack.arn,
        "StackName": stack.name,
        "Description": change_set.description or None,
        "CreationTime": description.moment(change_set.created_at),
        "ExecutionStatus": execution_of(stack, change_set),
        "Status": change_set.status,
        "StatusReason": change_set.reason,
        "IncludeNestedStacks": change_set.nested,
        "ParentChangeSetId": change_set.parent or None,
        "RootChangeSetId": change_set.root or None,
    }
