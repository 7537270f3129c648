"""MachineDoors: the doors of all machines of this platform."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection
from pathlib import Path

from sagehen.domain.scope import Scope
from sagehen.services.ec2.hosts.host import GroupRules, Host, Wanted
from sagehen.services.ec2.ssh.door import SSH, Door, import_login
from sagehen.services.ec2.ssh.host_keys import HostKeys

logger = logging.getLogger("sagehen.ec2")

# How soon a port is there that a rule opened: rules are looked at, as they have many ways to change.
_LOOK_S = 1.0


class MachineDoors:
    """Implements `Doors`.

    Args:
        secret: The file from which host keys follow.
    """

    def __init__(self, secret: Path) -> None:
        self._keys = HostKeys(secret)
        self._rules: GroupRules | None = None
        self._doors: dict[str, Door] = {}
        self._looking: asyncio.Task[None] | None = None

    def ruled_by(self, rules: GroupRules) -> MachineDoors:
        """Be told who may come in, and which ports are open, before the first machine; return itself."""
        self._rules = rules
        return self

    async def get_ready(self) -> None:
        """See `Doors.get_ready`."""
        await import_login()

    async def open(self, wanted: Wanted, host: Host) -> int:
        """Listen for one machine; return where SSH is reached. A door that was open is closed before.

        Raises:
            OSError: This machine lets nobody listen at the address.
        """
        await self.close(wanted.instance_id)
        assert self._rules is not None, "ruled_by comes first"
        door = Door(wanted, host, self._rules)
        try:
            await door.open(await asyncio.to_thread(self._keys.private, wanted.instance_id))
            await door.follow(self._ranges(wanted.instance_id))
        except BaseException:
            await door.close()
            raise
        self._doors[wanted.instance_id] = door
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return door.port

    def told(self, instance_id: str) -> bytes:
        """Return what the console shows of an open door: its host key, and its port if that is not 22."""
        door = self._doors.get(instance_id)
        if door is None:
            return b""
        said = self._keys.told(instance_id)
        if door.wanted.address is not None and door.port != SSH:
            said += b"SSH: port %d of %s, as this platform may not use 22\r\n" % (
                door.port,
                door.wanted.address.encode(),
            )
        return said

    async def close(self, instance_id: str) -> None:
        """Listen no longer for a machine, and end what goes through. No fault where there is none."""
        door = self._doors.pop(instance_id, None)
        if door is not None:
            await door.close()
        if not self._doors and self._looking is not None:
            looking, self._looking = self._looking, None
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking

    async def close_all(self) -> None:
        """Close every door."""
        for instance_id in list(self._doors):
            await self.close(instance_id)

    def find(self, scope: Scope, instance_id: str) -> Door | None:
        """Return the door of a machine that runs."""
        door = self._doors.get(instance_id)
        return door if door is not None and door.wanted.scope == scope else None

    def all(self, scope: Scope) -> Collection[Door]:
        """Return the doors of all machines that run."""
        return [door for door in self._doors.values() if door.wanted.scope == scope]

    def host_key(self, instance_id: str) -> str:
        """Return a machine's public host key."""
        return self._keys.public(instance_id)

    def _ranges(self, instance_id: str) -> list[tuple[int, int]]:
        try:
            return list(self._rules.ports(instance_id)) if self._rules is not None else []
        except Exception:
            logger.exception("the open ports of %s are unknown", instance_id)
            return []

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            for instance_id, door in list(self._doors.items()):
                try:
                    await door.follow(self._ranges(instance_id))
                except Exception:
                    logger.exception("the ports of %s", instance_id)
