"""`ssh -L`: channels that lead to a port of the machine's own loopback, and to nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import asyncssh
from asyncssh.forward import SSHForwarder

from sagehen.domain.timeouts import timeout
from sagehen.services.ec2.hosts.host import Host, HostGone

_OWN_NAMES = ("localhost", "127.0.0.1", "::1", "ip6-localhost")
_CONNECT_S = 10.0


def is_own(name: str, names: tuple[str, ...]) -> bool:
    """Tell whether a client means the machine itself."""
    return name.lower().rstrip(".") in (*_OWN_NAMES, *names)


class Forwarded(SSHForwarder):
    """The channel's side; says when it ended."""

    def __init__(self, peer: SSHForwarder, ended: Callable[[], None]) -> None:
        super().__init__(peer)
        self._ended = ended

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended()
        super().connection_lost(exc)


async def forward(host: Host, port: int, ended: Callable[[], None]) -> asyncssh.SSHTCPSession[bytes]:
    """Connect a channel to a port of the machine.

    Raises:
        asyncssh.ChannelOpenError: Nobody listens; `ended` was called.
    """
    try:
        if not 0 < port <= 65535:
            raise OSError("no such port")
        async with timeout(_CONNECT_S):
            inside = await host.connect(port)
        try:
            _, peer = await asyncio.get_running_loop().create_connection(SSHForwarder, sock=inside)
        except BaseException:
            inside.close()
            raise
    except (OSError, HostGone) as error:
        ended()
        raise asyncssh.ChannelOpenError(
            asyncssh.OPEN_CONNECT_FAILED, f"Connection refused: {error}"
        ) from None
    except BaseException:
        ended()
        raise
    # It is one for asyncssh, which does the same in `forward_connection`.
    return cast(asyncssh.SSHTCPSession[bytes], Forwarded(peer, ended))
