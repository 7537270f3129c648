"""What DescribeTrainingJob and ListTrainingJobs say of a job. Unset structures are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.images.algorithm_metrics import metric_definitions
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.training.job import DEFAULT_MAX_RUNTIME_S, TrainingJob
from sagehen.services.sagemaker.training.pools.pool import WarmPool
from sagehen.services.sagemaker.training.profiler import settings as profiler
from sagehen.services.sagemaker.training.rules import evaluation
from sagehen.services.sagemaker.training.spot import billing
from sagehen.services.sagemaker.training.statuses import Transition

# DescribeTrainingJob answers with these as they were given; what AWS fills in stands in `describe`.
_ECHOED = (
    "TrainingJobName", "HyperParameters", "RoleArn", "CheckpointConfig", "DebugHookConfig",
    "TensorBoardOutputConfig", "Environment", "RemoteDebugConfig", "InfraCheckConfig", "RetryStrategy",
    "VpcConfig", "SessionChainingConfig", "ExperimentConfig",
)  # fmt: skip


def describe(job: TrainingJob, pool: WarmPool | None = None) -> dict[str, Any]:
    """Return DescribeTrainingJob's answer.

    Args:
        pool: What the job has to do with a warm pool.
    """
    request, algorithm = job.request, job.request["AlgorithmSpecification"]
    metrics = metric_definitions(algorithm, request.get("HyperParameters", {}))
    answer: dict[str, Any] = {member: request[member] for member in _ECHOED if member in request}
    answer |= {
        "TrainingJobArn": job.arn,
        # Known from the beginning; SDKs read it while the job runs.
        "ModelArtifacts": {"S3ModelArtifacts": job.model_artifacts_uri},
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.secondary_status,
        "AlgorithmSpecification": {
            "EnableSageMakerMetricsTimeSeries": False,
            **algorithm,
            # Those that a built-in algorithm declares are told, too: the SDK's analytics read their names.
            **({"MetricDefinitions": list(metrics)} if metrics else {}),
        },
        "InputDataConfig": [_channel(entry) for entry in request.get("InputDataConfig", ())] or None,
        # SDK v2 reads KmsKeyId without a default.
        "OutputDataConfig": {"KmsKeyId": "", "CompressionType": "GZIP", **request["OutputDataConfig"]},
        "ResourceConfig": resources_shown(request["ResourceConfig"]),
        "StoppingCondition": {
            "MaxRuntimeInSeconds": DEFAULT_MAX_RUNTIME_S,
            **request.get("StoppingCondition", {}),
        },
        "CreationTime": moment(job.created_at),
        "LastModifiedTime": moment(job.modified_at),
        "SecondaryStatusTransitions": [_transition(step) for step in job.transitions],
    }
    if job.tuning_job_arn is not None:
        answer["TuningJobArn"] = job.tuning_job_arn
    for member in (
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
    ):
        answer[member] = request.get(member, False)
    if pool is not None:
        answer["WarmPoolStatus"] = pool.describe()
        if "KeepAlivePeriodInSeconds" in request["ResourceConfig"] or pool.keep_s:
            answer["ResourceConfig"]["KeepAlivePeriodInSeconds"] = pool.keep_s  # as updated
    return answer | _outcome(job) | profiler.described(request) | _rules(job)


def summarize(job: TrainingJob, pool: WarmPool | None = None) -> dict[str, Any]:
    """Return ListTrainingJobs' summary."""
    return {
        "WarmPoolStatus": pool.describe() if pool is not None else None,
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "CreationTime": moment(job.created_at),
        "TrainingEndTime": moment(job.ended_at) if job.ended_at is not None else None,
        "LastModifiedTime": moment(job.modified_at),
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.secondary_status,
    }


def resources_shown(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a ResourceConfig with what AWS fills in; groups have counts of their own."""
    count = {} if given.get("InstanceGroups") else {"InstanceCount": 1}
    return {**count, "VolumeSizeInGB": 1, **given}


def _transition(step: Transition) -> dict[str, Any]:
    return {
        "Status": step.status,
        "StartTime": moment(step.start),
        "EndTime": moment(step.end) if step.end is not None else None,
        "StatusMessage": step.message,
    }


def _channel(entry: dict[str, Any]) -> dict[str, Any]:
    source = entry["DataSource"]["S3DataSource"]
    filled = {"S3DataDistributionType": "FullyReplicated", **source}
    return {
        "CompressionType": "None",
        "RecordWrapperType": "None",
        **entry,
        "DataSource": {"S3DataSource": filled},
    }


def _outcome(job: TrainingJob) -> dict[str, Any]:
    outcome: dict[str, Any] = {}
    if job.failure_reason:
        outcome["FailureReason"] = job.failure_reason
    if job.started_at is not None:
        outcome["TrainingStartTime"] = moment(job.started_at)
    if job.ended_at is not None:
        outcome["TrainingEndTime"] = moment(job.ended_at)
        outcome["TrainingTimeInSeconds"] = job.training_time_s
        outcome["BillableTimeInSeconds"] = billing.billable_s(job)
    if job.final_metrics:
        outcome["FinalMetricDataList"] = [
            {"MetricName": name, "Value": value, "Timestamp": moment(at)}
            for name, (value, at) in job.final_metrics.items()
        ]
    return outcome


def _rules(job: TrainingJob) -> dict[str, Any]:
    ended_at = job.modified_at if job.ended else None
    return evaluation.configurations(job.request) | evaluation.described(
        job.request, job.scope, job.name, job.evaluations, created_at=job.created_at, ended_at=ended_at
    )
