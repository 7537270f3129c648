"""What remains of an earlier life of the platform: nothing, after `kill -9` and after recover()."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from sagehen.domain.clock import SystemClock
from sagehen.executors.base import Limits, SandboxSpec
from sagehen.executors.debug.executor import DebugExecutor
from sagehen.executors.processes.intentions import Intentions, ProcessMark, end_processes

from .conftest import MakeExecutor

_PLATFORM = """
import asyncio, sys
from pathlib import Path
from sagehen.domain.clock import SystemClock
from sagehen.executors.base import Limits, Mount, Network, SandboxSpec
from sagehen.executors.debug.executor import DebugExecutor
from sagehen.executors.sandbox.executor import SandboxExecutor

async def main(folder, kind):
    clock = SystemClock()
    if kind == "debug":
        executor = DebugExecutor(folder / "runtime", clock=clock)
    else:
        executor = SandboxExecutor(folder / "runtime", clock=clock, platform_port=4566)
    up = asyncio.Event()
    count = 0
    def on_output(stream, line):
        nonlocal count
        count += line == "up"
        if count == 2:
            print("up", flush=True)
        elif line != "up":
            print(stream, line, file=sys.stderr, flush=True)
    for number in range(2):
        script = "import subprocess,time; subprocess.Popen(['sleep', '597']); print('up'); time.sleep(597)"
        (folder / "code").mkdir(exist_ok=True)
        (folder / "code/script.py").write_text(script)
        await executor.start(SandboxSpec(
            f"box-{number}", folder / f"box-{number}", ("python", "/code/script.py"), Limits(1, 256),
            mounts=(Mount(folder / "code", "/code"),),
            network=None if kind == "debug" else Network(f"n{number}"),
            warm_parent="bare" if kind == "forked" else None), on_output)
    await asyncio.sleep(600)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


async def _murdered_platform(folder: Path, kind: str) -> list[psutil.Process]:
    """Run a platform with two sandboxes, kill it with -9, and return what it had started."""
    platform = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _PLATFORM, str(folder), kind],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert platform.stdout is not None
    try:
        line = await asyncio.wait_for(asyncio.to_thread(platform.stdout.readline), 90)
        assert line == "up\n"
    except BaseException:
        platform.kill()
        platform.wait()
        platform.stdout.close()
        raise
    family = psutil.Process(platform.pid).children(recursive=True)
    assert len(family) >= 4
    platform.kill()
    platform.wait()
    platform.stdout.close()
    return family


@pytest.mark.sandbox
@pytest.mark.parametrize("kind", ["spawned", "forked"])
async def test_kill_9_of_the_platform_leaves_nothing_running(
    make_executor: MakeExecutor, tmp_path: Path, kind: str
) -> None:
    executor = make_executor()  # skips where there are no sandboxes
    family = await _murdered_platform(tmp_path, kind)
    etc = tmp_path / "runtime" / "etc"
    (etc / "of-a-start-that-was-not-written-down").mkdir()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    records = [json.loads((tmp_path / f"box-{n}/sandbox.json").read_text()) for n in range(2)]
    assert sorted(await executor.recover()) == ["box-0", "box-1"]
    assert await executor.recover() == []
    assert not any(Path(cgroup).exists() for record in records for cgroup in record["cgroups"])
    assert not etc.exists()
    await executor.close()


