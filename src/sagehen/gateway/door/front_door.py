"""FrontDoor: the sockets on which the platform is reached, put together with all that is behind them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from sagehen.domain.background import Rounds
from sagehen.domain.clock import SystemClock
from sagehen.gateway.connections.connection import Connection
from sagehen.gateway.connections.hall import Hall, uvicorn_config
from sagehen.gateway.connections.seats import Seats
from sagehen.gateway.door.accepting import Accepting
from sagehen.gateway.door.access_log import AccessHook
from sagehen.gateway.door.application import Application
from sagehen.gateway.door.assembly import DoorNeeds, behind_door
from sagehen.gateway.door.listeners import Listeners
from sagehen.gateway.outside.internet import Internet
from sagehen.gateway.proxy.door import ProxyDoor
from sagehen.gateway.s3.bucket_logs import BucketLogs
from sagehen.gateway.s3.public.passing import PublicS3
from sagehen.gateway.settings import FrontDoorSettings
from sagehen.gateway.tls.vouching import is_for
from sagehen.gateway.trust.bundle import write_bundle
from sagehen.gateway.trust.local_ca import LocalCa

if TYPE_CHECKING:
    from sagehen.gateway.tls.certificates import ServerCertificate
    from sagehen.gateway.tls.entrance import Entrance

_RENEWAL_S = 60.0


class FrontDoor:
    """One port for all of AWS.

    Args:
        needs: What stands behind it.
        settings: Where to listen, and limits.
        on_served: Told of every answered request; must be quick.
        bucket_logs: Told of requests to the buckets that it wants.
        internet: The way to other hosts; this machine's by default.
        certificate: What other machines are shown, where the settings open the door to them.

    Attributes:
        internal_calls: Signed calls that the platform makes of itself, without a socket.
        operation_calls: Implements the port OperationCalls.

    Raises:
        ValueError: A service declares an unknown operation, or one twice.
    """

    def __init__(
        self,
        needs: DoorNeeds,
        settings: FrontDoorSettings,
        *,
        on_served: AccessHook | None = None,
        bucket_logs: BucketLogs | None = None,
        internet: Internet | None = None,
        certificate: ServerCertificate | None = None,
    ) -> None:
        self.settings = settings
        self._certificate = certificate
        self.own_ports: set[int] = set()
        internet = internet or Internet()
        public_s3 = PublicS3(needs.buckets, internet, self.own_ports, enabled=settings.public_s3)
        behind = behind_door(needs, settings, public_s3)
        self._notebooks, self._terminals = behind.notebooks, behind.terminals
        self.internal_calls, self.operation_calls = behind.internal_calls, behind.operation_calls
        application = Application(
            behind.chain, clock=needs.clock, ids=needs.ids, on_served=on_served, bucket_logs=bucket_logs
        )
        self.hall = Hall(settings, uvicorn_config(application, settings))
        self._authority = LocalCa(settings.data_folder / "ca")
        self._proxy = ProxyDoor(self.hall, self._authority, internet, public_s3, self.own_ports)
        self._listeners = Listeners(self.hall, self._proxy.sweep)
        self.seats = Seats(settings.max_connections)
        # However many jobs run wild, or other machines: a quarter is left for who started them, and can stop
        # them.
        self._guest_seats = Seats(settings.max_connections * 3 // 4, within=self.seats)
        self._other_machines_seats = Seats(settings.max_connections // 2, within=self._guest_seats)
        self._renewal = Rounds(
            "certificate",
            self._renew,
            SystemClock(),
            _RENEWAL_S,
            tale="looking for a newer certificate",
            at_once=False,
        )

    @property
    def ca_certificate_path(self) -> Path:
        """The local CA's certificate (PEM), for AWS_CA_BUNDLE; it exists after `start`."""
        return self._authority.certificate_path

    async def prepare(self) -> None:
        """Make the local CA where there is none, and the bundle: jobs before the door need both."""
        await asyncio.to_thread(self._authority.ensure)
        await asyncio.to_thread(write_bundle, self._authority.certificate_path)

    async def start(self) -> int:
        """Open the main listener.

        Returns:
            The port.

        Raises:
            CannotListen: The address is taken or not ours.
        """
        await self.prepare()

        def connect() -> Connection:
            return Connection(self.hall, self._proxy.take, seats=self.seats, from_sandbox=False)

        port = self.settings.port
        if not any(
            ip_address(address).is_unspecified and ":" not in address for address in self.settings.others
        ):
            ports = await self._listeners.open(connect, self.settings.host, port)
            self.own_ports |= ports
            port = min(ports)
        for address in self.settings.others:
            port = self._open_to_others(connect, address, port)
            self.own_ports.add(port)
        return port

    def _open_to_others(self, connect_here: Callable[[], Connection], address: str, port: int) -> int:
        certificate = self._certificate
        assert certificate is not None, "no certificate for other machines"
        if not self._renewal.begun:
            self._renewal.start()

        def connect() -> Connection:
            return Connection(
                self.hall,
                self._proxy.take,
                seats=self._other_machines_seats,
                from_sandbox=False,
                vouched=lambda name: is_for(certificate.names, name),
            )

        return self._listeners.open_to_others(connect, connect_here, address, port, certificate)

    def name_for_others(self, wanted: Sequence[str]) -> str:
        """Return the host of a URL for other machines.

        Args:
            wanted: How they may call this one, the likeliest first. Where the certificate is for none of
                these, it is one that it is for.
        """
        assert self._certificate is not None
        names = self._certificate.names
        fitting = [name for name in wanted if is_for(names, name)]
        return (fitting or sorted(name for name in names if "*" not in name) or wanted)[0]

    async def _renew(self) -> None:
        assert self._certificate is not None
        await asyncio.to_thread(self._certificate.refresh)

    async def serve_socket(
        self, listener: socket.socket, *, from_sandbox: bool, network_isolated: bool = False
    ) -> asyncio.Server | Accepting:
        """Serve a listening socket that lives in a sandbox's network namespace.

        Args:
            listener: Bound and listening or not; it is closed with the server.
            from_sandbox: Close platform pages and this machine's addresses to it.
            network_isolated: Also close the proxy door to other hosts.

        Returns:
            The server; `close()` it when the sandbox ends.
        """
        seats = self.seats
        if from_sandbox:
            seats = Seats(self.settings.max_sandbox_connections, within=self._guest_seats)

        def connect() -> Connection:
            return Connection(
                self.hall,
                self._proxy.take,
                seats=seats,
                from_sandbox=from_sandbox,
                network_isolated=network_isolated,
            )

        return await self._listeners.take(connect, listener)

    async def serve_tls_socket(self, listener: socket.socket, host: str) -> Entrance:
        """Serve a listening socket in a sandbox's network as a host of AWS's, for who asks no proxy for it.

        Nothing leaves this machine by it: whoever may reach other hosts has the other door for that.

        Args:
            listener: As for `serve_socket`.
            host: For which the local CA vouches.
        """
        seats = Seats(self.settings.max_sandbox_connections, within=self._guest_seats)

        def connect() -> Connection:
            return Connection(self.hall, None, seats=seats, from_sandbox=True, network_isolated=True)

        async def context() -> ssl.SSLContext:
            return await asyncio.to_thread(self._authority.context, host)

        return self._listeners.take_tls(connect, listener, context)

    async def stop(self, grace_s: float = 5.0) -> None:
        """Stop accepting, let requests under way finish for `grace_s` seconds, then break them off."""
        await self._renewal.stop()
        self._listeners.close()
        self._proxy.close()
        if self._notebooks is not None:
            self._notebooks.close()
        if self._terminals is not None:
            await self._terminals.close()
        await self._listeners.end(grace_s)
