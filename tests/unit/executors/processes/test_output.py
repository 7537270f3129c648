"""Bytes become lines, in bounded memory."""

from __future__ import annotations

import pytest

from sagehen.executors.processes.output import MAX_LINE_BYTES, LineSplitter


def _lines(*chunks: bytes) -> list[str]:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)
    for chunk in chunks:
        splitter.feed(chunk)
    splitter.close()
    return lines


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([b"a\nb\n"], ["a", "b"]),
        ([b"a", b"b\n\nc"], ["ab", "", "c"]),
        ([b"a\r\nb\r\n"], ["a", "b"]),
        ([b" 10%\r 50%\r", b"100%\ndone\n"], ["100%", "done"]),
        ([b" 10%\r 50%\r"], [" 50%"]),
        ([b"caf\xc3", b"\xa9 \xff\n"], ["café \ufffd"]),
    ],
)
def test_lines(chunks: list[bytes], expected: list[str]) -> None:
    assert _lines(*chunks) == expected


def test_very_long_lines_are_cut_and_memory_stays_bounded() -> None:
    lines = _lines(*[b"x" * 100_000] * 10, b"\nend\n")
    assert "".join(lines[:-1]) == "x" * 1_000_000
    assert {len(line) for line in lines[:-2]} == {MAX_LINE_BYTES}
    assert lines[-1] == "end"


def test_an_endless_progress_bar_keeps_its_last_state() -> None:
    assert _lines(*[b"step %d\r" % i for i in range(100_000)], b"\n") == ["step 99999"]
