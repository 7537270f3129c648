"""When a fork can stand for a start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sagehen.executors.base import Limits, SandboxSpec
from sagehen.executors.warm.choice import is_exact
from sagehen.executors.warm.fresh_start import can_run, thread_count


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-m", "tool"), True),
        (("train.py", "--lr", "1"), True),
        (("-c", "print(1)"), False),
        (("-u", "train.py"), False),
        (("-m",), False),
        ((), False),
    ],
)
def test_what_can_be_run_after_a_fork(words: tuple[str, ...], expected: bool) -> None:
    assert can_run(words) is expected


@pytest.mark.parametrize(
    ("text", "count"),
    [("4", 4), ("", None), ("0", None), ("-1", None), ("4,2", None), ("\u00b2", None), ("9" * 5000, None)],
)
def test_threads_as_openmp_reads_them(text: str, count: int | None) -> None:
    assert thread_count(text) == count


@pytest.mark.parametrize(
    ("command", "more", "exact"),
    [
        (("python", "-m", "train"), {}, True),
        (("python3", "train.py", "--epochs", "1"), {}, True),
        (("python", "-c", "pass"), {}, False),
        (("python",), {}, False),
        (("bash", "train.sh"), {}, False),
        (("/usr/bin/python3", "train.py"), {}, False),  # another interpreter than ours, perhaps
        (("python", "train.py"), {"gpus": 1}, False),
        (("python", "train.py"), {"environment": {"SM_HOSTS": "[]", "PYTHONPATH": "/a"}}, True),
        (("python", "train.py"), {"environment": {"LD_PRELOAD": "x.so"}}, False),
        (("python", "train.py"), {"environment": {"PYTHONHASHSEED": "7"}}, False),
        (
            ("python", "train.py"),
            {"environment": {"LANG": "C"}, "forked_variables": frozenset({"LANG"})},
            True,  # whoever asks knows that a fork honours it
        ),
        (
            ("python", "train.py"),
            {"environment": {"LANG": "C", "LC_ALL": "C"}, "forked_variables": frozenset({"LANG"})},
            False,
        ),
    ],
)
def test_when_a_fork_stands_for_a_start(command: tuple[str, ...], more: dict[str, Any], exact: bool) -> None:
    spec = SandboxSpec("n", Path("/nowhere"), command, Limits(cpus=1, memory_mib=64), **more)
    assert is_exact(spec) is exact
