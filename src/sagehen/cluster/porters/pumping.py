"""pump(...): bytes between a node's connection and a service of the platform's, both ways. Blocking."""

from __future__ import annotations

import select
import socket
import ssl

_PIECE_BYTES = 256 * 1024
# As long as a client keeps a connection for its next request.
_IDLE_MS = 60_000
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


def pump(connection: ssl.SSLSocket, service: socket.socket) -> None:
    """Pass bytes on until either side ends, or neither says anything for a minute.

    Raises:
        OSError
    """
    poller = select.poll()
    for each in (connection, service):
        poller.register(each, select.POLLIN)
    view = memoryview(bytearray(_PIECE_BYTES))
    while True:
        # What TLS has decrypted already, no poll tells of.
        ready = dict(poller.poll(0 if connection.pending() else _IDLE_MS))
        if connection.pending():
            ready[connection.fileno()] = select.POLLIN
        if not ready:
            return
        for source, target in ((connection, service), (service, connection)):
            if ready.get(source.fileno(), 0) & _READABLE:
                count = source.recv_into(view)
                if not count:
                    return
                target.sendall(view[:count])
