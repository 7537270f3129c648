"""Where an instance may run, and its spec as it runs on a node of a cluster."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from sagehen.domain.ports.compute.places import Needs
from sagehen.executors.base import Mount, SandboxSpec
from sagehen.services.sagemaker.images.mapping import Image

# In logs, where a node has its name.
OWN = "the platform's own machine"


def needs_of(image: Image, *, own: bool = False, apart: bool = False) -> Needs:
    """Return what a machine must have for an image's containers.

    What was built for an image, or the operator mapped it to, is where somebody made it and nowhere else: the
    platform makes environments on its own machine.

    Args:
        own: They need the platform's own for another reason.
        apart: They need no network together.
    """
    python = image.interpreter
    files = () if python is None else (Path(python.executable), *python.folders)
    return Needs(own or image.environment.kind == "unbuilt", files, image.own, apart)


def needs_together(each: Sequence[Needs]) -> Needs:
    """Return what one machine must have for all containers of an instance, of which each needs something."""
    return Needs(
        own=any(one.own for one in each),
        files=tuple(dict.fromkeys(file for one in each for file in one.files)),
        image=any(one.image for one in each),
    )


def placed(
    spec: SandboxSpec,
    node: str | None,
    *,
    machines: Collection[Mount] = (),
    passing: Collection[Path] = (),
    renewed: Collection[Path] = (),
    wanted: tuple[Path, ...] | None = None,
    left: tuple[Path, ...] = (),
    sockets: tuple[Path, ...] = (),
) -> SandboxSpec:
    """Return a spec with its node, and what has to go between there and here meanwhile.

    Args:
        node: None: the platform's own machine, where nothing changes.
        machines: Mounts that are the machine's own, such as where its pip finds packages.
        passing: Writable folders whose content nobody wants once it has ended.
        renewed: Read-only folders whose content changes.
        wanted, left: See `SandboxSpec`.
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
    spec = replace(spec, node=node, mounts=tuple(mounts), sockets=sockets)
    return replace(spec, wanted=wanted, left=left)
