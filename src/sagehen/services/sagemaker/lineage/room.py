"""Room: what the operations of artifacts, actions and contexts do alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.lineage.entity import (
    ARTIFACT,
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

# Documented: CreateArtifact's model.
_MOST_PROPERTIES = 30


def _name(kind: Kind, request: Request) -> str:
    """Return what the ARN of the one that a request names ends with."""
    if kind is not ARTIFACT:
        return (request.get(kind.name) or "").rpartition("/")[2]
    if arn := request.get("ArtifactArn"):
        return str(arn).rpartition("/")[2]
    source = request.get("Source")
    return artifact_name(source) if source else ""


def creation(kind: Kind) -> AccessRule:
    """Return the access rule of a Create operation."""

    def rule(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        arn = arns.resource_arn(context.scope, kind.resource, _name(kind, request))
        yield from rights.creation(f"Create{kind.word}", arn, request)

    return rule


def on_one(kind: Kind) -> AccessRule:
    """Return the access rule of an operation on one."""

    def rule(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        arn = arns.resource_arn(context.scope, kind.resource, _name(kind, request))
        yield Access(f"sagemaker:{context.operation}", arn)

    return rule


class Room:
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
