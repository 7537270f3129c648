"""FrontDoor: the sockets on which the platform is reached, and the ASGI application behind them."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import time
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from pathlib import Path
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from sagehen.api.errors import InternalFailure
from sagehen.api.operation import Service
from sagehen.domain.clock import Clock, SystemClock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.buckets import BucketDirectory
from sagehen.domain.ports.identities import Identities
from sagehen.gateway.chain.chain import Chain, Trace
from sagehen.gateway.chain.internal_calls import InternalCalls
from sagehen.gateway.connections.connection import ClientGone, Connection
from sagehen.gateway.connections.respond import Send, respond
from sagehen.gateway.connections.seats import Seats
from sagehen.gateway.door import access_log
from sagehen.gateway.door.access_log import AccessHook, Served
from sagehen.gateway.execute_api.answers import ExecuteApi, RestApiAnswers
from sagehen.gateway.operations.dress import undressed
from sagehen.gateway.operations.table import OperationTable
from sagehen.gateway.outside.internet import Internet
from sagehen.gateway.pages.routes import Page, Pages
from sagehen.gateway.proxy.door import ProxyDoor
from sagehen.gateway.requests.body import Receive
from sagehen.gateway.requests.incoming import Incoming, incoming_of
from sagehen.gateway.s3.bucket_logs import BucketLogs, entry_of
from sagehen.gateway.s3.public.passing import PublicS3
from sagehen.gateway.s3.websites import WebsiteAnswers
from sagehen.gateway.settings import FrontDoorSettings
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.trust.bundle import write_bundle
from sagehen.gateway.trust.local_ca import LocalCa
from sagehen.protocol.models.catalog import Catalog

logger = logging.getLogger("sagehen.gateway")

_SWEEP_S = 1.0
_BACKLOG = 1024


class CannotListen(Exception):
    """The address is taken, forbidden or none of this machine's; the message is shown as it is."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        if error.errno == errno.EADDRINUSE:
            reason = "it is taken (`sagehen doctor` tells by whom; `sagehen up --port 0` takes a free one)"
        else:  # uvloop tells the address again, in Python's spelling; resolvers have negative numbers
            number = error.errno or 0
            reason = os.strerror(number) if number > 0 else str(error.strerror or error)
        super().__init__(f"cannot listen on {host}:{port}: {reason}")


