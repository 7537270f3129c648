"""Maker: who makes networks, and what is in them. The platform has threads, so it cannot enter one itself.

Warm parents are makers (`warm.parent`, where it is said what each does), and the keepers of containers.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Protocol


class Maker(Protocol):
    """Makes networks, sockets in them, devices of packets."""

    async def make_network(
        self,
        ports: Sequence[int],
        addresses: Sequence[str] = (),
        far_ports: Sequence[tuple[str, int]] = (),
    ) -> tuple[list[int], list[socket.socket]]: ...

    async def make_sockets(self, namespaces: Sequence[int], count: int = 1) -> list[socket.socket]: ...

    async def make_device(
        self, namespaces: Sequence[int], name: str, addresses: Sequence[str], netmask: str, mtu: int
    ) -> int: ...


class Guest(Maker, Protocol):
    """One that a member of a network brings along, with a network of its own: that becomes the one which
    the members share, or it enters theirs.
    """

    async def enter(self, namespace: int) -> None: ...
