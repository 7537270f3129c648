"""CountedEnd: a tunnel's end at a client of this door, which counts among its connections."""

from __future__ import annotations

import asyncio

from sagehen.gateway.connections.seats import Seat
from sagehen.gateway.outside.tunnel import TunnelEnd


class CountedEnd(TunnelEnd):
    """The client's end, known to the door, and holding its seat, while either end lives.

    Attributes:
        gone: Set once neither lives.
    """

    def __init__(self, among: set[TunnelEnd], seat: Seat | None) -> None:
        super().__init__()
        self._among = among
        self._seat = seat
        self.gone = asyncio.Event()
        among.add(self)

    def both_lost(self) -> None:
        """Give the seat back: not before the far end is gone too, whose descriptor counts."""
        self._among.discard(self)
        self.gone.set()
        if self._seat is not None:
            self._seat.leave()
