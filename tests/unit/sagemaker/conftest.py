"""Training jobs over ports that live in memory: S3, roles, logs, metrics, and an executor whose
containers are coroutines of the test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.node_data import NodeData
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.storage.objects import NoSuchObject, ObjectSummary
from sagehen.domain.scope import Scope
from sagehen.executors.base import ExitStatus, SandboxSpec, SandboxUnavailable, Usage
from sagehen.executors.environments.pip_settings import PipSettings
from sagehen.services.sagemaker.endpoint_configs.operations import EndpointConfigs
from sagehen.services.sagemaker.endpoint_configs.records import EndpointConfigRecords
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.capacity import Capacity, Memory
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.model_packages.deployment import PackagedContainers
from sagehen.services.sagemaker.model_packages.package_records import PackageRecords
from sagehen.services.sagemaker.model_packages.schema import MIGRATIONS as PACKAGE_MIGRATIONS
from sagehen.services.sagemaker.models.operations import Models
from sagehen.services.sagemaker.models.records import ModelRecords
from sagehen.services.sagemaker.resources.rows import exists
from sagehen.services.sagemaker.schema import MIGRATIONS
from sagehen.services.sagemaker.tags.operations import Tags
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.services.sagemaker.training.operations import TrainingJobs
from sagehen.services.sagemaker.training.pools.pools import WarmPools
from sagehen.services.sagemaker.training.pools.records import MIGRATIONS as POOL_MIGRATIONS
from sagehen.services.sagemaker.training.pools.records import WarmPoolRecords
from sagehen.services.sagemaker.training.quota import TrainingQuota
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.training.requests.admission import Admission
from sagehen.services.sagemaker.training.runs import TrainingRuns
from sagehen.services.sagemaker.tuning.assembly import TuningParts, tuning_parts
from sagehen.store.database import Database

SCOPE = Scope("123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/Trainer"
USER = Principal(PrincipalKind.USER, "arn:aws:iam::123456789012:user/ann", "123456789012", name="ann")
SESSION = Principal(
    PrincipalKind.ASSUMED_ROLE,
    "arn:aws:sts::123456789012:assumed-role/Trainer/SageMaker",
    "123456789012",
    name="Trainer",
    role_arn=ROLE,
)
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.1.0-cpu-py310"


MODEL_CONTAINER = {"Image": "pytorch-inference:2.1", "ModelDataUrl": "s3://data/model.tar.gz"}


class FakeRoles:
    trusted = True
    passable = True

    def require_pass_role(self, principal: Principal, role_arn: str, service: str, environment: Any) -> None:
        assert (principal, service) == (USER, "sagemaker.amazonaws.com")
        if not self.passable:
            raise AccessDenied("no iam:PassRole")

    def can_be_assumed_by(self, role_arn: str, service: str) -> bool:
        return self.trusted

    async def assume_for_service(
        self, role_arn: str, service: str, session_name: str, duration_s: int = 3600
    ) -> RoleSession:
        return RoleSession(Credentials("ASIAX", "secret", "token"), SESSION)


class FakeObjects:
    """S3 in a dict; every call must come with the role's session."""

    def __init__(self) -> None:
        self.content: dict[tuple[str, str], bytes] = {}
        self.sizes: dict[str, int] = {}  # of keys that are said to be larger than their content
        self.unreadable: set[str] = set()
        self.gate: asyncio.Event | None = None

    def put(self, uri: str, content: bytes = b"x") -> None:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        self.content[(bucket, key)] = content

    async def list_objects(
        self, principal: Principal, bucket: str, prefix: str = ""
    ) -> AsyncIterator[ObjectSummary]:
        assert principal is SESSION
        if not any(name == bucket for name, _ in self.content):
            raise NoSuchObject(bucket)
        for name, key in sorted(self.content):
            if name == bucket and key.startswith(prefix):
                yield self._summary(bucket, key)

    async def download(self, principal: Principal, bucket: str, key: str, to: Path) -> ObjectSummary:
        if self.gate is not None:
            await self.gate.wait()
        summary, chunks = await self.read(principal, bucket, key)
        to.write_bytes(b"".join([chunk async for chunk in chunks]))
        return summary

    async def link(self, principal: Principal, bucket: str, key: str, to: Path) -> tuple[ObjectSummary, bool]:
        await self.read(principal, bucket, key)
        return self._summary(bucket, key), False

    async def fill(self, principal: Principal, bucket: str, expected: ObjectSummary, to: Path) -> bool:
        summary, chunks = await self.read(principal, bucket, expected.key)
        if summary != expected:
            return False
        to.write_bytes(b"".join([chunk async for chunk in chunks]))
        return True

    async def read(
        self, principal: Principal, bucket: str, key: str, version_id: str | None = None
    ) -> tuple[ObjectSummary, AsyncIterator[bytes]]:
        assert principal is SESSION
        if key in self.unreadable:
            raise AccessDenied(f"{principal.arn} may not read {key}")
        if (bucket, key) not in self.content:
            raise NoSuchObject(f"s3://{bucket}/{key}")
        return self._summary(bucket, key), _chunks(self.content[(bucket, key)])

    async def upload(
        self,
        principal: Principal,
        bucket: str,
        key: str,
        source: Path | bytes,
        content_type: str = "",
        kms_key_id: str | None = None,
        size: int | None = None,
    ) -> ObjectSummary:
        assert principal is SESSION
        if key in self.unreadable:
            raise AccessDenied(f"{principal.arn} may not write {key}")
        content = source if isinstance(source, bytes) else source.read_bytes()
        self.content[(bucket, key)] = content[:size]
        return self._summary(bucket, key)

    def _summary(self, bucket: str, key: str) -> ObjectSummary:
        size = self.sizes.get(key, len(self.content[(bucket, key)]))
        return ObjectSummary(key, size, '"etag"', datetime(2026, 1, 1, tzinfo=UTC))


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(content), 1000):
        yield content[begin : begin + 1000]


