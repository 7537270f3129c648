"""Execution environments on this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.container_images import ContainerImages
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.executors.base import Executor, OpenDoor, SandboxUnavailable
from sagehen.services.lambda_.execution import runtimes
from sagehen.services.lambda_.execution.container import WARM_PARENT, Surroundings, TlsDoor
from sagehen.services.lambda_.execution.contract import (
    EnvironmentFailed,
    FunctionVersion,
    InitializationType,
)
from sagehen.services.lambda_.execution.environment import LocalEnvironment
from sagehen.services.lambda_.execution.json_log_stream import JsonLogStream
from sagehen.services.lambda_.execution.launching import Launching
from sagehen.services.lambda_.execution.log_stream import LogStream
from sagehen.services.lambda_.execution.runtimes import Runtime

# Cold starts that may come at once; each costs a forked process's page tables and a network namespace.
_SPARES = 2


class LocalEnvironments:
    """Implements `contract.Environments` with sandboxes.

    Args:
        executor: Where processes run.
        folder: Its own folder. Nothing in it outlives the platform.
        roles: For the credentials of the functions' roles.
        logs: Where log lines go.
        clock: Dates log lines and credentials. Timeouts are in real seconds: functions see those.
        ids: Draws names.
        platform_port: Where the front door answers inside a sandbox.
        ca_file: The platform's certificate authority; None leaves HTTPS to the system's.
        isolated_door: The platform's door without a way to the internet.
        tls_door: Another door, as a host of AWS's.
        images: Where functions that are container images come from.
    """

    def __init__(
        self,
        *,
        executor: Executor,
        folder: Path,
        roles: Roles,
        logs: LogSink,
        clock: Clock,
        ids: Ids,
        platform_port: int,
        ca_file: Path | None,
        isolated_door: OpenDoor | None = None,
        tls_door: TlsDoor | None = None,
        images: ContainerImages | None = None,
    ) -> None:
        self._logs = logs
        self._clock = clock
        self._ids = ids
        self._interpreters = folder / "interpreters"
        around = Surroundings(
            *(platform_port, ca_file, folder / "nothing", isolated_door, tls_door, self._interpreters)
        )
        self._launching = Launching(executor, folder, roles, clock, ids, around, images)
        self._runtimes: Mapping[str, Runtime] | None = None
        self._preparing = asyncio.Lock()
        self._is_clean = False
        self._executor = executor
        self._prewarming: asyncio.Task[None] | None = None
        self._environments: set[LocalEnvironment] = set()

    @property
    def closes_internet(self) -> bool:
        """See `contract.Environments`."""
        return self._executor.has_private_networks and self._launching.has_isolated_door

    async def start(self, function: FunctionVersion, kind: InitializationType) -> LocalEnvironment:
        """See `contract.Environments`. The first start of a Python function forks ahead for the next ones."""
        there = await self._prepared()
        runtime = there.get(function.runtime) if function.image is None else runtimes.IMAGE
        if runtime is None:
            present = ", ".join(sorted(self.runtimes()))
            raise EnvironmentFailed(
                f"The runtime {function.runtime} is not on this machine. There are: {present}."
            )
        credentials = await self._launching.credentials(function)
        log = self._log_stream(function, kind)
        environment = LocalEnvironment(function, runtime, kind, credentials, self._launching, log, self._ids)
        self._environments = {other for other in self._environments if not other.is_closed}
        self._environments.add(environment)
        try:
            await environment.start()
        except BaseException:
            await environment.shutdown()
            raise
        if self._prewarming is None and runtime.kind == "python":
            # Who uses functions at all will meet more cold starts.
            self._prewarming = asyncio.create_task(self._prewarm_quietly(), name="prewarm functions")
        return environment

    async def prewarm(self) -> None:
        """Get ready for cold starts: look around, import what Python functions find, fork ahead.

        Raises:
            SandboxUnavailable: This machine refuses sandboxes.
        """
        await self._prepared()
        await self._executor.prewarm(WARM_PARENT, _SPARES, self._launching.door_ports)

    async def _prewarm_quietly(self) -> None:
        with contextlib.suppress(SandboxUnavailable):  # starts say so themselves
            await self.prewarm()

    def runtimes(self) -> Mapping[str, str]:
        """Return runtime -> interpreter ('' where the package brings it). The first call looks around."""
        if self._runtimes is None:
            self._runtimes = self._discover()
        return {name: runtime.interpreter for name, runtime in self._runtimes.items()}

    def runtime_version_arn(self, runtime: str, region: str) -> str | None:
        """See `contract.Environments`. The first call looks around, as `runtimes` does."""
        self.runtimes()
        found = (self._runtimes or {}).get(runtime)
        return found.version_arn(region) if found else None

    async def close(self) -> None:
        """See `contract.Environments`."""
        if self._prewarming is not None:
            self._prewarming.cancel()
            await asyncio.gather(self._prewarming, return_exceptions=True)
        await asyncio.gather(*(environment.shutdown() for environment in self._environments))
        self._environments.clear()

    async def _prepared(self) -> Mapping[str, Runtime]:
        async with self._preparing:
            if not self._is_clean:
                await asyncio.to_thread(self._launching.forget_earlier_lives)
                self._is_clean = True
            if self._runtimes is None:
                self._runtimes = await asyncio.to_thread(self._discover)
            return self._runtimes

    def _discover(self) -> Mapping[str, Runtime]:
        found = runtimes.discover()
        runtimes.lay_out(self._interpreters, found.values())
        if self._executor.has_private_networks:
            return found
        # A plain process has no /var/runtime, where other Pythons find the runtime's client.
        return {name: runtime for name, runtime in found.items() if runtime.kind != "other-python"}

    def _log_stream(self, function: FunctionVersion, kind: InitializationType) -> LogStream:
        name = f"{self._clock.now():%Y/%m/%d}/[{function.version}]{self._ids.hex(32)}"
        make = JsonLogStream if function.log_format == "JSON" else LogStream
        return make(self._logs, self._clock, function, name, kind)
