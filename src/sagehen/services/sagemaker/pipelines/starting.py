"""Executions: what makes, stops, begins anew and changes them.

Words of refusals are ours where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.sagemaker.pipelines.definition.document import Definition
from sagehen.services.sagemaker.pipelines.definition.parameters import values_of
from sagehen.services.sagemaker.pipelines.definitions import Definitions
from sagehen.services.sagemaker.pipelines.errors import ConflictException, no_execution, no_pipeline
from sagehen.services.sagemaker.pipelines.executions import execution as statuses
from sagehen.services.sagemaker.pipelines.executions import names, selection
from sagehen.services.sagemaker.pipelines.executions.execution import DEFAULT_PARALLEL, Execution
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.executions.step_record import StepRecord
from sagehen.services.sagemaker.pipelines.executions.values import Sources, evaluate
from sagehen.services.sagemaker.pipelines.naming import (
    on_execution,
    on_pipeline,
    require_execution,
    require_pipeline,
)
from sagehen.services.sagemaker.pipelines.operations import parallel_of, version_of
from sagehen.services.sagemaker.pipelines.pipeline import Pipeline, shown
from sagehen.services.sagemaker.pipelines.records import PipelineRecords
from sagehen.services.sagemaker.pipelines.running.arguments import variables
from sagehen.services.sagemaker.pipelines.running.runs import ExecutionRuns
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tags.records import TagRecords


class PipelineExecutions:
    """StartPipelineExecution, StopPipelineExecution, RetryPipelineExecution, UpdatePipelineExecution."""

    def __init__(
        self,
        pipelines: PipelineRecords,
        records: ExecutionRecords,
        definitions: Definitions,
        runs: ExecutionRuns,
        roles: Roles,
        clock: Clock,
        ids: Ids,
        tags: TagRecords,
    ) -> None:
        self._pipelines = pipelines
        self._records = records
        self._definitions = definitions
        self._runs = runs
        self._roles = roles
        self._clock = clock
        self._ids = ids
        self._tags = tags

    @operation("StartPipelineExecution", access=on_pipeline)
    async def start_pipeline_execution(self, context: RequestContext, request: Request) -> Request:
        """Begin an execution; with a token that began one already, return that.

        Raises:
            ResourceNotFound: No such pipeline, or version.
            ValidationException: Of its parameters, or what it selects.
            ResourceLimitExceeded: Too many go on.
        """
        if request.get("MlflowExperimentName"):
            raise NotImplementedOperation("StartPipelineExecution MlflowExperimentName is not implemented.")
        pipeline = require_pipeline(self._pipelines, context, request["PipelineName"])
        version = version_of(self._pipelines, pipeline, request)
        text = self._pipelines.definition(pipeline.scope, pipeline.name, version)
        if text is None:
            raise no_pipeline(f"{pipeline.arn}/version/{version}")
        definition = await self._definitions.read(text)
        if role_arn := request.get("RoleArn"):
            await sessions.accept(self._roles, context, role_arn)
        execution = self._new(context, request, pipeline, version, definition)
        taken = self._taken_over(context, request, execution, definition)
        # From memory: an execution bears its pipeline's tags, which policies may ask for.
        tags = self._tags.of(pipeline.arn)
        stored = await self._records.add(execution, request["ClientRequestToken"], taken, tags)
        if stored == execution.id:
            self._runs.begin(execution)
        return {"PipelineExecutionArn": f"{execution.pipeline_arn}/execution/{stored}"}

    def _new(
        self,
        context: RequestContext,
        request: Request,
        pipeline: Pipeline,
        version: int,
        definition: Definition,
    ) -> Execution:
        now = self._clock.now()
        given = request.get("PipelineParameters") or []
        parallel = parallel_of(request)
        selective = request.get("SelectiveExecutionConfig") or {}
        selected = [one["StepName"] for one in selective.get("SelectedSteps") or ()]
        by = shown(context.principal)
        made = Execution(
            scope=context.scope,
            id=names.execution_id(self._ids),
            pipeline=pipeline.name,
            version=version,
            created_at=now.timestamp(),
            modified_at=now.timestamp(),
            status=statuses.EXECUTING,
            role_arn=request.get("RoleArn") or pipeline.role_arn,
            parameters=values_of(definition.parameters, given),
            given={one["Name"]: one["Value"] for one in given},
            # Recorded: public reports of executions.
            display_name=request.get("PipelineExecutionDisplayName")
            or f"execution-{int(now.timestamp() * 1000)}",
            description=request.get("PipelineExecutionDescription"),
            parallel=parallel or pipeline.parallel or DEFAULT_PARALLEL,
            parallel_given=(parallel or pipeline.parallel) is not None,
            selected=tuple(dict.fromkeys(selected)) if selected else None,
            source=selective.get("SourcePipelineExecutionArn") or "",
            created_by=by,
            modified_by=by,
        )
        sources = Sources(made.parameters, variables(made, now), {})
        shown_names: Mapping[str, Any] = evaluate(dict(definition.experiment), sources)
        return replace(made, experiment={name: str(value) for name, value in shown_names.items()})

    def _taken_over(
        self, context: RequestContext, request: Request, execution: Execution, definition: Definition
    ) -> list[tuple[StepRecord, str]]:
        """Return the steps whose results an execution takes of another, with their properties."""
        if execution.selected is None:
            return []
        needed = selection.require_selection(definition.steps, execution.selected)
        if not execution.source:
            if needed:
                raise ValidationException(
                    "SourcePipelineExecutionArn must be specified: the selected steps depend on "
                    f"{', '.join(sorted(needed))}."
                )
            return []
        source = require_execution(self._records, context, execution.source)
        if source.pipeline.lower() != execution.pipeline.lower():
            raise ValidationException(f"{source.arn} is not an execution of the pipeline.")
        if source.status not in (statuses.FAILED, statuses.SUCCEEDED):  # documented
            raise ValidationException(
                f"The execution {source.arn} is in status {source.status}: it must be Succeeded or Failed."
            )
        found = selection.taken_over(needed, self._records.steps(source), source.arn)
        properties = self._records.properties(source, list(found))
        return [
            (replace(record, position=-1, reused_from=source.arn, cached_from=""), properties[name])
            for name, record in found.items()
        ]

    @operation("StopPipelineExecution", access=on_execution)
    async def stop_pipeline_execution(self, context: RequestContext, request: Request) -> Request:
        """Ask an execution to stop, and the jobs of its steps; one that is stopping already is left to it.

        Raises:
            ResourceNotFound: No such execution.
            ValidationException: It has ended.
        """
        token = request["ClientRequestToken"]

        def stop(execution: Execution) -> Execution:
            if execution.tokens.get("stop") == token:
                return execution
            if execution.ended:
                # Recorded: apache/airflow, SageMakerHook.stop_pipeline, which tells the error by these words.
                raise ValidationException(
                    "Only pipelines with 'Executing' status can be stopped. "
                    f"Pipeline execution {execution.arn} is in status {execution.status}."
                )
            stopping = execution.becomes(statuses.STOPPING, self._clock.now().timestamp())
            by = shown(context.principal)
            return replace(stopping, tokens={**execution.tokens, "stop": token}, modified_by=by)

        execution = await self._changed(context, request, stop)
        self._runs.poke(execution)
        return {"PipelineExecutionArn": execution.arn}

    @operation("RetryPipelineExecution", access=on_execution)
    async def retry_pipeline_execution(self, context: RequestContext, request: Request) -> Request:
        """Go on with an execution that failed or was stopped; what succeeded in it is kept.

        Raises:
            ResourceNotFound: No such execution.
            ConflictException: It goes on, or succeeded.
        """
        token, found = request["ClientRequestToken"], self._get(context, request)
        again, parallel = False, parallel_of(request)

        def retry(execution: Execution) -> Execution:
            nonlocal again
            if execution.tokens.get("retry") == token:
                again = False
                return execution
            if execution.status not in (statuses.FAILED, statuses.STOPPED):
                raise ConflictException(
                    f"Pipeline execution {execution.arn} cannot be retried in status {execution.status}."
                )
            again = True
            begun = execution.becomes(statuses.EXECUTING, self._clock.now().timestamp())
            return replace(
                begun,
                parallel=parallel or execution.parallel,
                parallel_given=execution.parallel_given or parallel is not None,
                tokens={**execution.tokens, "retry": token},
                modified_by=shown(context.principal),
            )

        changed = await self._records.begin_again(found.scope, found.id, retry)
        if changed is None:
            raise no_execution(found.arn)
        if again:
            self._runs.begin(changed)
        return {"PipelineExecutionArn": changed.arn}

    @operation("UpdatePipelineExecution", access=on_execution)
    async def update_pipeline_execution(self, context: RequestContext, request: Request) -> Request:
        """Change how an execution is called and how many of its steps run at once.

        Raises:
            ResourceNotFound: No such execution.
        """

        def change(execution: Execution) -> Execution:
            text, parallel = request.get("PipelineExecutionDescription"), parallel_of(request)
            return replace(
                execution,
                display_name=request.get("PipelineExecutionDisplayName") or execution.display_name,
                description=execution.description if text is None else text,
                parallel=parallel or execution.parallel,
                parallel_given=execution.parallel_given or parallel is not None,
                modified_at=self._clock.now().timestamp(),
                modified_by=shown(context.principal),
            )

        execution = await self._changed(context, request, change)
        self._runs.poke(execution)
        return {"PipelineExecutionArn": execution.arn}

    def _get(self, context: RequestContext, request: Request) -> Execution:
        return require_execution(self._records, context, request["PipelineExecutionArn"])

    async def _changed(self, context: RequestContext, request: Request, change: Any) -> Execution:
        found = self._get(context, request)
        changed = await self._records.change(found.scope, found.id, change)
        if changed is None:
            raise no_execution(found.arn)
        return changed
