"""An environment of a function that is a container image, as a SandboxSpec.

Documented (Lambda Developer Guide, "Create a Lambda function using a container image"): the image implements
the Runtime API; all but /tmp is read-only; ImageConfig overrides entry point, command and working directory.
Whatever USER says, it runs as Lambda's own user.
"""

from __future__ import annotations

from pathlib import Path

from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.executors.base import ImageRoot, Limits, Network, SandboxSpec
from sagehen.executors.network.door import trust_mounts
from sagehen.services.lambda_.execution.contract import FunctionVersion
from sagehen.services.lambda_.execution.faults import Fault

# `sbx_user1051` of AWS's runtimes (recorded, as its group).
_UID, _GID = 993, 990
TRUST = "/opt/sagehen/trust"
_OPEN_FILES = 1024


def command_of(function: FunctionVersion, image: ContainerImage) -> tuple[str, ...]:
    """Return what is executed: each of ImageConfig's two takes the place of the image's."""
    said = function.image
    assert said is not None
    return (*(said.entrypoint or image.entrypoint), *(said.command or image.command))


def refusal_of(function: FunctionVersion, image: ContainerImage) -> Fault | None:
    """Return why an image cannot be started at all; None where it can be tried. Blocking."""
    command = command_of(function, image)
    if not command or not command[0]:
        # The type is AWS's, the words are ours.
        message = "The image has neither an entry point nor a command"
        return Fault("error", "Runtime.InvalidEntrypoint", message)
    extensions = image.folder / "opt" / "extensions"
    if not (image.folder / "opt").is_symlink() and extensions.is_dir() and not extensions.is_symlink():
        message = "Extensions in container images are not started by Sagehen: leave out /opt/extensions"
        return Fault("error", "Extension.LaunchError", message)
    return None


def spec_of(
    function: FunctionVersion,
    image: ContainerImage,
    name: str,
    folder: Path,
    variables: dict[str, str],
    limits: Limits,
    network: Network,
    ca_file: Path | None,
) -> SandboxSpec:
    """Return what to run.

    Args:
        name: Unique on this machine.
        folder: The executor's records of it.
        variables: What Lambda sets, over the image's.
    """
    assert function.image is not None
    return SandboxSpec(
        name=name,
        folder=folder,
        command=command_of(function, image),
        limits=limits,
        environment={**image.environment, **variables},
        mounts=() if ca_file is None else tuple(trust_mounts(ca_file, TRUST)),
        working_directory=function.image.working_directory or image.working_directory,
        network=network,
        hostname=name[-64:].lstrip("-"),
        open_files=_OPEN_FILES,
        only_tmp=True,
        raw_output=True,
        home=image.home,
        image=ImageRoot(image.folder, folder / "image", _UID, _GID),
    )
