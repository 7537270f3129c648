"""A clock that runs faster never goes back, also not across lives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sagehen.app.clock_mark import ClockMark
from sagehen.domain.clock import SystemClock


async def test_the_next_life_begins_no_earlier_than_a_killed_one_was(tmp_path: Path) -> None:
    mark = ClockMark(tmp_path / "clock")
    clock = SystemClock(scale=100_000)
    mark.keep(clock)
    was = clock.now()
    # Killed: nothing more is written.
    for scale in (1.0, 60.0):
        later = SystemClock(scale, ClockMark(tmp_path / "clock").read())
        assert later.now() > was > datetime.now(UTC)
        assert not later.is_the_machines
    await mark.stop(clock)
    stopped = mark.read()
    assert stopped is not None and abs(stopped - clock.now()) < timedelta(days=1)


async def test_the_machines_own_clock_leaves_no_mark(tmp_path: Path) -> None:
    mark, clock = ClockMark(tmp_path / "clock"), SystemClock()
    mark.keep(clock)
    await mark.stop(clock)
    assert clock.is_the_machines and mark.read() is None and not list(tmp_path.iterdir())


def test_a_mark_of_the_past_moves_nothing() -> None:
    assert SystemClock(1.0, datetime(2020, 1, 1, tzinfo=UTC)).is_the_machines
