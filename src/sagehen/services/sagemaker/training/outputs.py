"""What a job's instances have left, into S3: the artifacts, and the last checkpoints."""

from __future__ import annotations

from collections.abc import Callable

from sagehen.domain.identity import Principal
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.archives import artifacts
from sagehen.services.sagemaker.archives.bounds import in_thread, of_volume
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.transfers.checkpoints import Checkpoints


async def store(
    means: Means,
    job: TrainingJob,
    folder: JobFolder,
    principal: Principal,
    checkpoints: Checkpoints | None,
    note: Callable[[str], None],
) -> None:
    """Pack the artifacts and store them under OutputDataConfig, then what changed of the checkpoints.

    Args:
        principal: The session of the job's role.
        note: Takes a line for the job's log: what was left out of the artifacts.

    Raises:
        AccessDenied, NoSuchObject: The role may not write there, or there is no such bucket.
        TooMuch: There is more than the volume has room for.
    """
    bounds = of_volume(job.volume_gb)
    for line in await in_thread(lambda patience: artifacts.build(folder, job.hosts, bounds, patience)):
        note(f"sagehen: {line}")
    for archive in (folder.model_archive, folder.output_archive):
        if archive.exists():
            bucket, key = job.output_key(archive.name)
            kms_key_id = job.request["OutputDataConfig"].get("KmsKeyId")
            await means.objects.upload(principal, bucket, key, archive, "application/x-tar", kms_key_id)
    if checkpoints is not None:
        await checkpoints.store()
