"""Peers: whether the instances of a job ever were ready for one another.

Whoever trains together has an open port on some instance for as long as it trains: torch's store, gloo,
MPI, Ray, Horovod all listen. So a job of several instances of which none is ever seen to listen has
trained the same thing several times. One that trains for less than a look lasts is not judged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import psutil

from sagehen.executors.base import Sandbox
from sagehen.executors.limits.descendants import descendants

# Training that is shorter than a look is not judged.
_LOOK_EVERY_S = 0.5
_LISTENS = "0A"  # TCP_LISTEN in the kernel's tables


class Peers:
    """Looks at the instances of one job while they run.

    Args:
        doors: Ports that the platform itself holds open in the job's network.
        private: Whether the job has a network of its own; else its processes are looked at.

    Attributes:
        looks: How many times every instance was there to be looked at.
        met: Whether one was seen to listen for others.
    """

    def __init__(self, doors: Collection[int], *, private: bool) -> None:
        self._doors = frozenset(doors)
        self._private = private
        self.looks = 0
        self.met = False

    async def watch(self, sandboxes: Mapping[str, Sandbox], expected: int) -> None:
        """Look until one listens, or until cancelled."""
        while not self.met and len(sandboxes) == expected:
            await self.look([sandbox.pid for sandbox in sandboxes.values()])
            await asyncio.sleep(_LOOK_EVERY_S)

    async def look(self, pids: Collection[int]) -> None:
        """Look once."""
        try:
            ports = await asyncio.to_thread(self._open_ports, list(pids))
        except (OSError, ValueError, psutil.Error):
            return  # one has just ended
        self.looks += 1
        self.met = self.met or bool(ports - self._doors)

    @property
    def strangers(self) -> bool:
        """Whether they were looked at more than once, and never listened."""
        return self.looks > 1 and not self.met

    def _open_ports(self, pids: list[int]) -> set[int]:
        if self._private:  # all of them share one network
            return listening_ports(Path(f"/proc/{pids[0]}/net"))
        return listened_on(each for pid in pids for each in descendants(pid))


def listened_on(pids: Iterable[int]) -> set[int]:
    """Return the ports that processes listen on.

    Raises:
        psutil.Error: None is seen, and one of them does not show its own: it ended, or is not ours.
    """
    ports, unseen = set[int](), list[psutil.Error]()
    for pid in pids:
        try:
            connections = psutil.Process(pid).net_connections("tcp")
        except psutil.Error as error:
            unseen.append(error)
            continue
        ports.update(each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN)
    if unseen and not ports:
        raise unseen[0]
    return ports


def listening_ports(net: Path) -> set[int]:
    """Return the ports that are listened on, from the kernel's tables `tcp` and `tcp6` in a folder."""
    ports = set()
    for table in ("tcp", "tcp6"):
        for row in (net / table).read_text().splitlines()[1:]:
            _, local, _, state, *_ = row.split()
            if state == _LISTENS:
                ports.add(int(local.rpartition(":")[2], 16))
    return ports