class FakeLogs:
    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}

    def write(self, scope: Scope, group: str, stream: str, events: Any) -> None:
        assert group in ("/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs")
        self.lines.setdefault(stream, []).extend(message for _, message in events)

    async def flush(self) -> None: ...


class FakeMetrics:
    def __init__(self) -> None:
        self.values: list[Any] = []

    def record(self, scope: Scope, namespace: str, values: Any, at: Any = None) -> None:
        self.values.extend(values)


class FakeSandbox:
    def __init__(self, spec: SandboxSpec, program: Awaitable[int]) -> None:
        self.spec = spec
        self.name = spec.name
        self.pid = os.getpid()  # whose /proc is looked at
        self.signals: list[str] = []
        self.terminated = asyncio.Event()
        self._task = asyncio.ensure_future(program)

    async def wait(self) -> ExitStatus:
        try:
            result = await asyncio.shield(self._task)
        except asyncio.CancelledError:
            if not self._task.cancelled():
                raise
            return ExitStatus(137, 9)
        return result if isinstance(result, ExitStatus) else ExitStatus(result)

    async def stop(self, grace_s: float) -> ExitStatus:
        self.signals.append(f"TERM {grace_s:g}")
        self.terminated.set()
        return await self.wait()

    async def kill(self) -> ExitStatus:
        self.signals.append("KILL")
        self._task.cancel()
        return await self.wait()

    def usage(self) -> Usage:
        return Usage(1.0, 1024, 1024)


@dataclass
class Container:
    """What a test's program may do inside."""

    spec: SandboxSpec
    opt_ml: Path
    say: Callable[[str], None]
    sandbox: FakeSandbox = field(init=False)

    def config(self, name: str) -> Any:
        return json.loads((self.opt_ml / "input" / "config" / f"{name}.json").read_text())

    def channel(self, name: str) -> Path:
        """Return where the channel's files are: mounted, or in the container's own folder."""
        target = f"/opt/ml/input/data/{name}"
        mounted = [mount.source for mount in self.spec.mounts if mount.target == target]
        return mounted[0] if mounted else self.opt_ml / "input" / "data" / name


class FakeExecutor:
    """Runs `program(container)` for each start."""

    def __init__(self) -> None:
        self.program: Callable[[Container], Awaitable[Any]] = _succeed
        self.started: list[FakeSandbox] = []
        self.prewarmed: list[str] = []
        self.refusal: str | None = None
        self.has_private_networks = True

    async def prewarm(self, name: str, *, python: Any = None) -> None:
        self.prewarmed.append(name)

    async def start(self, spec: SandboxSpec, on_output: Callable[[str, str], None]) -> FakeSandbox:
        if self.refusal and spec.hostname == "algo-2":
            raise SandboxUnavailable(self.refusal)
        opt_ml = next(mount.source for mount in spec.mounts if mount.target == "/opt/ml")
        container = Container(spec, opt_ml, lambda line: on_output("stdout", line))
        sandbox = FakeSandbox(spec, self._run(container))
        container.sandbox = sandbox
        self.started.append(sandbox)
        return sandbox

    async def _run(self, container: Container) -> Any:
        return await self.program(container)


async def _succeed(_: Container) -> int:
    return 0