_WITH_SPARES = """
import asyncio, sys
from pathlib import Path
from sagehen.domain.clock import SystemClock
from sagehen.executors.sandbox.executor import SandboxExecutor

async def main(folder):
    executor = SandboxExecutor(folder, clock=SystemClock(), platform_port=4566)
    await executor.recover()
    await executor.prewarm("bare", 2)
    print(executor.limit_backend, flush=True)
    await asyncio.sleep(600)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.sandbox
async def test_kill_9_leaves_no_group_of_a_spare(make_executor: MakeExecutor, tmp_path: Path) -> None:
    other = make_executor(folder="neighbour")
    kept = other._backend.create("neighbours-own")  # of another data folder: not ours to touch
    await asyncio.to_thread(_murder_with_spares, tmp_path / "runtime")
    executor = make_executor()
    parents = executor._backend.parents
    if not parents:
        pytest.skip("limits are no folders on this machine")
    assert any(group.is_dir() for parent in parents for group in parent.iterdir())
    await executor.recover()
    assert [group for parent in parents for group in parent.iterdir() if group.is_dir()] == []
    assert all(folder.is_dir() for folder in kept.folders)  # type: ignore[attr-defined]
    await executor.prewarm("bare", 1)
    assert await executor.recover() == []  # what runs now is not of an earlier life
    assert any(group.is_dir() for parent in parents for group in parent.iterdir())
    await executor.close()
    await other.close()
    assert not any(parent.exists() for parent in parents)


@pytest.mark.sandbox
async def test_groups_in_another_cgroup_are_found_by_the_record(
    make_executor: MakeExecutor, tmp_path: Path
) -> None:
    """The earlier life may have been started from another login session or service."""
    executor, other = make_executor(), make_executor(folder="elsewhere")
    if not executor._backend.parents:
        pytest.skip("limits are no folders on this machine")
    other._backend.create("left")
    (tmp_path / "runtime/cgroups").write_text("".join(f"{path}\n" for path in other._backend.parents))
    await executor.recover()
    assert not any(path.exists() for path in other._backend.parents)
    await executor.close()


def _murder_with_spares(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _WITH_SPARES, str(folder)], stdout=subprocess.PIPE, text=True
    ) as platform:
        assert platform.stdout is not None and platform.stdout.readline()
        family = psutil.Process(platform.pid).children(recursive=True)
        platform.kill()
    psutil.wait_procs(family, timeout=60)


async def test_recover_ends_plain_processes_that_outlived_the_platform(tmp_path: Path) -> None:
    family = await _murdered_platform(tmp_path, "debug")
    assert all(process.is_running() for process in family)
    executor = DebugExecutor(tmp_path / "runtime", clock=SystemClock())
    assert sorted(await executor.recover()) == ["box-0", "box-1"]
    _, alive = psutil.wait_procs(family, timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_a_recycled_pid_is_not_killed(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        mark = ProcessMark.of(bystander.pid)
        assert mark is not None and mark.is_alive()
        other = {"pid": mark.pid, "started": mark.started - 1, "boot_id": mark.boot_id}
        end_processes({"processes": [other]})
        assert bystander.poll() is None
        other_boot = {"pid": mark.pid, "started": mark.started, "boot_id": "another"}
        end_processes({"processes": [other_boot]})
        assert bystander.poll() is None
        bystander.kill()
        assert bystander.wait() == -signal.SIGKILL


def test_the_record_holds_no_secret(tmp_path: Path) -> None:
    intentions = Intentions(tmp_path)
    spec = SandboxSpec(
        "job/1", tmp_path / "job", ("true",), Limits(1, 100), {"AWS_SECRET_ACCESS_KEY": "canary"}
    )
    intentions.intend(spec, "2026-01-01T00:00:00+00:00")
    assert list(intentions.left_over()) == ["job/1"]
    assert not any("canary" in file.read_text() for file in tmp_path.rglob("*") if file.is_file())
    assert "AWS_SECRET_ACCESS_KEY" in (tmp_path / "job/sandbox.json").read_text()
    intentions.ended(spec, None)
    assert intentions.left_over() == {}


def test_what_a_kill_left_half_written_is_no_sandbox_that_ran(tmp_path: Path) -> None:
    """It was killed between the two names of a record, and nothing had been started."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "replace", lambda *_: None)
        Intentions(tmp_path).intend(
            SandboxSpec("job/1", tmp_path / "job", ("true",), Limits(1, 100)), "2026-01-01"
        )
    assert len(list((tmp_path / "running").iterdir())) == 1
    assert Intentions(tmp_path).left_over() == {}
    assert list((tmp_path / "running").iterdir()) == []


def test_a_sandbox_whose_folder_is_gone_is_left_over_once(tmp_path: Path) -> None:
    intentions = Intentions(tmp_path)
    intentions.intend(SandboxSpec("job/1", tmp_path / "job", ("true",), Limits(1, 100)), "2026-01-01")
    (tmp_path / "job/sandbox.json").unlink()
    assert list(intentions.left_over()) == ["job/1"]
    intentions.forget("job/1")
    assert intentions.left_over() == {}
