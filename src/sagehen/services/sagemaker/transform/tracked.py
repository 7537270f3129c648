"""A transform job as it is tracked. Pure. Names are from memory."""

from __future__ import annotations

from sagehen.services.sagemaker.jobs.tracked import Location, Tracked, resources
from sagehen.services.sagemaker.transform.job import TransformJob


def tracked(job: TransformJob) -> Tracked:
    """Return what experiments and lineage record of it."""
    source, target = job.channel.uri, job.request["TransformOutput"]["S3OutputPath"]
    media = job.request["TransformInput"].get("ContentType")
    parts = [Location("SageMaker.ImageUri", "Image", job.image)]
    if job.model_data:
        parts.append(Location("SageMaker.ModelArtifact", "Model", job.model_data))
    return Tracked(
        word="Transform",
        scope=job.scope,
        name=job.name,
        arn=job.arn,
        created_at=job.created_at,
        modified_at=job.modified_at,
        status=job.status,
        message=f"Status: {job.status}, failure reason: {job.failure_reason or 'null'}",
        started_at=job.started_at,
        ended_at=job.ended_at,
        parameters={
            "SageMaker.ModelName": job.request["ModelName"],
            **dict(resources(((job.instance_type, len(job.hosts)),), None)),
        },
        inputs=(Location("SageMaker.TransformInput", "DataSet", source, media), *parts),
        outputs=(Location("SageMaker.TransformOutput", "DataSet", target),),
        experiment=job.request.get("ExperimentConfig") or {},
    )
