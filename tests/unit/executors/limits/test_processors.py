"""Sandboxes without cgroups: who is held to which processors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from sagehen.executors.base import Limits
from sagehen.executors.limits import descendants
from sagehen.executors.limits.processors import Processors, hold_to
from sagehen.executors.limits.watchdog import WatchdogBackend


def test_two_sandboxes_of_half_the_machine_share_nothing() -> None:
    processors = Processors([0, 1, 2, 3])
    first, second = processors.take(2), processors.take(2)
    assert sorted(first + second) == [0, 1, 2, 3]
    third = processors.take(1)
    assert processors.take(1) != third
    processors.give_back(second)
    assert processors.take(2) == second, "those that came free are the least used"
    assert processors.take(4) == (), "all of them: nothing is to be held"


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor is everybody's")
def test_every_thread_is_held_and_what_was_taken_comes_back() -> None:
    backend = WatchdogBackend()
    groups = [backend.create(str(number)) for number in range(2)]
    program = "import threading; threading.Thread(target=input).start(); print(1, flush=True)"
    for group in groups:
        group.apply(Limits(cpus=1, memory_mib=4096))
    held: list[set[int]] = []
    for group in groups:
        with subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None and process.stdout.readline()
            assert not group.is_over_memory(process.pid)
            tasks = os.listdir(f"/proc/{process.pid}/task")
            assert len(tasks) == 2
            affinities = {frozenset(os.sched_getaffinity(int(task))) for task in tasks}
            process.communicate(b"\n")
        assert len(affinities) == 1
        held.append(set(*affinities))
    assert held[0].isdisjoint(held[1]) and len(held[0] | held[1]) == 2
    groups[1].release()
    again = backend.create("again")
    again.apply(Limits(cpus=1, memory_mib=4096))
    assert set(again._held_to) == held[1]  # type: ignore[attr-defined]
    hold_to(2**22 + 1, [0])  # one that has ended meanwhile is no mistake


@pytest.mark.parametrize("lists", [True, False], ids=["the kernel's lists", "a kernel without them"])
def test_descendants_are_those_of_every_thread_and_generation(
    lists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lists and not Path("/proc/thread-self/children").exists():
        pytest.skip("this kernel has no lists of children")
    monkeypatch.setattr(descendants, "_has_lists", lambda: lists)
    blocks = "import sys; print(1, flush=True); sys.stdin.read()"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {blocks!r}])"
    program = (
        "import subprocess, sys, threading\n"
        f"run = lambda: subprocess.run([sys.executable, '-c', {child!r}])\n"
        "threading.Thread(target=run).start(); run()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        for _ in range(2):
            assert process.stdout.readline()
        found = list(descendants.descendants(process.pid))
        assert sorted(found) == sorted(
            [process.pid, *(c.pid for c in psutil.Process(process.pid).children(True))]
        )
        assert len(found) == 5
        assert descendants.resident_bytes(found[-1]) >= 1 << 20
        process.communicate(b"")
    assert set(descendants.descendants(process.pid)) <= {process.pid}
    assert descendants.resident_bytes(process.pid) == 0
