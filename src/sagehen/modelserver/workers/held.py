"""Held: the connections that a worker has been lent."""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass

from sagehen.modelserver import messages
from sagehen.modelserver.lanes.channel import Channel, Lent
from sagehen.modelserver.messages import Answer, Returned, Why


@dataclass(slots=True)
class Lane:
    """One of them. `used_at`: when a request of it came, or it itself, in seconds of the monotonic clock."""

    number: int
    connection: socket.socket
    peer: str
    used_at: float


class Held:
    """Args:
    channel: The worker's end.
    epoll: Watches them, as long as they are here.
    """

    def __init__(self, channel: Channel, epoll: select.epoll) -> None:
        self._channel = channel
        self._epoll = epoll
        self._lanes: dict[int, Lane] = {}  # by descriptor

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def find(self, descriptor: int) -> Lane | None:
        """Return the lane of a descriptor."""
        return self._lanes.get(descriptor)

    def take_orders(self) -> None:
        """Take in what is lent, and give back what is asked for."""
        while (order := self._channel.next_order()) is not None:
            if isinstance(order, Lent):
                self._take(order)
            else:
                self._recalled(order.lane)

    def _take(self, lent: Lent) -> None:
        connection = socket.socket(fileno=lent.descriptor)
        connection.setblocking(False)  # whatever default the handler's code has set
        self._lanes[lent.descriptor] = Lane(lent.lane, connection, lent.peer, time.monotonic())
        self._epoll.register(lent.descriptor, select.EPOLLIN)

    def _recalled(self, number: int) -> None:
        for lane in self._lanes.values():
            if lane.number == number:
                self.give_back(lane, Why.IDLE)
                return
        # Given back just now, or lent without a descriptor, as this process may open no more.
        self._say(Returned(number, Why.IDLE))

    def give_back(
        self,
        lane: Lane,
        why: Why,
        *,
        unread: bytes = b"",
        unsent: bytes = b"",
        answer: Answer | None = None,
    ) -> None:
        """Let go of a connection, and say so (see `Returned`)."""
        descriptor = lane.connection.fileno()
        self._epoll.unregister(descriptor)
        del self._lanes[descriptor]
        lane.connection.close()
        self._say(Returned(lane.number, why, unread, unsent, answer))

    def give_back_others(self, kept: Lane) -> None:
        """Give all back but one."""
        for lane in list(self._lanes.values()):
            if lane is not kept:
                self.give_back(lane, Why.IDLE)

    def give_back_idle(self, before: float) -> None:
        """Give back those that were not used since."""
        for lane in list(self._lanes.values()):
            if lane.used_at < before:
                self.give_back(lane, Why.IDLE)

    def _say(self, returned: Returned) -> None:
        self._channel.calls.sendall(messages.encode_returned(returned))
