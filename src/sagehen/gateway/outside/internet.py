"""Internet: how the door finds and dials other hosts. Tests put one of their own in its place."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssl import SSLContext


class Internet:
    """Name resolution, connections, and whom to trust: those of this machine."""

    async def addresses(self, host: str, port: int) -> Sequence[tuple[int, str]]:
        """Return (address family, address) of a name, in the resolver's order.

        Raises:
            OSError: It does not resolve.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [(family, str(target[0])) for family, _, _, _, target in found]

    async def dial(
        self, factory: Callable[[], Any], family: int, address: str, port: int
    ) -> tuple[asyncio.Transport, Any]:
        """Connect to an address.

        Raises:
            OSError: Nobody answers there.
        """
        loop = asyncio.get_running_loop()
        return await loop.create_connection(
            factory, address, port, family=family, flags=socket.AI_NUMERICHOST
        )

    @cached_property
    def tls(self) -> SSLContext:
        """The authorities that this machine trusts. Reads them on first use: some 10 ms."""
        import ssl

        return ssl.create_default_context()
