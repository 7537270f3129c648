"""A delegated cgroup that holds us is divided once we have stepped aside; others' are left alone."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sagehen.executors.limits.delegation import LEAF, base_of, may_step_aside, share_out


def test_whose_cgroup_it_is() -> None:
    assert may_step_aside([42], 42)
    assert not may_step_aside([41, 42], 42)  # a terminal's: its shell is in it
    assert not may_step_aside([], 42)


def test_who_has_stepped_aside_does_not_go_deeper() -> None:
    assert base_of(Path("/c/run-1.scope")) == Path("/c/run-1.scope")
    assert base_of(Path("/c/run-1.scope", LEAF)) == Path("/c/run-1.scope")


@pytest.mark.parametrize("others", [[], [1]])
def test_a_cgroup_is_divided_after_its_only_process_has_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: list[int]
) -> None:
    """As the kernel does: controllers are refused while processes are in the cgroup itself."""
    (tmp_path / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in [os.getpid(), *others]))
    write_text = Path.write_text

    def write(self: Path, data: str) -> int:
        if self.name == "cgroup.subtree_control" and (tmp_path / "cgroup.procs").read_text():
            raise OSError(errno.EBUSY, "Device or resource busy")
        if self.parent.name == LEAF:
            write_text(tmp_path / "cgroup.procs", "")
        return write_text(self, data)

    monkeypatch.setattr(Path, "write_text", write)
    if others:
        with pytest.raises(OSError, match="busy"):
            share_out(tmp_path, "+memory")
        assert not (tmp_path / LEAF).exists()
        return
    share_out(tmp_path, "+memory")
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory"
    assert (tmp_path / LEAF / "cgroup.procs").read_text() == str(os.getpid())
