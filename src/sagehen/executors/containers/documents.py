"""What is asked of an engine, as its API's JSON: the same spec, said in Docker's words. Nobody is asked here.

Source: Docker Engine API 1.40, "Create a container". What an engine would do by itself, and no sandbox
does, is said away: logs of its own, a network, capabilities, memory in swap. Images come there without the
words of their configuration (`archive`): no entry point, variable, volume, health check of theirs takes part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sagehen.executors.base import Mount, SandboxSpec
from sagehen.executors.containers.dialects import Engine, mount_said
from sagehen.executors.isolation.surroundings import complete_image_environment
from sagehen.executors.limits.cgroup import kernel_limit
from sagehen.executors.limits.rlimits import rlimits_of

_MIB = 1024 * 1024
PLATFORM, SANDBOX, KEEPER = "sagehen.platform", "sagehen.sandbox", "sagehen.keeper"
# Where the keeper finds the platform's socket and its own program.
KEEPER_DOOR, _KEEPER_PROGRAM = "/sagehen/door", "/sagehen/keeper.py"
_KEEPER_MEMORY = 128 * _MIB  # measured: 13 MB, pages of the host's Python included
# It is one itself, and the threads of the engine's first process, which becomes it, count as well. With four
# in all, one keeper of some forty ended before it began; that this was why is likely, and was not proven.
_KEEPER_TASKS = 64
# Of an image's root, over its own users' files and processes, as in a sandbox (`warm.process`): servers begin
# as root and go on as somebody else, installers give files away.
_ROOT_KEEPS = (
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE"
)  # fmt: skip
# Of one user, containers of others included: what Podman itself has. Each is held to its `processes` besides.
_MOST_TASKS = 32768
_NANO = 1_000_000_000


def labels(platform: str, sandbox: str) -> dict[str, str]:
    """Return by what this platform finds again what is its own."""
    return {PLATFORM: platform, SANDBOX: sandbox}


def keeper_document(
    spec: SandboxSpec,
    engine: Engine,
    image: str,
    command: Sequence[str],
    mounts: Iterable[Mount],
    owned: Mapping[str, str],
) -> dict[str, Any]:
    """Return the container whose processes and network the image's will be in.

    Args:
        image: One that holds nothing.
        command: What starts Python.
        mounts: What Python needs of the host, its program and the door.
        owned: Labels.

    Raises:
        SandboxUnavailable: A mount cannot be said to this engine.
    """
    # Ports below 1024 of the network's own; to enter the network of another host of the same job.
    capabilities = ["NET_BIND_SERVICE"]
    if spec.network is not None and len(spec.network.hosts) > 1:
        capabilities.append("SYS_ADMIN")
    return {
        "Image": image,
        "Entrypoint": [],
        "Cmd": [*command, "-I", "-S", _KEEPER_PROGRAM, KEEPER_DOOR],
        "User": "0:0",
        "Hostname": spec.hostname or spec.name,
        "Labels": dict(owned),
        "HostConfig": {
            **_walls(),
            "CapAdd": capabilities,
            "NetworkMode": "none",
            "ReadonlyRootfs": True,
            "Memory": _KEEPER_MEMORY,
            "MemorySwap": _KEEPER_MEMORY,
            "PidsLimit": _KEEPER_TASKS,
            "Mounts": [mount_said(mount, engine) for mount in mounts],
        },
    }


def keeper_mounts(view: Iterable[Mount], program: Path, door: Path) -> list[Mount]:
    """Return what the keeper sees."""
    return [*view, Mount(program, _KEEPER_PROGRAM), Mount(door, KEEPER_DOOR)]


def container_document(
    spec: SandboxSpec,
    engine: Engine,
    image: str,
    keeper: str,
    etc: Iterable[Path],
    devices: Iterable[str],
    owned: Mapping[str, str],
) -> dict[str, Any]:
    """Return the container of a sandbox on an image.

    Args:
        image: By the name that it has at the engine.
        keeper: The id of the container that was started for it.
        etc: The sandbox's own hosts, hostname and resolv.conf.
        devices: Device files that it may open.
        owned: Labels.

    Raises:
        SandboxUnavailable: A mount cannot be said to this engine.
    """
    root = spec.image
    assert root is not None
    mounts = [Mount(file, f"/etc/{file.name}") for file in etc]
    # Outer targets first, for engines that mount them as they come.
    mounts += sorted(spec.mounts, key=lambda mount: Path(mount.target).parts)
    document: dict[str, Any] = {
        "Image": image,
        "Entrypoint": [],
        "Cmd": list(spec.command),
        "Env": [f"{name}={value}" for name, value in complete_image_environment(spec).items()],
        "User": f"{root.uid}:{root.gid}",
        "WorkingDir": spec.working_directory,
        "StopSignal": str(int(root.stop_signal)),
        "Labels": dict(owned),
        "AttachStdin": False,
        "AttachStdout": True,
        "AttachStderr": True,
        "HostConfig": {
            **_walls(),
            **_limits(spec),
            "CapAdd": list(_ROOT_KEEPS) if root.uid == 0 else [],
            "NetworkMode": f"container:{keeper}",
            "PidMode": f"container:{keeper}",
            "GroupAdd": [str(group) for group in root.groups],
            "ReadonlyRootfs": spec.only_tmp,
            "Mounts": [mount_said(mount, engine) for mount in mounts],
            "Devices": [
                {"PathOnHost": device, "PathInContainer": device, "CgroupPermissions": "rw"}
                for device in devices
            ],
        },
    }
    if engine.is_podman:
        document["Hostname"] = spec.hostname or spec.name
    if spec.only_tmp:
        document["HostConfig"]["Tmpfs"] = {
            "/tmp": f"rw,exec,nosuid,nodev,size={spec.limits.tmp_mib}m,mode=1777"
        }
    return document


def _walls() -> dict[str, Any]:
    return {
        "CapDrop": ["ALL"],
        # `label=disable`: mounts are of the platform's data folder, whose SELinux labels are no container's.
        "SecurityOpt": ["no-new-privileges", "label=disable"],
        "IpcMode": "private",
        "LogConfig": {"Type": "none"},
        "Privileged": False,
        "AutoRemove": False,  # how it ended is read after its end
        "RestartPolicy": {"Name": "no"},
    }


def _limits(spec: SandboxSpec) -> dict[str, Any]:
    limits = spec.limits
    memory = kernel_limit(limits)
    # Where none is said, Podman sets a million, which it may not itself where it runs in a container.
    rlimits = {**rlimits_of(spec), "nproc": _MOST_TASKS}
    return {
        "Memory": memory,
        "MemorySwap": memory,  # of both together: no swap
        "NanoCpus": max(_NANO // 100, int(limits.cpus * _NANO)),
        "CpuShares": max(2, round(1024 * limits.cpu_weight)),
        "PidsLimit": limits.processes,
        "ShmSize": limits.shm_mib * _MIB,
        "Ulimits": [{"Name": name, "Soft": value, "Hard": value} for name, value in rlimits.items()],
    }
