"""Starts runtimes in sandboxes: credentials, layers, ports and folders for one life of a runtime."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta
from pathlib import Path

from sagehen.api.errors import ServiceError
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.container_images import ContainerImage, ContainerImages
from sagehen.domain.ports.identity.roles import Roles
from sagehen.executors.base import Executor, Network, OpenDoor, SandboxSpec, SandboxUnavailable
from sagehen.executors.folders.removal import discard, remove_tree, sweep_discarded
from sagehen.services.lambda_.execution import faults, image_container, layers, preloading
from sagehen.services.lambda_.execution.company import Company
from sagehen.services.lambda_.execution.container import (
    Placement,
    Surroundings,
    limits_of,
    sandbox_hosts,
    shared_variables,
    spec_of,
)
from sagehen.services.lambda_.execution.contract import (
    EnvironmentFailed,
    FunctionVersion,
    InitializationType,
    session_name,
)
from sagehen.services.lambda_.execution.extensions.files import MOST_EXTENSIONS, external_extensions
from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.log_stream import LogStream
from sagehen.services.lambda_.execution.runtime_api.api import RuntimeApi
from sagehen.services.lambda_.execution.runtime_process import RuntimeProcess
from sagehen.services.lambda_.execution.runtimes import Runtime
from sagehen.services.lambda_.execution.telemetry.streams import Streams

_PRINCIPAL = "lambda.amazonaws.com"
# Where AWS's own supervisor listens.
API_PORT = 9001
_HTTPS_PORT = 443
# An environment is retired before a call of its last invocation could meet expired credentials.
_CREDENTIALS_RESERVE_S = 60


class CannotLaunch(Exception):
    """The package cannot be started at all."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Launching:
    """Makes `RuntimeProcess`es.

    Args:
        executor: Where they run.
        folder: Records of running ones, and merged layers.
        roles: For the credentials of the functions' roles.
        clock, ids: As everywhere.
        around: What is the same for all.
        images: Where functions that are images come from; None: there are none.
    """

    def __init__(
        self,
        executor: Executor,
        folder: Path,
        roles: Roles,
        clock: Clock,
        ids: Ids,
        around: Surroundings,
        images: ContainerImages | None = None,
    ) -> None:
        self._executor = executor
        self._sandboxes = folder / "sandboxes"
        self._layers = folder / "layers"
        self._roles = roles
        self._clock = clock
        self._ids = ids
        self._around = around
        self._images = images
        # Of the present life: code and layers of a revision never change.
        self._known: dict[tuple[Path, ...], tuple[bool, tuple[str, ...]]] = {}
        self._merging = asyncio.Lock()

    @property
    def has_isolated_door(self) -> bool:
        """Whether functions can be kept from the internet."""
        return self._around.isolated_door is not None

    @property
    def door_ports(self) -> tuple[int, ...]:
        """At which ports every environment's own network has doors, besides the platform's."""
        return (API_PORT,) if self._around.tls_door is None else (API_PORT, _HTTPS_PORT)

    async def credentials(self, function: FunctionVersion) -> Credentials:
        """Return fresh credentials of the function's role.

        Raises:
            EnvironmentFailed: It does not exist or does not trust Lambda.
        """
        try:
            session = await self._roles.assume_for_service(
                function.role_arn,
                _PRINCIPAL,
                session_name(function.function_name),
                environment={"aws:SourceArn": function.arn},
            )
        except ServiceError as error:
            raise EnvironmentFailed(
                "The role defined for the function cannot be assumed by Lambda."
            ) from error
        return session.credentials

    def outlasts(self, credentials: Credentials, function: FunctionVersion) -> bool:
        """Tell whether the credentials last for one more invocation."""
        if credentials.expiration is None:
            return True
        needed = timedelta(seconds=function.timeout_s + _CREDENTIALS_RESERVE_S)
        return credentials.expiration - self._clock.now() > needed

    async def launch(
        self,
        function: FunctionVersion,
        runtime: Runtime,
        kind: InitializationType,
        credentials: Credentials,
        log: LogStream,
    ) -> RuntimeProcess:
        """Start one life of the function's runtime; its init is under way when this returns.

        Raises:
            EnvironmentFailed: This machine refuses the sandbox.
            CannotLaunch: The package lacks what its runtime starts.
        """
        name = f"lambda-{self._ids.hex(16)}"
        folder = self._sandboxes / name
        api_port = API_PORT if self._executor.has_private_networks else _free_port()
        image = await self._pulled(function)
        nothing: tuple[Path | None, bool, tuple[str, ...]] = (None, False, ())
        opt, may_fork, extensions = await self._prepared(function, runtime) if image is None else nothing
        if len(extensions) > MOST_EXTENSIONS:
            raise CannotLaunch(faults.too_many_extensions(MOST_EXTENSIONS))
        company = self._company(function, extensions, name, api_port, log)
        api = RuntimeApi(company)
        placement = Placement(
            name, folder, opt, may_fork, log.name, kind, api_port, credentials, bool(extensions)
        )
        network = self._network(function, name, {api_port: api.serve})
        if image is None:
            spec = spec_of(function, runtime, placement, network, self._around)
        else:
            spec = self._on_image(function, image, placement, network)
        if spec is None:
            raise CannotLaunch(faults.no_bootstrap())
        try:
            sandbox = await self._executor.start(spec, log.printed)
        except BaseException as error:
            await asyncio.to_thread(remove_tree, folder)
            if image is not None:
                image.release()
            if isinstance(error, SandboxUnavailable):
                raise EnvironmentFailed(str(error)) from error
            raise

        async def remove() -> None:
            await asyncio.to_thread(remove_tree, folder)
            if image is not None:
                image.release()

        return RuntimeProcess(sandbox, api, company, function.memory_mib, remove)

    async def _pulled(self, function: FunctionVersion) -> ContainerImage | None:
        """Return the image that a function is, unpacked and held; None for all other functions.

        Raises:
            EnvironmentFailed: It has been deleted.
            CannotLaunch: It cannot be started.
        """
        if function.image is None:
            return None
        if self._images is None or not self._executor.has_private_networks:
            raise EnvironmentFailed("Container images run in sandboxes alone.")
        try:  # whoever made the function had the rights to it
            image = await self._images.bring(function.image.uri, None)
        except ServiceError as error:
            raise EnvironmentFailed(error.message) from error
        fault = await asyncio.to_thread(image_container.refusal_of, function, image)
        if fault is not None:
            image.release()
            raise CannotLaunch(fault)
        return image

    def _on_image(
        self, function: FunctionVersion, image: ContainerImage, placement: Placement, network: Network
    ) -> SandboxSpec:
        variables = shared_variables(function, placement, self._around, image_container.TRUST)
        return image_container.spec_of(
            function,
            image,
            placement.name,
            placement.folder,
            variables | dict(function.environment),
            limits_of(function),
            network,
            self._around.ca_file,
        )

    def _network(self, function: FunctionVersion, name: str, doors: dict[int, OpenDoor]) -> Network:
        """Return a network with the platform's door, or with the one that leads nowhere else."""
        isolated, tls = self._around.isolated_door, self._around.tls_door
        if tls is not None and self._executor.has_private_networks:
            doors = {**doors, _HTTPS_PORT: tls.open}
        if function.internet or isolated is None:
            return Network(name, sandbox_hosts(self._around), doors=doors)
        doors = {**doors, self._around.platform_port: isolated}
        return Network(name, sandbox_hosts(self._around), platform_door=False, doors=doors)

    def _company(
        self,
        function: FunctionVersion,
        extensions: tuple[str, ...],
        network: str,
        api_port: int,
        log: LogStream,
    ) -> Company:
        """Return what runs beside the runtime; the log tells it what it hears itself from now on."""
        streams = Streams(
            lambda port: self._executor.connect(network, port),
            self._clock,
            (api_port, _HTTPS_PORT, self._around.platform_port),
            log.subscribed,
            keeps_early=bool(extensions),
        )
        log.attach(streams)
        return Company(function, extensions, self._ids, streams)

    async def _prepared(
        self, function: FunctionVersion, runtime: Runtime
    ) -> tuple[Path | None, bool, tuple[str, ...]]:
        """Return what is /opt, whether the warm parent may be used, and the extensions in it. Worked out once
        per package."""
        key = (function.code_folder, *function.layer_folders)
        if key not in self._known:
            async with self._merging:
                may_fork = runtime.kind == "python" and await asyncio.to_thread(
                    preloading.may_fork, function.code_folder, function.layer_folders
                )
                opt = await asyncio.to_thread(layers.merged, function.layer_folders, self._layers)
                self._known[key] = (may_fork, await asyncio.to_thread(external_extensions, opt))
        # Merged above, so that this only looks.
        return layers.merged(function.layer_folders, self._layers), *self._known[key]

    def forget_earlier_lives(self) -> None:
        """Remove what a killed platform left, and make what every environment needs. Blocking.

        The processes were ended by the executor.
        """
        for folder in (self._sandboxes, self._layers):
            sweep_discarded(folder)
            discard(folder)
        self._around.nothing.mkdir(parents=True, exist_ok=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
