"""What every sandbox must do: start, speak, end, and report how it ended."""

from __future__ import annotations

import asyncio
import errno
import itertools
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from sagehen.executors.base import ExitStatus, Limits, Mount, SandboxSpec, SandboxUnavailable
from sagehen.executors.processes import intentions
from sagehen.executors.sandbox.executor import SandboxExecutor
from sagehen.executors.sandbox.settings import SandboxSettings

from .conftest import Bench, MakeExecutor

pytestmark = pytest.mark.sandbox


@pytest.mark.parametrize("code", [0, 1, 3, 42])
async def test_the_exit_code_is_the_commands(bench: Bench, code: int) -> None:
    status, _ = await bench.run(f"import sys; sys.exit({code})")
    assert status == ExitStatus(code)


async def test_a_signal_shows_as_128_and_its_number(bench: Bench) -> None:
    status, _ = await bench.run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert status == ExitStatus(137, signal.SIGKILL)


async def test_an_uncaught_error_ends_with_1_and_shows_only_the_users_frames(bench: Bench) -> None:
    status, lines = await bench.run("def train():\n    raise RuntimeError('no data')\ntrain()\n")
    assert status.code == 1
    # From 3.13 on, marks below a line show which part of it is meant.
    assert [line for line in lines if line.strip("stder: ~^")] == [
        "stderr: Traceback (most recent call last):",
        'stderr:   File "/code/script.py", line 3, in <module>',
        "stderr:     train()",
        'stderr:   File "/code/script.py", line 2, in train',
        "stderr:     raise RuntimeError('no data')",
        "stderr: RuntimeError: no data",
    ]


async def test_output_arrives_in_order_and_whole_before_wait_returns(bench: Bench) -> None:
    status, lines = await bench.run(
        "import sys\nfor i in range(3000): print(i)\nsys.stdout.write('no newline at the end')"
    )
    assert status.code == 0
    assert lines == [*(f"stdout: {i}" for i in range(3000)), "stdout: no newline at the end"]


async def test_atexit_and_threads_end_as_in_any_program(bench: Bench) -> None:
    _, lines = await bench.run(
        "import atexit, threading, time\n"
        "def late():\n    time.sleep(0.1); print('thread')\n"
        "atexit.register(print, 'atexit')\n"
        "threading.Thread(target=late).start()\n"
        "print('main')\n"
    )
    assert lines == ["stdout: main", "stdout: thread", "stdout: atexit"]


@pytest.mark.parametrize(
    ("ending", "code", "message"),
    [
        ("sys.exit()", 0, []),
        ("sys.exit('no data')", 1, ["stderr: no data"]),
        ("raise SystemExit(300)", 44, []),
        ("os._exit(9)", 9, []),
    ],
)
async def test_every_way_of_exiting(bench: Bench, ending: str, code: int, message: list[str]) -> None:
    status, lines = await bench.run(f"import os, sys\n{ending}")
    assert (status.code, lines) == (code, message)


