"""Who has connected and has not finished a handshake yet: how many, and who goes when there are too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Generic, TypeVar

from sagehen.domain.addresses import address_of

T = TypeVar("T", bound=Hashable)


class Arrivals(Generic[T]):
    """What has arrived, the oldest first, so many of one peer and so many in all.

    A handshake takes some milliseconds, and a client that dallies a place that the others do not have. So
    nobody is turned away at a full door: the oldest goes that belongs to whoever has most.

    Args:
        most: In all.
        most_of_a_peer: Of one address (of IPv6: of one network of 64 bits, which one machine may have whole).
    """

    def __init__(self, most: int, most_of_a_peer: int) -> None:
        self._most = most
        self._most_of_a_peer = most_of_a_peer
        self._peers: dict[T, str] = {}
        self._counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._peers)

    def add(self, arrival: T, peer: str) -> T | None:
        """Note an arrival; return the one that has to go for it, which is no longer counted."""
        name = _peer(peer)
        leaving = None
        if self._counts[name] >= self._most_of_a_peer:
            leaving = self._oldest_of(name)
        elif len(self._peers) >= self._most:
            leaving = self._oldest_of(self._counts.most_common(1)[0][0])
        if leaving is not None:
            self.remove(leaving)
        self._peers[arrival] = name
        self._counts[name] += 1
        return leaving

    def remove(self, arrival: T) -> None:
        """Forget one; once is enough, twice does no harm."""
        name = self._peers.pop(arrival, None)
        if name is not None:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._counts[name]

    def all(self) -> list[T]:
        """Return those that are there, the oldest first."""
        return list(self._peers)

    def _oldest_of(self, name: str) -> T:
        return next(arrival for arrival, peer in self._peers.items() if peer == name)


def _peer(address: str) -> str:
    try:
        ip = address_of(address)
    except ValueError:
        return address
    return str(ip) if ip.version == 4 else ip.exploded[:19]
