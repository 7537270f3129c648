"""ServerRun: one server of a notebook instance, from its launch to its end."""

from __future__ import annotations

import logging
from datetime import datetime

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
from sagehen.upkeep.run import Run

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


class ServerRun(Run[NotebookServer]):
    """Runs one server and tells of every change.

    Args:
        instance: As it was when the run began.

    Attributes:
        failure: Why it ended, in the words of FailureReason; None where it was told to.
        came_up_at: When it became ready, as a date.
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
    ) -> None:
        super().__init__(f"server of notebook instance {instance.name}", means.wall_clock, STOP_GRACE_S)
        self.failure: str | None = None
        self.came_up_at: datetime | None = None
        self.server: NotebookServer | None = None
        self._instance = instance
        self._means = means
        self._servers = servers
        self._configs = configs
        self._repositories = repositories
        self._lease: Lease | None = None

    def say(self, line: str) -> None:
        """Write a line of the platform's own to the stream of JupyterLab's log."""
        self._write("jupyter.log", f"sagehen: {line}")

    # --- its life ----------------------------------------------------------------------------

    async def _serve(self) -> None:
        assert self.server is not None
        self.came_up_at = self._means.wall_clock.now()
        self._be_ready()
        gone = await self._until_gone(self.server.wait_gone())
        if gone is not None:
            self._fail(gone)

    def _failed(self, error: Exception) -> None:
        match error:
            case InsufficientCapacity():
                self._fail(failure.NO_CAPACITY)
            case LaunchFailed() | SandboxUnavailable() | GpuTypeRefused() | AccessDenied() | ServiceError():
                self._fail(str(error))
            case _:
                _log.error("the server of notebook instance %s", self._instance.name, exc_info=error)
                self._fail(failure.INTERNAL)

    def _fail(self, reason: str) -> None:
        self.failure = reason
        self.say(reason)

    async def _clear(self) -> None:
        if (server := self._made()) is not None:
            self.server = server
            try:
                await server.stop(self._grace_s)
            except Exception:
                _log.exception("the server of notebook instance %s did not stop", self._instance.name)
        if self._lease is not None:
            self._means.capacity.give_back(self._lease)

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
        self.server = server = await self._launched(
            self._servers.launch(wanted, lambda line: self._write("jupyter.log", line), self.say)
        )
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
