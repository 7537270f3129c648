"""Trial components: the operations. Those of jobs are made in `jobs.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.experiments.common import Room, creation, on_one
from sagehen.services.sagemaker.experiments.entity import (
    COMPONENT,
    EXPERIMENT,
    TRIAL,
    Entity,
    stored,
    summarize,
)
from sagehen.services.sagemaker.experiments.errors import missing
from sagehen.services.sagemaker.experiments.records import ExperimentRecords
from sagehen.services.sagemaker.experiments.sources import SourceRecords
from sagehen.services.sagemaker.experiments.told import Told
from sagehen.services.sagemaker.jobs.tracked import MOST_ARTIFACTS, MOST_PARAMETERS

_SET = ("DisplayName", "Status", "StartTime", "EndTime")
# Maps that an update adds to, and the most that each holds.
_ADDED_TO = {
    "Parameters": MOST_PARAMETERS,
    "InputArtifacts": MOST_ARTIFACTS,
    "OutputArtifacts": MOST_ARTIFACTS,
}


class TrialComponents:
    """Create-, Describe-, List-, Update-, DeleteTrialComponent. Raise what `records.py` says."""

    def __init__(self, records: ExperimentRecords, sources: SourceRecords, told: Told, clock: Clock) -> None:
        self._records = records
        self._sources = sources
        self._told = told
        self._room = Room(COMPONENT, records, clock, (*_SET, *_ADDED_TO, "MetadataProperties"))

    @operation("CreateTrialComponent", access=creation(COMPONENT))
    async def create_trial_component(self, context: RequestContext, request: Request) -> Request:
        """Record a component."""
        return await self._room.create(context, request)

    @operation("DescribeTrialComponent", access=on_one(COMPONENT))
    async def describe_trial_component(self, context: RequestContext, request: Request) -> Request:
        """Return a component, with what its metrics come to."""
        name = request["TrialComponentName"].rpartition("/")[2]  # an ARN is a name, too
        # Lineage knows it by its ARN, which has the name in lower case.
        component = self._records.lowered(COMPONENT, context.scope, name)
        if component is None:
            raise missing(COMPONENT, name)
        told = await asyncio.to_thread(self._told.component, component)
        told.pop("RunName", None)  # Search alone has it
        return told

    @operation("ListTrialComponents")
    async def list_trial_components(self, context: RequestContext, request: Request) -> Request:
        """Return one page of components.

        Raises:
            ValidationException: More than one of the filters that exclude one another (documented).
        """
        given = [name for name in ("ExperimentName", "TrialName", "SourceArn") if request.get(name)]
        if len(given) > 1:
            raise ValidationException(f"Only one of {', '.join(given)} can be specified.")
        if arn := request.get("SourceArn"):
            name = self._sources.component_of(context.scope, arn)
            found = [self._records.require(COMPONENT, context.scope, name)] if name else []
            return {"TrialComponentSummaries": [self._summary(each) for each in found]}
        for kind in (EXPERIMENT, TRIAL):
            if name := request.get(kind.name):
                self._records.require(kind, context.scope, name)
        components, token = self._records.page(COMPONENT, context.scope, request)
        summaries = [self._summary(each) for each in components]
        return {"TrialComponentSummaries": summaries, "NextToken": token}

    def _summary(self, component: Entity) -> Request:
        source = self._sources.of(component).get("Source")
        return summarize(component) | ({"TrialComponentSource": source} if source else {})

    @operation("UpdateTrialComponent", access=on_one(COMPONENT))
    async def update_trial_component(self, context: RequestContext, request: Request) -> Request:
        """Set what is named, add to its maps, and take out of them.

        Raises:
            ValidationException: A map would hold more than it may.
        """
        return await self._room.update(context, request, lambda members: changes(members, request))

    @operation("DeleteTrialComponent", access=on_one(COMPONENT))
    async def delete_trial_component(self, context: RequestContext, request: Request) -> Request:
        """Forget a component that is in no trial."""
        return await self._room.delete(context, request)


def changes(members: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that an update sets.

    Raises:
        ValidationException: A map would hold more than it may.
    """
    changed = stored({member: request.get(member) for member in _SET})
    for member, most in _ADDED_TO.items():
        held = dict(members.get(member) or {})
        for name in request.get(f"{member}ToRemove") or ():
            held.pop(name, None)
        held |= request.get(member) or {}
        if len(held) > most:
            raise ValidationException(f"A trial component can have at most {most} {member}.")
        if held or member in members:
            changed[member] = held
    return changed
