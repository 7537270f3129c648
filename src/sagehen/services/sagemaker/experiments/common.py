"""What the operations of all three kinds do alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request, on
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.experiments.entity import Entity, Kind, describe, stored, summarize
from sagehen.services.sagemaker.experiments.records import ExperimentRecords
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.user_context import user_context
from sagehen.services.sagemaker.tags import rights


def creation(kind: Kind) -> AccessRule:
    """Return the access rule of a Create operation."""

    def rule(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        arn = arns.resource_arn(context.scope, kind.resource, request.get(kind.name) or "")
        yield from rights.creation(f"Create{kind.word}", arn, request)

    return rule


def on_one(kind: Kind) -> AccessRule:
    """Return the access rule of an operation on one."""
    return on(f"{kind.resource}/{{{kind.name}}}", lower=True)


class Room:
    """Makes, tells, changes and deletes entities of one kind.

    Args:
        kept: Members of the Create request that Describe tells as they were given.
    """

    def __init__(self, kind: Kind, records: ExperimentRecords, clock: Clock, kept: Sequence[str]) -> None:
        self.kind = kind
        self._records = records
        self._clock = clock
        self._kept = kept

    async def create(self, context: RequestContext, request: Request, experiment: str = "") -> Request:
        members = stored({member: request.get(member) for member in self._kept})
        members["CreatedBy"] = user_context(context.principal)
        now, name = self._clock.now(), request[self.kind.name]
        entity = Entity(self.kind, context.scope, name, now, now, experiment, members)
        await self._records.add(entity, request.get("Tags") or ())
        return {self.kind.arn: entity.arn}

    def describe(self, context: RequestContext, request: Request) -> Request:
        return describe(self._records.require(self.kind, context.scope, request[self.kind.name]))

    def page(self, context: RequestContext, request: Request) -> Request:
        entities, token = self._records.page(self.kind, context.scope, request)
        return {f"{self.kind.word}Summaries": [summarize(each) for each in entities], "NextToken": token}

    async def update(
        self,
        context: RequestContext,
        request: Request,
        changes: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    ) -> Request:
        """Change members; `changes` makes the new ones of those that there are."""
        now, by = self._clock.now(), user_context(context.principal)

        def change(entity: Entity) -> Entity:
            members = {**entity.members, **changes(entity.members), "LastModifiedBy": by}
            return replace(entity, members=members, modified_at=now)

        changed = await self._records.change(self.kind, context.scope, request[self.kind.name], change)
        return {self.kind.arn: changed.arn}

    async def delete(self, context: RequestContext, request: Request) -> Request:
        gone = await self._records.remove(self.kind, context.scope, request[self.kind.name])
        return {self.kind.arn: gone.arn}
