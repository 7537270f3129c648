"""Which pipeline or execution a request names, by name or ARN, and what must be allowed on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.services.sagemaker.pipelines.errors import no_execution, no_pipeline
from sagehen.services.sagemaker.pipelines.executions.execution import Execution, pipeline_arn
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.pipeline import Pipeline
from sagehen.services.sagemaker.pipelines.records import PipelineRecords
from sagehen.services.sagemaker.resources.condition_keys import keys_of

_EXECUTION = re.compile(r"(?P<pipeline>.+:pipeline/[^/]+)/execution/(?P<id>[a-z0-9]{1,64})\Z")


def on_pipeline(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The access rule of operations that name a pipeline."""
    given = request.get("PipelineName") or request.get("PipelineArn") or "*"
    keys = keys_of({"PipelineVersionId": request.get("PipelineVersionId")})
    yield Access(f"sagemaker:{context.operation}", _arn(context, given), keys)


def on_execution(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The access rule of operations that name an execution."""
    given = request.get("PipelineExecutionArn") or "*"
    # IAM's resource types pipeline and pipeline-execution (Service Authorization Reference) have this ARN.
    yield Access(f"sagemaker:{context.operation}", given)


def _arn(context: RequestContext, given: str) -> str:
    return given if given.startswith("arn:") else pipeline_arn(context.scope, given)


def require_pipeline(records: PipelineRecords, context: RequestContext, given: str) -> Pipeline:
    """Return the pipeline of a name or ARN.

    Raises:
        ResourceNotFound
    """
    arn = _arn(context, given)
    prefix = pipeline_arn(context.scope, "")
    found = None
    if arn.lower().startswith(prefix):
        found = records.get(context.scope, arn[len(prefix) :])
    if found is None:
        raise no_pipeline(arn)
    return found


def require_execution(records: ExecutionRecords, context: RequestContext, arn: str) -> Execution:
    """Return the execution of an ARN.

    Raises:
        ResourceNotFound
    """
    match = _EXECUTION.match(arn)
    found = records.get(context.scope, match["id"]) if match else None
    if match is None or found is None or match["pipeline"].lower() != found.pipeline_arn:
        raise no_execution(arn)
    return found
