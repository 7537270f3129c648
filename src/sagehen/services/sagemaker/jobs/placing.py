"""Where the instances of a job run, where there is a cluster, whatever kind of job it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sagehen.executors.base import Network, SandboxSpec
from sagehen.executors.folders.job import JobFolder
from sagehen.executors.wire import address_of
from sagehen.services.sagemaker.instances.placing import OWN, placed
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs.container import role_folder


def notes(hosts: Sequence[str], nodes: Sequence[str | None], why_here: str | None = None) -> list[str]:
    """Return what a job's log says of its places; nothing where there is no cluster.

    Args:
        why_here: Why it needs the platform's own machine.
    """
    said = [f"{host} runs on {node or OWN}" for host, node in zip(hosts, nodes, strict=False)]
    return said + ([f"it stays there: {why_here}"] if nodes and why_here is not None else [])


def is_spread(nodes: Sequence[str | None]) -> bool:
    """Tell whether a job's instances are on several machines."""
    return len(set(nodes)) > 1


def network_on(network: Network, nodes: Sequence[str | None]) -> Network:
    """Return the network of a job whose hosts are on these machines, in their order."""
    if not is_spread(nodes):
        return network
    hosts = {host: address_of(number) for number, host in enumerate(network.hosts, start=1)}
    return replace(network, hosts=hosts, places=dict(zip(hosts.values(), nodes, strict=True)))


def on_node(
    spec: SandboxSpec,
    nodes: Sequence[str | None],
    hosts: Sequence[str],
    folder: JobFolder,
    host: str,
    around: Surroundings,
    *,
    wanted: tuple[Path, ...] | None = None,
    left: tuple[Path, ...] = (),
) -> SandboxSpec:
    """Return one instance's spec with its place.

    Args:
        nodes: Of all instances, in the order of the hosts; none where there is no cluster.
        wanted, left: See `SandboxSpec`.
    """
    if not nodes:
        return spec
    if spec.network is not None:
        spec = replace(spec, network=network_on(spec.network, nodes))
    return placed(
        spec,
        nodes[hosts.index(host)],
        machines=around.pip.mounts,
        passing=(folder.host(host).packages,),
        renewed=(role_folder(folder),),
        wanted=wanted,
        left=left,
    )
