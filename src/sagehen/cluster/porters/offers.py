"""Offers: what the platform has told a node to dial for: once, or as often as it wants."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

TICKET_BYTES = 32
# Connections of an offer that is good for more than one.
_MOST_AT_ONCE = 16
# Ends when it is done; what it raises is what went wrong here.
Work = Callable[[socket.socket], None]


class Offer:
    """One thing to dial for.

    Args:
        node: Whom it is for.
        work: Given each connection.
        is_standing: Whether it is good as often as the node wants, some at once.
        on_done: Told, in a thread, of each that has ended and what it raised.
    """

    def __init__(
        self, node: str, work: Work, *, is_standing: bool, on_done: Callable[[Exception | None], None]
    ) -> None:
        self.node = node
        self.is_standing = is_standing
        self._work = work
        self._on_done = on_done
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._is_withdrawn = False

    def serve(self, connection: socket.socket) -> None:
        """Do it, in the thread of the connection."""
        with self._lock:
            if self._is_withdrawn or len(self._connections) >= _MOST_AT_ONCE:
                return
            self._connections.add(connection)
        failure: Exception | None = None
        try:
            self._work(connection)
        except Exception as error:
            failure = error
        finally:
            with self._lock:
                self._connections.discard(connection)
        self._on_done(failure)

    def withdraw(self) -> None:
        """Break off what is under way, and let nobody begin."""
        with self._lock:
            self._is_withdrawn = True
            for connection in self._connections:
                cut(connection)


class Offers:
    """Those that stand, or were not taken yet.

    Args:
        late_s: For how long who dials waits for an offer of which nothing was heard yet: a node may have been
            told before we were, where processors are short.
    """

    def __init__(self, late_s: float) -> None:
        self._late_s = late_s
        self._open: dict[str, Offer] = {}
        self._taken: dict[str, Offer] = {}
        self._lock = threading.Condition()

    def add(self, ticket: str, offer: Offer) -> None:
        """Make an offer to who shows a ticket, until it is withdrawn."""
        with self._lock:
            self._open[ticket] = offer
            self._lock.notify_all()

    def take(self, node: str, ticket: str) -> Offer | None:
        """Return what a node dialled for; None where there is nothing for it. Blocking."""
        with self._lock:
            self._lock.wait_for(lambda: ticket in self._open or ticket in self._taken, self._late_s)
            found = self._open.get(ticket)
            if found is None or found.node != node:
                return None
            if not found.is_standing:
                self._taken[ticket] = self._open.pop(ticket)
            return found

    def withdraw(self, ticket: str) -> None:
        """Let nobody wait any more for an offer, taken or not."""
        with self._lock:
            found = self._open.pop(ticket, None) or self._taken.pop(ticket, None)
        if found is not None:
            found.withdraw()


def cut(connection: socket.socket) -> None:
    """Have whoever reads from a connection or writes to it, in whichever thread, fail at once."""
    with contextlib.suppress(OSError):
        # The socket's own: TLS would want to say goodbye first.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
