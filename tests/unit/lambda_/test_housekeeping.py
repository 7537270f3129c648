"""Housekeeping: what each round does, and that a round which fails is not the last."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.lambda_.housekeeping import Housekeeping


class House:
    """Everything that is kept in order, as a tale of what was done."""

    def __init__(self) -> None:
        self.tale: list[str] = []
        self.failures = 0

    def environments(self) -> list[Any]:
        return []

    def expire(self, idle_s: float) -> None:
        self.tale.append(f"expire {idle_s:g}")
        if self.failures:
            self.failures -= 1
            raise RuntimeError("an environment is not what it should be")

    def retry_failed(self) -> None:
        self.tale.append("retry")

    def provisioned(self, provisioning: Any) -> None:
        self.tale.append("measure")

    def needed(self) -> set[str]:
        return set()

    async def sweep(self, *what: Any) -> None:
        self.tale.append("sweep code" if what else "sweep layers")


@pytest.mark.parametrize(("idle_s", "pause_s"), [(300.0, 30), (10.0, 5)])
async def test_rounds(clock: ManualClock, idle_s: float, pause_s: int) -> None:
    house: Any = House()
    rooms: Any = SimpleNamespace(store=house, dispatch=house, metrics=house, provisioning=house)
    premises: Any = SimpleNamespace(clock=clock, idle_s=idle_s)
    housekeeping = Housekeeping(premises, house, house, rooms, rooms, rooms)
    sweep, each = ["sweep layers", "sweep code"], [f"expire {idle_s:g}", "retry", "measure"]

    async def tale_of(seconds: float) -> list[str]:
        house.tale.clear()
        await clock.advance(seconds)
        return list(house.tale)

    housekeeping.start()
    await asyncio.sleep(0)
    assert house.tale == sweep, "what an earlier life left goes at once; nothing was idle yet"
    assert await tale_of(pause_s - 1) == []
    assert await tale_of(1) == each
    house.failures = 1
    assert await tale_of(pause_s) == each[:1]
    assert await tale_of(7 * pause_s) == 7 * each
    assert await tale_of(pause_s) == each + sweep, "code is looked through in every tenth round"
    await housekeeping.stop()
    assert await tale_of(100 * pause_s) == []
