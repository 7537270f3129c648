"""Door: what is in front of one machine."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from sagehen.services.ec2.hosts.host import GroupRules, Host, Wanted
from sagehen.services.ec2.ssh.listener import Listener, Room, listening
from sagehen.services.ec2.ssh.passing import pass_on
from sagehen.services.ec2.ssh.ports import listened
from sagehen.services.ec2.ssh.pushed_keys import PushedKeys

logger = logging.getLogger("sagehen.ec2")

SSH = 22
# Where this platform may not bind 22, or somebody listens there at every address. Each machine has an address
# of its own, so that it is nearly always the first.
_INSTEAD = (2222, 22022, 22222, 42222, 52222)
_MOST_CLIENTS = 64
# Over all ports of a machine: three descriptors of the platform's each.
_MOST_PASSED = 256
_LOGIN = "sagehen.services.ec2.ssh.login"


class Door:
    """One machine's listeners.

    Args:
        wanted: Of the machine.
        host: Where it runs.
        rules: Who may come in.
    """

    def __init__(self, wanted: Wanted, host: Host, rules: GroupRules) -> None:
        self.wanted = wanted
        self.host = host
        self.pushed = PushedKeys(asyncio.get_running_loop().time)
        self.port = SSH
        self._rules = rules
        self._listeners: dict[int, Listener] = {}
        self._failed: set[int] = set()
        self._passed = Room(_MOST_PASSED)
        self._closed = False

    async def open(self, host_key: bytes) -> None:
        """Listen for SSH.

        Raises:
            OSError: No port is free.
        """
        if self.wanted.address is None:
            return
        login = await import_login()
        settings = await asyncio.to_thread(login.options, host_key)
        listens = self._bind(self.wanted.address)
        self.port = listens.getsockname()[1]
        names = (self.wanted.private_ip, self.wanted.host_name, self.wanted.host_name.partition(".")[0])
        serve: Callable[[socket.socket, Callable[[], None]], Any] = partial(
            login.serve, settings=settings, host=self.host, pushed=self.pushed, names=names
        )
        self._listeners[self.port] = Listener(
            listens,
            room=Room(_MOST_CLIENTS),
            admits=partial(self._admits, SSH),
            takes=self.host.counted,
            serve=serve,
        )

    async def follow(self, ranges: list[tuple[int, int]]) -> None:
        """Listen at the ports that groups open now, and no longer at others. What goes through them ends."""
        if self.wanted.address is None:
            return
        ports = listened(ranges, self.port)
        for port in [port for port in self._listeners if port != self.port and port not in ports]:
            await self._listeners.pop(port).close()
        if self._closed:  # meanwhile
            return
        self._failed &= ports
        for port in sorted(ports - self._listeners.keys() - self._failed):
            try:
                listens = listening(self.wanted.address, port)
            except OSError as error:
                self._failed.add(port)
                logger.warning("%s is not reached at port %d: %s", self.wanted.instance_id, port, error)
                continue
            self._listeners[port] = Listener(
                listens,
                room=self._passed,
                admits=partial(self._admits, port),
                takes=self.host.counted,
                serve=partial(pass_on, host=self.host, port=port),
            )

    async def close(self) -> None:
        """Listen no longer, and end what goes through."""
        self._closed = True
        listeners = [*self._listeners.values()]
        self._listeners = {}
        for listener in listeners:
            await listener.close()

    def _admits(self, port: int, source: str) -> bool:
        return self._rules.allows(self.wanted.instance_id, source, port)

    def _bind(self, address: str) -> socket.socket:
        for port in (SSH, *_INSTEAD):
            try:
                return listening(address, port)
            except OSError:
                continue
        return listening(address, 0)


async def import_login() -> Any:
    """Return the module of logins: asyncssh, a quarter of a second, is only imported for machines."""
    return await asyncio.to_thread(import_module, _LOGIN)
