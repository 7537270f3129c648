"""Making: how a step's job, model or model package comes to be, is looked at and is stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.pipelines.definition.step_types import StepType
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.running import experiments
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.parts import Parts

# Documented: a resource's tags; the SDK's lineage reads this one of jobs.
_EXECUTION_TAG = "sagemaker:pipeline-execution-arn"
_MOST_TAGS = 50
# Documented: up to fifty of a tuning step's best jobs.
_TOP = 50


async def make(
    parts: Parts, execution: Execution, made: StepType, name: str, arguments: Mapping[str, Any]
) -> str:
    """Make it; return its ARN.

    Raises:
        CallFailed
    """
    request = {**arguments, "Tags": _tags(parts, execution, arguments.get("Tags") or ())}
    if made.create == "CreateModelPackage":
        # Its versions have numbers instead of names: the token keeps it from being made twice.
        request = {**arguments, "ClientToken": name}
        await _require_group(parts, execution, arguments)
    else:
        config = await experiments.config_of(parts, execution, made)
        request = {**config, **request, made.name: name}
    answer = await _call(parts, execution, made.create, request)
    return str(answer[made.arn])


async def description(
    parts: Parts, execution: Execution, made: StepType, name: str, arn: str
) -> dict[str, Any]:
    """Return what the Describe operation says of it, and of a tuning job also its best training jobs.

    Raises:
        CallFailed
    """
    named = arn if made.create == "CreateModelPackage" else name
    found = await _call(parts, execution, made.describe, {made.name: named})
    if made.metadata == "TuningJob":
        config = found.get("HyperParameterTuningJobConfig", {}).get("HyperParameterTuningJobObjective", {})
        jobs = await _call(
            parts,
            execution,
            "ListTrainingJobsForHyperParameterTuningJob",
            {
                made.name: name,
                "SortBy": "FinalObjectiveMetricValue",
                "SortOrder": "Ascending" if config.get("Type") == "Minimize" else "Descending",
                "MaxResults": _TOP,
            },
        )
        found["TrainingJobSummaries"] = jobs.get("TrainingJobSummaries", [])
    return found


async def stop(parts: Parts, execution: Execution, made: StepType, name: str) -> None:
    """Ask it to stop.

    Raises:
        CallFailed: Also where it has ended meanwhile.
    """
    await _call(parts, execution, made.stop, {made.name: name})


async def _call(
    parts: Parts, execution: Execution, operation: str, request: Mapping[str, Any]
) -> dict[str, Any]:
    return await parts.calls.call(execution.role_arn, execution.scope.region, operation, request)


async def _require_group(parts: Parts, execution: Execution, arguments: Mapping[str, Any]) -> None:
    """Make a model package's group where there is none: public notebooks name groups that nobody made."""
    group = arguments.get("ModelPackageGroupName")
    if not group:
        return
    name = str(group).rpartition("/")[2]
    try:
        await _call(parts, execution, "DescribeModelPackageGroup", {"ModelPackageGroupName": name})
    except CallFailed as error:
        if error.status == 501 or error.code == "AccessDeniedException":
            raise
        request = {"ModelPackageGroupName": name, "Tags": _tags(parts, execution, ())}
        await _call(parts, execution, "CreateModelPackageGroup", request)


def _tags(parts: Parts, execution: Execution, given: Any) -> list[dict[str, str]]:
    """Return the pipeline's tags, the execution's, and over them those that the definition gives."""
    tags = {_EXECUTION_TAG: execution.arn, **parts.tags.of(execution.pipeline_arn)}
    tags |= {
        one["Key"]: one["Value"] for one in given if isinstance(one, dict) and {"Key", "Value"} <= one.keys()
    }
    return [{"Key": key, "Value": value} for key, value in list(tags.items())[:_MOST_TAGS]]


def told(properties: Mapping[str, Any]) -> str:
    """Return a description as text for its row."""
    return json.dumps(properties, separators=(",", ":"))
