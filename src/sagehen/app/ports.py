"""A free TCP port, for `--port 0`."""

from __future__ import annotations

import socket


def free_port(host: str) -> int:
    """Return a port of `host` that was free a moment ago.

    The platform needs the number before it listens: jobs are told it. Another program may take the
    port in between; then the start fails with the usual message and is tried again.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
