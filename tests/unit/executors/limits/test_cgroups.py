"""Limits on a pretended cgroup tree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sagehen.executors.base import Limits, SandboxUnavailable, Usage
from sagehen.executors.limits.backends import chosen_backend
from sagehen.executors.limits.cgroup import kernel_limit, quota_us
from sagehen.executors.limits.cgroup_files import remove_cgroup
from sagehen.executors.limits.cgroup_v1 import CgroupV1Backend
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


@pytest.mark.parametrize(
    ("limits", "memory_mib", "quota"),
    [
        (Limits(cpus=1, memory_mib=64), 64, 100_000),
        (Limits(cpus=0.5, memory_mib=64), 64, 50_000),
        (Limits(cpus=64, memory_mib=64), 64, 6_400_000),
        (Limits(cpus=0.001, memory_mib=64), 64, 1_000),  # the kernel takes no less
        (Limits(cpus=1, memory_mib=64, tmp_mib=16, tmp_is_memory=False), 80, 100_000),
        (Limits(cpus=1, memory_mib=64, tmp_mib=16, tmp_is_memory=True), 64, 100_000),
    ],
)
def test_what_the_kernel_is_told(limits: Limits, memory_mib: int, quota: int) -> None:
    assert (kernel_limit(limits), quota_us(limits)) == (memory_mib << 20, quota)


def test_cgroup_v1_on_a_pretended_tree(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in CgroupV1Backend.controllers]
    backend = CgroupV1Backend(dict(zip(CgroupV1Backend.controllers, folders, strict=True)))
    group = backend.create("a/b")
    memory, cpu, pids, accounting = (folder / "a%2Fb" for folder in folders)
    assert group.folders == (memory, cpu, pids, accounting)
    group.apply(Limits(cpus=2, memory_mib=64, processes=7, cpu_weight=0.5))
    told = {file.name: file.read_text() for folder in (memory, cpu, pids) for file in folder.iterdir()}
    assert told == {
        "memory.limit_in_bytes": str(64 << 20),
        "memory.memsw.limit_in_bytes": str(64 << 20),
        "cpu.cfs_period_us": "100000",
        "cpu.cfs_quota_us": "200000",
        "cpu.shares": "512",
        "pids.max": "7",
    }
    (memory / "memory.usage_in_bytes").write_text("1000")
    (memory / "memory.max_usage_in_bytes").write_text("3000")
    (memory / "memory.stat").write_text("total_rss 500\ntotal_inactive_file 400\n")
    (accounting / "cpuacct.usage").write_text("2500000000")
    assert group.usage(1) == Usage(cpu_s=2.5, memory_bytes=600, peak_bytes=3000, anonymous_bytes=500)
    assert not group.is_over_memory(1)
    (memory / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    assert group.is_over_memory(1)


def test_only_a_back_end_that_there_is_can_be_chosen() -> None:
    assert chosen_backend("watchdog", "sagehen-none").name == "rlimits and a watchdog"
    with pytest.raises(SandboxUnavailable, match="'cgroup v3' were asked for"):
        chosen_backend("cgroup v3", "sagehen-none")
