"""placed_server(spec, node, ...): an instance that serves, as it runs on a node of a cluster."""

from __future__ import annotations

from sagehen.executors.base import SandboxSpec
from sagehen.services.sagemaker.hosting.folder import InstanceFolder
from sagehen.services.sagemaker.instances.placing import placed
from sagehen.services.sagemaker.instances.surroundings import Surroundings


def placed_server(
    spec: SandboxSpec, node: str | None, folder: InstanceFolder, around: Surroundings
) -> SandboxSpec:
    """Return a spec of `hosting` with its node; None: the platform's own machine."""
    return placed(
        spec,
        node,
        machines=around.pip.mounts,
        passing=(folder.run, folder.packages),
        renewed=(folder.role,),
        # On an image it listens on a port of its network.
        sockets=() if spec.image is not None else (folder.socket,),
    )
