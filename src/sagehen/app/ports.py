"""A free TCP port, for `--port 0`."""

from __future__ import annotations

import socket

from sagehen.gateway.door.listeners import CannotListen


def free_port(host: str) -> int:
    """Return a port of `host` that was free a moment ago.

    The platform needs the number before it listens: jobs are told it. Another program may take the
    port in between; then the start fails with the usual message and is tried again.

    Raises:
        CannotListen: `host` is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise CannotListen(host, 0, error) from error
        port: int = probe.getsockname()[1]
        return port
