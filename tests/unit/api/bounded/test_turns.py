"""Whose picture is made next: accounts take turns, and nobody waits without an end."""

from __future__ import annotations

import asyncio

import pytest

from sagehen.api.bounded.turns import NoTurn, Turns
from sagehen.api.context import never


class Studio:
    """Pictures that are made until they are told to be done."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.begun: list[str] = []
        self._done: dict[str, asyncio.Event] = {}

    def ask(self, name: str, account: str) -> asyncio.Task[None]:
        self._done[name] = asyncio.Event()
        return asyncio.create_task(self._make(name, account))

    async def _make(self, name: str, account: str) -> None:
        async with self.turns.turn(account, never):
            self.begun.append(name)
            await self._done[name].wait()

    async def finish(self, *names: str) -> None:
        for name in names:
            self._done[name].set()
            await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_accounts_take_turns() -> None:
    studio = Studio(Turns(2))
    made = [studio.ask(name, name[0]) for name in ("a1", "a2", "a3", "a4", "b1", "b2", "c1")]
    await settle()
    assert studio.begun == ["a1", "a2"]
    await studio.finish("a1")
    assert studio.begun[2:] == ["b1"]  # of a one is being made, of b none was
    await studio.finish("b1", "c1", "a2", "a3", "b2", "a4")
    assert studio.begun[2:] == ["b1", "c1", "b2", "a3", "a4"]
    await asyncio.gather(*made)


async def test_one_that_is_broken_off_gives_its_turn_back() -> None:
    studio = Studio(Turns(2))
    first, second, third, fourth = (studio.ask(name, "a") for name in ("1", "2", "3", "4"))
    await settle()
    third.cancel()
    first.cancel()
    await settle()
    assert studio.begun == ["1", "2", "4"]
    studio.ask("5", "a")
    await settle()
    await studio.finish("2", "4", "5")
    assert studio.begun == ["1", "2", "4", "5"]
    assert await asyncio.gather(first, second, third, fourth, return_exceptions=True)
    async with studio.turns.turn("a", never), studio.turns.turn("a", never):  # both are free again
        pass


async def test_nobody_waits_for_ever() -> None:
    turns = Turns(2, longest_wait_s=0.01)
    gone = asyncio.Event()
    async with turns.turn("a", never), turns.turn("a", never):
        with pytest.raises(NoTurn):
            async with turns.turn("b", never):
                pass
    patient = Turns(2)
    async with patient.turn("a", never), patient.turn("a", never):
        gone.set()
        with pytest.raises(NoTurn):
            async with patient.turn("b", gone.wait):
                pass
    async with patient.turn("a", never), patient.turn("a", never):
        pass


async def test_so_many_of_one_account_wait() -> None:
    studio = Studio(Turns(2))
    tasks = [studio.ask(str(number), "a") for number in range(2 + 64)]
    await settle()
    with pytest.raises(NoTurn):
        async with studio.turns.turn("a", never):
            pass
    other = studio.ask("other", "b")
    await settle()
    await studio.finish("0", "1")
    assert studio.begun == ["0", "1", "other", "2"]
    for task in (*tasks, other):
        task.cancel()
    await asyncio.wait((*tasks, other))
