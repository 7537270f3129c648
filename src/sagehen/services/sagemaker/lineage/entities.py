"""Artifacts, actions and contexts: the operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import AccessRule, Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.lineage.entity import (
    ACTION,
    ARTIFACT,
    CONTEXT,
    Entity,
    Kind,
    artifact_name,
    changed,
    describe,
    summarize,
)
from sagehen.services.sagemaker.lineage.records import LineageRecords
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.user_context import user_context
from sagehen.services.sagemaker.tags import rights


def _name(kind: Kind, request: Request) -> str:
    """Return what the ARN of the one that a request names ends with."""
    if kind is not ARTIFACT:
        return (request.get(kind.name) or "").rpartition("/")[2]
    if arn := request.get("ArtifactArn"):
        return str(arn).rpartition("/")[2]
    source = request.get("Source")
    return artifact_name(source) if source else ""


def _creation(kind: Kind) -> AccessRule:
    def rule(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        arn = arns.resource_arn(context.scope, kind.resource, _name(kind, request))
        yield from rights.creation(f"Create{kind.word}", arn, request)

    return rule


def _on(kind: Kind) -> AccessRule:
    def rule(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        arn = arns.resource_arn(context.scope, kind.resource, _name(kind, request))
        yield Access(f"sagemaker:{context.operation}", arn)

    return rule


class _Room:
    """Makes, tells, changes and deletes entities of one kind."""

    def __init__(self, kind: Kind, records: LineageRecords, clock: Clock) -> None:
        self._kind = kind
        self._records = records
        self._clock = clock

    async def create(self, context: RequestContext, request: Request) -> Request:
        kind, now = self._kind, self._clock.now()
        members = {name: request[name] for name in kind.kept if request.get(name) is not None}
        members["CreatedBy"] = user_context(context.principal)
        entity = Entity(
            kind, context.scope, _name(kind, request), now, now, request[kind.type], request["Source"], False,
            members,
        )  # fmt: skip
        await self._records.add(entity, request.get("Tags") or ())
        return {kind.arn: entity.arn}

    def describe(self, context: RequestContext, request: Request) -> Request:
        return describe(self._records.require(self._kind, context.scope, _name(self._kind, request)))

    def page(self, context: RequestContext, request: Request) -> Request:
        found, token = self._records.page(self._kind, context.scope, request)
        return {f"{self._kind.word}Summaries": [summarize(each) for each in found], "NextToken": token}

    async def update(self, context: RequestContext, request: Request) -> Request:
        now, by = self._clock.now(), user_context(context.principal)

        def change(entity: Entity) -> Entity:
            members = {**changed(entity.members, request), "LastModifiedBy": by}
            if len(members.get("Properties") or ()) > _MOST_PROPERTIES:
                raise ValidationException(f"Properties can have at most {_MOST_PROPERTIES} entries.")
            return replace(entity, modified_at=now, members=members)

        name = _name(self._kind, request)
        return {self._kind.arn: (await self._records.change(self._kind, context.scope, name, change)).arn}

    async def delete(self, context: RequestContext, request: Request) -> Request:
        gone = await self._records.remove(self._kind, context.scope, _name(self._kind, request))
        return {self._kind.arn: gone.arn}


# Documented: CreateArtifact's model.
_MOST_PROPERTIES = 30


class Artifacts:
    """Create-, Describe-, List-, Update-, DeleteArtifact. Raise what `records.py` says."""

    def __init__(self, records: LineageRecords, clock: Clock) -> None:
        self._room = _Room(ARTIFACT, records, clock)

    @operation("CreateArtifact", access=_creation(ARTIFACT))
    async def create_artifact(self, context: RequestContext, request: Request) -> Request:
        """Record something that has a URI."""
        return await self._room.create(context, request)

    @operation("DescribeArtifact", access=_on(ARTIFACT))
    async def describe_artifact(self, context: RequestContext, request: Request) -> Request:
        """Return an artifact."""
        return self._room.describe(context, request)

    @operation("ListArtifacts")
    async def list_artifacts(self, context: RequestContext, request: Request) -> Request:
        """Return one page of artifacts."""
        return self._room.page(context, request)

    @operation("UpdateArtifact", access=_on(ARTIFACT))
    async def update_artifact(self, context: RequestContext, request: Request) -> Request:
        """Name an artifact, and change its properties."""
        return await self._room.update(context, request)

    @operation("DeleteArtifact", access=_on(ARTIFACT))
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
        self._room = _Room(ACTION, records, clock)

    @operation("CreateAction", access=_creation(ACTION))
    async def create_action(self, context: RequestContext, request: Request) -> Request:
        """Record something that was done."""
        return await self._room.create(context, request)

    @operation("DescribeAction", access=_on(ACTION))
    async def describe_action(self, context: RequestContext, request: Request) -> Request:
        """Return an action."""
        return self._room.describe(context, request)

    @operation("ListActions")
    async def list_actions(self, context: RequestContext, request: Request) -> Request:
        """Return one page of actions."""
        return self._room.page(context, request)

    @operation("UpdateAction", access=_on(ACTION))
    async def update_action(self, context: RequestContext, request: Request) -> Request:
        """Change an action's status, description and properties."""
        return await self._room.update(context, request)

    @operation("DeleteAction", access=_on(ACTION))
    async def delete_action(self, context: RequestContext, request: Request) -> Request:
        """Forget an action."""
        return await self._room.delete(context, request)


class Contexts:
    """Create-, Describe-, List-, Update-, DeleteContext. Raise what `records.py` says."""

    def __init__(self, records: LineageRecords, clock: Clock) -> None:
        self._room = _Room(CONTEXT, records, clock)

    @operation("CreateContext", access=_creation(CONTEXT))
    async def create_context(self, context: RequestContext, request: Request) -> Request:
        """Record what others belong to."""
        return await self._room.create(context, request)

    @operation("DescribeContext", access=_on(CONTEXT))
    async def describe_context(self, context: RequestContext, request: Request) -> Request:
        """Return a context."""
        return self._room.describe(context, request)

    @operation("ListContexts")
    async def list_contexts(self, context: RequestContext, request: Request) -> Request:
        """Return one page of contexts."""
        return self._room.page(context, request)

    @operation("UpdateContext", access=_on(CONTEXT))
    async def update_context(self, context: RequestContext, request: Request) -> Request:
        """Change a context's description and properties."""
        return await self._room.update(context, request)

    @operation("DeleteContext", access=_on(CONTEXT))
    async def delete_context(self, context: RequestContext, request: Request) -> Request:
        """Forget a context."""
        return await self._room.delete(context, request)
