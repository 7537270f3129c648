"""Expecting: what the first machine of a platform would wait for is made ready when one is in sight.

A process that machines are forked from, and the SSH server, are together a second of a busy computer and some
25 MB. Who never uses EC2 is spared both; who makes a key pair, or has instances, will soon start one.
"""

from __future__ import annotations

import asyncio
import logging

from sagehen.domain.scope import Scope
from sagehen.services.ec2.hosts.host import Doors, Hosts
from sagehen.services.ec2.resources.kinds import INSTANCE, KEY_PAIR
from sagehen.services.ec2.resources.state import State

_log = logging.getLogger("sagehen.instances")


class Expecting:
    """Looks at what is changed until a machine is in sight."""

    def __init__(self, state: State, hosts: Hosts, doors: Doors) -> None:
        self._state = state
        self._hosts = hosts
        self._doors = doors
        self._is_on = False
        self._getting_ready: asyncio.Task[None] | None = None
        state.listeners.append(self.look)

    def start(self) -> None:
        """Look at what is there."""
        self._is_on = True
        for scope in self._state.scopes():
            self.look(scope)

    async def stop(self) -> None:
        """Look no longer."""
        self._is_on = False
        if self._getting_ready is not None:
            self._getting_ready.cancel()
            await asyncio.gather(self._getting_ready, return_exceptions=True)

    def look(self, scope: Scope) -> None:
        """Something was changed in an account's region."""
        if not self._is_on or self._getting_ready is not None:
            return
        view = self._state.view(scope)
        if view.count(KEY_PAIR) or view.count(INSTANCE):
            self._getting_ready = asyncio.create_task(self._get_ready(), name="ready for machines")

    async def _get_ready(self) -> None:
        for part in (self._hosts, self._doors):
            try:
                await part.get_ready()
            except Exception as error:  # the first machine says it to who asks for one
                _log.info("not ready for machines: %s", error)
