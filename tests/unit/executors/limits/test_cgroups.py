"""Limits on a pretended cgroup tree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sagehen.executors.base import Limits
from sagehen.executors.limits.cgroup_files import remove_cgroup
from sagehen.executors.limits.cgroup_v2 import CgroupV2Backend


def test_cgroup_v2_on_a_pretended_tree(tmp_path: Path) -> None:
    assert CgroupV2Backend.probe("sagehen-x", tmp_path) is None  # no controllers: not a cgroup
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids io")
    backend = CgroupV2Backend.probe("sagehen-x", tmp_path)
    assert backend is not None
    group = backend.create("job/1")
    group.apply(Limits(1.5, 256, processes=10))
    folder = tmp_path / "sagehen-x" / "job%2F1"
    assert (folder / "memory.max").read_text() == str(256 << 20)
    assert (folder / "cpu.max").read_text() == "150000 100000"
    assert (folder / "pids.max").read_text() == "10"
    assert group.entry_files == (folder / "cgroup.procs",)
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 0\n")
    assert not group.is_over_memory(1)
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
    assert group.is_over_memory(1)
    (folder / "memory.current").write_text("5000")
    (folder / "memory.stat").write_text("anon 3000\ninactive_file 1000\n")
    (folder / "cpu.stat").write_text("usage_usec 2500000\n")
    used = group.usage(1)
    assert (used.cpu_s, used.memory_bytes) == (2.5, 4000)


def test_removing_a_cgroup_never_signals_our_own_process_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 0 is a process of an outer pid namespace; as a pid it is our own group.
    (tmp_path / "cgroup.procs").write_text(f"0\n{os.getpid()}\n4194305\n")
    signalled: list[int] = []
    monkeypatch.setattr("os.kill", lambda pid, number: signalled.append(pid))
    remove_cgroup(tmp_path, patience_s=0)
    assert set(signalled) == {4194305}
