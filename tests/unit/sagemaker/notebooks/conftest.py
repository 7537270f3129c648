"""The room of notebook instances over a fake of the machines behind them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.executors.base import Usage
from sagehen.executors.environments.pip_settings import PipSettings
from sagehen.services.sagemaker.instances.capacity import Capacity, Memory
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.notebooks.assembly import NotebookNeeds, NotebookParts, notebook_parts
from sagehen.services.sagemaker.notebooks.server import LaunchFailed, Output, Wanted
from sagehen.services.sagemaker.schema import MIGRATIONS
from sagehen.store.database import Database
from tests.unit.sagemaker.conftest import ROLE, SCOPE, USER, FakeExecutor, FakeMetrics, FakeObjects
from tests.unit.sagemaker.conftest import FakeRoles as _Roles


class FakeRoles(_Roles):
    over = False

    def is_over(self, session: Principal) -> bool:
        return self.over


class FakeLogs:
    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}

    def write(self, scope: Scope, group: str, stream: str, events: Any) -> None:
        assert group == "/aws/sagemaker/NotebookInstances"
        self.lines.setdefault(stream, []).extend(message for _, message in events)

    async def flush(self) -> None: ...


class FakeAuthorizer(Authorizer):
    """Denies when told to, and notes what it was asked."""

    def __init__(self) -> None:
        self.allows = True
        self.asked: list[tuple[Principal, Access, Any]] = []

    def authorize(self, principal: Principal, access: Access, environment: Any) -> None:
        if not self.is_allowed(principal, access, environment):
            raise AccessDenied("no")

    def is_allowed(
        self, principal: Principal, access: Access, environment: dict[str, ConditionValue] | Any
    ) -> bool:
        self.asked.append((principal, access, environment))
        return self.allows


class FakeServer:
    """A machine in name only. Scripts and commands answer what the test said."""

    token = "secret"

    def __init__(self, wanted: Wanted, servers: FakeServers, output: Output) -> None:
        self.wanted = wanted
        self.output = output
        self.graces: list[float] = []
        self._servers = servers
        self._gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run_script(self, hook: str, content: bytes, deadline_s: float, output: Output) -> int | None:
        assert deadline_s == 300
        self._servers.done.append((hook, content))
        output(f"hello from {hook}")
        return self._servers.codes.get(hook, 0)

    async def run(self, command: tuple[str, ...], deadline_s: float, output: Output) -> int | None:
        self._servers.done.append(("run", command[-3:]))
        for line in self._servers.git_says:
            output(line)
        return self._servers.codes.get("run", 0)

    async def serve(self) -> None:
        self._servers.done.append(("serve", self.wanted.start_folder))
        self.output("Jupyter Server is running")
        await self._servers.may_serve.wait()

    async def connect(self) -> socket.socket:
        raise OSError("nobody listens")

    async def last_activity(self) -> datetime | None:
        return self._servers.last_activity

    def usage(self) -> Usage:
        return Usage(1.0, 1, 1)

    async def wait_gone(self) -> str:
        return await asyncio.shield(self._gone)

    def die(self, reason: str) -> None:
        self._gone.set_result(reason)

    async def stop(self, grace_s: float) -> None:
        self.graces.append(grace_s)
        self._servers.running.discard(self)


@dataclass
class FakeServers:
    """Launches them. `done` is what was asked for, in order."""

    codes: dict[str, int | None] = field(default_factory=dict)
    refusal: str = ""
    git_says: list[str] = field(default_factory=list)
    done: list[tuple[str, Any]] = field(default_factory=list)
    launched: list[FakeServer] = field(default_factory=list)
    running: set[FakeServer] = field(default_factory=set)
    volumes: dict[str, int] = field(default_factory=dict)
    last_activity: datetime | None = None
    kept: set[str] = field(default_factory=set)
    may_launch: asyncio.Event = field(default_factory=asyncio.Event)
    may_serve: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_launch.set()
        self.may_serve.set()

    async def launch(self, wanted: Wanted, output: Output, progress: Output) -> FakeServer:
        await self.may_launch.wait()
        if self.refusal:
            raise LaunchFailed(self.refusal)
        progress("the machine is up")
        self.volumes.setdefault(wanted.volume_id, wanted.volume_gb)
        server = FakeServer(wanted, self, output)
        self.launched.append(server)
        self.running.add(server)
        return server

    async def resize(self, volume_id: str, volume_gb: int) -> None:
        assert not self.running
        if self.refusal:
            raise LaunchFailed(self.refusal)
        self.volumes[volume_id] = volume_gb

    async def remove_volume(self, volume_id: str) -> None:
        self.volumes.pop(volume_id, None)

    async def keep_only(self, volume_ids: Collection[str]) -> None:
        self.kept = set(volume_ids)


class Notebooks:
    """The operations, with short ways to call them."""

    def __init__(self, folder: Path, database: Database, clock: ManualClock, ids: Ids) -> None:
        database.migrate("sagemaker", MIGRATIONS)
        self.database, self.clock = database, clock
        self.roles, self.logs, self.servers = FakeRoles(), FakeLogs(), FakeServers()
        self.authorizer = FakeAuthorizer()
        self.memory = Memory(16_384, 12_000)
        self.means = Means(
            folder=folder, clock=clock, wall_clock=clock, ids=ids, roles=self.roles, objects=FakeObjects(),
            logs=self.logs, metrics=FakeMetrics(), executor=FakeExecutor(),
            surroundings=Surroundings(4566, None, PipSettings({}, ())),
            capacity=Capacity(clock, lambda: self.memory, cpus=2), supply=Supply(database),
        )  # fmt: skip
        self.parts = self.assemble()

    def assemble(self, idle_s: float | None = None) -> NotebookParts:
        return notebook_parts(
            self.database,
            self.means,
            NotebookNeeds(self.servers, self.authorizer, idle_s),
            NamedNetworks(),
        )

    async def restart(self) -> None:
        """Let the platform's life end without a word, and begin another on the same database."""
        for loop in self.parts.loops._loops.values():
            loop._task.cancel()
            if loop.run is not None:
                loop.run._on_change = lambda run: None
                loop.run._task.cancel()
        await asyncio.sleep(0)
        self.servers.running.clear()
        self.parts = self.assemble()
        await self.parts.loops.start()

    async def __call__(self, operation: str, *, scope: Scope = SCOPE, host: str = "", **request: Any) -> Any:
        context = RequestContext(
            "r-1", "sagemaker", operation, scope, USER, self.clock.now(), host=host or "127.0.0.1:4566"
        )
        for resource in self.parts.resources:
            for name in dir(type(resource)):
                declared = getattr(getattr(type(resource), name), "__sagehen_operation__", None)
                if declared is not None and declared.name == operation:
                    return await getattr(resource, name)(context, request)
        raise LookupError(operation)

    async def create(self, name: str = "Nb-1", **changes: Any) -> Any:
        request = {"NotebookInstanceName": name, "InstanceType": "ml.t3.medium", "RoleArn": ROLE} | changes
        return await self("CreateNotebookInstance", **request)

    async def describe(self, name: str = "Nb-1") -> Any:
        return await self("DescribeNotebookInstance", NotebookInstanceName=name)

    async def until(self, status: str, name: str = "Nb-1") -> Any:
        """Wait until the instance has this status."""
        return await self.eventually(lambda answer: answer["NotebookInstanceStatus"] == status, name)

    async def eventually(self, holds: Callable[[Any], bool], name: str = "Nb-1") -> Any:
        async with asyncio.timeout(30):
            while not holds(answer := await self.describe(name)):
                await asyncio.sleep(0.002)
        return answer

    async def with_script(self, **scripts: str) -> None:
        """Make the lifecycle configuration `setup`."""
        hooks = {hook: [{"Content": content}] for hook, content in scripts.items()}
        await self(
            "CreateNotebookInstanceLifecycleConfig",
            NotebookInstanceLifecycleConfigName="setup",
            **hooks,
        )


@pytest.fixture
async def notebooks(
    tmp_path: Path, database: Database, clock: ManualClock, ids: Ids
) -> AsyncIterator[Notebooks]:
    made = Notebooks(tmp_path / "notebooks", database, clock, ids)
    await made.parts.loops.start()
    yield made
    await made.parts.loops.stop()
    assert not made.servers.running
