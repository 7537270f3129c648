"""One instance of a processing job: the container contract, written down as data."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.executors.base import Network, SandboxSpec
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.images.imports import Script
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs import container as job_container
from sagehen.services.sagemaker.jobs import own_image as own_images
from sagehen.services.sagemaker.jobs.groups.hardware import Hardware
from sagehen.services.sagemaker.processing.command import command_of
from sagehen.services.sagemaker.processing.job import ProcessingJob

_PYTHONS = ("python", "python3")
_CONFIGURED = (
    "ProcessingInputs", "ProcessingOutputConfig", "ProcessingJobName", "ProcessingResources",
    "StoppingCondition", "AppSpecification", "Environment", "NetworkConfig", "RoleArn",
)  # fmt: skip


def write(job: ProcessingJob, folder: JobFolder, places: Iterable[PurePosixPath]) -> None:
    """Make what the containers find: configuration, and the folders of inputs and outputs. Blocking.

    Documented (How SageMaker Processing configures your processing container): the two files.
    """
    request = {member: job.request[member] for member in _CONFIGURED if member in job.request}
    config = {"ProcessingJobArn": job.arn, **request}
    for name in job.hosts:
        own = folder.host(name).opt_ml
        for path in (*map(PurePosixPath, ("config", "output", "processing")), *places):
            (own / path).mkdir(parents=True, exist_ok=True)
        resources: dict[str, Any] = {"current_host": name, "hosts": list(job.hosts)}
        (own / "config" / "processingjobconfig.json").write_text(json.dumps(config, indent=1))
        (own / "config" / "resourceconfig.json").write_text(json.dumps(resources, indent=1))


def script_of(job: ProcessingJob, folder: JobFolder, image: Image) -> Script | None:
    """Return the script that the command starts, where it is one of Python among the inputs."""
    words = command_of(job.request["AppSpecification"], image)
    place = next((word for word in words[1:] if word != "-u"), "")
    path = PurePosixPath(place)
    if words[0] not in _PYTHONS or path.parts[:4] != ("/", "opt", "ml", "processing") or ".." in path.parts:
        return None
    if path.suffix != ".py":
        return None
    inside = path.relative_to("/opt/ml")
    remedy = "Install it in the script, or let a FrameworkProcessor bring a requirements.txt"
    return Script(folder.host(job.hosts[0]).opt_ml / inside.parent, inside.name, None, remedy)


def network_of(job: ProcessingJob, machine_name: str) -> Network:
    """Return the private loopback network that the job's instances share."""
    hosts = {host: f"127.0.0.{number}" for number, host in enumerate(job.hosts, start=1)}
    return Network(machine_name, hosts, platform_door=not job.is_isolated)


def spec_of(
    job: ProcessingJob,
    folder: JobFolder,
    host: str,
    image: Image,
    around: Surroundings,
    hardware: Hardware,
    machine_name: str,
    own: ContainerImage | None = None,
) -> SandboxSpec:
    """Return what to run for one instance.

    Args:
        machine_name: Unique on this machine; names the network, and with the host the sandbox.
        own: The image itself, where it is one of the user's own and runs as it is.
    """
    if own is not None:
        return _on_own_image(job, folder, host, own, around, hardware, machine_name)
    variables = {
        **instance_environment.environment(
            job.scope, hardware.limits, around, isolated=job.is_isolated, hosts=job.hosts
        ),
        **job_container.variables(image.interpreter),
        **(job.request.get("Environment") or {}),
    }
    return SandboxSpec(
        name=f"{machine_name}-{host}",
        folder=folder.host(host).sandbox,
        command=command_of(job.request["AppSpecification"], image),
        limits=hardware.limits,
        environment=variables,
        mounts=tuple(job_container.mounts(around, folder, host, image.interpreter, isolated=job.is_isolated)),
        # AWS's images start in `/`, where root may write. Here it is a folder of the job's own.
        working_directory="/opt/ml/processing",
        network=network_of(job, machine_name),
        hostname=host,
        warm_parent=image.warm_parent,
        gpus=hardware.gpus,
        python=image.interpreter,
    )


def _on_own_image(
    job: ProcessingJob,
    folder: JobFolder,
    host: str,
    image: ContainerImage,
    around: Surroundings,
    hardware: Hardware,
    machine_name: str,
) -> SandboxSpec:
    """Return what to run for one instance on an image of the user's own.

    Source: SageMaker Developer Guide, "How Amazon SageMaker Processing Runs Your Processing Container
    Image": ContainerEntrypoint is the ENTRYPOINT, ContainerArguments the CMD; without them, the image's are.
    """
    app, isolated = job.request["AppSpecification"], job.is_isolated
    variables = own_images.variables(
        image, job.scope, hardware.limits, around, isolated=isolated, hosts=job.hosts
    )
    return SandboxSpec(
        name=f"{machine_name}-{host}",
        folder=folder.host(host).sandbox,
        command=own_images.command_of(
            image,
            entrypoint=app.get("ContainerEntrypoint") or (),
            arguments=app.get("ContainerArguments") or (),
        ),
        limits=hardware.limits,
        environment=variables | dict(job.request.get("Environment") or {}),
        mounts=tuple(own_images.mounts(around, folder, host, isolated=isolated)),
        working_directory=image.working_directory,
        network=network_of(job, machine_name),
        hostname=host,
        gpus=hardware.gpus,
        home=image.home,
        image=own_images.root_of(image, folder.host(host).root),
    )
