"""Where the instances of a training job run, where there is a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sagehen.executors.base import Network, SandboxSpec
from sagehen.executors.folders.job import JobFolder
from sagehen.executors.wire import DEVICE, address_of
from sagehen.services.sagemaker.instances.placing import OWN, placed
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs.container import role_folder
from sagehen.services.sagemaker.training.container import NETWORK_INTERFACE
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.transfers.channels.channel import Channel


def stays_here(job: TrainingJob, channels: Iterable[Channel], *, own_image: bool) -> str | None:
    """Return why a job needs the platform's own machine; None where it does not.

    What is read from S3 while the job reads, and what a pool keeps for the next job, is in folders there. So
    are images of one's own, unpacked.

    Args:
        own_image: Whether it runs on one.
    """
    if own_image:
        return "its image is unpacked there"
    for channel in channels:
        if channel.is_pipe or channel.is_view:
            return f"channel {channel.name} is streamed ({'Pipe' if channel.is_pipe else 'FastFile'} mode)"
    if job.request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        return "its instances are kept warm (KeepAlivePeriodInSeconds)"
    return None


def notes(
    job: TrainingJob, channels: Iterable[Channel], nodes: Sequence[str | None], *, own_image: bool
) -> list[str]:
    """Return what the job's log says of its places; nothing where there is no cluster."""
    said = [f"sagehen: {host} runs on {node or OWN}" for host, node in zip(job.hosts, nodes, strict=False)]
    if nodes and (why := stays_here(job, channels, own_image=own_image)) is not None:
        said.append(f"sagehen: it stays there: {why}")
    return said


def is_spread(nodes: Sequence[str | None]) -> bool:
    """Tell whether a job's instances are on several machines."""
    return len(set(nodes)) > 1


def interface_of(nodes: Sequence[str | None]) -> str:
    """Return the interface by which a job's instances reach one another."""
    return DEVICE if is_spread(nodes) else NETWORK_INTERFACE


def network_on(network: Network, nodes: Sequence[str | None]) -> Network:
    """Return the network of a job whose hosts are on these machines, in their order."""
    if not is_spread(nodes):
        return network
    hosts = {host: address_of(number) for number, host in enumerate(network.hosts, start=1)}
    return replace(network, hosts=hosts, places=dict(zip(hosts.values(), nodes, strict=True)))


def on_node(
    spec: SandboxSpec,
    nodes: Sequence[str | None],
    job: TrainingJob,
    folder: JobFolder,
    host: str,
    around: Surroundings,
) -> SandboxSpec:
    """Return one instance's spec with its place.

    Args:
        nodes: Of all instances, in the order of the hosts.
    """
    if spec.network is not None:
        spec = replace(spec, network=network_on(spec.network, nodes))
    own = folder.host(host)
    watched = (own.checkpoints,) if job.request.get("CheckpointConfig") else ()
    return placed(
        spec,
        nodes[job.hosts.index(host)],
        machines=around.pip.mounts,
        passing=(own.packages,),
        renewed=(role_folder(folder),),
        watched=watched,
    )
