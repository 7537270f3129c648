"""Registry: all nodes of a platform, as they were heard of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from sagehen.cluster.nodes.record import NodeRecord

# Of those that are lost or have left; more names than that are no cluster of somebody's own.
_MOST = 10_000


class Counted(Protocol):
    """A node as Ray counts it; see `ray.client.SeenNode`."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def alive(self) -> bool: ...
    @property
    def cpus(self) -> float: ...
    @property
    def memory_mib(self) -> int: ...
    @property
    def gpus(self) -> float: ...


class Registry:
    """Keeps a record of each.

    Args:
        now: Seconds since the epoch.
        drained, removed: Names that take nothing new, and that are none of the platform's any more, from an
            earlier life.
    """

    def __init__(
        self, now: Callable[[], float], drained: Iterable[str] = (), removed: Iterable[str] = ()
    ) -> None:
        self._now = now
        self._drained = set(drained)
        self._removed = set(removed)
        self._records: dict[str, NodeRecord] = {}

    @property
    def drained(self) -> list[str]:
        """Those that take nothing new."""
        return sorted(self._drained)

    @property
    def removed(self) -> list[str]:
        """Those that are nodes no more, whatever certificate they show."""
        return sorted(self._removed)

    def is_known(self, name: str) -> bool:
        """Tell whether a machine that has joined is a node still."""
        return name not in self._removed

    def remove(self, name: str) -> None:
        """Let a node be none any more.

        Raises:
            KeyError: There is no such node.
        """
        del self._records[name]
        self._removed.add(name)
        self._drained.discard(name)

    def all(self) -> list[NodeRecord]:
        """Return every record, the oldest first."""
        return sorted(self._records.values(), key=lambda record: (record.since, record.name))

    def find(self, name: str) -> NodeRecord | None:
        """Return a node's record."""
        return self._records.get(name)

    def taking(self) -> list[str]:
        """Return the names of those that instances may be placed on now."""
        return [record.name for record in self.all() if record.takes_more]

    def closed(self) -> list[str]:
        """Return the names of those that nothing may be placed on, also where Ray still counts them."""
        return [*(record.name for record in self._records.values() if not record.may_take), *self._removed]

    def draining(self) -> list[str]:
        """Return the names of those that take nothing new and are there, with what they have."""
        return [record.name for record in self._records.values() if record.gives_up]

    def linked(self, name: str, *, host: str = "", address: str = "") -> None:
        """Note that a node is there."""
        found = self._records.get(name)
        if found is None:
            if len(self._records) >= _MOST:
                return
            found = NodeRecord(name, since=self._now(), is_draining=name in self._drained)
        self._records[name] = replace(
            found, host=host or found.host, address=address or found.address, seen=None, has_left=False
        )

    def unlinked(self, name: str) -> None:
        """Note that nothing is heard of a node from now on; Ray, which looks for itself, may not notice."""
        if (found := self._records.get(name)) is not None and found.seen is None:
            self._records[name] = replace(found, seen=self._now())

    def left(self, name: str) -> None:
        """Note that a node said that it goes."""
        self.unlinked(name)
        if (found := self._records.get(name)) is not None:
            self._records[name] = replace(found, has_left=True)

    def counted(self, nodes: Iterable[Counted]) -> None:
        """Take what Ray counts; nodes that were never linked stay out."""
        by_name: Mapping[str, Counted] = {node.name: node for node in nodes}
        for name, record in self._records.items():
            node = by_name.get(name)
            if node is None or not node.alive:
                self._records[name] = replace(record, is_counted=False)
                continue
            self._records[name] = replace(
                record,
                address=node.address,
                cpus=node.cpus,
                memory_mib=node.memory_mib,
                gpus=int(node.gpus),
                is_counted=True,
            )

    def drain(self, name: str, *, take_again: bool = False) -> None:
        """Let a node take nothing new, or again.

        Raises:
            KeyError: There is no such node.
        """
        record = self._records[name]
        (self._drained.discard if take_again else self._drained.add)(name)
        self._records[name] = replace(record, is_draining=not take_again)
