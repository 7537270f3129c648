"""Plain processes keep the same contract as far as they can, and refuse what they cannot."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

import sagehen
from sagehen.domain.clock import SystemClock
from sagehen.executors.base import (
    CloseDoor,
    ExitStatus,
    Interpreter,
    Limits,
    Mount,
    Network,
    SandboxSpec,
    SandboxUnavailable,
)
from sagehen.executors.debug.executor import DebugExecutor
from sagehen.executors.debug.places import on_host
from sagehen.executors.processes.intentions import Intentions


@pytest.fixture
async def executor(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[DebugExecutor]:
    made = DebugExecutor(tmp_path / "runtime", clock=SystemClock())
    assert "Sandboxes are OFF" in caplog.text
    yield made
    await made.close()


def _spec(folder: Path, script: str, name: str = "job", **more: object) -> SandboxSpec:
    (folder / "code").mkdir(exist_ok=True)
    (folder / "code/script.py").write_text(script)
    return SandboxSpec(
        name=name,
        folder=folder / name,
        command=("python", "/opt/ml/code/script.py", "--out=/opt/ml/code/out"),
        limits=Limits(1, 200),
        mounts=(Mount(folder / "code", "/opt/ml/code", writable=True),),
        working_directory="/opt/ml/code",
        **more,  # type: ignore[arg-type]
    )


async def test_another_interpreter_finds_the_code_of_this_life(
    executor: DebugExecutor, tmp_path: Path
) -> None:
    link = tmp_path / "runtime" / "code" / "sagehen"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "of-an-earlier-life")
    python = Interpreter(sys.executable, (), (3, sys.version_info.minor))
    said: list[str] = []
    sandbox = await executor.start(
        _spec(tmp_path, "import os; print(os.environ['PYTHONPATH'])", python=python),
        lambda _, line: said.append(line),
    )
    assert await sandbox.wait() == ExitStatus(0)
    assert said == [str(link.parent)] and link.resolve() == Path(sagehen.__file__).parent


async def test_targets_of_mounts_are_replaced_by_their_sources(
    executor: DebugExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORM_SECRET", "canary")
    script = (
        "import os, sys\nprint(sys.argv[1], os.environ['SM_MODEL_DIR'], os.getcwd())\n"
        "print('PLATFORM_SECRET' in os.environ); sys.exit(3)"
    )
    lines: list[str] = []
    spec = _spec(tmp_path, script, environment={"SM_MODEL_DIR": "/opt/ml/code/model"})
    sandbox = await executor.start(spec, lambda _, line: lines.append(line))
    assert await sandbox.wait() == ExitStatus(3)
    code = tmp_path / "code"
    assert lines == [f"--out={code}/out {code}/model {code}", "False"]


def test_only_whole_paths_are_replaced() -> None:
    spec = SandboxSpec(
        "n",
        Path("/x"),
        (),
        Limits(1, 1),
        mounts=(Mount(Path("/h/ml"), "/opt/ml"), Mount(Path("/d"), "/opt/ml/d")),
    )
    assert on_host("/opt/ml", spec) == "/h/ml"
    assert on_host('{"a": "/opt/ml/d/x"}:/opt/ml/m', spec) == '{"a": "/d/x"}:/h/ml/m'
    assert on_host("/opt/mlx /var/opt/ml s3://b/opt/ml", spec) == "/opt/mlx /var/opt/ml s3://b/opt/ml"


async def test_stop_and_memory(executor: DebugExecutor, tmp_path: Path) -> None:
    sleeping = await executor.start(_spec(tmp_path, "import time; time.sleep(60)", "a"), lambda *_: None)
    assert await sleeping.stop(5) == ExitStatus(143, signal.SIGTERM)
    script = (
        "x = bytearray(400 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nimport time; time.sleep(30)"
    )
    greedy = await executor.start(_spec(tmp_path, script, "b"), lambda *_: None)
    status = await asyncio.wait_for(greedy.wait(), 60)
    assert status == ExitStatus(137, signal.SIGKILL, out_of_memory=True)


async def test_filling_the_disk(executor: DebugExecutor, tmp_path: Path) -> None:
    script = "import os, time; open('one', 'wb').write(os.urandom(16 << 20)); time.sleep(60)"
    spec = replace(_spec(tmp_path, script), limits=Limits(cpus=1, memory_mib=300, disk_mib=8))
    sandbox = await executor.start(spec, lambda *_: None)
    status = await asyncio.wait_for(sandbox.wait(), 60)
    assert status == ExitStatus(137, signal.SIGKILL, out_of_disk=True)


async def test_children_end_with_their_parent(executor: DebugExecutor, tmp_path: Path) -> None:
    script = "import subprocess; p = subprocess.Popen(['sleep', '61']); print(p.pid)"
    lines: list[str] = []
    sandbox = await executor.start(_spec(tmp_path, script), lambda _, line: lines.append(line))
    assert await asyncio.wait_for(sandbox.wait(), 60) == ExitStatus(0)
    async with asyncio.timeout(60):
        while _runs(int(lines[0])):
            await asyncio.sleep(0.01)
    assert os.getpid() != sandbox.pid


@pytest.mark.parametrize("step", ["intend", "started"])
async def test_a_start_that_cannot_be_written_down_leaves_nothing(
    executor: DebugExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    closed: list[int] = []

    async def door(listener: socket.socket) -> CloseDoor:
        async def close() -> None:
            closed.append(listener.fileno())
            listener.close()

        return close

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    spec = _spec(tmp_path, "import time; time.sleep(61)", network=Network("n", doors={0: door}))
    before = set(psutil.Process().children())
    with monkeypatch.context() as patched:
        patched.setattr(Intentions, step, full)
        with pytest.raises(SandboxUnavailable, match="No space left"):
            await executor.start(spec, lambda *_: None)
    assert len(closed) == 1
    assert set(psutil.Process().children()) == before
    sandbox = await executor.start(spec, lambda *_: None)
    assert (await sandbox.kill()).signal == signal.SIGKILL


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    "network",
    [Network("n", platform_door=False)],
)
async def test_what_cannot_be_kept_is_refused(
    executor: DebugExecutor, tmp_path: Path, network: Network
) -> None:
    with pytest.raises(SandboxUnavailable, match="sandbox=off"):
        await executor.start(_spec(tmp_path, "", network=network), lambda *_: None)
