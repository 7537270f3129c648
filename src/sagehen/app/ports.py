"""A free TCP port, for `--port 0`."""

from __future__ import annotations

import socket

from sagehen.gateway.door.listeners import CannotListen

_TRIES = 20


def free_port(host: str, *others: str) -> int:
    """Return a port that was free a moment ago, of `host` and of other addresses of this machine.

    The platform needs the number before it listens: jobs are told it. Another program may take the
    port in between; then the start fails with the usual message and is tried again.

    Raises:
        CannotListen: `host` is none of this machine's.
    """
    for _ in range(_TRIES):
        port = _bound(host, 0)
        try:
            for other in others:
                _bound(other, port)
        except CannotListen as error:
            taken = error
        else:
            return port
    raise taken


def _bound(host: str, port: int) -> int:
    """Return the port that a socket was bound to, and let go of it."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotListen(host, port, error) from error
        found: int = probe.getsockname()[1]
        return found
