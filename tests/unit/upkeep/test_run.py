"""A run: started, ready, told to end or ended by itself; what it made is never left behind."""

from __future__ import annotations

import asyncio

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.upkeep.run import Run


class Machine:
    """What a launch makes."""

    def __init__(self) -> None:
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.stopped: float | None = None


class MachineRun(Run[Machine]):
    """A run as a service has one."""

    def __init__(self, *, stubborn: bool = False, fault: Exception | None = None) -> None:
        super().__init__("machine", ManualClock(), 5.0)
        self.launching = asyncio.Event()
        self.may_launch = asyncio.Event()
        self.machine: Machine | None = None
        self.failure: str | None = None
        self.told: list[str] = []
        self.stubborn = stubborn
        self.fault = fault
        self.fault_at_end: Exception | None = None
        self.begin(lambda run: self.told.append(run.phase))

    async def _launch(self) -> Machine:
        self.launching.set()
        try:
            await self.may_launch.wait()
        except asyncio.CancelledError:
            if not self.stubborn:
                raise
        if self.fault:
            raise self.fault
        self.machine = Machine()
        return self.machine

    async def _start(self) -> None:
        await self._launched(self._launch())

    async def _serve(self) -> None:
        assert self.machine is not None
        self._be_ready()
        self.failure = await self._until_gone(self.machine.gone)

    def _failed(self, error: Exception) -> None:
        self.failure = str(error)

    async def _clear(self) -> None:
        if (machine := self._made()) is not None:
            machine.stopped = self._grace_s
        if self.fault_at_end:
            raise self.fault_at_end


async def test_one_that_is_told_to_end_has_no_failure() -> None:
    run = MachineRun()
    run.may_launch.set()
    while run.phase != "ready":
        await asyncio.sleep(0)
    assert run.machine is not None
    assert run.ready_at == 0.0
    run.stop(1.0)
    run.stop(9.0)  # it is ending already
    await run.ended()
    assert (run.failure, run.machine.stopped, run.told) == (None, 1.0, ["ready", "ended"])


async def test_one_that_ends_by_itself_says_why() -> None:
    run = MachineRun()
    run.may_launch.set()
    while run.phase != "ready":
        await asyncio.sleep(0)
    assert run.machine is not None
    run.machine.gone.set_result("out of memory")
    await run.ended()
    assert (run.failure, run.machine.stopped, run.phase) == ("out of memory", 5.0, "ended")


async def test_a_start_that_is_not_wanted_any_more_is_given_up() -> None:
    run = MachineRun()
    await run.launching.wait()
    run.stop()
    await run.ended()
    assert (run.failure, run.machine, run.told) == (None, None, ["ended"])


async def test_what_was_made_in_the_moment_of_the_end_is_ended_too() -> None:
    run = MachineRun(stubborn=True)
    await run.launching.wait()
    run.stop(2.0)
    await run.ended()
    assert run.machine is not None
    assert run.machine.stopped == 2.0
    assert run.told == ["ended"]


async def test_a_start_that_fails_says_why_unless_it_was_told_to_end() -> None:
    run = MachineRun(fault=OSError("no room"))
    run.may_launch.set()
    await run.ended()
    assert (run.failure, run.told) == ("no room", ["ended"])
    told_to = MachineRun(stubborn=True, fault=OSError("no room"))
    await told_to.launching.wait()
    told_to.stop()
    await told_to.ended()
    assert (told_to.failure, told_to.told) == (None, ["ended"])


async def test_an_end_that_fails_is_an_end() -> None:
    run = MachineRun()
    run.fault_at_end = OSError("the disk is gone")
    run.may_launch.set()
    while run.phase != "ready":
        await asyncio.sleep(0)
    run.stop()
    await run.ended()
    assert run.told == ["ready", "ended"]


@pytest.mark.parametrize("stubborn", [False, True])
@pytest.mark.parametrize("turns", range(14))
async def test_whenever_it_is_told_to_end_nothing_is_left(turns: int, stubborn: bool) -> None:
    run = MachineRun(stubborn=stubborn)
    run.may_launch.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    run.stop()
    await run.ended()
    assert run.machine is None or run.machine.stopped == 5.0
    assert run.failure is None
    assert (run.phase, run.told[-1], run.told.count("ended")) == ("ended", "ended", 1)
