"""The endpoints of one platform, on an executor whose instances live in this process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tarfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.domain.ports.storage.objects import NoSuchObject, ObjectSummary
from sagehen.domain.scope import Scope
from sagehen.executors.base import ExitStatus, OutputListener, SandboxSpec, Usage
from sagehen.executors.environments import catalogue
from sagehen.executors.environments.environment import Environment
from sagehen.executors.environments.pip_settings import PipSettings
from sagehen.services.sagemaker.endpoint_configs.records import EndpointConfigRecord, EndpointConfigRecords
from sagehen.services.sagemaker.endpoints.assembly import endpoint_parts
from sagehen.services.sagemaker.images.mapping import Image, Images
from sagehen.services.sagemaker.instances.capacity import Capacity, Memory
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.models.records import ModelRecord, ModelRecords
from sagehen.services.sagemaker.schema import MIGRATIONS
from sagehen.services.sagemaker_runtime.service import SageMakerRuntimeService
from sagehen.serving.directory import EndpointDirectory
from sagehen.store.database import Database

SCOPE = Scope("111122223333", "us-east-1")
ROLE = "arn:aws:iam::111122223333:role/model"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"


class FakeSandbox:
    """Serves /ping and /invocations on the socket that its spec mounts. `behaviour` comes from the model's
    Environment: ok, never-ready, exit.

    Attributes:
        answering: Requests `slow` that it has not answered yet.
    """

    def __init__(self, spec: SandboxSpec, on_output: OutputListener) -> None:
        self.spec = spec
        self.name = spec.name
        self.pid = 1
        self.signals: list[str] = []
        self.on_output = on_output
        self._ended: asyncio.Future[ExitStatus] = asyncio.get_running_loop().create_future()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.behaviour = spec.environment.get("BEHAVIOUR", "ok")
        self.answering = 0

    async def up(self) -> None:
        run = next(mount.source for mount in self.spec.mounts if mount.target == "/run/sagehen")
        self.on_output("stdout", f"hello from {self.name}")
        if self.behaviour == "exit":
            self.end(ExitStatus(1))
            return
        folder = os.open(run, os.O_DIRECTORY)  # the whole path is too long for a socket's address
        self._server = await asyncio.start_unix_server(self._serve, f"/proc/self/fd/{folder}/server.sock")
        os.close(folder)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                status, answer = b"200 OK", self.name.encode()
                if head.startswith(b"GET /ping") and self.behaviour == "never-ready":
                    status = b"503 Not Yet"
                if body == b"fail":
                    status, answer = b"500 Oh", b"the model says no"
                if body == b"slow":
                    self.answering += 1
                    await asyncio.sleep(0.2)
                    self.answering -= 1
                writer.write(
                    b"HTTP/1.1 %s\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n%s"
                    % (status, len(answer), answer)
                )
        writer.close()

    def end(self, status: ExitStatus) -> None:
        """What the process's death does."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        if not self._ended.done():
            self._ended.set_result(status)

    async def wait(self) -> ExitStatus:
        return await asyncio.shield(self._ended)

    async def stop(self, grace_s: float) -> ExitStatus:
        self.signals.append("TERM")
        self.end(ExitStatus(0))
        return await self.wait()

    async def kill(self) -> ExitStatus:
        self.end(ExitStatus(137, 9))
        return await self.wait()

    def usage(self) -> Usage:
        return Usage(1.0, 2**20, 2**20)


class FakeExecutor:
    has_private_networks = True

    def __init__(self) -> None:
        self.started: list[FakeSandbox] = []

    @property
    def running(self) -> list[FakeSandbox]:
        return [sandbox for sandbox in self.started if not sandbox._ended.done()]

    async def start(self, spec: SandboxSpec, on_output: OutputListener) -> FakeSandbox:
        sandbox = FakeSandbox(spec, on_output)
        self.started.append(sandbox)
        await sandbox.up()
        return sandbox

    async def recover(self) -> list[str]:
        return []

    async def close(self) -> None: ...


class FakeRoles:
    async def assume_for_service(
        self, role_arn: str, service: str, session_name: str, duration_s: int = 3600
    ) -> RoleSession:
        if role_arn.endswith("gone"):
            raise AccessDenied(f"{service} may not assume {role_arn}")
        principal = Principal(PrincipalKind.ASSUMED_ROLE, role_arn, SCOPE.account_id)
        return RoleSession(
            Credentials("ASIA", "secret", "token", datetime(2099, 1, 1, tzinfo=UTC)), principal
        )


class FakeObjects:
    """One bucket in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.downloads = 0

    async def download(self, principal: Principal, bucket: str, key: str, to: Path) -> ObjectSummary:
        self.downloads += 1
        if not (self.folder / key).exists():
            raise NoSuchObject(f"{bucket}/{key}")
        to.write_bytes((self.folder / key).read_bytes())
        return ObjectSummary(key, 1, '""', datetime.now(UTC))


class Recorder:
    """A log sink and a metric sink that remember."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []
        self.metrics: list[tuple[str, str, float, Mapping[str, str]]] = []

    def write(self, scope: Scope, group: str, stream: str, events: Any) -> None:
        self.lines += [(group, stream, message) for _, message in events]

    async def flush(self) -> None: ...

    def record(self, scope: Scope, namespace: str, values: Any, at: Any = None) -> None:
        self.metrics += [(namespace, value.name, value.value, value.dimensions) for value in values]


