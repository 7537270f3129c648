"""Hub: the platform's end of wires. A packet goes to the node that has its address, or nowhere."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.cluster.streams import LinkLost, Stream, StreamRefused
from sagehen.cluster.wires.packets import NoPacket, Packets, ends_of, packed


@dataclass(slots=True)
class _Network:
    """What is known of a network.

    Args:
        places: Address (four bytes) -> node.
        streams: Node -> its wire.
    """

    places: dict[bytes, str] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)


class Hub:
    """Routes packets between nodes, within networks.

    The platform says which address of a network is on which node. A node gets no packet of a network in
    which it has no address, and sends none under another's address: jobs are apart whatever a node does.
    """

    def __init__(self) -> None:
        self._networks: dict[str, _Network] = {}
        self._sending: dict[tuple[str, str], asyncio.Lock] = {}

    def place(self, network: str, address: str, node: str) -> None:
        """Say where an address is."""
        self._networks.setdefault(network, _Network()).places[socket.inet_aton(address)] = node

    def displace(self, network: str, address: str) -> None:
        """Forget an address; with the last of a node's its wire ends, with the last of all the network."""
        found = self._networks.get(network)
        if found is None:
            return
        node = found.places.pop(socket.inet_aton(address), None)
        if node is not None and node not in found.places.values():
            self._sending.pop((network, node), None)
            if (stream := found.streams.pop(node, None)) is not None:
                stream.reset("the network is not on this node any more")
        if not found.places:
            del self._networks[network]

    async def serve(self, node: str, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Serve a node's wire: the handler of the kind `wire`.

        Raises:
            StreamRefused: The network is not on that node.
            LinkLost
        """
        name = str(arguments.get("network"))
        network = self._networks.get(name)
        if network is None or node not in network.places.values():
            raise StreamRefused("that network is not on this node")
        if (before := network.streams.get(node)) is not None:
            before.reset("another wire of this node's has taken its place")
        network.streams[node] = stream
        packets = Packets()
        try:
            while data := await stream.receive():
                for target, batch in self._sorted(network, node, packets.feed(data)).items():
                    await self._pass_on(name, network, target, batch)
        except NoPacket as error:
            raise StreamRefused(str(error)) from None
        finally:
            if network.streams.get(node) is stream:
                del network.streams[node]

    def _sorted(self, network: _Network, node: str, packets: Any) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for packet in packets:
            try:
                source, target = ends_of(packet)
            except NoPacket:
                continue
            place = network.places.get(target)
            if place is not None and place != node and network.places.get(source) == node:
                found.setdefault(place, []).append(packed(packet))
        return found

    async def _pass_on(self, name: str, network: _Network, target: str, batch: list[bytes]) -> None:
        stream = network.streams.get(target)
        if stream is None:
            return  # its wire is not there yet, or has just been lost: TCP sends again
        # Several nodes send to one: their packets must not run into one another.
        async with self._sending.setdefault((name, target), asyncio.Lock()):
            try:
                await stream.send(b"".join(batch))
            except (LinkLost, StreamRefused):
                return
