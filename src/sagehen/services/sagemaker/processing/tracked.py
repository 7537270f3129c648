"""A processing job as it is tracked. Pure. Names are from memory."""

from __future__ import annotations

from collections.abc import Iterator

from sagehen.services.sagemaker.jobs.tracked import Location, Tracked, resources
from sagehen.services.sagemaker.processing.job import ProcessingJob


def tracked(job: ProcessingJob) -> Tracked:
    """Return what experiments and lineage record of it."""
    group = (job.instance_type, len(job.hosts))
    return Tracked(
        word="Processing",
        scope=job.scope,
        name=job.name,
        arn=job.arn,
        created_at=job.created_at,
        modified_at=job.modified_at,
        status=job.status,
        message=f"Status: {job.status}, exit message: {job.exit_message or 'null'}, "
        f"failure reason: {job.failure_reason or 'null'}",
        started_at=job.started_at,
        ended_at=job.ended_at,
        parameters=dict(resources((group,), job.volume_gb)),
        inputs=tuple(_inputs(job)),
        outputs=tuple(_outputs(job)),
        experiment=job.request.get("ExperimentConfig") or {},
    )


def _inputs(job: ProcessingJob) -> Iterator[Location]:
    yield Location("SageMaker.ImageUri", "Image", job.request["AppSpecification"]["ImageUri"])
    for entry in job.request.get("ProcessingInputs") or ():
        yield Location(entry["InputName"], "DataSet", entry["S3Input"]["S3Uri"])


def _outputs(job: ProcessingJob) -> Iterator[Location]:
    for entry in (job.request.get("ProcessingOutputConfig") or {}).get("Outputs") or ():
        yield Location(entry["OutputName"], "DataSet", entry["S3Output"]["S3Uri"])
