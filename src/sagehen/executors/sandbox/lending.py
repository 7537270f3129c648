"""Lending: what a sandbox has of this machine until it ends, so that no other has it meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sagehen.executors.base import SandboxSpec
from sagehen.executors.folders.ownership import HostUids, host_ranges
from sagehen.executors.hardware.gpus import Gpus
from sagehen.executors.network.networks import Networks


@dataclass(slots=True)
class Lent:
    """What a sandbox holds until it ends.

    Args:
        uid: Host uid of its processes, of users of its own the first; None where the platform is no root.
        gpus: Numbers of its GPUs.
        network: Name of the network that it is a member of.
    """

    uid: int | None = None
    gpus: tuple[int, ...] = ()
    network: str | None = None


class Lender:
    """Lends uids, GPUs and memberships of networks.

    Args:
        networks: The private networks.
        lends_uids: Whether every sandbox gets a host uid of its own; only root can give them.
        gpus: Those of this machine, which another executor may lend as well; None: they are this one's alone.
    """

    def __init__(self, networks: Networks, *, lends_uids: bool, gpus: Gpus | None = None) -> None:
        self._networks = networks
        self._lends_uids = lends_uids
        self._uids = HostUids()
        self._ranges = host_ranges()
        self._gpus = gpus or Gpus()

    async def lend(self, spec: SandboxSpec, lent: Lent) -> list[int]:
        """Note in `lent`, one by one, what `spec` gets: that is to be given back, also after an error.

        Returns:
            Descriptors of its network's namespaces, as `Networks.join`; empty where it has one of its own.

        Raises:
            SandboxUnavailable: There is not enough of something, or the kernel refuses a network.
        """
        if self._lends_uids:
            lent.uid = (self._ranges if spec.has_own_users else self._uids).lend()
        lent.gpus = tuple(self._gpus.lend(spec.gpus))
        if spec.network is None:
            return []
        namespaces = await self._networks.join(spec.network)
        lent.network = spec.network.name
        return namespaces

    def devices(self, lent: Lent) -> list[str]:
        """Return the device files of its GPUs."""
        return self._gpus.devices(list(lent.gpus))

    async def give_back(self, lent: Lent, clear: Callable[[], None]) -> None:
        """Take everything back.

        Args:
            lent: What was lent.
            clear: Removes, in a thread, what the sandbox left in files. Where that fails, its uid is not
                lent again: files may still be its, and the next one to have it would own them.
        """
        try:
            if lent.network is not None:
                await self._networks.leave(lent.network)
            await asyncio.to_thread(clear)
        finally:
            self._gpus.give_back(list(lent.gpus))
        if lent.uid is not None:
            self._uids.give_back(lent.uid)
            self._ranges.give_back(lent.uid)