async def test_a_file_left_open_is_written(bench: Bench, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    await bench.run(
        "f = open('/out/a', 'w'); f.write('kept')\nclass Cycle: pass\n"
        "c = Cycle(); c.me = c; c.f = open('/out/b', 'w'); c.f.write('kept')",
        mounts=(Mount(out, "/out", writable=True),),
        environment={"PYTHONWARNINGS": "ignore"} if bench.warm_parent is None else {},
    )
    assert [(out / name).read_text() for name in "ab"] == ["kept", "kept"]


async def test_objects_of_the_program_are_finalized_with_their_globals(bench: Bench) -> None:
    _, lines = await bench.run(
        "WORD = 'bye'\nclass Writer:\n    def __del__(self): print(WORD)\nwriter = Writer()\nprint('hi')"
    )
    assert lines == ["stdout: hi", "stdout: bye"]


async def test_the_environment_is_exactly_what_the_spec_says(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORM_SECRET", "canary")
    environment = {"SM_HPS": '{"a": "b c\\n"}', "AWS_SECRET_ACCESS_KEY": "s=e'c\"r$t", "HOME": "/tmp"}
    _, lines = await bench.run(
        "import json, os; print(json.dumps(dict(os.environ)))", environment=environment
    )
    seen = json.loads(lines[0].removeprefix("stdout: "))
    seen.pop("PWD", None)  # bubblewrap sets it, as a shell would
    path = seen.pop("PATH")
    assert path.split(":")[0] == str(Path(sys.executable).parent)
    defaults = {"USER": "job", "LANG": "C.UTF-8", "TMPDIR": "/tmp", "PYTHONUNBUFFERED": "1"}
    defaults["OMP_WAIT_POLICY"] = "PASSIVE"
    assert seen == {**defaults, **environment}


async def test_a_module_runs_as_python_m_runs_it(bench: Bench, tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "tool").mkdir(parents=True)
    (package / "tool/__init__.py").write_text("")
    (package / "tool/__main__.py").write_text(
        "import sys\nif __name__ == '__main__': print(sys.argv, __package__, sys.path[0])"
    )
    status, lines = await bench.run(
        "",
        command=("python", "-m", "tool", "x", "--y"),
        mounts=(Mount(package, "/package"),),
        working_directory="/package",
    )
    assert status.code == 0, lines
    assert lines == ["stdout: ['/package/tool/__main__.py', 'x', '--y'] tool /package"]


async def test_a_script_sees_itself_as_main(bench: Bench) -> None:
    _, lines = await bench.run(
        "import sys, pickle\n"
        "class Net: pass\n"
        "print(sys.argv, sys.path[0], __file__, __name__)\n"
        "print(type(pickle.loads(pickle.dumps(Net()))).__qualname__, sys.modules['__main__'].Net is Net)\n",
        "--epochs",
        "2",
    )
    assert lines == [
        "stdout: ['/code/script.py', '--epochs', '2'] /code /code/script.py __main__",
        "stdout: Net True",
    ]


async def test_any_program_may_be_the_command(bench: Bench) -> None:
    status, lines = await bench.run("", command=("/bin/sh", "-c", "echo out; echo err >/dev/stderr; exit 7"))
    assert status.code == 7
    assert sorted(lines) == ["stderr: err", "stdout: out"]


async def test_read_only_and_writable_mounts(bench: Bench, tmp_path: Path) -> None:
    model, data = tmp_path / "model", tmp_path / "data"
    for folder in (model, data):
        folder.mkdir()
    (data / "a.txt").write_text("A")
    status, lines = await bench.run(
        "open('/opt/ml/model/out', 'w').write(open('/opt/ml/input/data/train/a.txt').read())\n"
        "for path in ('/opt/ml/input/data/train/b', '/code/b', '/usr/b', '/etc/b', '/b', '/opt/ml/b'):\n"
        "    try: open(path, 'w'); print('wrote', path)\n"
        "    except OSError: pass\n"
        "open('/tmp/t', 'w').write('t'); open('/dev/shm/t', 'w').write('t')\n",
        mounts=(Mount(data, "/opt/ml/input/data/train"), Mount(model, "/opt/ml/model", writable=True)),
    )
    assert (status.code, lines) == (0, [])
    assert (model / "out").read_text() == "A"
    assert (model / "out").stat().st_uid == model.stat().st_uid == tmp_path.stat().st_uid


async def test_stop_lets_the_command_finish(bench: Bench) -> None:
    spec = bench.spec(
        "import signal, sys, time\n"
        "def stop(*_): print('saving'); sys.exit(5)\n"
        "signal.signal(signal.SIGTERM, stop)\nprint('up')\ntime.sleep(60)\n"
    )
    sandbox = await bench.start(spec)
    await bench.line(spec.name, "up")
    assert await sandbox.stop(grace_s=10) == ExitStatus(5)
    assert bench.lines[spec.name] == ["stdout: up", "stdout: saving"]


async def test_stop_without_a_handler_ends_at_once(bench: Bench) -> None:
    spec = bench.spec("import time; print('up'); time.sleep(60)")
    sandbox = await bench.start(spec)
    await bench.line(spec.name, "up")
    async with asyncio.timeout(60):
        assert await sandbox.stop(grace_s=3600) == ExitStatus(143, signal.SIGTERM)


async def test_stop_kills_everything_when_the_grace_is_over(bench: Bench) -> None:
    spec = bench.spec(
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\n"
        "print('up'); time.sleep(600)\n"
    )
    sandbox = await bench.start(spec)
    await bench.line(spec.name, "up")
    family = psutil.Process(sandbox.pid).children(recursive=True)
    assert len(family) == 2
    assert await sandbox.stop(grace_s=0.3) == ExitStatus(137, signal.SIGKILL)
    assert not psutil.wait_procs(family, timeout=60)[1]


async def test_many_may_wait_and_the_end_stays_known(bench: Bench) -> None:
    sandbox = await bench.start(bench.spec("import time; time.sleep(0.2)"))
    assert await asyncio.gather(sandbox.wait(), sandbox.wait()) == [ExitStatus(0), ExitStatus(0)]
    assert await sandbox.kill() == await sandbox.stop(1) == ExitStatus(0)


async def test_running_out_of_memory_is_told(bench: Bench) -> None:
    status, _ = await bench.run(
        "x = bytearray(400 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nimport time; time.sleep(30)",
        limits=Limits(cpus=1, memory_mib=100, processes=64),
    )
    assert status.out_of_memory
    assert status.code == 137


_FILL = """
import os, time
os.makedirs("/volume/deep/er", exist_ok=True)
for number in range(16):
    with open(f"/volume/deep/er/{number}", "wb") as file:
        file.write(os.urandom(1 << 20))
        os.fsync(file.fileno())
print("written", flush=True)
time.sleep(float(os.environ["THEN"]))
"""


@pytest.mark.parametrize("then_s", ["60", "0"])
async def test_filling_the_disk_is_told(bench: Bench, tmp_path: Path, then_s: str) -> None:
    """It is ended while it runs, and found out where it was faster than the watch."""
    (tmp_path / "volume").mkdir()
    status, _ = await bench.run(
        _FILL,
        limits=Limits(cpus=1, memory_mib=512, processes=64, disk_mib=8),
        mounts=(Mount(tmp_path / "volume", "/volume", writable=True),),
        environment={"THEN": then_s},
    )
    assert status.out_of_disk and not status.out_of_memory
    assert status.code == (137 if then_s == "60" else 0)


async def test_what_fits_on_the_disk_is_left_alone(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "volume").mkdir()
    status, _ = await bench.run(
        _FILL,
        limits=Limits(cpus=1, memory_mib=512, processes=64, disk_mib=32),
        mounts=(Mount(tmp_path / "volume", "/volume", writable=True),),
        environment={"THEN": "3"},
    )
    assert status == ExitStatus(0)


async def test_one_file_ends_at_the_size_of_the_disk(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "volume").mkdir()
    limits = Limits(cpus=1, memory_mib=512, processes=64, tmp_mib=8, shm_mib=8, disk_mib=8)
    status, lines = await bench.run(
        "with open('/volume/one', 'wb', 0) as file:\n"
        "    while True:\n"
        "        try:\n            file.write(b'x' * (1 << 20))\n"
        "        except OSError as error:\n            print(error.strerror, file.tell())\n            break",
        limits=limits,
        mounts=(Mount(tmp_path / "volume", "/volume", writable=True),),
    )
    assert (status.code, lines) == (0, [f"stdout: File too large {8 << 20}"])


async def test_a_fork_bomb_is_contained(bench: Bench) -> None:
    status, lines = await bench.run(
        "import os, time\nmade = 0\n"
        "try:\n"
        "    while made < 500:\n"
        "        if os.fork() == 0: time.sleep(30)\n"
        "        made += 1\n"
        "except OSError: print('refused after', made)\n"
        "os._exit(0)\n",
        limits=Limits(cpus=1, memory_mib=512, processes=32),
    )
    assert status.code == 0
    assert lines and 5 < int(lines[0].split()[-1]) <= 32


async def test_usage_is_measured(bench: Bench) -> None:
    spec = bench.spec(
        "x = b'1' * (50 << 20)\nimport time\nend = time.process_time() + 0.2\n"
        "while time.process_time() < end: pass\nprint('up'); time.sleep(60)"
    )
    sandbox = await bench.start(spec)
    await bench.line(spec.name, "up")
    used = sandbox.usage()
    await sandbox.kill()
    assert used.cpu_s >= 0.2
    assert used.peak_bytes >= used.memory_bytes >= 50 << 20


async def test_a_taken_name_is_refused(bench: Bench) -> None:
    spec = bench.spec("import time; time.sleep(60)")
    sandbox = await bench.start(spec)
    with pytest.raises(ValueError, match=spec.name):
        await bench.start(spec)
    await sandbox.kill()


async def test_nothing_is_left_when_it_has_ended(bench: Bench) -> None:
    spec: SandboxSpec = bench.spec("print(1)")
    await (await bench.start(spec)).wait()
    runtime = bench.folder / "runtime"
    assert list((runtime / "running").iterdir()) == []
    assert list((runtime / "etc").iterdir()) == []
    record = json.loads((spec.folder / "sandbox.json").read_text())
    assert record["exit"] == {
        "code": 0,
        "signal": None,
        "out_of_memory": False,
        "out_of_disk": False,
        "is_lost": False,
    }
    assert not any(Path(cgroup).exists() for cgroup in record["cgroups"])


async def test_close_ends_everything(bench: Bench) -> None:
    others = set(psutil.Process().children(recursive=True))  # of modules that ran before
    spec = bench.spec("import time; print('up'); time.sleep(600)")
    sandbox = await bench.start(spec)
    await bench.line(spec.name, "up")
    children = set(psutil.Process().children(recursive=True)) - others
    assert sandbox.pid in {child.pid for child in children}
    await bench.executor.close()
    assert not psutil.wait_procs(children, timeout=60)[1]
    record = json.loads((spec.folder / "sandbox.json").read_text())
    assert not any(Path(cgroup).parent.exists() for cgroup in record["cgroups"])
    assert "/runtime/" not in Path("/proc/self/mountinfo").read_text()


@pytest.mark.parametrize("warm_parent", [None, "bare"])
async def test_limits_hold_without_cgroups(
    make_executor: MakeExecutor, tmp_path: Path, warm_parent: str | None
) -> None:
    bench = Bench(make_executor(SandboxSettings(limit_backend="watchdog")), tmp_path, warm_parent)
    status, _ = await bench.run(
        "x = bytearray(400 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nimport time; time.sleep(30)",
        limits=Limits(cpus=1, memory_mib=100, processes=64),
    )
    assert status == ExitStatus(137, signal.SIGKILL, out_of_memory=True)
    status, lines = await bench.run(
        "import os, time\nmade = 0\n"
        "try:\n"
        "    while made < 200:\n"
        "        if os.fork() == 0: time.sleep(30)\n"
        "        made += 1\n"
        "except OSError: print('refused')\n"
        "os._exit(0)\n",
        limits=Limits(cpus=1, memory_mib=512, processes=32),
    )
    await bench.executor.close()
    if os.geteuid() == 0:  # RLIMIT_NPROC counts all processes of a uid: exact where it is the sandbox's own
        assert lines == ["stdout: refused"]


async def test_a_start_that_fails_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    spec = bench.spec("", mounts=(Mount(tmp_path / "absent", "/absent"),))
    with pytest.raises((SandboxUnavailable, FileNotFoundError)):
        await bench.start(spec)
        raise SandboxUnavailable  # bubblewrap tells only through its exit code and output
    runtime = bench.folder / "runtime"
    async with asyncio.timeout(60):
        while list((runtime / "running").iterdir()) or list((runtime / "etc").iterdir()):
            await asyncio.sleep(0.02)
    sandbox = await bench.start(bench.spec("print(1)", name=spec.name))
    assert (await sandbox.wait()).code == 0


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
async def test_a_full_disk_takes_no_name_for_good(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    # Its record and its entry before it is started, its processes, its end.
    writes, whole, is_full = itertools.count(1), intentions._write_text, True

    def write(file: Path, text: str) -> None:
        if is_full and next(writes) >= nth:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(file, text)

    monkeypatch.setattr(intentions, "_write_text", write)
    spec = bench.spec("print(1)")
    if nth < 4:
        with pytest.raises(OSError, match="No space left"):
            await bench.start(spec)
    else:
        assert (await (await bench.start(spec)).wait()).code == 0
    is_full = False
    sandbox = await bench.start(bench.spec("print(2)", name=spec.name))
    assert (await sandbox.wait()).code == 0
    assert list((bench.folder / "runtime" / "running").iterdir()) == []


@pytest.mark.parametrize("step", ["limits", "folders"])
async def test_what_cannot_be_given_back_does_not_change_how_it_ended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fails(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    sandbox = await bench.start(spec := bench.spec("import sys; sys.exit(3)"))
    with monkeypatch.context() as patched:
        if step == "limits":
            patched.setattr(type(sandbox._limits), "release", fails)  # type: ignore[attr-defined]
        else:
            patched.setattr(SandboxExecutor, "_take_back", fails)
        assert await asyncio.wait_for(sandbox.wait(), 60) == ExitStatus(3)
    again = await bench.start(bench.spec("print(2)", name=spec.name))
    assert (await again.wait()).code == 0
