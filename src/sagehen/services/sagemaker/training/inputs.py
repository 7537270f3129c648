"""What a job's instances find at their start: what comes from S3, configuration, caches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sagehen.archives.bounds import in_thread, of_volume
from sagehen.archives.tar import UnusableArchive
from sagehen.domain.identity import Principal
from sagehen.executors.folders.job import JobFolder
from sagehen.executors.folders.removal import remove_tree
from sagehen.services.sagemaker.images.imports import Script
from sagehen.services.sagemaker.instances import model_cache
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.training import container
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.source import channels as sent_channels
from sagehen.services.sagemaker.training.source.submitted import submitted_program, submitted_source, unpack
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.checkpoints import Checkpoints
from sagehen.services.sagemaker.transfers.downloads import Downloads
from sagehen.services.sagemaker.transfers.elsewhere import Elsewhere
from sagehen.services.sagemaker.transfers.failures import DownloadFailed
from sagehen.services.sagemaker.transfers.pipes import Pipes
from sagehen.services.sagemaker.transfers.views.views import Views

# Is told of the source as soon as it is there.
LookAtSource = Callable[[Script], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Brought:
    """What goes on from here while the instances run.

    Args:
        checkpoints: To be stored, where the request has a CheckpointConfig.
        pipes: To be filled, and closed at the end.
        views: Likewise.
        elsewhere: What nodes have got by themselves; None where there is no node.
    """

    checkpoints: Checkpoints | None
    pipes: Pipes
    views: Views
    elsewhere: Elsewhere | None = None

    def works(self) -> list[Coroutine[Any, Any, None]]:
        """Return what fills pipes and views; each runs until it is cancelled, or fails."""
        return [*self.pipes.works(), *self.views.works()]

    def close(self) -> None:
        """Let go of pipes and views. Nothing of the job may run any more."""
        self.pipes.close()
        self.views.close()


async def bring(
    means: Means,
    job: TrainingJob,
    folder: JobFolder,
    channels: Sequence[Channel],
    principal: Principal,
    look_at_source: LookAtSource,
    note: Callable[[str], None],
    settle: Callable[[], Awaitable[str]],
    elsewhere_of: Callable[[], Elsewhere | None],
) -> Brought:
    """Bring everything into the job's folder, all at once; the first that fails ends the others.

    Args:
        folder: With its hosts' folders made.
        principal: The session of the job's role.
        look_at_source: What it raises ends all others too.
        note: Takes a line for the job's log.
        settle: Called once the source was looked at; returns the interface of the job's network.
        elsewhere_of: Returns the nodes that its instances are on now.

    Returns:
        What goes on while the instances run.

    Raises:
        ExceptionGroup: Of DownloadFailed and what else went wrong; `failure.reason_of` takes it.
    """
    downloads = Downloads(means.objects, principal, folder)
    pipes, views = Pipes(means.objects, principal, folder), Views(means.objects, principal, note)
    sent = sent_channels.channels_of(job.request, channels)
    shown, elsewhere = views if _has_mounts(means) else None, elsewhere_of()
    bring_one = partial(_bring_channel, job, downloads, pipes, shown, elsewhere, sent)
    works: list[Coroutine[Any, Any, None]] = [
        bring_one(channel) for channel in channels if channel not in sent
    ]
    works.append(_bring_source(job, folder, downloads, look_at_source))
    works.append(_bring_sent(job, folder, sent, bring_one, look_at_source))
    brought = Brought(_checkpoints(means, job, folder, principal, elsewhere), pipes, views, elsewhere)
    if brought.checkpoints is not None:
        works.append(brought.checkpoints.restore(downloads))
    try:
        await _all(works)
        interface, now = await settle(), elsewhere_of()
        if _nodes_of(now) != _nodes_of(elsewhere):  # what nodes have got is on the wrong ones
            checkpoints = _checkpoints(means, job, folder, principal, now)
            brought = replace(brought, elsewhere=now, checkpoints=checkpoints)
            moved = [channel for channel in channels if channel not in sent and not channel.is_pipe]
            await asyncio.to_thread(_clear, job, folder, moved)
            again = partial(_bring_channel, job, downloads, pipes, shown, now, sent)
            works = [again(channel) for channel in moved]
            if checkpoints is not None:
                works.append(checkpoints.restore(downloads))
            await _all(works)
        pipes.make(now)
        await asyncio.to_thread(_configure, means, job, folder, tuple(channels), interface)
    except BaseException:
        brought.close()
        raise
    return brought


def _checkpoints(
    means: Means, job: TrainingJob, folder: JobFolder, principal: Principal, elsewhere: Elsewhere | None
) -> Checkpoints | None:
    if (config := job.request.get("CheckpointConfig")) is None:
        return None
    hosts, room = [folder.host(name) for name in job.hosts], of_volume(job.volume_gb).size
    return Checkpoints(config, hosts, means.objects, principal, room, elsewhere)


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(work)


def _clear(job: TrainingJob, folder: JobFolder, channels: Iterable[Channel]) -> None:
    for channel in channels:
        for host in (None, *job.hosts):
            remove_tree(folder.channel(channel.name, host))


def _nodes_of(elsewhere: Elsewhere | None) -> Mapping[str, str]:
    return {} if elsewhere is None else elsewhere.nodes


def _has_mounts(means: Means) -> bool:
    """Whether jobs see read-only mounts, through which nobody reaches what is shown there."""
    return means.executor.has_private_networks


async def _bring_channel(
    job: TrainingJob,
    downloads: Downloads,
    pipes: Pipes,
    views: Views | None,
    elsewhere: Elsewhere | None,
    sent: Sequence[Channel],
    channel: Channel,
) -> None:
    """Bring one channel.

    Args:
        views: None: jobs might write through them.
        sent: The channels in which a source was sent.
    """
    hosts = channel.hosts(job.hosts, job.group_of)
    if not hosts:
        return  # it is for groups of no instances
    if channel.is_pipe:
        await pipes.prepare(channel, hosts)
    elif channel not in sent and elsewhere is not None and elsewhere.concerns(hosts):
        await elsewhere.bring(channel, hosts, downloads, views if channel.is_view else None)
    elif channel.is_view and channel not in sent:
        await downloads.bring(channel, hosts, views)
    else:  # what was sent is looked at before the start: it is to be there as a whole
        await downloads.bring(channel, hosts)


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
        await look_at_source(Script(targets[0], program))


async def _bring_sent(
    job: TrainingJob,
    folder: JobFolder,
    sent: Sequence[Channel],
    bring_one: Callable[[Channel], Coroutine[Any, Any, None]],
    look_at_source: LookAtSource,
) -> None:
    """Bring the channels in which a source was sent, and look at it while others are on their way."""
    async with asyncio.TaskGroup() as group:
        for channel in sent:
            group.create_task(bring_one(channel))
    if sent and (script := await asyncio.to_thread(sent_channels.script, job.request, folder.channel)):
        await look_at_source(script)


def _configure(
    means: Means, job: TrainingJob, folder: JobFolder, channels: tuple[Channel, ...], interface: str
) -> None:
    for name in job.hosts:
        container.write_configuration(job, folder, name, channels, interface)
        model_cache.link(
            means.surroundings.model_cache,
            folder.host(name).packages,
            mounted=means.executor.has_private_networks,
        )
