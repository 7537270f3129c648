"""What a job's instances have left, into S3: the artifacts, and the last checkpoints."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from sagehen.domain.identity import Principal
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.archives import artifacts, loose
from sagehen.services.sagemaker.archives.bounds import in_thread, of_volume
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.transfers.checkpoints import Checkpoints
from sagehen.services.sagemaker.transfers.together import together

# Files come from this machine and go to it; more at once would only queue for its disk.
_PARALLEL_UPLOADS = 16
# Documented: S3's User Guide.
_KEY_BYTES = 1024


async def store(
    means: Means,
    job: TrainingJob,
    folder: JobFolder,
    principal: Principal,
    checkpoints: Checkpoints | None,
    note: Callable[[str], None],
) -> None:
    """Store the artifacts under OutputDataConfig, packed or not, then what changed of the checkpoints.

    Args:
        principal: The session of the job's role.
        note: Takes a line for the job's log: what was left out of the artifacts.

    Raises:
        AccessDenied, NoSuchObject: The role may not write there, or there is no such bucket.
        TooMuch: There is more than the volume has room for.
    """
    if job.compresses_output:
        await _store_archives(means, job, folder, principal, note)
    else:
        await _store_files(means, job, folder, principal, note)
    if checkpoints is not None:
        await checkpoints.store()


async def _store_archives(
    means: Means, job: TrainingJob, folder: JobFolder, principal: Principal, note: Callable[[str], None]
) -> None:
    bounds = of_volume(job.volume_gb)
    for line in await in_thread(lambda patience: artifacts.build(folder, job.hosts, bounds, patience)):
        note(f"sagehen: {line}")
    for archive in (folder.model_archive, folder.output_archive):
        if archive.exists():
            bucket, key = job.output_key(archive.name)
            await means.objects.upload(
                principal, bucket, key, archive, "application/x-tar", job.output_kms_key
            )


async def _store_files(
    means: Means, job: TrainingJob, folder: JobFolder, principal: Principal, note: Callable[[str], None]
) -> None:
    """Store every file by itself, below `output/model/` and `output/data/`, some at once."""
    bounds = of_volume(job.volume_gb)
    _, base = job.output_key("")
    room = _KEY_BYTES - len(base.encode())
    found, notes = await in_thread(lambda patience: loose.files(folder, job.hosts, room, bounds, patience))
    for line in notes:
        note(f"sagehen: {line}")

    async def upload(file: loose.LooseFile) -> None:
        bucket, key = job.output_key(file.name)
        opened = await asyncio.to_thread(file.host.open_file, file.path)
        if opened is None:
            note(f"sagehen: {file.host.root.name}: {file.name!r} is no file any more; left out")
            return
        try:
            content = Path(f"/proc/self/fd/{opened}")
            await means.objects.upload(principal, bucket, key, content, kms_key_id=job.output_kms_key)
        finally:
            os.close(opened)

    await together((upload(file) for file in found), _PARALLEL_UPLOADS)
