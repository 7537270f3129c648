"""What DescribeTransformJob and ListTransformJobs say of a job. Unset structures are left out."""

from __future__ import annotations

from typing import Any

from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.transform.job import TransformJob

# DescribeTransformJob answers with these as they were given; what AWS fills in stands in `describe`.
_ECHOED = (
    "TransformJobName", "ModelName", "MaxConcurrentTransforms", "ModelClientConfig", "MaxPayloadInMB",
    "BatchStrategy", "Environment", "TransformResources", "DataCaptureConfig", "ExperimentConfig",
)  # fmt: skip
# Documented: SageMaker Developer Guide, Associate Prediction Results with Input Records; that the description
# says them is from memory.
_PROCESSING_DEFAULTS = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}


def describe(job: TransformJob) -> dict[str, Any]:
    """Return DescribeTransformJob's answer."""
    request = job.request
    answer: dict[str, Any] = {member: request[member] for member in _ECHOED if member in request}
    answer |= {
        "TransformJobArn": job.arn,
        "TransformInput": {"CompressionType": "None", "SplitType": "None", **request["TransformInput"]},
        "TransformOutput": {"AssembleWith": "None", "KmsKeyId": "", **request["TransformOutput"]},
        "DataProcessing": {**_PROCESSING_DEFAULTS, **(request.get("DataProcessing") or {})},
    }
    state = _state(job)
    del state["LastModifiedTime"]  # it is not among the answer's members
    started = None if job.started_at is None else moment(job.started_at)
    return answer | state | {"TransformStartTime": started}


def summarize(job: TransformJob) -> dict[str, Any]:
    """Return ListTransformJobs' summary."""
    return {"TransformJobName": job.name, "TransformJobArn": job.arn, **_state(job)}


def _state(job: TransformJob) -> dict[str, Any]:
    return {
        "TransformJobStatus": job.status,
        "CreationTime": moment(job.created_at),
        "LastModifiedTime": moment(job.modified_at),
        "TransformEndTime": None if job.ended_at is None else moment(job.ended_at),
        "FailureReason": job.failure_reason,
    }
