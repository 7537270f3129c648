"""Looking: what stacks are, what happened in them, what they export."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import encode_token, paginate, sought
from sagehen.services.cloudformation import description
from sagehen.services.cloudformation.drift.records import DriftRecords
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.operations.rights import on_stack
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import Resource, Stack

_PAGE = 100


class StackViews:
    """DescribeStacks and its kin, ListExports."""

    def __init__(self, records: StackRecords, drifts: DriftRecords) -> None:
        self._records = records
        self._drifts = drifts

    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where it names none, or none that there is."""
        if name := request.get("StackName"):
            return self._records.find(context.scope, name)
        if physical_id := request.get("PhysicalResourceId"):
            return self._with_physical(context, physical_id)
        return None

    @operation("DescribeStacks", access=on_stack)
    async def describe_stacks(self, context: RequestContext, request: Request) -> Request:
        """Return one stack, or a page of all that are not deleted. ValidationError where there is none."""
        if name := request.get("StackName"):
            stack = self._records.require(context.scope, name)
            return {"Stacks": [description.stack_told(stack, self._drifts.of_stack(stack))]}
        there = [stack for stack in self._records.all(context.scope) if not stack.is_deleted]
        page = paginate(
            sorted(there, key=_newest),
            key=_newest,
            token=request.get("NextToken"),
            limit=_PAGE,
            listing="stacks",
            error=ValidationError,
        )
        told = [description.stack_told(stack, self._drifts.of_stack(stack)) for stack in page.items]
        return {"Stacks": told, "NextToken": page.next_token}

    @operation("ListStacks")
    async def list_stacks(self, context: RequestContext, request: Request) -> Request:
        """Return a page of all stacks, deleted ones too, of some states where the request says so."""
        wanted = request.get("StackStatusFilter") or ()
        found = [stack for stack in self._records.all(context.scope) if not wanted or stack.status in wanted]
        page = paginate(
            sorted(found, key=_newest),
            key=_newest,
            token=request.get("NextToken"),
            limit=_PAGE,
            listing=f"stacks {','.join(wanted)}",
            error=ValidationError,
        )
        return {
            "StackSummaries": [
                description.summary(stack, self._drifts.of_stack(stack)) for stack in page.items
            ],
            "NextToken": page.next_token,
        }

    @operation("DescribeStackEvents", access=on_stack)
    async def describe_stack_events(self, context: RequestContext, request: Request) -> Request:
        """Return a page of what happened, the newest first."""
        stack = self._require(context, request)
        listing = f"events {stack.id}"
        last = sought(request.get("NextToken"), (int,), listing=listing, error=ValidationError)
        rows = self._records.events(stack, last[0] if last else None, _PAGE + 1)
        token = encode_token((rows[_PAGE - 1][0],), listing=listing) if len(rows) > _PAGE else None
        events = [
            {
                "StackId": stack.arn,
                "StackName": stack.name,
                **event,
                "Timestamp": description.moment(event["Timestamp"]),
            }
            for _, event in rows[:_PAGE]
        ]
        return {"StackEvents": events, "NextToken": token}

    @operation("DescribeStackResource", access=on_stack)
    async def describe_stack_resource(self, context: RequestContext, request: Request) -> Request:
        """Return a resource. ValidationError where there is none."""
        stack = self._require(context, request)
        name = request["LogicalResourceId"]
        resource = self._records.resources(stack).get(name)
        if resource is None:
            raise ValidationError(f"Resource {name} does not exist for stack {stack.name}")
        told = description.resource_told(stack, resource, self._drift(stack).get(name))
        told["LastUpdatedTimestamp"] = told.pop("Timestamp")
        return {"StackResourceDetail": told}

    @operation("DescribeStackResources", access=on_stack)
    async def describe_stack_resources(self, context: RequestContext, request: Request) -> Request:
        """Return a stack's resources, or those of one logical or physical id."""
        physical_id = request.get("PhysicalResourceId")
        if request.get("StackName"):
            if physical_id:
                raise ValidationError("Only one of StackName and PhysicalResourceId can be given.")
            stack = self._require(context, request)
        else:
            with_it = self._with_physical(context, physical_id or "")
            if with_it is None:
                raise ValidationError(f"Stack for {physical_id} does not exist")
            stack = with_it
        wanted = request.get("LogicalResourceId")
        found = [one for one in self._sorted(stack) if wanted in (None, one.logical_id)]
        drift = self._drift(stack)
        told = [description.resource_told(stack, one, drift.get(one.logical_id)) for one in found]
        return {"StackResources": told}

    @operation("ListStackResources", access=on_stack)
    async def list_stack_resources(self, context: RequestContext, request: Request) -> Request:
        """Return a page of a stack's resources."""
        stack = self._require(context, request)
        page = paginate(
            self._sorted(stack),
            key=lambda one: one.logical_id,
            token=request.get("NextToken"),
            limit=_PAGE,
            listing=f"resources {stack.id}",
            error=ValidationError,
        )
        drift = self._drift(stack)
        return {
            "StackResourceSummaries": [
                description.resource_summary(one, drift.get(one.logical_id)) for one in page.items
            ],
            "NextToken": page.next_token,
        }

    @operation("ListExports")
    async def list_exports(self, context: RequestContext, request: Request) -> Request:
        """Return a page of what stacks export."""
        every = self._records.exports(context.scope)
        page = paginate(
            every,
            key=lambda one: one["name"],
            token=request.get("NextToken"),
            limit=_PAGE,
            listing="exports",
            error=ValidationError,
        )
        arns = {stack.id: stack.arn for stack in self._records.all(context.scope)}
        return {
            "Exports": [
                {"ExportingStackId": arns[one["stack_id"]], "Name": one["name"], "Value": one["value"]}
                for one in page.items
            ],
            "NextToken": page.next_token,
        }

    def _drift(self, stack: Stack) -> dict[str, dict[str, Any]]:
        return self._drifts.of_resources(stack, self._records.resources(stack))

    def _require(self, context: RequestContext, request: Request) -> Stack:
        return self._records.require(context.scope, request.get("StackName") or "")

    def _with_physical(self, context: RequestContext, physical_id: str) -> Stack | None:
        for stack in self._records.all(context.scope) if physical_id else ():
            if any(one.physical_id == physical_id for one in self._records.resources(stack).values()):
                return stack
        return None

    def _sorted(self, stack: Stack) -> list[Resource]:
        return [one for _, one in sorted(self._records.resources(stack).items())]


def _newest(stack: Stack) -> tuple[float, str]:
    return -stack.created_at, stack.id