class Platform:
    """The service's resources over fakes, with short ways to call them."""

    def __init__(self, folder: Path, database: Database, clock: ManualClock, ids: Ids) -> None:
        database.migrate("sagemaker", MIGRATIONS)
        database.migrate("sagemaker_warm_pools", POOL_MIGRATIONS)
        self.clock, self.ids, self.database, self.folder = clock, ids, database, folder
        self.roles, self.objects, self.logs = FakeRoles(), FakeObjects(), FakeLogs()
        self.metrics, self.executor = FakeMetrics(), FakeExecutor()
        self.job_records, models = TrainingJobRecords(database), ModelRecords(database)
        self.memory = Memory(16_384, 12_000)
        self.capacity = Capacity(clock, lambda: self.memory, cpus=2)
        self.node_data: NodeData | None = None  # for what begins after `restart`
        self.supply = Supply(database)
        self.runs = self._runs()
        prewarming = Prewarming(self.executor)
        self.admission = Admission(self.roles, self.objects, prewarming)
        self.tuning = self._tuning()
        quota = TrainingQuota(database, self.supply)
        self.jobs = TrainingJobs(self.job_records, self.runs, clock, self.admission, self.pools, quota)
        database.migrate("sagemaker_model_packages", PACKAGE_MIGRATIONS)
        packages = PackagedContainers(PackageRecords(database))
        self.models = Models(models, clock, self.roles, self.objects, prewarming, packages)
        self.configs = EndpointConfigs(
            EndpointConfigRecords(database), models, clock, prewarming, roles=self.roles
        )
        tables = {
            "training-job": "sagemaker_training_jobs", "model": "sagemaker_models",
            "hyper-parameter-tuning-job": "sagemaker_tuning_jobs",
        }  # fmt: skip
        self.tags = Tags(
            TagRecords(database), {kind: partial(exists, database, table) for kind, table in tables.items()}
        )
        self.objects.put("s3://data/train/a.jpg")
        self.objects.put("s3://out/keep")

    def _means(self) -> Means:
        surroundings = Surroundings(4566, None, PipSettings({"PIP_INDEX_URL": "https://pypi.test"}, ()))
        return Means(
            folder=self.folder / "training-jobs", clock=self.clock,
            wall_clock=self.clock, ids=self.ids, roles=self.roles,
            objects=self.objects, logs=self.logs, metrics=self.metrics, executor=self.executor,
            surroundings=surroundings, capacity=self.capacity, supply=self.supply,
            node_data=self.node_data,
        )  # fmt: skip

    def _runs(self) -> TrainingRuns:
        means = replace(self._means(), folder=self.folder / "warm-pools")
        self.pools = WarmPools(means, WarmPoolRecords(self.database))
        return TrainingRuns(self._means(), self.job_records, self.pools)

    def _tuning(self) -> TuningParts:
        means = self._means()
        tags = TagRecords(self.database)
        return tuning_parts(self.database, means, self.job_records, self.runs, tags, self.admission)

    async def restart(self) -> None:
        """Stop the platform and start it again on the same database."""
        await self.tuning.runs.end_all()
        await self.runs.end_all()
        self.runs = self._runs()
        self.jobs._runs = self.runs
        self.jobs._pools = self.pools
        self.tuning = self._tuning()
        await self.runs.recover()
        self.tuning.runs.recover()

    async def call(self, resource: object, operation: str, **request: Any) -> Any:
        context = RequestContext("r-1", "sagemaker", operation, SCOPE, USER, self.clock.now())
        method = "".join(f"_{c.lower()}" if c.isupper() else c for c in operation).lstrip("_")
        return await getattr(resource, method)(context, request)

    async def create(self, name: str = "Job-1", **changes: Any) -> Any:
        return await self.call(self.jobs, "CreateTrainingJob", **job_request(name, **changes))

    async def describe(self, name: str = "Job-1") -> Any:
        return await self.call(self.jobs, "DescribeTrainingJob", TrainingJobName=name)

    async def until(self, *statuses: str, name: str = "Job-1") -> Any:
        """Wait until the job's primary or secondary status is one of these."""
        async with asyncio.timeout(60):
            while True:
                answer = await self.describe(name)
                if {answer["TrainingJobStatus"], answer["SecondaryStatus"]} & set(statuses):
                    return answer
                await asyncio.sleep(0.002)

    async def ended(self, name: str = "Job-1") -> Any:
        return await self.until("Completed", "Failed", "Stopped", name=name)


def job_request(name: str = "Job-1", **changes: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "InputDataConfig": [channel("train", "s3://data/train")],
        "OutputDataConfig": {"S3OutputPath": "s3://out/jobs/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    return request | changes


def channel(name: str, uri: str, **source: str) -> dict[str, Any]:
    return {
        "ChannelName": name,
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri, **source}},
    }


@pytest.fixture
async def platform(
    tmp_path: Path, database: Database, clock: ManualClock, ids: Ids
) -> AsyncIterator[Platform]:
    platform = Platform(tmp_path / "sagemaker", database, clock, ids)
    yield platform
    with contextlib.suppress(asyncio.CancelledError):
        await platform.tuning.runs.end_all()
        await platform.runs.end_all()


@pytest.fixture
def made(platform: Platform) -> Any:
    """Makes a model of a name, by default one that can be served."""
    platform.objects.put("s3://data/model.tar.gz")

    async def make(name: str = "Model-1", **changes: Any) -> Any:
        request = {"ModelName": name, "PrimaryContainer": MODEL_CONTAINER, "ExecutionRoleArn": ROLE}
        return await platform.call(platform.models, "CreateModel", **(request | changes))

    return make
