"""Experiments and trials: the operations. Those of components are in `components.py`."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.experiments.common import Room, creation, on_one
from sagehen.services.sagemaker.experiments.entity import COMPONENT, EXPERIMENT, TRIAL, stored
from sagehen.services.sagemaker.experiments.records import ExperimentRecords


class Experiments:
    """Create-, Describe-, List-, Update-, DeleteExperiment. Raise what `records.py` says."""

    def __init__(self, records: ExperimentRecords, clock: Clock) -> None:
        self._room = Room(EXPERIMENT, records, clock, ("DisplayName", "Description"))

    @operation("CreateExperiment", access=creation(EXPERIMENT))
    async def create_experiment(self, context: RequestContext, request: Request) -> Request:
        """Record an experiment."""
        return await self._room.create(context, request)

    @operation("DescribeExperiment", access=on_one(EXPERIMENT))
    async def describe_experiment(self, context: RequestContext, request: Request) -> Request:
        """Return an experiment."""
        return self._room.describe(context, request)

    @operation("ListExperiments")
    async def list_experiments(self, context: RequestContext, request: Request) -> Request:
        """Return one page of experiments."""
        return self._room.page(context, request)

    @operation("UpdateExperiment", access=on_one(EXPERIMENT))
    async def update_experiment(self, context: RequestContext, request: Request) -> Request:
        """Change how an experiment is shown."""
        asked = stored({member: request.get(member) for member in ("DisplayName", "Description")})
        return await self._room.update(context, request, lambda _: asked)

    @operation("DeleteExperiment", access=on_one(EXPERIMENT))
    async def delete_experiment(self, context: RequestContext, request: Request) -> Request:
        """Forget an experiment without trials."""
        return await self._room.delete(context, request)


class Trials:
    """Create-, Describe-, List-, Update-, DeleteTrial, Associate-, DisassociateTrialComponent."""

    def __init__(self, records: ExperimentRecords, clock: Clock) -> None:
        self._records = records
        self._room = Room(TRIAL, records, clock, ("DisplayName", "MetadataProperties"))

    @operation("CreateTrial", access=creation(TRIAL))
    async def create_trial(self, context: RequestContext, request: Request) -> Request:
        """Record a trial of an experiment."""
        return await self._room.create(context, request, request["ExperimentName"])

    @operation("DescribeTrial", access=on_one(TRIAL))
    async def describe_trial(self, context: RequestContext, request: Request) -> Request:
        """Return a trial."""
        return self._room.describe(context, request)

    @operation("ListTrials")
    async def list_trials(self, context: RequestContext, request: Request) -> Request:
        """Return one page of trials."""
        if name := request.get("ExperimentName"):
            self._records.require(EXPERIMENT, context.scope, name)
        if name := request.get("TrialComponentName"):
            self._records.require(COMPONENT, context.scope, name)
        return self._room.page(context, request)

    @operation("UpdateTrial", access=on_one(TRIAL))
    async def update_trial(self, context: RequestContext, request: Request) -> Request:
        """Change how a trial is shown."""
        asked = stored({"DisplayName": request.get("DisplayName")})
        return await self._room.update(context, request, lambda _: asked)

    @operation("DeleteTrial", access=on_one(TRIAL))
    async def delete_trial(self, context: RequestContext, request: Request) -> Request:
        """Forget a trial without components."""
        return await self._room.delete(context, request)

    @operation("AssociateTrialComponent", access=on_one(COMPONENT))
    async def associate_trial_component(self, context: RequestContext, request: Request) -> Request:
        """Put a component into a trial."""
        names = request["TrialName"], request["TrialComponentName"]
        trial, component = await self._records.link(context.scope, *names)
        return {"TrialArn": trial.arn, "TrialComponentArn": component.arn}

    @operation("DisassociateTrialComponent", access=on_one(COMPONENT))
    async def disassociate_trial_component(self, context: RequestContext, request: Request) -> Request:
        """Take a component out of a trial."""
        names = request["TrialName"], request["TrialComponentName"]
        trial, component = await self._records.unlink(context.scope, *names)
        return {"TrialArn": trial.arn, "TrialComponentArn": component.arn}