class FrontDoor:
    """One port for all of AWS.

    Args:
        services: What is implemented.
        catalog: The service models.
        identities: Whom an access key proves.
        authorizer: IAM's evaluator.
        buckets: What must be known of a bucket before S3 is asked.
        clock: The platform's clock: receipt times, expiry of sessions.
        ids: Draws request ids.
        settings: Where to listen, and limits.
        pages: Routes of the platform's own, such as "POST /_sagehen/reset".
        wall_clock: The world's clock, by which signatures are judged; the machine's by default.
        on_served: Told of every answered request; must be quick.
        rest_apis: Answers requests to users' own REST APIs.
        websites: Answers requests to buckets that are websites.
        bucket_logs: Told of requests to the buckets that it wants.
        internet: The way to other hosts; this machine's by default.

    Raises:
        ValueError: A service declares an unknown operation, or one twice.
    """

    def __init__(
        self,
        *,
        services: Sequence[Service],
        catalog: Catalog,
        identities: Identities,
        authorizer: Authorizer,
        buckets: BucketDirectory,
        clock: Clock,
        ids: Ids,
        settings: FrontDoorSettings,
        pages: Mapping[str, Page] | None = None,
        wall_clock: Clock | None = None,
        on_served: AccessHook | None = None,
        rest_apis: RestApiAnswers | None = None,
        websites: WebsiteAnswers | None = None,
        bucket_logs: BucketLogs | None = None,
        internet: Internet | None = None,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._ids = ids
        self._on_served = on_served
        self._bucket_logs = bucket_logs
        table = OperationTable(services, catalog)
        wall_clock = wall_clock or SystemClock()
        internet = internet or Internet()
        self.own_ports: set[int] = set()
        public_s3 = PublicS3(buckets, internet, self.own_ports, enabled=settings.public_s3)
        authenticator = Authenticator(identities, clock, wall_clock, clock_check=settings.clock_check)
        self._chain = Chain(
            operations=table,
            authenticator=authenticator,
            authorizer=authorizer,
            buckets=buckets,
            pages=Pages(
                pages or {},
                version=settings.version,
                services=table.counts(),
                allow_reset=settings.allow_reset,
                is_relayed=rest_apis.is_own_connection if rest_apis is not None else None,
            ),
            default_region=settings.default_region,
            max_body_bytes=settings.max_body_bytes,
            public_s3=public_s3,
            execute_api=ExecuteApi(rest_apis, authenticator) if rest_apis is not None else None,
            websites=websites,
        )
        # Signed calls that the platform makes of itself, without a socket.
        self.internal_calls = InternalCalls(self._chain, clock, wall_clock, ids)
        self._authority = LocalCa(settings.data_folder / "ca")
        self._proxy = ProxyDoor(self, self._authority, internet, public_s3)
        self.seats = Seats(settings.max_connections)
        # However many jobs run wild: a quarter is left for who started them, and can stop them.
        self._sandbox_seats = Seats(settings.max_connections * 3 // 4, within=self.seats)
        self.server_state = ServerState()
        self.uvicorn_config = _uvicorn_config(self._application, settings)
        self._servers: set[asyncio.Server] = set()
        self._sweeper: asyncio.Task[None] | None = None

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
        host, port = self.settings.host, self.settings.port
        try:
            server = await asyncio.get_running_loop().create_server(
                lambda: Connection(self, seats=self.seats, from_sandbox=False), host, port, backlog=_BACKLOG
            )
        except OSError as error:
            raise CannotListen(host, port, error) from error
        self._servers.add(server)
        ports = {int(listener.getsockname()[1]) for listener in server.sockets}
        self.own_ports |= ports
        self._ensure_sweeper()
        return min(ports)

    async def serve_socket(
        self, listener: socket.socket, *, from_sandbox: bool, network_isolated: bool = False
    ) -> asyncio.Server:
        """Serve a listening socket that lives in a sandbox's network namespace.

        Args:
            listener: Bound and listening or not; it is closed with the server.
            from_sandbox: Close platform pages and this machine's addresses to it.
            network_isolated: Also close the proxy door to other hosts.

        Returns:
            The server; `close()` it when the sandbox ends.
        """
        self._servers = {server for server in self._servers if server.is_serving()}
        seats = self.seats
        if from_sandbox:
            seats = Seats(self.settings.max_sandbox_connections, within=self._sandbox_seats)
        server = await asyncio.get_running_loop().create_server(
            lambda: Connection(
                self, seats=seats, from_sandbox=from_sandbox, network_isolated=network_isolated
            ),
            sock=listener,
            backlog=_BACKLOG,
        )
        self._servers.add(server)
        self._ensure_sweeper()
        return server

    async def stop(self, grace_s: float = 5.0) -> None:
        """Stop accepting, let requests under way finish for `grace_s` seconds, then break them off."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        self._proxy.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(list(self.server_state.tasks), timeout=grace_s)
        for task in list(self.server_state.tasks):
            task.cancel()
        if self.server_state.tasks:
            await asyncio.wait(list(self.server_state.tasks), timeout=1.0)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait([self._sweeper])
            self._sweeper = None

    def proxy(self, connection: Connection, data: bytes) -> None:
        """Take over a connection whose first request is one to a proxy."""
        self._proxy.take(connection, data)

    async def _application(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        connection: Connection = scope["state"]["connection"]
        incoming = incoming_of(scope, receive, request_id=self._ids.uuid(), received_at=self._clock.now())
        trace = Trace()
        response = await self._chain.answer(incoming, trace)
        began = False

        async def checked_send(message: Mapping[str, Any]) -> None:
            nonlocal began
            if connection.closing:
                raise ClientGone
            began = True
            connection.handed_bytes += len(message.get("body", b""))
            await send(message)

        async def send_file(file: int, offset: int, count: int) -> int:
            return await connection.send_file(send, file, offset, count)

        sent = 0
        head, close = incoming.method == "HEAD", _must_close(connection, incoming)
        try:
            sent = await respond(checked_send, response, head=head, close=close, send_file=send_file)
        except ClientGone:
            connection.give_up(send)
            return
        except Exception as error:
            logger.error("request %s: the answer failed", incoming.request_id, exc_info=error)
            if began:  # too late for a status: a broken connection is the only honest sign left
                connection.transport.abort()
                return
            response = undressed(incoming, InternalFailure("The answer could not be read or written."))
            await respond(send, response, head=head, close=True)
        self._record(incoming, trace, response.status, sent, started)
        if trace.bucket and self._bucket_logs is not None and self._bucket_logs.wants(trace.bucket):
            self._bucket_logs.log(
                entry_of(
                    incoming,
                    response,
                    bucket=trace.bucket,
                    key=trace.key,
                    operation=trace.operation,
                    website=trace.service == "s3-website",
                    requester=trace.principal,
                    error=trace.error,
                    sent_bytes=sent,
                    took_ms=int((time.perf_counter() - started) * 1000),
                )
            )

    def _record(self, incoming: Incoming, trace: Trace, status: int, sent: int, started: float) -> None:
        if self._on_served is None and status < 500 and not access_log.logger.isEnabledFor(logging.DEBUG):
            return
        served = Served(
            incoming.request_id,
            incoming.peer,
            incoming.method,
            incoming.path,
            trace.service,
            trace.operation,
            trace.principal,
            status,
            sent,
            int((time.perf_counter() - started) * 1e6),
        )
        access_log.write(served)
        if self._on_served is not None:
            self._on_served(served)

    def _ensure_sweeper(self) -> None:
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().create_task(self._sweep())

    async def _sweep(self) -> None:
        """Once a second: the Date header of answers, and connections that wait for too long."""
        while True:
            date = formatdate(usegmt=True).encode()
            self.server_state.default_headers[:] = [(b"server", b"Sagehen"), (b"date", date)]
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.sweep(now)
            self._proxy.sweep(now)
            await asyncio.sleep(_SWEEP_S)


def _uvicorn_config(application: Any, settings: FrontDoorSettings) -> Config:
    config = Config(
        application,
        interface="asgi3",
        http="httptools",
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        proxy_headers=False,
        # Idle connections are closed by our own sweep; uvicorn's timer is only set later than that.
        timeout_keep_alive=int(settings.idle_timeout_s) + 5,
    )
    config.load()
    return config


def _must_close(connection: Connection, incoming: Incoming) -> bool:
    """Whether the connection cannot go on after this answer.

    A client that waits for `100 Continue` and gets a refusal may or may not send its body: the next
    bytes could be either. A proxy's client may want another host next.
    """
    waiting = "expect" in incoming.headers and not incoming.body.begun and incoming.body.length != 0
    return waiting or connection.absolute