class World:
    """Endpoints, their runtime, and everything around them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Database(folder / "db.sqlite")
        self.database.migrate("sagemaker", MIGRATIONS)
        self.models, self.configs = ModelRecords(self.database), EndpointConfigRecords(self.database)
        self.clock = SystemClock()
        self.memory = Memory(16_384, 12_000)
        self.recorder = Recorder()
        self.bucket = folder / "bucket"
        self.bucket.mkdir(exist_ok=True)
        self.objects = FakeObjects(self.bucket)
        self.begin()

    def begin(self, alarms: AlarmStates | None = None) -> None:
        """A new life of the platform on the same database."""
        self.executor = FakeExecutor()
        self.directory = EndpointDirectory()
        ids = Ids(random.Random())
        self.means = means = Means(
            folder=self.folder / "endpoints", clock=self.clock,
            wall_clock=self.clock, ids=ids, roles=FakeRoles(),
            objects=self.objects, logs=self.recorder, metrics=self.recorder, executor=self.executor,
            surroundings=Surroundings(4566, None, PipSettings({}, ())),
            capacity=Capacity(self.clock, lambda: self.memory, cpus=2),
        )  # fmt: skip
        parts = endpoint_parts(self.database, means, self.configs, self.models, self.directory, alarms=alarms)
        self.endpoints, self.loops = parts.operations, parts.loops
        self.runtime = SageMakerRuntimeService(
            directory=self.directory, clock=self.clock, ids=ids, metrics=self.recorder
        )

    def context(self, operation: str, scope: Scope = SCOPE) -> RequestContext:
        root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", scope.account_id)
        return RequestContext("r", "sagemaker", operation, scope, root, datetime.now(UTC))

    async def call(self, operation: str, **request: Any) -> Any:
        handlers = {
            "CreateEndpoint": self.endpoints.create_endpoint,
            "DescribeEndpoint": self.endpoints.describe_endpoint,
            "ListEndpoints": self.endpoints.list_endpoints,
            "UpdateEndpoint": self.endpoints.update_endpoint,
            "UpdateEndpointWeightsAndCapacities": self.endpoints.update_endpoint_weights_and_capacities,
            "DeleteEndpoint": self.endpoints.delete_endpoint,
        }
        return await handlers[operation](self.context(operation), request)

    async def invoke(self, endpoint: str, body: bytes = b"x", **members: Any) -> Any:
        (service,) = self.runtime.services
        (handler,) = [op.handler for op in service.operations() if op.name == "InvokeEndpoint"]
        request = {"EndpointName": endpoint, "Body": body, **members}
        return (await handler(self.context("InvokeEndpoint"), request)).result

    async def add_model(self, name: str, behaviour: str = "ok", **container: Any) -> None:
        request = {
            "ModelName": name,
            "ExecutionRoleArn": container.pop("role", ROLE),
            "PrimaryContainer": {"Image": IMAGE, "Environment": {"BEHAVIOUR": behaviour}, **container},
        }
        await self.models.add(ModelRecord(SCOPE, name, self.clock.now(), request), ())

    async def add_config(self, name: str, *variants: dict[str, Any]) -> None:
        completed = [
            {
                "VariantName": f"v{index}", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
                "InitialVariantWeight": 1.0, **variant,
            }
            for index, variant in enumerate(variants)
        ]  # fmt: skip
        request = {"EndpointConfigName": name, "ProductionVariants": completed}
        await self.configs.add(EndpointConfigRecord(SCOPE, name, self.clock.now(), request), ())

    async def until(self, condition: Callable[[], Any], timeout_s: float = 60) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                await asyncio.sleep(0.01)

    async def until_status(self, name: str, status: str, timeout_s: float = 60) -> dict[str, Any]:
        async with asyncio.timeout(timeout_s):
            while True:
                description: dict[str, Any] = await self.call("DescribeEndpoint", EndpointName=name)
                if description["EndpointStatus"] == status:
                    return description
                await asyncio.sleep(0.01)

    def put_model(self, key: str, files: dict[str, str]) -> str:
        with tarfile.open(self.bucket / key, "w:gz") as tar:
            for name, text in files.items():
                path = self.folder / "scratch"
                path.write_text(text)
                tar.add(path, name)
        return f"s3://bucket/{key}"


@pytest.fixture(autouse=True)
def no_torch_needed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Images are mapped as usual, whatever is installed beside the tests."""
    has = Environment("local", "the local environment", "3.12.1", {"torch": "2.6.0"})
    image = Image(IMAGE, catalogue.find(IMAGE), has)
    monkeypatch.setattr(Images, "resolve", lambda self, uri, purpose: image)
    yield


@pytest.fixture
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    world = World(tmp_path_factory.mktemp("w"))
    await world.loops.start()
    yield world
    await world.loops.stop()
    world.database.close()
