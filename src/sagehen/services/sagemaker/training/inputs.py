"""What a job's instances find at their start: what comes from S3, configuration, caches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sagehen.domain.identity import Principal
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.archives.bounds import in_thread, of_volume
from sagehen.services.sagemaker.archives.tar import UnusableArchive
from sagehen.services.sagemaker.instances import model_cache
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.training import container
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.source import submitted_program, submitted_source, unpack
from sagehen.services.sagemaker.transfers.channels import Channel
from sagehen.services.sagemaker.transfers.checkpoints import Checkpoints
from sagehen.services.sagemaker.transfers.downloads import DownloadFailed, Downloads

# Is told of the source as soon as it is there: (its folder, the script in it).
LookAtSource = Callable[[Path, str], Awaitable[None]]


async def bring(
    means: Means,
    job: TrainingJob,
    folder: JobFolder,
    channels: Sequence[Channel],
    principal: Principal,
    look_at_source: LookAtSource,
) -> Checkpoints | None:
    """Bring everything into the job's folder, all at once; the first that fails ends the others.

    Args:
        folder: With its hosts' folders made.
        principal: The session of the job's role.
        look_at_source: What it raises ends all others too.

    Returns:
        The checkpoints to be stored from now on, where the request has a CheckpointConfig.

    Raises:
        ExceptionGroup: Of DownloadFailed and what else went wrong; `failure.reason_of` takes it.
    """
    downloads = Downloads(means.objects, principal, folder)
    works = [downloads.bring(channel, job.hosts) for channel in channels]
    works.append(_bring_source(job, folder, downloads, look_at_source))
    checkpoints = None
    if config := job.request.get("CheckpointConfig"):
        hosts = [folder.host(name) for name in job.hosts]
        room = of_volume(job.volume_gb).size
        checkpoints = Checkpoints(config, hosts, means.objects, principal, room)
        works.append(checkpoints.restore(downloads))
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(work)
    await asyncio.to_thread(_configure, means, job, folder, tuple(channels))
    return checkpoints


async def _bring_source(
    job: TrainingJob, folder: JobFolder, downloads: Downloads, look_at_source: LookAtSource
) -> None:
    uri = submitted_source(job.request)
    if uri is None:
        return
    await downloads.fetch(uri, folder.source_archive)
    bounds = of_volume(job.volume_gb)
    targets = [folder.host(name).code for name in job.hosts]
    try:
        await in_thread(lambda patience: unpack(folder.source_archive, targets, bounds, patience))
    except UnusableArchive as error:
        raise DownloadFailed(f"ClientError: {uri} is not a usable tar.gz archive: {error}") from None
    if (program := submitted_program(job.request)) is not None:
        await look_at_source(targets[0], program)


def _configure(means: Means, job: TrainingJob, folder: JobFolder, channels: tuple[Channel, ...]) -> None:
    for name in job.hosts:
        container.write_configuration(job, folder, name, channels)
        model_cache.link(
            means.surroundings.model_cache,
            folder.host(name).packages,
            mounted=means.executor.has_private_networks,
        )
