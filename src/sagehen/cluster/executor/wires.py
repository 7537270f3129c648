"""Wires: networks that are on several machines, as the platform has them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sagehen.cluster.streams import Handler, Stream
from sagehen.cluster.wires.hub import Hub
from sagehen.cluster.wires.near import pair
from sagehen.cluster.wires.wire import carry
from sagehen.executors.base import CloseDoor, Network, SandboxSpec
from sagehen.executors.wire import Wire

# The platform's own machine among nodes, whose names are all of another form.
_HERE = "platform"


class Wires:
    """Says which machine has which addresses of a network, while any of its hosts there runs.

    All of a machine's at once: any of its hosts may send by the address of another.
    """

    def __init__(self) -> None:
        self._hub = Hub()
        # (network, machine) -> hosts that run there
        self._hosts: dict[tuple[str, str], int] = {}

    def handler(self, node_id: str) -> Handler:
        """Return what serves a node's wires."""
        return partial(self._serve, node_id)

    async def _serve(self, node_id: str, arguments: Mapping[str, Any], stream: Stream) -> None:
        await self._hub.serve(node_id, arguments, stream)

    def join(self, spec: SandboxSpec) -> None:
        """Count one host more; nothing where its network is on one machine."""
        network, machine = spec.network, spec.node or _HERE
        if network is None or not network.places:
            return
        there = self._hosts[network.name, machine] = self._hosts.get((network.name, machine), 0) + 1
        if there == 1:
            for address in network.addresses_on(spec.node):
                self._hub.place(network.name, address, machine)

    def leave(self, spec: SandboxSpec) -> None:
        """Count one host less."""
        network, machine = spec.network, spec.node or _HERE
        if network is None or not network.places:
            return
        self._hosts[network.name, machine] -= 1
        if self._hosts[network.name, machine] == 0:
            del self._hosts[network.name, machine]
            for address in network.addresses_on(spec.node):
                self._hub.displace(network.name, address)

    def here(self, spec: SandboxSpec, network: Network) -> SandboxSpec:
        """Return the spec of a host on the platform's own machine, with what carries its packets."""
        wire = Wire(network.addresses_on(None), partial(self._carry, network.name))
        return replace(spec, network=replace(network, wire=wire))

    async def _carry(self, network: str, device: int) -> CloseDoor:
        near, far = pair()
        works = (
            asyncio.create_task(carry(device, near), name=f"wire of {network}"),
            asyncio.create_task(self._hub.serve(_HERE, {"network": network}, far)),
        )

        async def close() -> None:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
            os.close(device)

        return close
