"""When a fork can stand for a start."""

from __future__ import annotations

import pytest

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
