"""Arguments of a step, evaluated: what expressions name is read with the rights of the pipeline's role."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sagehen.api.bounded.budget import BudgetSpent, TooBusy, in_budget
from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.services.sagemaker.pipelines.definition.document import Definition
from sagehen.services.sagemaker.pipelines.definition.step import Step
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.values import Sources, Unresolved, evaluate, files_of
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.parts import Parts

# Documented: a property file has at most 2 MB.
_MOST_BYTES = 2 << 20
# Ours, of one step.
_MOST_FILES = 50
_MOST_TOGETHER = 8 << 20


async def evaluated(
    parts: Parts, execution: Execution, definition: Definition, step: Step, job_name: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the arguments, and the check, of a step that is ready.

    Args:
        job_name: For `Execution.TrainingJobName` and its kin.

    Raises:
        Unresolved: A value is not there.
        CallFailed: The role cannot be had.
    """
    sources = await asyncio.to_thread(_sources, parts, execution, definition, step, job_name)
    try:
        uris = await in_budget(_uris, step, sources)
        if not uris:
            return await in_budget(_evaluate, step, sources)
        async with parts.reading:
            return await in_budget(_evaluate, step, sources.with_files(await _files(parts, execution, uris)))
    except TooBusy:
        raise CallFailed("sagemaker:Pipelines", "ServiceUnavailable", "Too much is going on.", 503) from None
    except BudgetSpent:
        raise Unresolved("ClientError: The arguments of the step take too long to evaluate.") from None


def _uris(step: Step, sources: Sources) -> list[str]:
    found: dict[str, None] = {}
    for uri in files_of([step.arguments, step.check], sources):
        found[uri] = None
        if len(found) > _MOST_FILES:
            raise Unresolved(f"ClientError: The step refers to more than {_MOST_FILES} files.")
    return list(found)


def _evaluate(step: Step, sources: Sources) -> tuple[dict[str, Any], dict[str, Any]]:
    arguments, check = evaluate([step.arguments, step.check], sources)
    return arguments, check


def variables(execution: Execution, now: datetime, job_name: str = "") -> dict[str, str]:
    """Return what `Execution.X` stands for."""
    started = datetime.fromtimestamp(execution.created_at, UTC)
    return {
        "PipelineName": execution.pipeline,
        "PipelineArn": execution.pipeline_arn,
        "PipelineExecutionId": execution.id,
        "PipelineExecutionArn": execution.arn,
        "StartDateTime": _moment(started),
        "CurrentDateTime": _moment(now),
        "TrainingJobName": job_name,
        "ProcessingJobName": job_name,
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _sources(
    parts: Parts, execution: Execution, definition: Definition, step: Step, job_name: str
) -> Sources:
    names = sorted({one.name for one in step.references if one.root == "Steps"})
    found: Mapping[str, str] = parts.records.properties(execution, names)
    return Sources(
        parameters=execution.parameters,
        execution=variables(execution, parts.clock.now(), job_name),
        properties={name: json.loads(text) for name, text in found.items()},
        steps=definition.steps,
    )


async def _files(parts: Parts, execution: Execution, uris: Sequence[str]) -> dict[str, Any]:
    """Read JSON files.

    Raises:
        Unresolved: One cannot be, or they are too large.
        CallFailed
    """
    found, size = {}, 0
    for uri in uris:
        content = await _content(parts, execution, uri)
        size += len(content)
        if size > _MOST_TOGETHER:
            raise Unresolved(
                f"ClientError: The step's files are larger than {_MOST_TOGETHER} bytes together."
            )
        try:
            found[uri] = await asyncio.to_thread(read_json, content)
        except NotJson:
            raise Unresolved(f"ClientError: The content of file {uri} is not valid JSON.") from None
    return found


async def _content(parts: Parts, execution: Execution, uri: str) -> bytes:
    """Read a file. The words are the SDK's of its local pipelines, in short."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not key:
        raise Unresolved(f"ClientError: '{uri}' is no S3 URI.")
    session = await parts.calls.session(execution.role_arn)
    try:
        summary, pieces = await parts.objects.read(session.principal, bucket, key)
        if summary.size > _MOST_BYTES:
            raise Unresolved(f"ClientError: File {uri} is larger than {_MOST_BYTES} bytes.")
        return b"".join([piece async for piece in pieces])
    except (NoSuchObject, AccessDenied) as error:
        raise Unresolved(f"ClientError: Failed to read file {uri}: {error}") from None
