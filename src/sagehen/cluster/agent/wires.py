"""Wires of networks on a node: their packets go to the platform, over the link that there is then."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

from sagehen.cluster.streams import Link
from sagehen.cluster.wires.packets import NoPacket
from sagehen.cluster.wires.wire import carry
from sagehen.executors.base import CloseDoor
from sagehen.executors.wire import Carry

_OPEN_TIMEOUT_S = 10.0
_AGAIN_S = 0.2


class Wires:
    """Keeps them up.

    Args:
        link: Returns the link to the platform; None while there is none.
    """

    def __init__(self, link: Callable[[], Link | None]) -> None:
        self._link = link

    def wire(self, network: str) -> Carry:
        """Return what carries the packets of a network."""

        async def begin(device: int) -> CloseDoor:
            keeping = asyncio.create_task(self._keep(network, device), name=f"wire of {network}")

            async def close() -> None:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
                os.close(device)

            return close

        return begin

    async def _keep(self, network: str, device: int) -> None:
        while True:
            # A lost link, or a network whose last host here has just ended: TCP sends again what is lost.
            with contextlib.suppress(OSError, TimeoutError, NoPacket):
                await self._once(network, device)
            await asyncio.sleep(_AGAIN_S)

    async def _once(self, network: str, device: int) -> None:
        link = self._link()
        if link is None:
            return
        stream = await link.open("wire", {"network": network}, timeout_s=_OPEN_TIMEOUT_S)
        try:
            await carry(device, stream)
        finally:
            stream.reset("the wire is over")
