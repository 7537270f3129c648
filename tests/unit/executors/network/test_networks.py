"""Private networks: one of a name at a time, whoever comes and goes meanwhile."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from typing import Any

import pytest

from sagehen.executors.base import CloseDoor, Network, SandboxUnavailable
from sagehen.executors.network.networks import Networks


class Maker:
    """Makes what stands in for a namespace."""

    def __init__(self) -> None:
        self.made = 0
        self.refuses = False

    async def make_network(
        self, ports: Sequence[int], *more: object
    ) -> tuple[list[int], list[socket.socket]]:
        await asyncio.sleep(0)
        if self.refuses:
            raise SandboxUnavailable("no namespaces")
        self.made += 1
        return [os.open(os.devnull, os.O_RDONLY)], [socket.socket() for _ in ports]


async def test_who_comes_while_one_goes_finds_the_others() -> None:
    maker, may_close = Maker(), asyncio.Event()
    made: Any = maker

    async def close() -> None:
        await may_close.wait()

    async def open_door(_: socket.socket) -> CloseDoor:
        return close

    networks = Networks(made, None, 1)
    network = Network("n", doors={2: open_door})
    await networks.join(network)
    leaving = asyncio.create_task(networks.leave("n"))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(networks.join(network)) for _ in range(2)]
    for _ in range(5):  # they wait for who goes
        await asyncio.sleep(0)
    may_close.set()
    late = asyncio.create_task(networks.join(network))
    *_, first, second, third = await asyncio.gather(leaving, *waiting, late)
    assert first == second == third
    assert maker.made == 2  # the one that was left, and one for all three
    for _ in range(2):
        await networks.leave("n")
    os.fstat(first[0])  # still there for the last of them
    await networks.leave("n")
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(first[0])
    await networks.leave("n")  # nothing is left to leave


async def test_one_that_cannot_be_made_is_tried_again_by_the_next() -> None:
    maker = Maker()
    made: Any = maker
    networks = Networks(made, None, 1)
    maker.refuses = True
    with pytest.raises(SandboxUnavailable):
        await networks.join(Network("n"))
    maker.refuses = False
    assert not networks._changing  # nothing of it is kept: names are drawn anew at each start of a machine
    await networks.join(Network("n"))
    await networks.close()


class Guest(Maker):
    """One that a member brings; it may be long on its way in."""

    def __init__(self) -> None:
        super().__init__()
        self.entered: list[int] = []
        self.may_enter = asyncio.Event()

    async def enter(self, namespace: int) -> None:
        await self.may_enter.wait()
        if self.refuses:
            raise SandboxUnavailable("no rights")
        self.entered.append(namespace)

    async def make_sockets(self, namespaces: Sequence[int], count: int = 1) -> list[socket.socket]:
        raise SandboxUnavailable("asked the one who is in" if self.made or self.entered else "not in yet")


async def test_a_guest_is_asked_for_nothing_until_it_is_in() -> None:
    first, second = Guest(), Guest()
    host: Any = first
    late: Any = second
    networks = Networks(None, None, 1)
    fds = await networks.join(Network("n"), host)
    assert first.entered == []  # it is its own network
    joining = asyncio.create_task(networks.join(Network("n"), late))
    await asyncio.sleep(0)
    with pytest.raises(SandboxUnavailable, match="who is in"):
        await networks.connect("n", ("127.0.0.1", 1))
    second.may_enter.set()
    assert await joining == fds and second.entered == fds
    await networks.leave("n", host)
    with pytest.raises(SandboxUnavailable, match="who is in"):
        await networks.connect("n", ("127.0.0.1", 1))
    await networks.leave("n", late)
    assert "n" not in networks


async def test_a_guest_that_cannot_enter_is_no_member() -> None:
    first, second = Guest(), Guest()
    host: Any = first
    late: Any = second
    networks = Networks(None, None, 1)
    await networks.join(Network("n"), host)
    second.refuses = True
    second.may_enter.set()
    with pytest.raises(SandboxUnavailable, match="no rights"):
        await networks.join(Network("n"), late)
    await networks.leave("n", host)
    assert "n" not in networks
