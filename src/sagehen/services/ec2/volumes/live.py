"""LiveDisks: the disks of machines that run, as far as this computer can change them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.hosts.host import Host, Hosts
from sagehen.services.ec2.resources.resource import Resource

T = TypeVar("T")
# Returns the machine of an instance that runs; None where it does not.
FindHost = Callable[[Scope, str], Host | None]


class LiveDisks:
    """What volumes ask of machines.

    Args:
        hosts: Makes disks; None: no machine can be had.
        find: Finds a machine.
    """

    def __init__(self, hosts: Hosts | None, find: FindHost) -> None:
        self._hosts = hosts
        self._under_way: set[asyncio.Task[Any]] = set()
        self.find = find

    def disks(self) -> Hosts:
        """Return who makes disks.

        Raises:
            NotImplementedOperation: Nobody.
        """
        if self._hosts is None:
            raise NotImplementedOperation("This platform runs no EC2 machines, and has no disks for them.")
        return self._hosts

    async def can_change(self, *, size: bool = False) -> bool:
        """Tell whether machines that run can be given other disks; or larger ones."""
        return self._hosts is not None and await self._hosts.changes_disks_of_running(size=size)

    async def whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what is to be done as a whole, whether or not who asked for it stays."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # who asked is told, if he stayed


def runs(instance: Resource, *, can_change: bool) -> bool:
    """Tell whether an instance runs, rather than being stopped; nothing else will do.

    Raises:
        Ec2Error: `IncorrectState` (recorded in public issues).
        NotImplementedOperation: It runs, and its disks cannot be changed.
    """
    name = instance.body["State"]["Name"]
    if name not in ("running", "stopped"):
        raise Ec2Error("IncorrectState", f"Instance '{instance.id}' is not 'running'.")
    if name == "running" and not can_change:
        raise NotImplementedOperation(
            f"This platform may not change disks of a machine that runs so: stop {instance.id} first."
        )
    return bool(name == "running")
