"""The warm parent's own life: prewarmed, retired, refused where a fork would not be exact."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from sagehen.executors.base import Limits, Mount, SandboxSpec
from sagehen.executors.sandbox.settings import SandboxSettings
from sagehen.executors.warm.preload import PreloadSet

from ..conftest import MakeExecutor

pytestmark = pytest.mark.sandbox


def _spec(folder: Path, script: str, name: str, warm_parent: str, **more: object) -> SandboxSpec:
    code = folder / "code"
    code.mkdir(exist_ok=True)
    (code / f"{name}.py").write_text(script)
    return SandboxSpec(
        name, folder / name, ("python", f"/code/{name}.py"), Limits(2, 1024),
        mounts=(Mount(code, "/code"),), warm_parent=warm_parent, **more,  # type: ignore[arg-type]
    )  # fmt: skip


_PARENT_NAME = "print(open('/proc/1/comm').read().strip())"


async def test_interpreter_variables_lead_to_a_real_start(
    make_executor: MakeExecutor, tmp_path: Path
) -> None:
    executor = make_executor()
    lines: list[str] = []
    for name, environment in (("forked", {}), ("spawned", {"PYTHONHASHSEED": "7"})):
        spec = _spec(tmp_path, _PARENT_NAME, name, "bare", environment=environment)
        await (await executor.start(spec, lambda _, line: lines.append(line))).wait()
    await executor.close()
    assert lines[0] != "bwrap" and lines[1] == "bwrap"


async def test_an_idle_parent_retires_and_comes_back(make_executor: MakeExecutor, tmp_path: Path) -> None:
    sets = {"json": PreloadSet((), {})}
    executor = make_executor(SandboxSettings(idle_retire_s=0.2), preload_sets=sets)
    await executor.prewarm("json")
    parent = executor._warm.get("json")
    assert parent is not None
    pid = parent.pid
    assert pid is not None
    async with asyncio.timeout(60):
        while parent.is_running:
            await asyncio.sleep(0.02)
    assert not psutil.pid_exists(pid)
    lines: list[str] = []
    spec = _spec(tmp_path, "print('again')", "again", "json")
    await (await executor.start(spec, lambda _, line: lines.append(line))).wait()
    await executor.close()
    assert lines == ["again"]


async def test_a_dead_parent_is_replaced(make_executor: MakeExecutor, tmp_path: Path) -> None:
    executor = make_executor()
    await executor.prewarm("bare")
    pid = executor._warm.bare.pid
    assert pid is not None
    psutil.Process(pid).kill()
    lines: list[str] = []
    spec = _spec(tmp_path, "print('up')", "after", "bare")
    assert (await (await executor.start(spec, lambda _, line: lines.append(line))).wait()).code == 0
    await executor.close()
    assert lines == ["up"]


@pytest.mark.torch
async def test_torch_is_there_at_once_and_works(make_executor: MakeExecutor, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    executor = make_executor()
    await executor.prewarm("torch")
    script = (
        "import sys; print('there', 'torch' in sys.modules)\n"
        "import torch, numpy\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "net = torch.nn.Linear(4, 1)\nloss = net(torch.ones(8, 4)).sum(); loss.backward()\n"
        "torch.optim.SGD(net.parameters(), lr=0.1).step()\n"
        "data = DataLoader(TensorDataset(torch.arange(8.0)), batch_size=2, num_workers=2)\n"
        "print('sum', float(sum(batch.sum() for (batch,) in data)), torch.get_num_threads(), flush=True)\n"
        "print('random', numpy.random.rand())\n"
    )
    seen: list[list[str]] = []
    for name in ("one", "two"):
        lines: list[str] = []
        spec = _spec(tmp_path, script, name, "torch", environment={"OMP_NUM_THREADS": "1"})
        status = await (await executor.start(spec, lambda _, line, lines=lines: lines.append(line))).wait()  # type: ignore[misc]
        assert status.code == 0, lines
        seen.append([line for line in lines if line.startswith(("there", "sum", "random"))])
    await executor.close()
    assert seen[0][:2] == seen[1][:2] == ["there True", "sum 28.0 1"]
    assert seen[0][2] != seen[1][2]  # numpy was seeded anew in each


def test_a_warm_process_whose_platform_is_gone_before_it_looked_ends() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.run(
            # A pid that is not the one who starts it: as if that one had died meanwhile.
            [sys.executable, "-m", "sagehen.executors.warm.process", str(theirs.fileno()), "0"],
            pass_fds=[theirs.fileno()],
            timeout=60,
            check=False,
        )
    assert process.returncode == -signal.SIGKILL
