"""Traffic: what goes through somebody's TCP connections, as the kernel counts it for each of them.

Nothing stands between the two ends for it, whatever way the bytes take through this process. A connection is
counted by a second descriptor of its socket, which is closed with the first: event loops close the number and
forget the object, after which nobody could ask any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct
import termios
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakSet

# struct tcp_info of <linux/tcp.h>: tcpi_bytes_acked, tcpi_bytes_received, tcpi_segs_out, tcpi_segs_in.
_COUNTERS, _AT = struct.Struct("=QQII"), 120
# Whom our end of a connection faces: what we send to the one counted is what comes in to it.
Faces = Literal["it", "others"]


@dataclass(frozen=True, slots=True)
class Carried:
    """What went in and out: bytes without the packets' heads, and packets."""

    bytes_in: int = 0
    bytes_out: int = 0
    packets_in: int = 0
    packets_out: int = 0

    def __add__(self, other: Carried) -> Carried:
        return Carried(
            self.bytes_in + other.bytes_in,
            self.bytes_out + other.bytes_out,
            self.packets_in + other.packets_in,
            self.packets_out + other.packets_out,
        )


class CountedSocket(socket.socket):
    """A connection of which its `Traffic` knows. It ends as any other does."""

    counting: Counting | None = None

    def close(self) -> None:
        """Count for the last time, and close."""
        self._end_counting()
        super().close()

    def detach(self) -> int:
        """Count for the last time; who closes the descriptor did so before, as uvloop does, or will."""
        self._end_counting()
        return super().detach()

    def _end_counting(self) -> None:
        counting, self.counting = self.counting, None
        if counting is not None:
            counting.end()


class Counting:
    """One connection that is counted."""

    def __init__(self, traffic: Traffic, connection: socket.socket, faces: Faces) -> None:
        self._traffic = traffic
        self._again = connection.dup()
        self._faces = faces

    def read(self) -> Carried:
        """Return what it has carried so far."""
        found = self._again.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _AT + _COUNTERS.size)
        if len(found) < _AT + _COUNTERS.size:  # a kernel before 4.6
            return Carried()
        sent, received, segments_sent, segments_received = _COUNTERS.unpack_from(found, _AT)
        if self._faces == "it":
            return Carried(sent, received, segments_sent, segments_received)
        return Carried(received, sent, segments_received, segments_sent)

    def end(self) -> None:
        """Add what it carried to the sum, with what still lies here to be sent, and let go of it."""
        with contextlib.suppress(OSError):
            last, waiting = self.read(), self._unsent()
            rest = Carried(bytes_in=waiting) if self._faces == "it" else Carried(bytes_out=waiting)
            self._traffic.ended(self, last + rest)
        self._again.close()

    def _unsent(self) -> int:
        answer = fcntl.ioctl(self._again, termios.TIOCOUTQ, b"\0\0\0\0")
        return int(struct.unpack("=i", answer)[0])


class CountedListener(socket.socket):
    """A listening socket all of whose connections are counted. They are accepted by `accept` alone."""

    traffic: Traffic

    def accept(self) -> tuple[socket.socket, Any]:
        """Take the next connection."""
        connection, address = super().accept()
        return self.traffic.counted(connection, "it"), address


class Traffic:
    """The sum over connections that have ended and those that are open."""

    def __init__(self) -> None:
        self._ended = Carried()
        self._open: WeakSet[Counting] = WeakSet()

    def counted(self, connection: socket.socket, faces: Faces) -> CountedSocket:
        """Return a connection as one that is counted from now on; the one given is no more."""
        made = CountedSocket(fileno=connection.detach())
        made.setblocking(False)
        made.counting = Counting(self, made, faces)
        self._open.add(made.counting)
        return made

    def listener(self, listener: socket.socket) -> CountedListener:
        """Return a listening socket whose connections are counted; the one given is no more."""
        made = CountedListener(fileno=listener.detach())
        made.setblocking(False)
        made.traffic = self
        return made

    def ended(self, counting: Counting, carried: Carried) -> None:
        """Told by a connection that ends."""
        self._open.discard(counting)
        self._ended += carried

    def read(self) -> Carried:
        """Return what went through so far."""
        found = self._ended
        open_now: Sequence[Counting] = list(self._open)
        for counting in open_now:
            with contextlib.suppress(OSError):
                found += counting.read()
        return found
