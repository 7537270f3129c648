"""Channel: one end of what connects the front process and a worker."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from sagehen.modelserver.lanes.page import Page

_LANE = struct.Struct("<Q")
_DESCRIPTOR = struct.Struct("i")
# An order is a lane's number and the caller's address.
_ORDER_BYTES = 512


@dataclass(frozen=True, slots=True)
class Lent:
    """A connection on its way to the worker."""

    lane: int
    descriptor: int
    peer: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """A connection that the front wants back."""

    lane: int


@dataclass(frozen=True, slots=True)
class Channel:
    """Args:
    calls: A stream of frames in both directions (see `messages`).
    orders: From the front, with the descriptors of connections: a message each, or nothing.
    page: Which both ends share.
    """

    calls: socket.socket
    orders: socket.socket
    page: Page

    @property
    def descriptors(self) -> set[int]:
        return {self.calls.fileno(), self.orders.fileno()}

    def close(self) -> None:
        """Close this end."""
        self.calls.close()
        self.orders.close()

    def lend(self, lent: Lent) -> None:
        """Pass a connection on. OSError where the worker takes no more now, or is gone."""
        order = _LANE.pack(lent.lane) + lent.peer.encode()
        socket.send_fds(self.orders, [order], [lent.descriptor])

    def recall(self, lane: int) -> None:
        """Ask for a connection. OSError as `lend`."""
        self.orders.send(_LANE.pack(lane))

    def next_order(self) -> Lent | Recalled | None:
        """Return the next one, in the worker; None where there is none now."""
        try:
            # Not recv_fds: Python 3.11's drops the flags.
            flags = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
            data, attached, _, _ = self.orders.recvmsg(
                _ORDER_BYTES, socket.CMSG_SPACE(_DESCRIPTOR.size), flags
            )
        except BlockingIOError:
            return None
        if not data:
            return None
        (lane,) = _LANE.unpack_from(data)
        if not attached:
            return Recalled(lane)
        (descriptor,) = _DESCRIPTOR.unpack(attached[0][2])
        return Lent(lane, descriptor, data[_LANE.size :].decode())


def channel_pair() -> tuple[Channel, Channel]:
    """Return the front's end and the worker's."""
    page = Page()
    fronts, backs = socket.socketpair()
    front_orders, back_orders = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    front_orders.setblocking(False)
    return Channel(fronts, front_orders, page), Channel(backs, back_orders, page)
