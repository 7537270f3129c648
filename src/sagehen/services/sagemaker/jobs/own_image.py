"""A container on an image of one's own: its words, variables and mounts, whatever kind of job runs it.

AWS mounts /opt/ml and sets variables; everything else is the image's. Here it also finds the platform's door,
whom to trust, and its role's credentials, by variables that all SDKs read: on AWS those come by the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sagehen.api.errors import ValidationException
from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.domain.scope import Scope
from sagehen.executors.base import ImageRoot, Limits, Mount
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs.container import role_folder


def command_of(
    image: ContainerImage,
    *,
    argument: str | None = None,
    entrypoint: Sequence[str] = (),
    arguments: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return what is executed.

    Args:
        argument: What SageMaker gives to the image's entry point: `train`, `serve`; None: the image's own
            command.
        entrypoint, arguments: Of the request; they take the place of the image's, and of `argument`.

    Raises:
        ValidationException: There is nothing to execute.
    """
    if entrypoint:
        return (*entrypoint, *arguments)
    if arguments:
        return (*image.entrypoint, *arguments)
    # Documented: "docker run IMAGE train": where the image has no entry point, `train` is the program.
    command = (*image.entrypoint, *(image.command if argument is None else (argument,)))
    if not command or not command[0]:  # Docker's words
        raise ValidationException("no command specified: the image has neither Entrypoint nor Cmd")
    return command


def variables(
    image: ContainerImage,
    scope: Scope,
    limits: Limits,
    around: Surroundings,
    *,
    isolated: bool,
    hosts: Iterable[str],
) -> dict[str, str]:
    """Return the image's variables, and over them those that every container of a job has."""
    shared: Mapping[str, str] = instance_environment.environment(
        scope, limits, around, isolated=isolated, hosts=hosts
    )
    # Of pip's settings and of model caches, which are the host's, nothing is there.
    theirs = {*around.pip.environment, *instance_environment.model_cache_names(around)}
    return {**image.environment, **{name: shared[name] for name in shared if name not in theirs}}


def mounts(around: Surroundings, job_folder: JobFolder, host: str, *, isolated: bool) -> list[Mount]:
    """Return what an instance sees besides the image: /opt/ml, its role's credentials, whom to trust."""
    found = [Mount(job_folder.host(host).opt_ml, "/opt/ml", writable=True)]
    if not isolated:
        found.append(Mount(role_folder(job_folder), instance_environment.ROLE))
    return found + instance_environment.trust(around)


def root_of(image: ContainerImage, folder: Path) -> ImageRoot:
    """Return the root of a sandbox.

    Args:
        folder: The instance's own; what is written over the image lies in it.
    """
    return ImageRoot(
        image.folder,
        folder / "image",
        image.uid,
        image.gid,
        image.groups,
        image.stop_signal,
        image.config,
        image.layers,
    )
