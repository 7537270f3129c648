"""FrontDoor: the sockets on which the platform is reached, put together with all that is behind them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from sagehen.api.operation import Service
from sagehen.console.serving import Serving
from sagehen.console.sessions.sessions import ConsoleSessions
from sagehen.console.terminals.terminals import Terminals
from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock, SystemClock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.buckets import BucketDirectory
from sagehen.domain.ports.identities import Identities
from sagehen.domain.ports.operator_acts import OperatorAct
from sagehen.gateway.chain.chain import Chain
from sagehen.gateway.chain.forms import Forms
from sagehen.gateway.chain.internal_calls import InternalCalls
from sagehen.gateway.chain.operation_calls import InnerOperations
from sagehen.gateway.chain.performing import Performing
from sagehen.gateway.connections.connection import Connection
from sagehen.gateway.connections.hall import Hall, uvicorn_config
from sagehen.gateway.connections.seats import Seats
from sagehen.gateway.door.accepting import Accepting
from sagehen.gateway.door.access_log import AccessHook
from sagehen.gateway.door.application import Application
from sagehen.gateway.door.listeners import Listeners
from sagehen.gateway.execute_api.answers import ExecuteApi, RestApiAnswers
from sagehen.gateway.function_urls.answers import FunctionUrlAnswers, FunctionUrls
from sagehen.gateway.notebooks.answers import Notebooks
from sagehen.gateway.operations.table import OperationTable
from sagehen.gateway.outside.internet import Internet
from sagehen.gateway.pages.console.documents import Document, DocumentPages
from sagehen.gateway.pages.console.files import ConsolePages
from sagehen.gateway.pages.console.sessions import ConsoleSessionPages
from sagehen.gateway.pages.console.terminals import TerminalPages
from sagehen.gateway.pages.operator import OperatorDoor
from sagehen.gateway.pages.routes import Page, Pages
from sagehen.gateway.proxy.door import ProxyDoor
from sagehen.gateway.registry.answers import Registries, RegistryAnswers
from sagehen.gateway.s3.bucket_logs import BucketLogs
from sagehen.gateway.s3.public.passing import PublicS3
from sagehen.gateway.s3.websites import WebsiteAnswers
from sagehen.gateway.settings import FrontDoorSettings
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.tls.vouching import is_for
from sagehen.gateway.trust.bundle import write_bundle
from sagehen.gateway.trust.local_ca import LocalCa
from sagehen.protocol.models.catalog import Catalog
from sagehen.services.sagemaker.notebooks.entrance import NotebookEntrance

if TYPE_CHECKING:
    from sagehen.gateway.tls.certificates import ServerCertificate

_RENEWAL_S = 60.0


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
        function_urls: Answers requests to functions' own URLs.
        notebooks: Lets people in to notebook instances.
        registry: Answers clients of registries of images.
        websites: Answers requests to buckets that are websites.
        bucket_logs: Told of requests to the buckets that it wants.
        internet: The way to other hosts; this machine's by default.
        operator_acts: What the account's root may do besides AWS's operations.
        console: The application for browsers.
        console_sessions: Whose sessions it has; without them it knows access keys alone.
        documents: What it is told besides AWS's answers, by name.
        terminals: Of machines, in its page.
        certificate: What other machines are shown, where the settings open the door to them.

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
        function_urls: FunctionUrlAnswers | None = None,
        notebooks: NotebookEntrance | None = None,
        registry: RegistryAnswers | None = None,
        websites: WebsiteAnswers | None = None,
        bucket_logs: BucketLogs | None = None,
        internet: Internet | None = None,
        operator_acts: Mapping[str, OperatorAct] | None = None,
        console: Serving | None = None,
        console_sessions: ConsoleSessions | None = None,
        documents: Mapping[str, Document] | None = None,
        terminals: Terminals | None = None,
        certificate: ServerCertificate | None = None,
    ) -> None:
        self.settings = settings
        self._certificate = certificate
        self.own_ports: set[int] = set()
        wall_clock = wall_clock or SystemClock()
        internet = internet or Internet()
        table = OperationTable(services, catalog)
        authenticator = Authenticator(identities, clock, wall_clock, clock_check=settings.clock_check)
        public_s3 = PublicS3(buckets, internet, self.own_ports, enabled=settings.public_s3)
        performing = Performing(
            authenticator, authorizer, buckets, settings.default_region, settings.max_body_bytes
        )
        self._notebooks = Notebooks(notebooks) if notebooks is not None else None
        is_relayed = rest_apis.is_own_connection if rest_apis is not None else None
        acts = dict(operator_acts or {})
        for_browsers: dict[str, Page] = {}
        if console_sessions is not None:
            session_pages = ConsoleSessionPages(console_sessions, is_relayed)
            acts["console"] = session_pages.token
            for_browsers |= session_pages.pages()
        self._terminals: TerminalPages | None = None
        if terminals is not None:
            self._terminals = TerminalPages(terminals, authenticator, authorizer, is_relayed)
            for_browsers |= self._terminals.pages()
        pages_of_console = ConsolePages(console) if console is not None else None
        chain = Chain(
            operations=table,
            performing=performing,
            forms=Forms(table, performing),
            pages=Pages(
                {
                    **(pages or {}),
                    **OperatorDoor(acts, authenticator).pages(),
                    **DocumentPages(documents or {}, table, authenticator, authorizer, clock).pages(),
                },
                version=settings.version,
                services=table.counts(),
                allow_reset=settings.allow_reset,
                is_relayed=is_relayed,
                for_browsers=for_browsers,
                has_console=lambda: console is not None and console.is_built,
            ),
            public_s3=public_s3,
            execute_api=ExecuteApi(rest_apis, authenticator) if rest_apis is not None else None,
            websites=websites,
            function_urls=FunctionUrls(function_urls, authenticator) if function_urls is not None else None,
            notebooks=self._notebooks,
            registries=Registries(registry) if registry is not None else None,
            console=pages_of_console,
        )
        # Signed calls that the platform makes of itself, without a socket.
        self.internal_calls = InternalCalls(chain, clock, wall_clock, ids)
        self.operation_calls = InnerOperations(table, authorizer, clock, ids)
        application = Application(chain, clock=clock, ids=ids, on_served=on_served, bucket_logs=bucket_logs)
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
