"""Artifacts, actions and contexts: the operations."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.lineage.entity import ACTION, ARTIFACT, CONTEXT
from sagehen.services.sagemaker.lineage.records import LineageRecords
from sagehen.services.sagemaker.lineage.room import Room, creation, on_one


class Artifacts:
    """Create-, Describe-, List-, Update-, DeleteArtifact. Raise what `records.py` says."""

    def __init__(self, records: LineageRecords, clock: Clock) -> None:
        self._room = Room(ARTIFACT, records, clock)

    @operation("CreateArtifact", access=creation(ARTIFACT))
    async def create_artifact(self, context: RequestContext, request: Request) -> Request:
        """Record something that has a URI."""
        return await self._room.create(context, request)

    @operation("DescribeArtifact", access=on_one(ARTIFACT))
    async def describe_artifact(self, context: RequestContext, request: Request) -> Request:
        """Return an artifact."""
        return self._room.describe(context, request)

    @operation("ListArtifacts")
    async def list_artifacts(self, context: RequestContext, request: Request) -> Request:
        """Return one page of artifacts."""
        return self._room.page(context, request)

    @operation("UpdateArtifact", access=on_one(ARTIFACT))
    async def update_artifact(self, context: RequestContext, request: Request) -> Request:
        """Name an artifact, and change its properties."""
        return await self._room.update(context, request)

    @operation("DeleteArtifact", access=on_one(ARTIFACT))
    async def delete_artifact(self, context: RequestContext, request: Request) -> Request:
        """Forget an artifact by its ARN or its source.

        Raises:
            ValidationException: Neither is given, or both.
        """
        if bool(request.get("ArtifactArn")) == bool(request.get("Source")):
            raise ValidationException("Exactly one of ArtifactArn and Source must be specified.")
        return await self._room.delete(context, request)


class Actions:
    """Create-, Describe-, List-, Update-, DeleteAction. Raise what `records.py` says."""

    def __init__(self, records: LineageRecords, clock: Clock) -> None:
        self._room = Room(ACTION, records, clock)

    @operation("CreateAction", access=creation(ACTION))
    async def create_action(self, context: RequestContext, request: Request) -> Request:
        """Record something that was done."""
        return await self._room.create(context, request)

    @operation("DescribeAction", access=on_one(ACTION))
    async def describe_action(self, context: RequestContext, request: Request) -> Request:
        """Return an action."""
        return self._room.describe(context, request)

    @operation("ListActions")
    async def list_actions(self, context: RequestContext, request: Request) -> Request:
        """Return one page of actions."""
        return self._room.page(context, request)

    @operation("UpdateAction", access=on_one(ACTION))
    async def update_action(self, context: RequestContext, request: Request) -> Request:
        """Change an action's status, description and properties."""
        return await self._room.update(context, request)

    @operation("DeleteAction", access=on_one(ACTION))
    async def delete_action(self, context: RequestContext, request: Request) -> Request:
        """Forget an action."""
        return await self._room.delete(context, request)


class Contexts:
    """Create-, Describe-, List-, Update-, DeleteContext. Raise what `records.py` says."""

    def __init__(self, records: LineageRecords, clock: Clock) -> None:
        self._room = Room(CONTEXT, records, clock)

    @operation("CreateContext", access=creation(CONTEXT))
    async def create_context(self, context: RequestContext, request: Request) -> Request:
        """Record what others belong to."""
        return await self._room.create(context, request)

    @operation("DescribeContext", access=on_one(CONTEXT))
    async def describe_context(self, context: RequestContext, request: Request) -> Request:
        """Return a context."""
        return self._room.describe(context, request)

    @operation("ListContexts")
    async def list_contexts(self, context: RequestContext, request: Request) -> Request:
        """Return one page of contexts."""
        return self._room.page(context, request)

    @operation("UpdateContext", access=on_one(CONTEXT))
    async def update_context(self, context: RequestContext, request: Request) -> Request:
        """Change a context's description and properties."""
        return await self._room.update(context, request)

    @operation("DeleteContext", access=on_one(CONTEXT))
    async def delete_context(self, context: RequestContext, request: Request) -> Request:
        """Forget a context."""
        return await self._room.delete(context, request)
