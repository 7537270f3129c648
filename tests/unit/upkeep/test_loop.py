"""A loop of one thing, and the loops of all, on a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.upkeep.loop import Loop
from sagehen.upkeep.loops import Loops
from sagehen.upkeep.pauses import Rest, Wait


class Thing(Loop):
    """Does what it is told, pass after pass; what it does not know is a fault."""

    def __init__(self, clock: ManualClock, *does: object) -> None:
        super().__init__("thing", clock)
        self.does = list(does)
        self.passes: list[float] = []
        self.survived = 0
        self.left = False

    async def _pass(self) -> object:
        self.passes.append(self._clock.monotonic())
        do = self.does.pop(0) if len(self.does) > 1 else self.does[0]
        if isinstance(do, Exception):
            raise do
        return do

    async def _survive(self) -> None:
        self.survived += 1
        self.poke()  # by its own doing: no reason to look again at once
        if self.survived == 2:
            raise OSError("the disk is full")

    async def _leave(self) -> None:
        self.left = True


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def test_a_loop_looks_again_until_it_rests(clock: ManualClock) -> None:
    rested: list[bool] = []
    thing = Thing(clock, "something", "more", Wait(5.0), Wait(None), Rest())
    thing.begin(lambda: rested.append(True))
    await _settled()
    assert thing.passes == [0.0, 0.0, 0.0]
    await clock.advance(5.0)
    await _settled()
    assert thing.passes[3:] == [5.0]
    await clock.advance(1000.0)
    await _settled()
    assert len(thing.passes) == 4
    thing.poke()
    await _settled()
    assert len(thing.passes) == 5
    assert rested == [True]


async def test_passes_that_fail_come_again_ever_less_eagerly_or_when_somebody_pokes(
    clock: ManualClock,
) -> None:
    thing = Thing(clock, ValueError("nobody foresaw this"))
    thing.begin(lambda: None)
    for _ in range(10):
        await _settled()
        await clock.advance(60.0)
    await _settled()
    gaps = [after - before for before, after in zip(thing.passes, thing.passes[1:], strict=False)]
    assert all(gap <= 60.0 for gap in gaps)
    assert gaps[-3:] == [60.0, 60.0, 60.0]
    assert thing.survived == len(thing.passes)
    count = len(thing.passes)
    thing.poke()
    await _settled()
    assert len(thing.passes) == count + 1
    await thing.close()
    assert thing.left


async def test_the_first_pauses_double(clock: ManualClock) -> None:
    thing = Thing(clock, ValueError("no"))
    thing.begin(lambda: None)
    for _ in range(15):
        await _settled()
        await clock.advance(1.0)
    await _settled()
    assert thing.passes == [0.0, 1.0, 3.0, 7.0, 15.0]
    await thing.close()


async def test_a_plan_that_never_comes_to_rest_starves_nobody(clock: ManualClock) -> None:
    thing = Thing(clock, "something")
    thing.begin(lambda: None)
    await _settled()
    assert len(thing.passes) == 101
    await clock.advance(60.0)
    await _settled()
    assert len(thing.passes) > 101
    await thing.close()


async def test_loops_begin_while_they_are_on_alone(clock: ManualClock) -> None:
    loops = Loops[str, Thing]()
    made: list[Thing] = []

    def make() -> Thing:
        made.append(Thing(clock, Wait(None)))
        return made[-1]

    loops.watch("a", make)
    assert not loops
    assert not made
    loops.open()
    loops.watch("a", make)
    await _settled()
    loops.watch("a", make)
    await _settled()
    assert len(made) == 1
    assert len(made[0].passes) == 2  # the second was a poke
    await loops.close()
    assert made[0].left
    loops.watch("a", make)
    assert not loops
    assert len(made) == 1


async def test_one_that_rests_is_forgotten_unless_another_has_its_place(clock: ManualClock) -> None:
    loops = Loops[str, Thing]()
    loops.open()
    old, new = Thing(clock, Wait(None), Rest()), Thing(clock, Wait(None), Rest())
    loops.begin("a", old)
    await _settled()
    loops.begin("a", new)
    poke: Callable[[], None] = old.poke
    poke()
    await _settled()
    assert list(loops.values()) == [new]
    new.poke()
    await _settled()
    assert not loops
    await loops.close()
