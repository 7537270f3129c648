"""A connection to the platform, from a node or from a machine that wants to be one."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

from sagehen.cluster.links.contexts import is_platform
from sagehen.cluster.links.link import TlsLink
from sagehen.cluster.streams import Handler, LinkLost
from sagehen.domain.timeouts import timeout

PLATFORM = "platform"
_SHUTDOWN_S = 2.0


class NotThePlatform(LinkLost):
    """Who answers there is not whom the certificate of the authority is for."""


async def dial(
    host: str,
    port: int,
    context: ssl.SSLContext,
    handlers: Mapping[str, Handler],
    *,
    timeout_s: float,
    proven: bool = True,
) -> TlsLink:
    """Connect.

    Args:
        context: Of `contexts`.
        handlers: What the platform may open here.
        timeout_s: For the connection and the handshake.
        proven: Whether who answers has to be the platform.

    Raises:
        OSError: Nobody answers there (ssl.SSLError: it is not whom the authority vouches for).
        NotThePlatform: Somebody else of the same authority's.
        TimeoutError
    """
    link = TlsLink(PLATFORM, handlers, dialled=True)
    async with timeout(timeout_s):
        transport, _ = await asyncio.get_running_loop().create_connection(
            lambda: link,
            host,
            port,
            ssl=context,
            ssl_handshake_timeout=timeout_s,
            ssl_shutdown_timeout=_SHUTDOWN_S,
        )
    if proven and not is_platform(transport.get_extra_info("peercert")):
        link.abort()
        raise NotThePlatform(f"{host}:{port} is not the platform")
    return link
