"""Executions as they are looked at: descriptions, steps, parameters, definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.services.sagemaker.pipelines.definition.checks import KINDS
from sagehen.services.sagemaker.pipelines.definition.step_types import CONDITION, FAIL, LAMBDA, TYPES
from sagehen.services.sagemaker.pipelines.errors import no_execution
from sagehen.services.sagemaker.pipelines.executions.checks import Check
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.executions.step_record import StepRecord
from sagehen.services.sagemaker.pipelines.naming import (
    on_execution,
    on_pipeline,
    require_execution,
    require_pipeline,
)
from sagehen.services.sagemaker.pipelines.operations import parallelism, version_of
from sagehen.services.sagemaker.pipelines.records import PipelineRecords
from sagehen.services.sagemaker.resources.rows import moment

# Ours; the model names no default.
_PAGE = 100


class PipelineExecutionViews:
    """DescribePipelineExecution, ListPipelineExecutions, ListPipelineExecutionSteps,
    ListPipelineParametersForExecution, DescribePipelineDefinitionForExecution."""

    def __init__(self, pipelines: PipelineRecords, records: ExecutionRecords) -> None:
        self._pipelines = pipelines
        self._records = records

    def _get(self, context: RequestContext, request: Request) -> Execution:
        return require_execution(self._records, context, request["PipelineExecutionArn"])

    def _aliases(self, execution: Execution) -> list[str] | None:
        version = self._pipelines.version(execution.scope, execution.pipeline, execution.version)
        return list(version.aliases) or None if version else None

    @operation("DescribePipelineExecution", access=on_execution)
    async def describe_pipeline_execution(self, context: RequestContext, request: Request) -> Request:
        """Tell an execution's state.

        Raises:
            ResourceNotFound: No such execution.
        """
        execution = self._get(context, request)
        return {
            **described_execution(execution),
            "PipelineVersionAliases": self._aliases(execution),
            "RoleArn": execution.role_arn,
        }

    @operation("ListPipelineExecutions", access=on_pipeline)
    async def list_pipeline_executions(self, context: RequestContext, request: Request) -> Request:
        """Return one page of a pipeline's executions, the newest first where the request does not say.

        Raises:
            ResourceNotFound: No such pipeline.
            ValidationException: The token is not one of ours.
        """
        pipeline = require_pipeline(self._pipelines, context, request["PipelineName"])
        version = (
            version_of(self._pipelines, pipeline, request) if "PipelineVersionAlias" in request else None
        )
        found, token = self._records.page(pipeline.scope, pipeline.name, version, request)
        return {
            "PipelineExecutionSummaries": [
                {
                    "PipelineExecutionArn": one.arn,
                    "StartTime": moment(one.created_at),
                    "PipelineExecutionStatus": one.status,
                    "PipelineExecutionDescription": one.description,
                    "PipelineExecutionDisplayName": one.display_name,
                    "PipelineExecutionFailureReason": one.failure_reason or None,
                    "PipelineVersionAliases": self._aliases(one),
                }
                for one in found
            ],
            "NextToken": token,
        }

    @operation("ListPipelineExecutionSteps", access=on_execution)
    async def list_pipeline_execution_steps(self, context: RequestContext, request: Request) -> Request:
        """Return one page of the steps that began, the last one first where the request does not say.

        Raises:
            ResourceNotFound: No such execution.
            ValidationException: The token is not one of ours.
        """
        execution = self._get(context, {"PipelineExecutionArn": "", **request})
        # From the outputs of public notebooks: the newest first.
        ascending = request.get("SortOrder") == "Ascending"
        steps = sorted(
            self._records.steps(execution).values(),
            key=lambda one: (one.position, one.name),
            reverse=not ascending,
        )
        page = paginate(
            steps,
            key=lambda one: (one.position, one.name),
            token=request.get("NextToken"),
            limit=request.get("MaxResults", _PAGE),
            descending=not ascending,
            listing=f"steps of {execution.id}",
        )
        return {"PipelineExecutionSteps": [*map(described, page.items)], "NextToken": page.next_token}

    @operation("ListPipelineParametersForExecution", access=on_execution)
    async def list_pipeline_parameters_for_execution(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Return one page of the parameters that an execution was started with.

        Raises:
            ResourceNotFound: No such execution.
            ValidationException: The token is not one of ours.
        """
        execution = self._get(context, request)
        page = paginate(
            [{"Name": name, "Value": execution.given[name]} for name in sorted(execution.given)],
            key=lambda one: one["Name"],
            token=request.get("NextToken"),
            limit=request.get("MaxResults", _PAGE),
            listing=f"parameters of {execution.id}",
        )
        return {"PipelineParameters": page.items, "NextToken": page.next_token}

    @operation("DescribePipelineDefinitionForExecution", access=on_execution)
    async def describe_pipeline_definition_for_execution(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Return the definition of the version that an execution is of.

        Raises:
            ResourceNotFound: No such execution.
        """
        execution = self._get(context, request)
        text = self._pipelines.definition(execution.scope, execution.pipeline, execution.version)
        if text is None:
            raise no_execution(execution.arn)
        return {"PipelineDefinition": text, "CreationTime": moment(execution.created_at)}


def described_execution(execution: Execution) -> Request:
    """Return what is told of an execution besides its role and its version's aliases. Pure."""
    return {
        "PipelineArn": execution.pipeline_arn,
        "PipelineExecutionArn": execution.arn,
        "PipelineExecutionDisplayName": execution.display_name,
        "PipelineExecutionStatus": execution.status,
        "PipelineExecutionDescription": execution.description,
        "PipelineExperimentConfig": execution.experiment or None,
        "FailureReason": execution.failure_reason or None,
        "CreationTime": moment(execution.created_at),
        "LastModifiedTime": moment(execution.modified_at),
        "CreatedBy": execution.created_by,
        "LastModifiedBy": execution.modified_by,
        "ParallelismConfiguration": parallelism(execution.parallel if execution.parallel_given else None),
        "SelectiveExecutionConfig": _selection(execution),
        "PipelineVersionId": execution.version,
    }


def described(record: StepRecord) -> Request:
    """Return a step as ListPipelineExecutionSteps shows it. Pure."""
    cached = {"SourcePipelineExecutionArn": record.cached_from} if record.cached_from else None
    reused = {"SourcePipelineExecutionArn": record.reused_from} if record.reused_from else None
    return {
        "StepName": record.name,
        "StepDisplayName": record.display_name,
        "StepDescription": record.description,
        "StartTime": moment(record.started_at),
        "EndTime": moment(record.ended_at) if record.ended_at is not None else None,
        "StepStatus": record.status,
        "CacheHitResult": cached,
        "FailureReason": record.failure_reason or None,
        "Metadata": _metadata(record),
        # Recorded: 1 of a step that failed at its first attempt.
        "AttemptCount": record.retries + 1,
        "SelectiveExecutionResult": reused,
    }


def _metadata(record: StepRecord) -> Mapping[str, Any]:
    if record.kind == CONDITION:
        return {} if record.outcome is None else {"Condition": {"Outcome": str(record.outcome)}}
    if record.kind == FAIL:
        return {"Fail": {"ErrorMessage": record.message}}
    if record.kind == LAMBDA:
        outputs = [{"Name": name, "Value": _text(value)} for name, value in record.outputs.items()]
        return {"Lambda": {"Arn": record.arn, "OutputParameters": outputs}} if record.arn else {}
    if record.kind in KINDS:
        check = Check.from_json(record.check) if record.arn and record.check else None
        return {record.kind: check.metadata(_spelled(record))} if check else {}
    made = TYPES[record.kind]
    # The SDK, and many a notebook, take a job's name out of this and describe the job. Recorded of AWS since
    # 2024: the name as it is spelled, where other ARNs here have it in lower case.
    arn = record.arn if made.metadata == "RegisterModel" else _spelled(record)
    return {made.metadata: {"Arn": arn}} if arn else {}


def _spelled(record: StepRecord) -> str:
    prefix, slash, _ = record.arn.rpartition("/")
    return f"{prefix}{slash}{record.job_name}" if record.arn else ""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _selection(execution: Execution) -> Mapping[str, Any] | None:
    if execution.selected is None:
        return None
    return {
        "SourcePipelineExecutionArn": execution.source or None,
        "SelectedSteps": [{"StepName": name} for name in execution.selected],
    }
