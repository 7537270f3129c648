"""The proxy door: AWS's own host names are answered here over TLS, every other host is tunnelled to.

So are, for programs that do not trust our certificates, the names of buckets that do not exist here: these
are the real AWS's (see `public_s3`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection

from sagehen.gateway.connections.connection import Connection
from sagehen.gateway.connections.first_line import ProxyRequest
from sagehen.gateway.connections.hall import Hall
from sagehen.gateway.outside.counted_end import CountedEnd
from sagehen.gateway.outside.internet import Internet
from sagehen.gateway.outside.tunnel import TunnelEnd, TunnelRefused, connect
from sagehen.gateway.proxy.ends import Head
from sagehen.gateway.s3.public.distrust import Distrust, is_refusal
from sagehen.gateway.s3.public.passing import PublicS3
from sagehen.gateway.trust.local_ca import LocalCa
from sagehen.protocol.identification.host_names import local_prefix

logger = logging.getLogger("sagehen.gateway")

_TLS_HANDSHAKE_S = 20.0  # ours; asyncio's own would be 60 s


class ProxyDoor:
    """Serves connections that began with a proxy request.

    Args:
        hall: Of the connections that it is given, and of those inside of TLS.
        authority: Makes the certificates.
        internet: The way to other hosts.
        public_s3: Tells which of AWS's names are to be tunnelled to as well.
        own_ports: Where the platform itself listens; filled while it starts.
    """

    def __init__(
        self,
        hall: Hall,
        authority: LocalCa,
        internet: Internet,
        public_s3: PublicS3,
        own_ports: Collection[int],
    ) -> None:
        self._hall = hall
        self._own_ports = own_ports
        self._authority = authority
        self._internet = internet
        self._public_s3 = public_s3
        self._distrust = Distrust(time.monotonic)
        self._tasks: set[asyncio.Task[None]] = set()
        self._tunnels: set[TunnelEnd] = set()

    def take(self, connection: Connection, data: bytes) -> None:
        """Take over a connection; `data` is what it has received so far."""
        end = Head(self._serve_soon, connection)
        end.connection_made(connection.transport)
        connection.transport.set_protocol(end)
        end.data_received(data)

    def sweep(self, now: float) -> None:
        """Close tunnels that were silent for too long."""
        for end in list(self._tunnels):
            if now - end.quiet_since > self._hall.settings.tunnel_idle_s:
                end.close()

    def close(self) -> None:
        """Break off what is being connected, and every tunnel."""
        for task in self._tasks:
            task.cancel()
        for end in list(self._tunnels):
            end.close()

    def _serve_soon(self, head: Head, request: ProxyRequest) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(head, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, head: Head, request: ProxyRequest) -> None:
        try:
            if self._is_ours(request) or (request.is_aws and not self._leads_to_aws(head, request)):
                await self._answer_as_aws(head, request)
            else:
                await self._tunnel(head, request)
        except TunnelRefused as refused:
            logger.info("proxy: refused %s:%d: %s", request.host, request.port, refused.message)
            head.refuse(refused.status, refused.message)
        except (OSError, ssl_error()) as error:
            logger.info("proxy: %s:%d: %s", request.host, request.port, error)
            head.abort()

    def _is_ours(self, request: ProxyRequest) -> bool:
        """Whether a client asks its proxy for a local name of the platform's, instead of resolving it."""
        local = not request.tunnel and local_prefix(request.host)
        return bool(local) and request.port in self._own_ports

    def _leads_to_aws(self, head: Head, request: ProxyRequest) -> bool:
        # Requests that can be looked at are looked at one by one: what is signed stays here.
        return (
            request.tunnel
            and request.port == 443
            and self._public_s3.is_elsewhere(request.host)
            and self._distrust.applies(
                request.host, request.user_agent, from_sandbox=head.connection.from_sandbox
            )
        )

    async def _answer_as_aws(self, head: Head, request: ProxyRequest) -> None:
        if not request.tunnel:  # plain http to AWS: an ordinary request with an absolute target
            if not head.transport.is_closing():
                self._hand_over(head.transport, head.connection, head.held)
            return
        if request.port != 443:
            raise TunnelRefused(403, "AWS answers TLS on port 443 only.")
        context = await asyncio.to_thread(self._authority.context, request.host)
        transport = head.transport
        if transport.is_closing():
            return
        transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        waiting = TunnelEnd()  # holds what comes between the handshake and the hand-over
        outer = head.connection
        # From here on `head` hears no more of its connection: nobody else would free its place.
        encrypted = None
        try:
            encrypted = await asyncio.get_running_loop().start_tls(
                transport, waiting, context, server_side=True, ssl_handshake_timeout=_TLS_HANDSHAKE_S
            )
        except ssl_error() as error:
            if is_refusal(error) and self._public_s3.is_elsewhere(request.host):
                self._distrust.remember(request.host, from_sandbox=outer.from_sandbox)
            raise
        finally:
            if (encrypted is None or encrypted.is_closing()) and outer.seat is not None:
                outer.seat.leave()
        if encrypted is None or encrypted.is_closing():
            return
        inner = Connection(
            self._hall,
            None,
            seats=outer.seats,
            from_sandbox=outer.from_sandbox,
            network_isolated=outer.network_isolated,
            seat=outer.seat,
        )
        self._hand_over(encrypted, inner, waiting.held)

    def _hand_over(self, transport: asyncio.Transport, connection: Connection, data: bytes) -> None:
        transport.set_protocol(connection)
        connection.connection_made(transport)
        transport.resume_reading()
        if data:
            connection.data_received(data)

    async def _tunnel(self, head: Head, request: ProxyRequest) -> None:
        connection = head.connection
        if connection.network_isolated:
            raise TunnelRefused(403, "This sandbox has no network.")
        if not connection.from_sandbox and not connection.is_local:
            # Nobody proves who they are to a proxy: this one would be everybody's way to everywhere.
            raise TunnelRefused(
                403, "Other machines reach AWS's names through this door, and no other hosts."
            )
        outer, far = await connect(
            request.host,
            request.port,
            internet=self._internet,
            is_local=connection.is_local,
            own_ports=self._own_ports,
            factory=TunnelEnd,
        )
        if head.transport.is_closing():
            outer.abort()
            return
        near = CountedEnd(self._tunnels, connection.seat)
        if request.tunnel:
            head.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        near.connection_made(head.transport)
        head.transport.set_protocol(near)
        near.pair(far, request.head + request.rest + head.late())


def ssl_error() -> type[Exception]:
    """TLS failures of the client (it does not trust our CA): nothing to be alarmed about."""
    import ssl

    return ssl.SSLError
