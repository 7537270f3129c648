"""Processes of ours that read what users sent do not inherit the operator's environment."""

from __future__ import annotations

import ast
import asyncio
import signal
import sys
from pathlib import Path
from typing import cast

import pytest

import sagehen
from sagehen.domain import own_processes
from sagehen.domain.own_processes import NoAnswer, answer_of, bare_environment, end


def test_it_keeps_what_python_needs_and_no_keys() -> None:
    found = bare_environment({"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "s", "HTTPS_PROXY": "http://u:p@h"})
    assert found["PATH"] == "/bin"
    assert "s" not in found.values()
    assert not {"AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY"} & found.keys()


def test_every_process_that_is_asked_something_is_told_its_environment() -> None:
    """What users sent goes in by the standard input; programs without one get no word of theirs."""
    source = Path(sagehen.__file__).parent
    asked, silent = 0, []
    for file in source.rglob("*.py"):
        if file.is_relative_to(source / "load"):  # a client: the shell's certificates are for it
            continue
        if "create_subprocess_exec" not in (text := file.read_text()):
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "asyncio.create_subprocess_exec":
                continue
            options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if options.get("stdin", "").endswith("PIPE"):
                asked += 1
                if "env" not in options:
                    silent.append(f"{file.relative_to(source)}:{node.lineno}")
    assert asked == 5
    assert silent == []


@pytest.mark.parametrize(
    ("script", "most_bytes", "why"),
    [
        ("print('{')", 100, "JSONDecodeError"),
        ("print('[' * 100_000)", 1 << 20, "RecursionError"),
        ("print('[]')", 100, "no answer"),
        ("while True: print('x' * 4096)", 100, "more than 100 bytes"),
        ("import time; time.sleep(60)", 100, "TimeoutError"),
        ("", 100, "JSONDecodeError"),
    ],
)
async def test_what_is_no_answer(tmp_path: Path, script: str, most_bytes: int, why: str) -> None:
    (tmp_path / "asked.py").write_text(script)
    with pytest.raises(NoAnswer, match=why):
        patience_s = 0.3 if why == "TimeoutError" else 30.0
        await answer_of(tmp_path / "asked.py", {}, patience_s=patience_s, most_bytes=most_bytes)


async def test_a_script_is_asked_and_answers(tmp_path: Path) -> None:
    (tmp_path / "asked.py").write_text(
        "import json, sys; print(json.dumps({'n': len(json.load(sys.stdin))}))"
    )
    question = {str(number): "x" * 100 for number in range(5000)}  # more than a pipe holds
    assert await answer_of(tmp_path / "asked.py", question, patience_s=30, most_bytes=100) == {"n": 5000}


async def test_a_process_that_says_more_than_anybody_reads_ends() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "import sys; [sys.stdout.write('x' * 4096) for _ in iter(int, 1)]"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 16,
    )  # fmt: skip
    assert process.stdout is not None
    await process.stdout.readexactly(1)
    async with asyncio.timeout(30):
        assert await end(process) == -signal.SIGKILL
        assert await end(process) == -signal.SIGKILL  # nor does it matter that it has ended


async def test_who_was_cancelled_ends_his_process_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pipe is held open by a child of its own for longer than anybody waits."""
    monkeypatch.setattr(own_processes, "_GRACE_S", 0.1)
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", "sleep 1 & echo here; wait"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    await process.stdout.readline()
    ended: list[int] = []

    async def works() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(await end(process))

    task = asyncio.create_task(works())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=30)
    assert ended == [-signal.SIGKILL]
    await process.stdout.read()  # the child's end closes the pipe, and with it the loop's transport


async def test_a_process_is_killed_and_one_that_the_kernel_holds_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sleeping = await asyncio.create_subprocess_exec("sleep", "600")
    assert await own_processes.killed(sleeping) == -signal.SIGKILL
    assert await own_processes.killed(sleeping) == -signal.SIGKILL

    class Held:
        pid, returncode = 7, None

        def kill(self) -> None: ...

        async def wait(self) -> int:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(own_processes, "_KILLED_S", 0.01)
    assert await own_processes.killed(cast(asyncio.subprocess.Process, Held())) is None
    assert "process 7 was killed and does not end" in caplog.text
