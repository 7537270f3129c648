"""Seats: how many connections may be open at once, so that no client takes another's descriptors."""

from __future__ import annotations


class Seats:
    """So many places for connections, within those of a larger room.

    Args:
        count: How many.
        within: Where a place must be free as well.
    """

    def __init__(self, count: int, within: Seats | None = None) -> None:
        self.count = count
        self._within = within
        self.taken = 0

    def take(self) -> Seat | None:
        """Return a seat, or None where all are taken, here or in the larger room."""
        room: Seats | None = self
        while room is not None:
            if room.taken >= room.count:
                return None
            room = room._within
        self._add(1)
        return Seat(self)

    @property
    def is_full(self) -> bool:
        """Whether no place is free here, whatever the larger room has."""
        return self.taken >= self.count

    def is_within(self, room: Seats) -> bool:
        """Whether its places are places of `room` as well."""
        return self is room or (self._within is not None and self._within.is_within(room))

    def _add(self, change: int) -> None:
        room: Seats | None = self
        while room is not None:
            room.taken += change
            room = room._within


class Seat:
    """One connection's place, whichever protocol it speaks by now."""

    __slots__ = ("_seats",)

    def __init__(self, seats: Seats) -> None:
        self._seats: Seats | None = seats

    def leave(self) -> None:
        """Give it back; once is enough, twice does no harm."""
        if self._seats is not None:
            self._seats._add(-1)
            self._seats = None
