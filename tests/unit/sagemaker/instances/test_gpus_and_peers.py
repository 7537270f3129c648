"""What instances are on this machine: GPU types without GPUs, and peers that never meet."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from sagehen.executors.hardware.instance_types import lookup
from sagehen.services.sagemaker.instances.gpu_types import GpuTypeRefused, GpuTypes
from sagehen.services.sagemaker.instances.peers import Peers, listened_on, listening_ports
from tests.waiting import eventually

from ..training.job_parts import two_hosts

_GPU = {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}
_NOTE = "ml.g4dn.xlarge has 1 GPU on AWS and none here: it runs on this machine's processors"


def _use(platform: Any, gpu_types: GpuTypes) -> None:
    around = platform.runs._means.surroundings
    object.__setattr__(around, "gpu_types", gpu_types)


def _messages(described: Any) -> dict[str, str]:
    return {step["Status"]: step["StatusMessage"] for step in described["SecondaryStatusTransitions"]}


async def test_a_gpu_type_runs_on_the_processors_and_says_so_first(platform: Any) -> None:
    _use(platform, GpuTypes(present=0))
    await platform.create(ResourceConfig=_GPU)
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Completed"
    assert platform.executor.started[0].spec.gpus == 0
    (lines,) = platform.logs.lines.values()
    assert lines[0] == f"sagehen: {_NOTE}"
    assert _messages(described)["Training"] == (
        f"Training image download completed. Training in progress. {_NOTE}."
    )


async def test_an_operator_may_refuse_them_before_anything_is_downloaded(platform: Any) -> None:
    _use(platform, GpuTypes(refuse=True, present=0))
    await platform.create(ResourceConfig=_GPU)
    described = await platform.ended()
    assert described["FailureReason"].startswith("CapacityError: ")
    assert "--gpu-types refuse" in described["FailureReason"]
    assert set(_messages(described)) == {"Starting", "Failed"}


def test_gpus_are_shared_out_to_the_instances_of_a_job() -> None:
    kind = lookup("ml.p3.8xlarge")
    assert kind is not None and kind.gpus == 4
    assert [GpuTypes(present=n).share(kind, 2) for n in (0, 1, 2, 4, 8, 16)] == [0, 0, 1, 2, 4, 4]
    assert GpuTypes(present=8).note(kind, 2) is None
    assert GpuTypes(present=4).note(kind, 2) == "ml.p3.8xlarge has 4 GPUs on AWS and 2 here"
    GpuTypes(refuse=True, present=8).require(kind, 2)
    with pytest.raises(GpuTypeRefused, match=r"choose|Choose"):
        GpuTypes(refuse=True, present=4).require(kind, 2)


# --- peers -------------------------------------------------------------------------------------


async def _looked_at_twice(platform: Any, monkeypatch: pytest.MonkeyPatch, ports: set[int]) -> Any:
    """Run a job of two instances that has these ports open, for two looks."""
    looks = asyncio.Event()
    count = 0

    def open_ports(*_: object) -> set[int]:
        nonlocal count
        count += 1
        if count > 2:
            loop.call_soon_threadsafe(looks.set)
        return ports

    async def train(_: Any) -> int:
        await (looks.wait() if ports <= {4566} else asyncio.sleep(0.02))
        return 0

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(Peers, "_open_ports", open_ports)
    monkeypatch.setattr("sagehen.services.sagemaker.instances.peers._LOOK_EVERY_S", 0.001)
    platform.executor.program = train
    await platform.create(ResourceConfig=two_hosts())
    return await platform.ended()


async def test_instances_that_never_listen_trained_everything_twice(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = await _looked_at_twice(platform, monkeypatch, {4566})  # the platform's own door
    note = "The 2 instances never connected: each trained all of it, by itself."
    assert _messages(described)["Completed"] == f"Training job completed. {note}"
    first, *others = platform.logs.lines.values()
    assert [line for line in first if "no distribution is configured: 2 instances" in line]
    assert first[-1] == f"sagehen: {note}"
    assert not others  # notes stand once in the job's log


async def test_instances_that_listen_are_left_alone(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    described = await _looked_at_twice(platform, monkeypatch, {4566, 7777})
    assert _messages(described)["Completed"] == "Training job completed"


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
async def test_a_listener_is_seen_in_the_kernel_s_table_and_in_the_process(family: int) -> None:
    with socket.socket(family) as listener:
        listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        port = listener.getsockname()[1]
        assert port not in listening_ports(Path("/proc/self/net"))
        peers = Peers((), private=False)
        listener.listen()
        assert port in listening_ports(Path("/proc/self/net"))
        await peers.look([os.getpid()])
        assert peers.met and not peers.strangers


def test_one_that_does_not_show_its_ports_hides_no_others() -> None:
    """Such as one that has ended, whose parent has not asked yet how."""
    with subprocess.Popen(["true"]) as ended:
        eventually(lambda: psutil.Process(ended.pid).status() == psutil.STATUS_ZOMBIE)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            assert listener.getsockname()[1] in listened_on([ended.pid, os.getpid()])
    with pytest.raises(psutil.NoSuchProcess):
        listened_on([ended.pid])
