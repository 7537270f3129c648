"""Drift: whether resources are what their stack made them."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.services.cloudformation.description import moment
from sagehen.services.cloudformation.drift.detections import AlreadyUnderWay, Detections
from sagehen.services.cloudformation.drift.reading_back import can_be_read
from sagehen.services.cloudformation.drift.records import DriftRecords
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.operations.rights import on_any, on_stack
from sagehen.services.cloudformation.running.calling import StepFailed
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import Resource, Stack

_PAGE = 100
# Documented: Detect drift on an entire CloudFormation stack; and the same after an import.
_DETECTABLE = (
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED",
    "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
)  # fmt: skip


class Drifts:
    """DetectStackDrift, DetectStackResourceDrift, and what they found."""

    def __init__(self, records: StackRecords, drifts: DriftRecords, detections: Detections) -> None:
        self._records = records
        self._drifts = drifts
        self._detections = detections

    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where it names none, or none that there is."""
        name = request.get("StackName")
        if detection := request.get("StackDriftDetectionId"):
            name = self._drifts.stack_of(context.scope, detection)
        return self._records.find(context.scope, name) if name else None

    @operation("DetectStackDrift", access=on_stack)
    async def detect_stack_drift(self, context: RequestContext, request: Request) -> Request:
        """Begin to read a stack's resources back.

        Raises:
            ValidationError: Something goes on in the stack, or it is being read already.
        """
        stack = self._detectable(context, request)
        names = list(request.get("LogicalResourceIds") or ())
        resources = self._records.resources(stack)
        if unknown := sorted(set(names) - resources.keys()):
            raise ValidationError(f"Resource {unknown[0]} does not exist for stack {stack.name}")
        try:
            return {"StackDriftDetectionId": await self._detections.begin(context.principal, stack, names)}
        except AlreadyUnderWay:
            raise ValidationError(f"Drift detection is already in progress for stack [{stack.arn}]") from None

    @operation("DetectStackResourceDrift", access=on_stack)
    async def detect_stack_resource_drift(self, context: RequestContext, request: Request) -> Request:
        """Read one resource back, and tell what it is.

        Raises:
            ValidationError: There is no such, its type cannot be read, or something goes on in the stack.
        """
        stack = self._detectable(context, request)
        name = request["LogicalResourceId"]
        resource = self._records.resources(stack).get(name)
        if resource is None:
            raise ValidationError(f"Resource {name} does not exist for stack {stack.name}")
        if not can_be_read(resource):
            raise ValidationError(f"Drift detection is not supported for resource type {resource.type}")
        try:
            found = await self._detections.of_one(context.principal, stack, resource)
        except StepFailed as error:
            raise ValidationError(str(error)) from None
        return {"StackResourceDrift": _told(stack, resource, found)}

    @operation("DescribeStackDriftDetectionStatus", access=on_any)
    async def describe_stack_drift_detection_status(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Tell how far a detection is. ValidationError where it is not its stack's last."""
        stack = self.stack_of(context, request)
        last = self._detections.last(stack) if stack else None
        if stack is None or last is None:
            raise ValidationError(
                f"Drift detection with id {request['StackDriftDetectionId']} does not exist."
            )
        return {
            "StackId": stack.arn,
            "StackDriftDetectionId": last["id"],
            "StackDriftStatus": last.get("status"),
            "DetectionStatus": last["state"],
            "DetectionStatusReason": last.get("reason"),
            "DriftedStackResourceCount": last.get("count"),
            "Timestamp": moment(last["at"]),
        }

    @operation("DescribeStackResourceDrifts", access=on_stack)
    async def describe_stack_resource_drifts(self, context: RequestContext, request: Request) -> Request:
        """Return a page of what was found of what was read. ValidationError without a stack."""
        stack = self._records.require(context.scope, request["StackName"])
        resources = self._records.resources(stack)
        wanted = request.get("StackResourceDriftStatusFilters") or ()
        found = self._drifts.of_resources(stack, resources)
        every = [name for name in sorted(found) if not wanted or found[name]["status"] in wanted]
        page = paginate(
            every,
            key=lambda name: name,
            token=request.get("NextToken"),
            limit=min(_PAGE, request.get("MaxResults") or _PAGE),
            listing=f"drifts {stack.id} {','.join(wanted)}",
            error=ValidationError,
        )
        told = [_told(stack, resources[name], found[name]) for name in page.items]
        return {"StackResourceDrifts": told, "NextToken": page.next_token}

    def _detectable(self, context: RequestContext, request: Request) -> Stack:
        stack = self._records.require(context.scope, request["StackName"])
        if stack.status not in _DETECTABLE:
            raise ValidationError(
                f"Drift detection cannot be performed on stack [{stack.arn}] while it is in status "
                f"[{stack.status}]"
            )
        return stack


def _told(stack: Stack, resource: Resource, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "StackId": stack.arn,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        "ExpectedProperties": found.get("expected"),
        "ActualProperties": found.get("actual"),
        "PropertyDifferences": found.get("differences") or [],
        "StackResourceDriftStatus": found["status"],
        "DriftStatusReason": found.get("reason"),
        "Timestamp": moment(found["at"]),
    }
