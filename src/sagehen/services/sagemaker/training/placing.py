"""Where the instances of a training job run, where there is a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sagehen.executors.base import SandboxSpec
from sagehen.executors.folders.job import JobFolder
from sagehen.executors.wire import DEVICE
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs import placing
from sagehen.services.sagemaker.jobs.placing import is_spread
from sagehen.services.sagemaker.training.container import NETWORK_INTERFACE
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.transfers.channels.channel import Channel


def stays_here(job: TrainingJob, channels: Iterable[Channel]) -> str | None:
    """Return why a job needs the platform's own machine; None where it does not.

    What is read from S3 while the job reads, and what a pool keeps for the next job, is in folders there.
    """
    for channel in channels:
        if channel.is_pipe or channel.is_view:
            return f"channel {channel.name} is streamed ({'Pipe' if channel.is_pipe else 'FastFile'} mode)"
    if job.request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        return "its instances are kept warm (KeepAlivePeriodInSeconds)"
    return None


def interface_of(nodes: Sequence[str | None]) -> str:
    """Return the interface by which a job's instances reach one another."""
    return DEVICE if is_spread(nodes) else NETWORK_INTERFACE


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
    watched = (folder.host(host).checkpoints,) if job.request.get("CheckpointConfig") else ()
    return placing.on_node(spec, nodes, job.hosts, folder, host, around, watched=watched)
