"""A Spot interruption: told in the machine's metadata, and two minutes later it ends (documented)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sagehen.domain.clock import Clock
from sagehen.services.ec2.hosts.host import Host
from sagehen.services.ec2.resources.resource import Body, stamp

_log = logging.getLogger("sagehen.instances")

NOTICE_S = 120.0
# Ours: AWS does not fail at it.
_AGAIN_S = 5.0
ACTION = "terminate"


def announce(body: Body, now: datetime) -> None:
    """Write down that AWS takes the machine back. One that was told keeps its time."""
    body.setdefault("spotAction", stamp(now + timedelta(seconds=NOTICE_S)))


class Interruption:
    """Tells a machine, and ends it when the time has come.

    Args:
        clock: The platform's: `--time-scale` shortens the two minutes.
        take: Ends the machine.
    """

    def __init__(self, clock: Clock, take: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._take = take
        self._told: Host | None = None
        self._waiting: asyncio.Task[None] | None = None

    def follow(self, body: Body, host: Host | None) -> None:
        """Look at the row: safe to call often."""
        at = body.get("spotAction")
        if not at:
            return
        if host is not None and host is not self._told:
            host.announce_spot_action(ACTION, at[:19] + "Z")  # metadata have whole seconds (documented)
            self._told = host
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._wait(datetime.fromisoformat(at)))

    def end(self) -> None:
        """Wait no longer."""
        if self._waiting is not None:
            self._waiting.cancel()

    async def _wait(self, at: datetime) -> None:
        left = (at - self._clock.now()).total_seconds()
        if left > 0:
            await self._clock.sleep(left)
        while True:
            try:
                return await self._take()
            except Exception:  # a full disk, say; the machine is not spared for it
                _log.exception("a machine that was to be interrupted runs on")
            await self._clock.sleep(_AGAIN_S)
