"""Storing: a job's outputs go to S3, and what its DataCaptureConfig asks for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sagehen.domain.identity import Principal
from sagehen.domain.ids import Ids
from sagehen.domain.ports.storage.objects import Objects
from sagehen.outgoing.together import together
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transform.captured import manifests
from sagehen.services.sagemaker.transform.job import TransformJob
from sagehen.services.sagemaker.transform.outputs import Output, Outputs

_PARALLEL_UPLOADS = 16


async def store(objects: Objects, principal: Principal, job: TransformJob, outputs: Outputs) -> None:
    """Store the answers of the objects that have all of theirs.

    Raises:
        AccessDenied, NoSuchObject
    """
    target = job.request["TransformOutput"]
    bucket, prefix = uris.split(target["S3OutputPath"])
    key_id = target.get("KmsKeyId") or None
    content_type = target.get("Accept") or "application/octet-stream"

    async def upload(one: Output) -> None:
        key = uris.join(prefix, one.name)
        await objects.upload(principal, bucket, key, one.content, content_type, key_id)

    await together((upload(one) for one in outputs), _PARALLEL_UPLOADS)


async def store_manifests(
    objects: Objects, principal: Principal, job: TransformJob, outputs: Outputs, ids: Ids, file: Path
) -> None:
    """Store which objects were transformed, and into which, where DataCaptureConfig asks for it.

    Args:
        file: Where they may be written meanwhile: of a million objects they are long.

    Raises:
        AccessDenied, NoSuchObject
    """
    capture = job.request.get("DataCaptureConfig") or {}
    if not capture:
        return
    bucket, prefix = uris.split(capture["DestinationS3Uri"])
    started = moment(job.started_at or job.created_at)
    answered = ((one.entry, one.name) for one in outputs)
    made = manifests(answered, job.request["TransformOutput"]["S3OutputPath"])
    for manifest in await asyncio.to_thread(list, made):
        await asyncio.to_thread(file.write_text, manifest.text)
        key = uris.join(prefix, manifest.name(started, ids.uuid()))
        await objects.upload(
            principal,
            bucket,
            key,
            file,
            content_type="application/json",
            kms_key_id=capture.get("KmsKeyId") or None,
        )
