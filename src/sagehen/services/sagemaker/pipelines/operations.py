"""Pipelines: the operations on them and their versions. What runs is in `starting.py`.

Words of refusals are ours where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.sagemaker.pipelines.definitions import Definitions
from sagehen.services.sagemaker.pipelines.errors import ConflictException, no_pipeline
from sagehen.services.sagemaker.pipelines.executions.execution import pipeline_arn
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.naming import on_pipeline, require_pipeline
from sagehen.services.sagemaker.pipelines.pipeline import Pipeline, shown
from sagehen.services.sagemaker.pipelines.records import PipelineRecords
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tags import rights


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = pipeline_arn(context.scope, request.get("PipelineName", ""))
    yield from rights.creation("CreatePipeline", arn, request)


class Pipelines:
    """CreatePipeline, UpdatePipeline, DescribePipeline, ListPipelines, DeletePipeline."""

    def __init__(
        self,
        records: PipelineRecords,
        executions: ExecutionRecords,
        definitions: Definitions,
        roles: Roles,
        clock: Clock,
    ) -> None:
        self._records = records
        self._executions = executions
        self._definitions = definitions
        self._roles = roles
        self._clock = clock

    @operation("CreatePipeline", access=_creation)
    async def create_pipeline(self, context: RequestContext, request: Request) -> Request:
        """Store a pipeline whose definition is valid.

        Raises:
            ValidationException, ResourceLimitExceeded.
            NotImplementedOperation: It has a step of a type that is not built.
        """
        text = await self._definitions.text(context, request)
        if text is None:
            raise ValidationException(
                "One of PipelineDefinition and PipelineDefinitionS3Location must be specified."
            )
        await self._definitions.judge(text)
        await sessions.accept(self._roles, context, request["RoleArn"])
        now = self._clock.now().timestamp()
        by = shown(context.principal)
        pipeline = Pipeline(
            scope=context.scope,
            name=request["PipelineName"],
            created_at=now,
            modified_at=now,
            role_arn=request["RoleArn"],
            display_name=request.get("PipelineDisplayName") or request["PipelineName"],
            description=request.get("PipelineDescription"),
            parallel=parallel_of(request),
            created_by=by,
            modified_by=by,
        )
        aliases = request.get("PipelineVersionAliases") or ()
        token, tags = request["ClientRequestToken"], request.get("Tags") or ()
        await self._records.add(pipeline, text, aliases, token, tags)
        return {"PipelineArn": pipeline.arn}

    @operation("UpdatePipeline", access=on_pipeline)
    async def update_pipeline(self, context: RequestContext, request: Request) -> Request:
        """Change a pipeline; a definition becomes its next version. Executions keep the one that they have.

        Raises:
            ResourceNotFound, ValidationException.
            ConflictException: Its role was changed meanwhile.
            AccessDenied: No iam:PassRole on the role that a definition is to run with.
        """
        found = require_pipeline(self._records, context, request["PipelineName"])
        text = await self._definitions.text(context, request)
        if text is not None:
            await self._definitions.judge(text)
        if role_arn := request.get("RoleArn"):
            await sessions.accept(self._roles, context, role_arn)
        elif text is not None:
            # What a definition says is done with the role's rights. From memory: the Service Authorization
            # Reference names iam:PassRole for UpdatePipeline.
            sessions.require_pass(self._roles, context, found.role_arn)

        def change(pipeline: Pipeline) -> Pipeline:
            if text is not None and not role_arn and pipeline.role_arn != found.role_arn:
                raise ConflictException(f"Pipeline '{pipeline.arn}' got another role meanwhile.")
            description = request.get("PipelineDescription")
            parallel = parallel_of(request)
            return replace(
                pipeline,
                modified_at=self._clock.now().timestamp(),
                modified_by=shown(context.principal),
                role_arn=role_arn or pipeline.role_arn,
                display_name=request.get("PipelineDisplayName") or pipeline.display_name,
                description=pipeline.description if description is None else description,
                parallel=pipeline.parallel if parallel is None else parallel,
            )

        aliases = request.get("PipelineVersionAliases") or ()
        changed = await self._records.update(context.scope, request["PipelineName"], change, text, aliases)
        if changed is None:
            raise no_pipeline(pipeline_arn(context.scope, request["PipelineName"]))
        return {"PipelineArn": changed.arn, "PipelineVersionId": changed.version}

    @operation("DescribePipeline", access=on_pipeline)
    async def describe_pipeline(self, context: RequestContext, request: Request) -> Request:
        """Tell what a pipeline is, in its latest version or in the one that is asked for.

        Raises:
            ResourceNotFound: No such pipeline, or version.
        """
        pipeline = require_pipeline(self._records, context, request["PipelineName"])
        number = version_of(self._records, pipeline, request)
        definition = self._records.definition(pipeline.scope, pipeline.name, number)
        version = self._records.version(pipeline.scope, pipeline.name, number)
        if definition is None or version is None:
            raise no_pipeline(f"{pipeline.arn}/version/{number}")
        last = self._executions.last_of(pipeline.scope, pipeline.name)
        return {
            **described(pipeline),
            "PipelineDefinition": definition,
            "LastRunTime": moment(last.created_at) if last else None,
            "PipelineVersionDisplayName": version.display_name,
            "PipelineVersionDescription": version.description,
            "PipelineVersionAliases": list(version.aliases) or None,
        }

    @operation("ListPipelines")
    async def list_pipelines(self, context: RequestContext, request: Request) -> Request:
        """Return one page of pipelines, the newest first where the request does not say.

        Raises:
            ValidationException: The token is not one of ours.
        """
        if request.get("ManagedBy") == "AWS":
            return {"PipelineSummaries": []}  # AWS makes none here
        found, token = self._records.page(context.scope, request)
        return {"PipelineSummaries": [self._summary(one) for one in found], "NextToken": token}

    def _summary(self, pipeline: Pipeline) -> Request:
        last = self._executions.last_of(pipeline.scope, pipeline.name)
        return {
            "PipelineArn": pipeline.arn,
            "PipelineName": pipeline.name,
            "PipelineDisplayName": pipeline.display_name,
            "PipelineDescription": pipeline.description,
            "RoleArn": pipeline.role_arn,
            "CreationTime": moment(pipeline.created_at),
            "LastModifiedTime": moment(pipeline.modified_at),
            "LastExecutionTime": moment(last.created_at) if last else None,
        }

    @operation("DeletePipeline", access=on_pipeline)
    async def delete_pipeline(self, context: RequestContext, request: Request) -> Request:
        """Forget a pipeline with its versions and executions; the jobs that they made stay.

        Raises:
            ResourceNotFound: No such pipeline.
            ConflictException: An execution goes on.
        """
        pipeline = require_pipeline(self._records, context, request["PipelineName"])
        await self._records.remove(pipeline)
        return {"PipelineArn": pipeline.arn}


def described(pipeline: Pipeline) -> Request:
    """Return what is told of a pipeline besides its definition and its last run. Pure."""
    return {
        "PipelineArn": pipeline.arn,
        "PipelineName": pipeline.name,
        "PipelineDisplayName": pipeline.display_name,
        "PipelineDescription": pipeline.description,
        "RoleArn": pipeline.role_arn,
        "PipelineStatus": "Active",
        "CreationTime": moment(pipeline.created_at),
        "LastModifiedTime": moment(pipeline.modified_at),
        "CreatedBy": pipeline.created_by,
        "LastModifiedBy": pipeline.modified_by,
        "ParallelismConfiguration": parallelism(pipeline.parallel),
    }


def parallel_of(request: Request) -> int | None:
    """Return how many steps a request wants to run at once, or None."""
    given = request.get("ParallelismConfiguration")
    return None if given is None else int(given["MaxParallelExecutionSteps"])


def parallelism(parallel: int | None) -> Request | None:
    """Return it as descriptions show it."""
    return None if parallel is None else {"MaxParallelExecutionSteps": parallel}


def version_of(records: PipelineRecords, pipeline: Pipeline, request: Request) -> int:
    """Return the version that a request asks for, by its id or an alias; the latest where it does not say.

    Raises:
        ValidationException: It asks by both.
        ResourceNotFound: No version has the alias.
    """
    number, alias = request.get("PipelineVersionId"), request.get("PipelineVersionAlias")
    if number is not None and alias is not None:
        raise ValidationException("Only one of PipelineVersionId and PipelineVersionAlias can be specified.")
    if alias is None:
        return pipeline.version if number is None else int(number)
    found = records.by_alias(pipeline.scope, pipeline.name, alias)
    if found is None:
        raise no_pipeline(f"{pipeline.arn}/version/{alias}")
    return found.number
