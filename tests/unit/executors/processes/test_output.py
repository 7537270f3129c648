"""Bytes become lines, in bounded memory."""

from __future__ import annotations

import asyncio
import os

import pytest

from sagehen.executors.processes.output import MAX_LINE_BYTES, LineSplitter, OutputPipes
from sagehen.executors.processes.pace import Pace, pieces


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


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"a", b"a\nb", b"\n" * 250, b"\n" * 251, b"ab\n" * 700 + b"end"]
)
def test_pieces_are_the_whole_and_have_few_lines(data: bytes) -> None:
    cut = list(pieces(data))
    assert b"".join(cut) == data
    assert all(0 < piece.count(b"\n") <= 250 or piece == cut[-1] for piece in cut)


def test_who_prints_too_much_waits_until_his_window_is_over() -> None:
    pace = Pace()
    assert pace.pause_s(b"\n" * 3000, 5.0) == 0
    assert pace.pause_s(b"x" * 4096, 5.025) == pytest.approx(0.075)
    assert pace.pause_s(b"\n", 5.1) == 0


async def test_a_flood_of_lines_leaves_others_their_turn_and_loses_none() -> None:
    lines: list[str] = []
    pipes = OutputPipes()
    await pipes.open(lambda stream, line: lines.append(line))
    flood = "".join(f"{number}\n" for number in range(4000))
    os.write(pipes.writers[0], flood.encode())
    pipes.close_writers()
    draining = asyncio.create_task(pipes.drained())
    most = seen = 0
    while not draining.done():
        await asyncio.sleep(0)
        most, seen = max(most, len(lines) - seen), len(lines)
    await draining
    assert lines == flood.split()
    assert most <= 500


async def test_what_is_delivered_at_once_has_a_bound_too(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    pipes = OutputPipes(raw=True)
    await pipes.open(lambda stream, line: lines.append(line))
    flood = "".join(f"{number}\n" for number in range(8000))
    os.write(pipes.writers[0], flood.encode())
    pipes.deliver()
    assert 3000 <= len(lines) < 8000
    pipes.close_writers()
    await pipes.drained()
    assert lines == flood.split()


async def test_what_waits_for_its_turn_is_delivered_before_what_comes_behind_it() -> None:
    lines: list[str] = []
    pipes = OutputPipes(raw=True)
    await pipes.open(lambda stream, line: lines.append(line))
    flood = "".join(f"{number}\n" for number in range(2000))
    os.write(pipes.writers[0], flood.encode())
    while not lines:
        await asyncio.sleep(0)
    assert len(lines) < 2000
    os.write(pipes.writers[0], b"and\nan unfinished line")
    pipes.deliver()
    assert lines == [*flood.split(), "and", "an unfinished line"]
    pipes.close_writers()
    await pipes.drained()
    assert len(lines) == 2002
