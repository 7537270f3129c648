"""placed(spec, node): a spec as it runs on a node of a cluster."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from sagehen.executors.base import Mount, SandboxSpec

# In logs, where a node has its name.
OWN = "the platform's own machine"


def placed(
    spec: SandboxSpec,
    node: str | None,
    *,
    machines: Collection[Mount] = (),
    passing: Collection[Path] = (),
    renewed: Collection[Path] = (),
    watched: tuple[Path, ...] = (),
    sockets: tuple[Path, ...] = (),
) -> SandboxSpec:
    """Return a spec with its node, and what has to go between there and here meanwhile.

    Args:
        node: None: the platform's own machine, where nothing changes.
        machines: Mounts that are the machine's own, such as where its pip finds packages.
        passing: Writable folders whose content nobody wants once it has ended.
        renewed: Read-only folders whose content changes.
        watched: Folders that are wanted while it runs.
        sockets: Those that it listens on.
    """
    if node is None:
        return spec
    mounts = (
        replace(
            mount,
            kept=mount.source not in passing,
            renewed=mount.source in renewed,
            of_machine=mount in machines,
        )
        for mount in spec.mounts
    )
    return replace(spec, node=node, mounts=tuple(mounts), watched=watched, sockets=sockets)
