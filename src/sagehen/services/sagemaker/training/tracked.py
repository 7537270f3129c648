"""A training job as it is tracked. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sagehen.services.sagemaker.jobs.metric_series import MetricSeries
from sagehen.services.sagemaker.jobs.tracked import Location, Tracked, number_or_text, resources
from sagehen.services.sagemaker.training.job import TrainingJob


def tracked(job: TrainingJob) -> Tracked:
    """Return what experiments and lineage record of it."""
    request = job.request
    image = request["AlgorithmSpecification"]["TrainingImage"]
    values = request.get("HyperParameters") or {}
    groups = ((group.instance_type, len(group.hosts)) for group in job.groups)
    return Tracked(
        word="Training",
        scope=job.scope,
        name=job.name,
        arn=job.arn,
        created_at=job.created_at,
        modified_at=job.modified_at,
        status=job.status,
        # Recorded, of public notebooks: the point stands there also where nothing is before it.
        message=f"Status: {job.status}, secondary status: {job.secondary_status}, "
        f"failure reason: {job.failure_reason or ''}.",
        started_at=job.started_at,
        ended_at=job.ended_at,
        parameters={
            **{name: number_or_text(value) for name, value in values.items()},
            "SageMaker.ImageUri": image,
            **dict(resources(groups, job.volume_gb)),
        },
        inputs=(Location("", "Image", image), *_channels(job)),
        outputs=tuple(_outputs(job)),
        experiment=request.get("ExperimentConfig") or {},
        metrics={name: MetricSeries.read(stored) for name, stored in job.metric_series.items()},
    )


def _channels(job: TrainingJob) -> Iterator[Location]:
    for channel in job.request.get("InputDataConfig") or ():
        source = channel["DataSource"]["S3DataSource"]
        yield Location(channel["ChannelName"], "DataSet", source["S3Uri"], channel.get("ContentType"))


def _outputs(job: TrainingJob) -> Iterator[Location]:
    yield Location("SageMaker.ModelArtifact", "Model", job.model_artifacts_uri)
    if hook := job.request.get("DebugHookConfig"):
        yield Location("SageMaker.DebugHookOutput", "", hook["S3OutputPath"])
    if checkpoints := job.request.get("CheckpointConfig"):
        yield Location("", "Checkpoint", checkpoints["S3Uri"])
