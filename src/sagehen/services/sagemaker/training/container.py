"""One training instance as a SandboxSpec: the SageMaker container contract, written down as data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.executors.base import Interpreter, Limits, Mount, Network, SandboxSpec
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs import container as job_container
from sagehen.services.sagemaker.jobs import own_image as own_images
from sagehen.services.sagemaker.jobs.groups.hardware import hardware_of
from sagehen.services.sagemaker.training.hooks import files as hook_files
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.transfers.channels.channel import Channel

# Documented: CheckpointConfig's model, LocalPath.
DEFAULT_CHECKPOINT_PATH = "/opt/ml/checkpoints"
# The only interface of the job's private network on one machine; collective libraries are told to use it.
# AWS's is eth0 (documented: SageMaker Developer Guide, How SageMaker provides training information).
NETWORK_INTERFACE = "lo"
# Up to here a copy costs less than is felt.
PRIVATE_COPY_FILES = 200
PRIVATE_COPY_BYTES = 32 * 1024 * 1024


def network_of(job: TrainingJob, machine_name: str) -> Network:
    """Return the private loopback network that the job's instances share."""
    hosts = {host: f"127.0.0.{number}" for number, host in enumerate(job.hosts, start=1)}
    return Network(machine_name, hosts, platform_door=not _is_isolated(job))


def write_configuration(
    job: TrainingJob,
    job_folder: JobFolder,
    host: str,
    channels: tuple[Channel, ...],
    interface: str = NETWORK_INTERFACE,
) -> None:
    """Write /opt/ml/input/config and place the channels. Blocking.

    Args:
        interface: Of the job's network.
    """
    folder = job_folder.host(host)
    folder.write_config("hyperparameters", dict(job.request.get("HyperParameters", {})))
    channels = of_host(job, host, channels)
    folder.write_config("inputdataconfig", {channel.name: channel.config() for channel in channels})
    group = next(group for group in job.groups if host in group.hosts)
    folder.write_config(
        "resourceconfig",
        {
            "current_host": host,
            "current_instance_type": group.instance_type,
            "current_group_name": group.name,
            "hosts": list(job.hosts),
            "instance_groups": [each.config() for each in job.groups],
            "network_interface_name": interface,
        },
    )
    for name, content in hook_files.configuration(job.request).items():
        folder.write_config(name, content)
    for channel in channels:
        if channel.is_view:
            (folder.data / channel.name).mkdir(exist_ok=True)
        elif not channel.is_pipe:
            _place(job_folder.channel(channel.name, _share(channel, host)), folder.data / channel.name)


def _share(channel: Channel, host: str) -> str | None:
    return host if channel.is_sharded else None


def of_host(job: TrainingJob, host: str, channels: Iterable[Channel]) -> tuple[Channel, ...]:
    """Return the channels that a host gets."""
    return tuple(channel for channel in channels if host in channel.hosts(job.hosts, job.group_of))


def is_small(files: int, size: int) -> bool:
    """Tell whether each host gets a copy of its own of a channel, which it may write to."""
    return files <= PRIVATE_COPY_FILES and size <= PRIVATE_COPY_BYTES


def _place(source: Path, target: Path) -> None:
    """Give a host its own writable copy of a small channel, and a mount point for a large one.

    On AWS every channel may be written to, and SDK v3 does so with its `sm_drivers` (chmod). A data
    set is shared read-only instead: its files may be hard links to the objects themselves. Of what is not
    here (`transfers.elsewhere`), `placing.on_node` says it.
    """
    if not source.exists():
        target.mkdir(exist_ok=True)
        return
    files = size = 0
    for folder, _, names in os.walk(source):
        files += len(names)
        size += sum(Path(folder, name).stat().st_size for name in names)
        if not is_small(files, size):
            target.mkdir(exist_ok=True)
            return
    shutil.copytree(source, target, copy_function=shutil.copyfile, dirs_exist_ok=True)


def spec_of(
    job: TrainingJob,
    folder: JobFolder,
    host: str,
    channels: tuple[Channel, ...],
    image: Image,
    surroundings: Surroundings,
    machine_name: str,
    extra: Mapping[str, str] | None = None,
    own_image: ContainerImage | None = None,
) -> SandboxSpec:
    """Return what to run for one instance.

    Args:
        machine_name: Unique on this machine; names the network, and with the host the sandbox.
        extra: More variables of the platform's.
        own_image: Of the user's own, which runs as it is.
    """
    own = folder.host(host)
    hardware = hardware_of(job.groups, job.volume_gb, surroundings)[host]
    if own_image is not None:
        return _on_own_image(job, folder, host, channels, own_image, surroundings, machine_name)
    return SandboxSpec(
        name=f"{machine_name}-{host}",
        folder=own.sandbox,
        command=_command(job),
        limits=hardware.limits,
        environment={
            **(extra or {}),
            **_environment(job, of_host(job, host, channels), hardware.limits, surroundings, image),
        },
        mounts=tuple(_mounts(job, folder, host, channels, surroundings, image.interpreter)),
        working_directory="/opt/ml/code",
        network=network_of(job, machine_name),
        hostname=host,
        warm_parent=image.warm_parent,
        gpus=hardware.gpus,
        python=image.interpreter,
    )


