"""Where the instances of a training job run, where there is a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sagehen.domain.ports.compute.node_data import Fetched
from sagehen.executors.base import Mount, SandboxSpec
from sagehen.executors.folders.job import JobFolder
from sagehen.executors.wire import DEVICE
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs import placing
from sagehen.services.sagemaker.jobs.placing import is_spread
from sagehen.services.sagemaker.training.container import NETWORK_INTERFACE, is_small
from sagehen.services.sagemaker.training.hooks import files as hook_files
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.transfers.channels.channel import Channel


def stays_here(job: TrainingJob) -> str | None:
    """Return why a job needs the platform's own machine; None where it does not.

    What a pool keeps for the next job is in folders there.
    """
    if job.request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        return "its instances are kept warm (KeepAlivePeriodInSeconds)"
    return None


def brought_whole(channels: Iterable[Channel], nodes: Sequence[str | None]) -> list[str]:
    """Return what a job's log says of channels that are not as they would be on the platform's machine."""
    return [
        f"channel {channel.name} was brought whole before the start (FastFile mode, on a node)"
        for channel in channels
        if channel.is_view and any(nodes)
    ]


def interface_of(nodes: Sequence[str | None]) -> str:
    """Return the interface by which a job's instances reach one another."""
    return DEVICE if is_spread(nodes) else NETWORK_INTERFACE


def _own_copy(mount: Mount, fetched: Mapping[Path, Fetched]) -> Mount:
    """Return a mount of which a host may have a copy to write to, if its content is small enough."""
    found = fetched.get(mount.source)
    if found is None or not is_small(found.files, found.size):
        return mount
    return replace(mount, writable=True, kept=False)


def on_node(
    spec: SandboxSpec,
    nodes: Sequence[str | None],
    job: TrainingJob,
    folder: JobFolder,
    host: str,
    around: Surroundings,
    fetched: Mapping[Path, Fetched],
    channels: Iterable[Channel] = (),
) -> SandboxSpec:
    """Return one instance's spec with its place.

    Args:
        nodes: Of all instances, in the order of the hosts.
        fetched: What nodes have got by themselves, by the sources of mounts.
        channels: The job's.
    """
    own = folder.host(host)
    wanted = [own.failure, *(own.opt_ml / local for local, _, _ in hook_files.folders(job.request, job.name))]
    if is_spread(nodes):  # one archive holds what all of them have left
        wanted += [own.model, own.output_data]
    there = placing.on_node(
        spec, nodes, job.hosts, folder, host, around,
        wanted=_outermost(wanted), left=(own.opt_ml, own.checkpoints),
    )  # fmt: skip
    if there.node is None:
        return there
    mounts = tuple(_own_copy(mount, fetched) for mount in there.mounts)
    piped = [each.name for each in channels if each.is_pipe and host in each.hosts(job.hosts, job.group_of)]
    return replace(there, mounts=mounts, pipes=tuple(own.data / name for name in piped))


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    every = set(paths)
    return tuple(path for path in sorted(every) if every.isdisjoint(path.parents))
