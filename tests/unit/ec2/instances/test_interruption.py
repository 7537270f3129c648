"""A Spot interruption: told at once, done two minutes later, whatever stands in its way."""

from __future__ import annotations

import asyncio
from typing import Any

from sagehen.domain.clock import ManualClock
from sagehen.services.ec2.instances.life.interruption import Interruption, announce


class Told:
    """A machine that is told."""

    def __init__(self) -> None:
        self.times: list[str] = []

    def announce_spot_action(self, action: str, time: str) -> None:
        assert action == "terminate"
        self.times.append(time)


async def test_it_comes_two_minutes_after_it_was_told_and_again_where_it_fails() -> None:
    clock, machine, body = ManualClock(), Told(), dict[str, Any]()
    failures = [OSError("the disk is full")]
    taken: list[float] = []

    async def take() -> None:
        taken.append(clock.monotonic())
        if failures:
            raise failures.pop()

    interruption = Interruption(clock, take)
    interruption.follow(body, machine)  # type: ignore[arg-type]
    assert machine.times == []
    announce(body, clock.now())
    announce(body, clock.now())
    for _ in range(2):
        interruption.follow(body, machine)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert machine.times == ["2026-01-01T00:02:00Z"]
    await clock.advance(119.0)
    assert taken == []
    await clock.advance(30.0)
    assert taken == [120.0, 125.0]
    interruption.end()