def _on_own_image(
    job: TrainingJob,
    folder: JobFolder,
    host: str,
    channels: tuple[Channel, ...],
    image: ContainerImage,
    around: Surroundings,
    machine_name: str,
) -> SandboxSpec:
    """Return what to run for one instance on an image of the user's own.

    Source: SageMaker Developer Guide, "How Amazon SageMaker AI Runs Your Training Image".
    """
    hardware, isolated = hardware_of(job.groups, job.volume_gb, around)[host], _is_isolated(job)
    algorithm = job.request["AlgorithmSpecification"]
    variables = own_images.variables(
        image, job.scope, hardware.limits, around, isolated=isolated, hosts=job.hosts
    )
    variables |= {"TRAINING_JOB_NAME": job.name, "TRAINING_JOB_ARN": job.arn}
    mounts = own_images.mounts(around, folder, host, isolated=isolated)
    return SandboxSpec(
        name=f"{machine_name}-{host}",
        folder=folder.host(host).sandbox,
        command=own_images.command_of(
            image,
            argument="train",
            entrypoint=algorithm.get("ContainerEntrypoint") or (),
            arguments=algorithm.get("ContainerArguments") or (),
        ),
        limits=hardware.limits,
        environment=variables | dict(job.request.get("Environment", {})),
        mounts=(*mounts, *_data_mounts(job, folder, host, channels)),
        working_directory=image.working_directory,
        network=network_of(job, machine_name),
        hostname=host,
        gpus=hardware.gpus,
        home=image.home,
        image=own_images.root_of(image, folder.host(host).root),
    )


def _is_isolated(job: TrainingJob) -> bool:
    return bool(job.request.get("EnableNetworkIsolation"))


def _command(job: TrainingJob) -> tuple[str, ...]:
    algorithm = job.request["AlgorithmSpecification"]
    if entry := algorithm.get("ContainerEntrypoint"):
        return (*entry, *algorithm.get("ContainerArguments", ()))
    return ("python", "-m", "sagehen.trainingtoolkit", *algorithm.get("ContainerArguments", ()))


def _mounts(
    job: TrainingJob,
    folder: JobFolder,
    host: str,
    channels: tuple[Channel, ...],
    around: Surroundings,
    python: Interpreter | None,
) -> list[Mount]:
    mounts = job_container.mounts(around, folder, host, python, isolated=_is_isolated(job))
    return mounts + _data_mounts(job, folder, host, channels)


def _data_mounts(
    job: TrainingJob, folder: JobFolder, host: str, channels: tuple[Channel, ...]
) -> list[Mount]:
    own, mounts = folder.host(host), list[Mount]()
    for channel in of_host(job, host, channels):
        if not channel.is_pipe and not any((own.data / channel.name).iterdir()):
            source = folder.channel(channel.name, _share(channel, host))
            mounts.append(Mount(source, f"/opt/ml/input/data/{channel.name}"))
    local_path = job.request.get("CheckpointConfig", {}).get("LocalPath", DEFAULT_CHECKPOINT_PATH)
    if local_path.rstrip("/") != DEFAULT_CHECKPOINT_PATH:
        mounts.append(Mount(own.checkpoints, local_path.rstrip("/"), writable=True))
    return mounts


def _environment(
    job: TrainingJob, channels: Iterable[Channel], limits: Limits, around: Surroundings, image: Image
) -> dict[str, str]:
    isolated = _is_isolated(job)
    names = [channel.name for channel in channels]
    environment = {
        **instance_environment.environment(job.scope, limits, around, isolated=isolated, hosts=job.hosts),
        "TRAINING_JOB_NAME": job.name,
        "TRAINING_JOB_ARN": job.arn,
        # SM_CHANNEL_*: documented in the training toolkit's README.
        # Where mounts cannot be made (`--sandbox=off`) the executor rewrites these to the host's paths.
        "SAGEMAKER_BASE_DIR": "/opt/ml",
        **{f"SM_CHANNEL_{name.upper()}": f"/opt/ml/input/data/{name}" for name in names},
        **job_container.variables(image.interpreter),
        "SAGEHEN_FRAMEWORK": image.framework,
        "SAGEHEN_NUM_CPUS": str(max(1, int(limits.cpus))),
    }
    return environment | dict(job.request.get("Environment", {}))
