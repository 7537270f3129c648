"""Spares: taken, replaced, and given up without holding anybody up."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sagehen.executors.base import Limits, Usage
from sagehen.executors.limits.group import LimitBackend, LimitGroup
from sagehen.executors.warm.spares import Spares


class Group(LimitGroup):
    def __init__(self, fails: bool) -> None:
        self.fails = fails
        self.released_by: int | None = None

    def apply(self, limits: Limits) -> None: ...

    def is_over_memory(self, pid: int) -> bool:
        return False

    def usage(self, pid: int) -> Usage:
        return Usage(0.0, 0, 0)

    def release(self) -> None:
        self.released_by = threading.get_ident()
        if self.fails:
            raise OSError("busy")


class Groups(LimitBackend):
    name = "of this test"

    def __init__(self) -> None:
        self.made: list[Group] = []
        self.fail = False

    def create(self, name: str) -> Group:
        self.made.append(Group(self.fail))
        return self.made[-1]


class Parent:
    """A warm parent that hands out sockets."""

    name = "parent"

    def __init__(self) -> None:
        self.pid = 1
        self.others: list[socket.socket] = []

    async def prepare(self, entry_files: Any) -> socket.socket:
        ours, theirs = socket.socketpair()
        self.others.append(theirs)
        return ours


@pytest.fixture
def groups() -> Groups:
    return Groups()


@pytest.fixture
def parent() -> Iterator[Any]:
    made = Parent()
    yield made
    for other in made.others:
        other.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.005)


async def test_one_that_is_taken_is_replaced(groups: Groups, parent: Any) -> None:
    spares = Spares(groups)
    await spares.keep(parent, 1)
    taken = spares.take(parent)
    assert taken is not None and taken.group is groups.made[0]
    assert spares.take(parent) is None
    await until(lambda: len(groups.made) == 2)
    await spares.drop(parent)
    taken.status.close()
    assert [group.released_by is None for group in groups.made] == [True, False]


@pytest.mark.parametrize("fails", [False, True])
async def test_those_of_a_parent_that_is_gone_are_ended_beside_the_loop_and_replaced(
    groups: Groups, parent: Any, fails: bool
) -> None:
    groups.fail = fails
    spares = Spares(groups)
    await spares.keep(parent, 2)
    parent.pid = 2
    assert spares.take(parent) is None
    await until(lambda: all(group.released_by for group in groups.made[:2]))
    assert threading.get_ident() not in [group.released_by for group in groups.made]
    assert [other.recv(1) for other in parent.others[:2]] == [b"", b""]
    await until(lambda: len(groups.made) == 4)
    taken = spares.take(parent)
    assert taken is not None and taken.parent_pid == 2
    taken.status.close()
    await spares.drop(parent)
