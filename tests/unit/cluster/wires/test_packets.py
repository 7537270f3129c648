"""Packets on a stream, and where they may go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.cluster.streams import StreamRefused
from sagehen.cluster.wires.hub import Hub
from sagehen.cluster.wires.packets import NoPacket, Packets, ends_of, packed
from sagehen.executors.wire import MOST_HOSTS, address_of

PATIENCE_S = 10.0


def packet(source: str, target: str, content: bytes = b"") -> bytes:
    import socket

    return b"\x45" + bytes(11) + socket.inet_aton(source) + socket.inet_aton(target) + content


class Pipe:
    """A stream whose far side is two queues."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[bytes] = asyncio.Queue()
        self.gone: asyncio.Queue[bytes] = asyncio.Queue()
        self.reasons: list[str] = []

    async def send(self, data: bytes) -> None:
        self.gone.put_nowait(data)

    async def receive(self) -> bytes:
        return await self.coming.get()

    async def finish(self) -> None:
        pass

    def reset(self, reason: str) -> None:
        self.reasons.append(reason)
        self.coming.put_nowait(b"")

    async def got(self) -> list[bytes]:
        return list(Packets().feed(await asyncio.wait_for(self.gone.get(), PATIENCE_S)))


@settings(max_examples=50)
@given(st.lists(st.binary(min_size=1, max_size=300)), st.integers(1, 50))
def test_every_cut_is_read_alike(written: list[bytes], cut: int) -> None:
    data = b"".join(map(packed, written))
    packets = Packets()
    assert [each for at in range(0, len(data), cut) for each in packets.feed(data[at : at + cut])] == written


def test_what_is_no_packet() -> None:
    with pytest.raises(NoPacket):
        list(Packets().feed(b"\0\0"))
    for each in (b"", b"\x60" + bytes(39), b"\x45" + bytes(18)):
        with pytest.raises(NoPacket):
            ends_of(each)
    assert (address_of(1), address_of(MOST_HOSTS)) == ("10.77.0.1", "10.77.3.232")
    for number in (0, MOST_HOSTS + 1):
        with pytest.raises(ValueError, match="at most"):
            address_of(number)


async def test_packets_go_where_their_address_is_and_nowhere_else() -> None:
    hub, a, b, strange = Hub(), Pipe(), Pipe(), Pipe()
    one, two = "10.77.0.1", "10.77.0.2"
    hub.place("job", one, "a")
    hub.place("job", two, "b")
    hub.place("other", one, "b")
    hub.place("other", two, "strange")
    tasks = [asyncio.create_task(hub.serve(node, {"network": name}, pipe)) for node, name, pipe in (
        ("a", "job", a), ("b", "job", b), ("strange", "other", strange),
    )]  # fmt: skip
    await asyncio.sleep(0)  # all have their wires
    with pytest.raises(StreamRefused, match="not on this node"):
        await hub.serve("strange", {"network": "job"}, Pipe())
    good = packet(one, two, b"good")
    nowhere = [packet(two, one), packet("10.77.0.9", two), packet(one, "10.77.0.9"), packet(one, one)]
    a.coming.put_nowait(b"".join(map(packed, (*nowhere, b"\x60" + bytes(60), good, good))))
    assert await b.got() == [good, good]
    # The same addresses, and another network: nothing of it comes here.
    strange.coming.put_nowait(packed(packet(two, one, b"other")))
    b.coming.put_nowait(packed(packet(two, one, b"back")))
    assert await a.got() == [packet(two, one, b"back")]
    assert strange.gone.empty() and b.gone.empty()
    hub.displace("job", one)
    assert a.reasons == ["the network is not on this node any more"]
    a.coming.put_nowait(packed(good))
    b.coming.put_nowait(b"\0\0")
    with pytest.raises(StreamRefused, match="no bytes"):
        await tasks[1]
    hub.displace("job", two)
    for pipe in (a, strange):
        pipe.reset("end")
    await asyncio.gather(tasks[0], tasks[2])
    with pytest.raises(StreamRefused):
        await hub.serve("b", {"network": "job"}, Pipe())


async def test_a_new_wire_takes_the_place_of_a_lost_one() -> None:
    hub, before, after = Hub(), Pipe(), Pipe()
    hub.place("job", "10.77.0.1", "a")
    first = asyncio.create_task(hub.serve("a", _of("job"), before))
    await asyncio.sleep(0)
    second = asyncio.create_task(hub.serve("a", _of("job"), after))
    await asyncio.wait_for(first, PATIENCE_S)
    assert before.reasons == ["another wire of this node's has taken its place"]
    after.reset("end")
    await asyncio.wait_for(second, PATIENCE_S)


def _of(network: str) -> Mapping[str, Any]:
    return {"network": network}
