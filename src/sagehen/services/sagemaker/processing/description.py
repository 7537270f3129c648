"""What DescribeProcessingJob and ListProcessingJobs say of a job. Unset structures are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.processing.job import DEFAULT_MAX_RUNTIME_S, ProcessingJob
from sagehen.services.sagemaker.resources.rows import moment

# DescribeProcessingJob answers with these as they were given; what AWS fills in stands in `describe`.
_ECHOED = (
    "ProcessingJobName", "ProcessingOutputConfig", "AppSpecification", "Environment", "NetworkConfig",
    "RoleArn", "ExperimentConfig",
)  # fmt: skip
# From memory: what AWS fills in.
_INPUT_DEFAULTS = {
    "S3InputMode": "File",
    "S3DataDistributionType": "FullyReplicated",
    "S3CompressionType": "None",
}


def describe(job: ProcessingJob) -> dict[str, Any]:
    """Return DescribeProcessingJob's answer."""
    request = job.request
    answer: dict[str, Any] = {member: request[member] for member in _ECHOED if member in request}
    answer |= {
        "ProcessingJobArn": job.arn,
        "ProcessingInputs": [_input(entry) for entry in request.get("ProcessingInputs") or ()] or None,
        "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1, **job.cluster}},
        "StoppingCondition": {
            "MaxRuntimeInSeconds": DEFAULT_MAX_RUNTIME_S,
            **(request.get("StoppingCondition") or {}),
        },
    }
    return answer | _state(job) | {"ProcessingStartTime": _time(job.started_at)}


def summarize(job: ProcessingJob) -> dict[str, Any]:
    """Return ListProcessingJobs' summary."""
    return {"ProcessingJobName": job.name, "ProcessingJobArn": job.arn, **_state(job)}


def _state(job: ProcessingJob) -> dict[str, Any]:
    return {
        "ProcessingJobStatus": job.status,
        "CreationTime": moment(job.created_at),
        "LastModifiedTime": moment(job.modified_at),
        "ProcessingEndTime": _time(job.ended_at),
        "FailureReason": job.failure_reason,
        "ExitMessage": job.exit_message,
    }


def _time(at: float | None) -> Any:
    return None if at is None else moment(at)


def _input(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"AppManaged": False, **entry, "S3Input": {**_INPUT_DEFAULTS, **entry["S3Input"]}}
