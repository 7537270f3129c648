"""ServerRun: one server of a notebook instance, from its launch to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Literal

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import epoch_ms
from sagehen.executors.base import SandboxUnavailable
from sagehen.services.sagemaker.instances import capacity, limits
from sagehen.services.sagemaker.instances.capacity import InsufficientCapacity, Lease
from sagehen.services.sagemaker.instances.gpu_types import GpuTypeRefused
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.notebooks import failure
from sagehen.services.sagemaker.notebooks.acceptance import repositories_of
from sagehen.services.sagemaker.notebooks.addresses import base_path
from sagehen.services.sagemaker.notebooks.code_repositories import cloning
from sagehen.services.sagemaker.notebooks.code_repositories.cloning import Clone
from sagehen.services.sagemaker.notebooks.code_repositories.records import (
    CodeRepositoryRecords,
    missing,
    repository_arn,
)
from sagehen.services.sagemaker.notebooks.instance import LOG_GROUP, NotebookInstance
from sagehen.services.sagemaker.notebooks.lifecycle_configs.records import LifecycleConfigRecords
from sagehen.services.sagemaker.notebooks.lifecycle_configs.scripts import script
from sagehen.services.sagemaker.notebooks.server import (
    LaunchFailed,
    NotebookServer,
    NotebookServers,
    Output,
    Wanted,
)

_log = logging.getLogger("sagehen.notebooks")

# Documented: CreateNotebookInstanceLifecycleConfig.
SCRIPT_DEADLINE_S = 300.0
# Ours: AWS's is not told.
_CLONE_DEADLINE_S = 300.0
# Kernels write their histories; people's files are on the volume since they saved them.
STOP_GRACE_S = 5.0
# Said while the operator rehearses a region without instances.
_REFUSED = "no {} is to be had (`sagehen capacity`); waiting for one"
# Of what git prints.
_LINES_KEPT = 20


class ServerRun:
    """Runs one server and tells of every change.

    Args:
        instance: As it was when the run began.
        on_change: Told when it is ready, and when it has ended.

    Attributes:
        phase: starting, ready, stopping, ended.
        failure: Why it ended, in the words of FailureReason; None where it was told to.
        ready_at: Monotonic, of the machine's clock; None before.
        came_up_at: The same moment as a date.
        server: From when its machine runs.
    """

    def __init__(
        self,
        instance: NotebookInstance,
        *,
        means: Means,
        servers: NotebookServers,
        configs: LifecycleConfigRecords,
        repositories: CodeRepositoryRecords,
        on_change: Callable[[ServerRun], None],
    ) -> None:
        self.phase: Literal["starting", "ready", "stopping", "ended"] = "starting"
        self.failure: str | None = None
        self.ready_at: float | None = None
        self.came_up_at: datetime | None = None
        self.server: NotebookServer | None = None
        self._instance = instance
        self._means = means
        self._servers = servers
        self._configs = configs
        self._repositories = repositories
        self._on_change = on_change
        self._lease: Lease | None = None
        self._launching: asyncio.Future[NotebookServer] | None = None
        self._stopping = asyncio.Event()
        self._grace_s = STOP_GRACE_S
        self._task = asyncio.create_task(self._run(), name=f"notebook-{instance.name}")

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """Begin to end it."""
        if self.phase in ("starting", "ready"):
            self.phase, self._grace_s = "stopping", grace_s
            self._stopping.set()

    async def ended(self) -> None:
        """Return when nothing of it runs any more."""
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(self._task)

    def say(self, line: str) -> None:
        """Write a line of the platform's own to the stream of JupyterLab's log."""
        self._write("jupyter.log", f"sagehen: {line}")

    # --- its life ----------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            if await self._unless_stopped(self._start()):
                assert self.server is not None
                self.phase, self.ready_at = "ready", self._means.wall_clock.monotonic()
                self.came_up_at = self._means.wall_clock.now()
                self._on_change(self)
                gone = asyncio.ensure_future(self.server.wait_gone())
                if await self._unless_stopped(gone):
                    self._fail(gone.result())
        except InsufficientCapacity:
            self._fail(failure.NO_CAPACITY)
        except (LaunchFailed, SandboxUnavailable, GpuTypeRefused, AccessDenied, ServiceError) as error:
            self._fail(str(error))
        except Exception:
            _log.exception("the server of notebook instance %s", self._instance.name)
            self._fail(failure.INTERNAL)
        finally:
            await self._clear()
            self.phase = "ended"
            self._on_change(self)

    def _fail(self, reason: str) -> None:
        if not self._stopping.is_set():
            self.failure = reason
            self.say(reason)

    async def _clear(self) -> None:
        launching = self._launching
        if launching is not None and not launching.cancelled() and launching.exception() is None:
            self.server = launching.result()
        if self.server is not None:
            try:
                await self.server.stop(self._grace_s)
            except Exception:
                _log.exception("the server of notebook instance %s did not stop", self._instance.name)
        if self._lease is not None:
            self._means.capacity.give_back(self._lease)

    async def _unless_stopped(self, work: Coroutine[object, object, None] | asyncio.Future[str]) -> bool:
        """Do the work, or give it up when the server is no longer wanted. True where it was done."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not working.done():
                working.cancel()
                await asyncio.wait((working,))
        if working.cancelled():
            return False
        working.result()
        return not self._stopping.is_set()

    async def _start(self) -> None:
        """Bring it up, in AWS's order.

        Raises:
            LaunchFailed, InsufficientCapacity, GpuTypeRefused, SandboxUnavailable.
        """
        clones = self._clones()
        wanted = self._wanted(clones)
        refused = _REFUSED.format(wanted.instance_type)
        await self._means.supply.provide(
            (wanted.instance_type,), self._means.clock, lambda: self.say(refused)
        )
        self._lease = self._means.capacity.take(capacity.need_mib(wanted.limits))
        # A task of its own: what it has made when this one is cancelled in the same moment is not lost.
        self._launching = asyncio.ensure_future(
            self._servers.launch(wanted, lambda line: self._write("jupyter.log", line), self.say)
        )
        self.server = server = await self._launching
        for clone in clones:
            await self._clone(server, clone)
        await self._scripts(server)
        await server.serve()

    def _wanted(self, clones: list[Clone]) -> Wanted:
        instance, settings, around = self._instance, self._instance.settings, self._means.surroundings
        kind, allowed = limits.on_this_host(settings.instance_type, around.cpus_per_instance)
        if note := around.gpu_types.note(kind):
            self.say(note)
        around.gpu_types.require(kind)
        return Wanted(
            scope=instance.scope,
            name=instance.name,
            arn=instance.arn,
            role_arn=settings.role_arn,
            instance_type=settings.instance_type,
            limits=allowed,
            gpus=around.gpu_types.share(kind),
            base_path=base_path(instance.scope.region, instance.label),
            volume_id=instance.volume_id,
            volume_gb=settings.volume_gb,
            root_access=settings.root_access,
            internet=settings.internet,
            platform_identifier=settings.platform_identifier,
            start_folder=clones[0].folder if settings.default_repository else "",
        )

    # --- what runs before JupyterLab -----------------------------------------------------------

    def _clones(self) -> list[Clone]:
        """Return what to clone, with the names of code repositories resolved as they are now.

        Raises:
            ValidationException: A code repository is gone.
        """
        found = []
        for name_or_url in repositories_of(self._instance.settings):
            if cloning.is_url(name_or_url):
                found.append((name_or_url, ""))
                continue
            scope = self._instance.scope
            repository = self._repositories.get(scope, name_or_url)
            if repository is None:
                raise missing(repository_arn(scope, name_or_url))
            found.append((repository.git_config["RepositoryUrl"], repository.git_config.get("Branch", "")))
        return cloning.clones(found)

    async def _clone(self, server: NotebookServer, clone: Clone) -> None:
        lines: list[str] = []

        def heard(line: str) -> None:
            lines.append(line)
            del lines[:-_LINES_KEPT]
            self._write("jupyter.log", line)

        code = await server.run(clone.command(), _CLONE_DEADLINE_S, heard)
        if code != 0:
            raise LaunchFailed(failure.clone_failed(clone.url, lines, code))

    async def _scripts(self, server: NotebookServer) -> None:
        instance = self._instance
        if not instance.settings.lifecycle_config:
            return
        config = self._configs.get(instance.scope, instance.settings.lifecycle_config)
        if config is None:
            raise LaunchFailed(failure.script_missing(instance))
        if config.on_create and not instance.was_set_up:
            await self._script(server, "OnCreate", config.on_create)
        if config.on_start:
            await self._script(server, "OnStart", config.on_start)

    async def _script(self, server: NotebookServer, hook: str, content: str) -> None:
        stream = f"LifecycleConfig{hook}"  # recorded, with the name in front: the log's stream
        output: Output = lambda line: self._write(stream, line)  # noqa: E731
        code = await server.run_script(stream, script(content), SCRIPT_DEADLINE_S, output)
        if code != 0:
            raise LaunchFailed(failure.script_failed(self._instance, hook, code))

    # --- its logs ----------------------------------------------------------------------------

    def _write(self, stream: str, line: str) -> None:
        now_ms = epoch_ms(self._means.clock.now())
        name = f"{self._instance.name}/{stream}"
        self._means.logs.write(self._instance.scope, LOG_GROUP, name, [(now_ms, line)])
