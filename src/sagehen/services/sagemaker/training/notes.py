"""What a job's log says at its beginning: the environment used, and what is taken but has no effect here.

The lines stand once in the job's log, in the stream of its first instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.jobs import settings_without_effect
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.spot import billing
from sagehen.services.sagemaker.transfers.channels.parsing import parse

# Script mode's launchers: SDKs set `sagemaker_<name>_enabled`.
_LAUNCHER = ("sagemaker_", "_enabled")


def notes_of(job: TrainingJob, image: Image, gpu_note: str | None = None) -> list[str]:
    """Return the lines that the job's log begins with.

    Args:
        gpu_note: What `GpuTypes` has to say of its instance type; it comes first.
    """
    request, lines = job.request, [image.describe()]
    if gpu_note is not None:
        lines.insert(0, gpu_note)
    if job.attempts > 1:
        lines.append(f"attempt {job.attempts}: {_why_again(job)}")
    is_algorithm = image.promise is not None and image.promise.is_algorithm
    if len(job.hosts) > 1 and not is_algorithm and not has_launcher(job):
        lines.append(
            f"no distribution is configured: {len(job.hosts)} instances start the same script, and unless "
            "it connects them itself, each trains on all that it reads"
        )
    for channel in parse(request):
        if channel.seed is not None and not channel.is_pipe and not channel.is_sharded:
            lines.append(
                f"ShuffleConfig of channel {channel.name} changes nothing: every instance gets all files, "
                "and files have no order"
            )
    if not_run := _not_run(request):
        lines.append(f"SageMaker's {', '.join(not_run)} will not be run here")
    lines += settings_without_effect.notes(request)
    if request.get("EnableManagedSpotTraining"):
        lines.append(billing.NOTE)
    return [f"sagehen: {line}" for line in lines]


def _why_again(job: TrainingJob) -> str:
    if job.broken_by == "restart":
        return "the platform was restarted while this job ran"
    if job.broken_by == "machine":
        return "a machine that it ran on is lost"
    if job.broken_by == "interruption":
        kept = (
            "" if job.request.get("CheckpointConfig") else "; without CheckpointConfig it begins at nothing"
        )
        return f"the spot instances of the one before were taken away{kept}"
    return "an internal error ended the one before; RetryStrategy asks for another"


def _not_run(request: Mapping[str, Any]) -> list[str]:
    """Return what is asked for and has no counterpart. One line for all: the SDK v2 asks for it unasked."""
    asked = {
        "EnableSageMakerMetricsTimeSeries (metrics go to CloudWatch alone)": request[
            "AlgorithmSpecification"
        ].get("EnableSageMakerMetricsTimeSeries"),
    }
    return [what for what, wanted in asked.items() if wanted]


def has_launcher(job: TrainingJob) -> bool:
    """Tell whether a `distribution` was given to the estimator."""
    begin, end = _LAUNCHER
    return any(
        name.startswith(begin) and name.endswith(end) and value.strip('"').lower() == "true"
        for name, value in job.request.get("HyperParameters", {}).items()
    )


def strangers_note(job: TrainingJob) -> str:
    """Return what to say of a job whose instances never listened for one another."""
    sharded = any(
        channel["DataSource"]["S3DataSource"].get("S3DataDistributionType") == "ShardedByS3Key"
        for channel in job.request.get("InputDataConfig", ())
    )
    data = "on its own shard" if sharded else "all of it"
    return f"The {len(job.hosts)} instances never connected: each trained {data}, by itself."
