"""The same spec, said in Docker's words."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from sagehen.executors.base import ImageRoot, Limits, Mount, Network, SandboxSpec, SandboxUnavailable
from sagehen.executors.containers.dialects import Engine
from sagehen.executors.containers.documents import (
    container_document,
    keeper_document,
    keeper_mounts,
    labels,
)

_DOCKER, _PODMAN = Engine("Docker 28.0", False), Engine("Podman 5.0", True)
_ETC = [Path("/etc-of/hostname"), Path("/etc-of/hosts")]
_MIB = 1024 * 1024
_HOSTS = {"algo-1": "127.0.0.1", "algo-2": "127.0.0.2"}


def _spec(**more: Any) -> SandboxSpec:
    image = ImageRoot(Path("/roots/1"), Path("/place"), 500, 600, (7, 8), int(signal.SIGINT))
    return SandboxSpec(
        **{
            "name": "job",
            "folder": Path("/jobs/job"),
            "command": ("/app/serve.py", "train", "-v"),
            "limits": Limits(cpus=1.5, memory_mib=256, processes=99, shm_mib=32, disk_mib=2048),
            "environment": {"X": "a=b c", "PATH": "/opt/bin"},
            "mounts": (Mount(Path("/ml/in"), "/opt/ml/in"), Mount(Path("/ml"), "/opt/ml", writable=True)),
            "working_directory": "/app",
            "home": "/home/app",
            "hostname": "algo-1",
            "open_files": 512,
            "image": image,
            **more,
        }
    )


def _document(spec: SandboxSpec, engine: Engine = _DOCKER, devices: tuple[str, ...] = ()) -> dict[str, Any]:
    own = labels("p1", spec.name)
    return container_document(spec, engine, "own:1", "k" * 64, _ETC, devices, own)


def test_what_runs_is_the_specs() -> None:
    document = _document(_spec())
    assert document["Image"] == "own:1"
    assert (document["Entrypoint"], document["Cmd"]) == ([], ["/app/serve.py", "train", "-v"])
    assert (document["User"], document["WorkingDir"], document["StopSignal"]) == ("500:600", "/app", "2")
    assert sorted(document["Env"]) == ["HOME=/home/app", "HOSTNAME=algo-1", "PATH=/opt/bin", "X=a=b c"]
    assert document["HostConfig"]["GroupAdd"] == ["7", "8"]
    assert document["Labels"] == {"sagehen.platform": "p1", "sagehen.sandbox": "job"}


def test_walls_and_limits() -> None:
    host = _document(_spec())["HostConfig"]
    assert host["CapDrop"] == ["ALL"] and host["CapAdd"] == [] and not host["Privileged"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert host["NetworkMode"] == host["PidMode"] == f"container:{'k' * 64}"
    assert host["IpcMode"] == "private" and host["LogConfig"] == {"Type": "none"}
    assert host["Memory"] == host["MemorySwap"] == 256 * _MIB  # both together: nothing is swapped
    assert (host["NanoCpus"], host["PidsLimit"], host["ShmSize"]) == (1_500_000_000, 99, 32 * _MIB)
    ulimits = {one["Name"]: (one["Soft"], one["Hard"]) for one in host["Ulimits"]}
    assert ulimits["core"] == (0, 0) and ulimits["nofile"] == (512, 512)
    assert ulimits["fsize"] == (2048 * _MIB, 2048 * _MIB)


def test_root_of_an_image_may_become_its_other_users_and_nothing_that_is_the_hosts() -> None:
    root = ImageRoot(Path("/roots/1"), Path("/place"))
    kept = set(_document(_spec(image=root))["HostConfig"]["CapAdd"])
    assert {"SETUID", "SETGID", "CHOWN"} <= kept
    assert not kept & {"SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN", "NET_RAW", "MKNOD", "SYS_MODULE"}


def test_mounts_come_after_those_that_they_lie_in_and_are_read_only_unless_said() -> None:
    mounts = _document(_spec())["HostConfig"]["Mounts"]
    assert [(one["Source"], one["Target"], one["ReadOnly"]) for one in mounts] == [
        ("/etc-of/hostname", "/etc/hostname", True),
        ("/etc-of/hosts", "/etc/hosts", True),
        ("/ml", "/opt/ml", False),
        ("/ml/in", "/opt/ml/in", True),
    ]
    assert {one["Type"] for one in mounts} == {"bind"}


@pytest.mark.parametrize(
    "mount",
    [
        Mount(Path("/ml"), "/opt/ml/x,source=/,rw", writable=True),
        Mount(Path("/data,source=/"), "/opt/ml/x"),
        Mount(Path("/ml"), '/opt/ml/"x'),
        Mount(Path("/ml"), "/opt/ml/x\ntype=bind"),
    ],
)
def test_a_path_that_podman_would_read_as_an_option_is_refused(mount: Mount) -> None:
    """CheckpointConfig's LocalPath is a user's to say; Docker takes it as it is."""
    spec = _spec(mounts=(mount,))
    with pytest.raises(SandboxUnavailable, match="cannot be given to Podman"):
        _document(spec, _PODMAN)
    with pytest.raises(SandboxUnavailable, match="cannot be given to Podman"):
        keeper_document(_spec(), _PODMAN, "empty", ["python"], [mount], {})
    [said] = [one for one in _document(spec)["HostConfig"]["Mounts"] if "etc" not in one["Source"]]
    assert (said["Source"], said["Target"]) == (str(mount.source), mount.target)


@pytest.mark.parametrize(("engine", "said"), [(_DOCKER, None), (_PODMAN, "algo-1")])
def test_docker_takes_the_host_name_from_the_keeper(engine: Engine, said: str | None) -> None:
    assert _document(_spec(), engine).get("Hostname") == said
    assert keeper_document(_spec(), engine, "empty", ["python"], (), {})["Hostname"] == "algo-1"


def test_nothing_but_tmp_is_written_where_the_spec_says_so() -> None:
    assert not _document(_spec())["HostConfig"]["ReadonlyRootfs"]
    host = _document(_spec(only_tmp=True, limits=Limits(1, 64, tmp_mib=512)))["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["Tmpfs"] == {"/tmp": "rw,exec,nosuid,nodev,size=512m,mode=1777"}


def test_gpus_are_their_device_files() -> None:
    assert _document(_spec(), devices=("/dev/nvidia0",))["HostConfig"]["Devices"] == [
        {"PathOnHost": "/dev/nvidia0", "PathInContainer": "/dev/nvidia0", "CgroupPermissions": "rw"}
    ]


@pytest.mark.parametrize(
    ("network", "capabilities"),
    [
        (None, ["NET_BIND_SERVICE"]),
        (Network("one", {"algo-1": "127.0.0.1"}), ["NET_BIND_SERVICE"]),
        (Network("two", _HOSTS), ["NET_BIND_SERVICE", "SYS_ADMIN"]),
    ],
)
def test_only_the_keeper_of_one_of_several_hosts_may_enter_a_network(
    network: Network | None, capabilities: list[str]
) -> None:
    mounts = keeper_mounts([Mount(Path("/usr"), "/usr")], Path("/p/keeper.py"), Path("/d/door"))
    document = keeper_document(_spec(network=network), _DOCKER, "empty", ["/usr/bin/python3"], mounts, {})
    host = document["HostConfig"]
    assert host["CapDrop"] == ["ALL"] and host["CapAdd"] == capabilities
    assert host["NetworkMode"] == "none" and host["ReadonlyRootfs"]
    assert all(one["ReadOnly"] for one in host["Mounts"])
    assert document["Cmd"] == ["/usr/bin/python3", "-I", "-S", "/sagehen/keeper.py", "/sagehen/door"]
