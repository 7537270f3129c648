"""Door: where nodes dial the platform's porter. A thread for each connection."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from sagehen.cluster.framing import exactly
from sagehen.cluster.porters.offers import TICKET_BYTES, Offer, Offers, cut
from sagehen.domain.arrivals import Arrivals

_log = logging.getLogger(__name__)
# Of connections that have shown no ticket yet; each is a thread. Those that have are as many as offers.
_MOST_ARRIVALS, _MOST_ARRIVALS_OF_A_PEER = 128, 32
_ARRIVAL_S = 10.0
_LATE_S = 5.0
_PAUSE_S = 0.1  # without descriptors, or the like
# Of one read or write: a far side that stands still for so long is gone.
SILENCE_S = 60.0


NodeOf = Callable[[Any], str | None]


class Door:
    """Serves a listener, until it is closed.

    Args:
        listener: Blocks; owned from now on.
        context: Of TLS.
        node_of: Says which node a verified certificate is of, as `getpeercert()` returns it; None where it
            may not come in. Asked in threads.
        late_s: See `Offers`.

    Attributes:
        offers: What nodes may dial for.
    """

    def __init__(
        self,
        listener: socket.socket,
        context: ssl.SSLContext,
        node_of: NodeOf,
        late_s: float = _LATE_S,
    ) -> None:
        self.offers = Offers(late_s)
        self._listener = listener
        self._context = context
        self._node_of = node_of
        self._is_closed = False
        self._lock = threading.Lock()
        self._arrivals: Arrivals[ssl.SSLSocket] = Arrivals(_MOST_ARRIVALS, _MOST_ARRIVALS_OF_A_PEER)
        self._serving: set[ssl.SSLSocket] = set()
        _begin(self._accept)

    def close(self) -> None:
        """Take no more, and break off what is under way."""
        self._is_closed = True
        cut(self._listener)
        with self._lock:
            for connection in (*self._arrivals.all(), *self._serving):
                cut(connection)

    def _accept(self) -> None:
        with self._listener as listener:
            while not self._is_closed:
                try:
                    raw, peer = listener.accept()
                except OSError as error:
                    if not self._is_closed:
                        _log.warning("the porter's door cannot accept: %s", error)
                        time.sleep(_PAUSE_S)
                    continue
                try:
                    self._receive(raw, peer[0])
                except (OSError, ValueError, RuntimeError) as error:  # it has gone; no thread is to be had
                    _log.debug("a connection did not come in: %s", error)
                    raw.close()

    def _receive(self, raw: socket.socket, peer: str) -> None:
        raw.settimeout(_ARRIVAL_S)
        # The handshake is its thread's.
        connection = self._context.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            leaving = self._arrivals.add(connection, peer)
        if leaving is not None:
            cut(leaving)
        try:
            _begin(self._serve, connection)
        except BaseException:
            with self._lock:
                self._arrivals.remove(connection)
            connection.close()
            raise

    def _serve(self, connection: ssl.SSLSocket) -> None:
        try:
            with connection:
                offer = self._admitted(connection)
                if offer is not None:
                    connection.settimeout(SILENCE_S)
                    offer.serve(connection)
        except (OSError, ValueError) as error:
            _log.debug("a connection did not come in: %s", error)
        finally:
            with self._lock:
                self._arrivals.remove(connection)
                self._serving.discard(connection)

    def _admitted(self, connection: ssl.SSLSocket) -> Offer | None:
        connection.do_handshake()
        node = self._node_of(connection.getpeercert())
        if node is None:
            return None
        ticket = exactly(connection, TICKET_BYTES).decode("ascii", "replace")
        offer = self.offers.take(node, ticket)
        if offer is None:
            _log.info("%s dialled for what is not there any more", node)
            return None
        with self._lock:
            self._arrivals.remove(connection)
            self._serving.add(connection)
        return offer


def _begin(work: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=work, args=arguments, name="porter", daemon=True).start()
