"""What a job's instances have left, into S3: the artifacts, and the last checkpoints."""

from __future__ import annotations

from collections.abc import Callable

from sagehen.archives.bounds import of_volume
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.outgoing import ArtifactsTarget
from sagehen.executors.folders.job import JobFolder
from sagehen.outgoing import artifacts
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.checkpoints import Checkpoints
from sagehen.services.sagemaker.transfers.elsewhere import Elsewhere
from sagehen.services.sagemaker.transfers.uploads import RoleUploads


async def store(
    means: Means,
    job: TrainingJob,
    folder: JobFolder,
    principal: Principal,
    checkpoints: Checkpoints | None,
    elsewhere: Elsewhere | None,
    note: Callable[[str], None],
) -> None:
    """Store the artifacts under OutputDataConfig, packed or not, then what changed of the checkpoints.

    Args:
        principal: The session of the job's role.
        elsewhere: Instances that are on nodes; None: none is.
        note: Takes a line for the job's log: what was left out of the artifacts.

    Raises:
        AccessDenied, NoSuchObject: The role may not write there, or there is no such bucket.
        TooMuch: There is more than the volume has room for.
        NodeGone: They were on a node.
    """
    if elsewhere is not None and elsewhere.has_all(job.hosts):
        for line in await elsewhere.store_artifacts(job.hosts, _target(job)):
            note(f"sagehen: {line}")
    else:  # of instances on several machines it is brought here: one archive holds all of it
        uploads = RoleUploads(means.objects, principal)
        await artifacts.store(folder, job.hosts, _target(job), uploads, lambda line: note(f"sagehen: {line}"))
    if checkpoints is not None:
        await checkpoints.store()


def _target(job: TrainingJob) -> ArtifactsTarget:
    bucket, prefix = uris.split(job.output_prefix)
    room = of_volume(job.volume_gb).size
    return ArtifactsTarget(bucket, prefix, job.compresses_output, room, job.output_kms_key)
