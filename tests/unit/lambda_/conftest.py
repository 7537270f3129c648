"""Lambda's handlers called directly; environments are canned, and the clock is moved by hand."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.policy_documents import policy_documents

from sagehen.api.context import RequestContext
from sagehen.api.operation import BoundOperation, Reply
from sagehen.concurrency.limits import Limits
from sagehen.concurrency.waiting_line import Patience
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.execution.contract import (
    EnvironmentFailed,
    FunctionVersion,
    InitializationType,
    Invocation,
    Outcome,
)
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.service import LambdaService
from sagehen.store.database import Database

ACCOUNT = "123456789012"
SCOPE = Scope(ACCOUNT, "us-east-1")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runner"
ROOT = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)

# What a function does: its payload in, its answer out; raising makes a function error.
Code = Callable[[FunctionVersion, Any], Any]


def package(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in (files or {"code.py": "pass"}).items():
            archive.writestr(name, text)
    return buffer.getvalue()


class FakeEnvironment:
    def __init__(self, maker: FakeEnvironments, function: FunctionVersion, kind: InitializationType) -> None:
        self.maker = maker
        self.function = function
        self.kind = kind
        self.log_stream = "stream"
        self.is_usable = True
        self.is_ended = False
        self.invocations: list[Invocation] = []

    async def initialize(self) -> None:
        await self.maker.gate.wait()
        if self.maker.init_fails:
            raise EnvironmentFailed("init failed")

    async def init_over(self) -> None:
        pass

    async def invoke(self, invocation: Invocation) -> Outcome:
        assert not self.is_ended
        self.invocations.append(invocation)
        await self.maker.gate.wait()
        try:
            answer = self.maker.code(self.function, json.loads(invocation.payload))
            outcome = Outcome(json.dumps(answer).encode(), None, 1.0, 1, 30)
            if self.maker.extensions is not None:
                if invocation.on_answer is not None:
                    invocation.on_answer(outcome)
                await self.maker.extensions.wait()
            return outcome
        except SystemExit:
            self.is_usable = False
            return Outcome(b'{"errorType": "Runtime.ExitError"}', "Unhandled", 1.0, 1, 30)
        except Exception as error:
            text = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
            return Outcome(text.encode(), "Unhandled", 1.0, 1, 30)

    async def shutdown(self) -> None:
        self.is_ended = True
        self.is_usable = False


class FakeEnvironments:
    closes_internet = True

    def __init__(self) -> None:
        self.started: list[FakeEnvironment] = []
        self.code: Code = lambda function, event: event
        self.gate = asyncio.Event()
        self.gate.set()
        # What extensions are at work until, after every answer.
        self.extensions: asyncio.Event | None = None
        self.init_fails = False
        self.start_fails = False

    @property
    def alive(self) -> list[FakeEnvironment]:
        return [one for one in self.started if not one.is_ended]

    async def start(self, function: FunctionVersion, kind: InitializationType) -> FakeEnvironment:
        if self.start_fails:
            raise EnvironmentFailed("no such runtime")
        assert function.code_folder.is_dir()
        self.started.append(FakeEnvironment(self, function, kind))
        return self.started[-1]

    def runtimes(self) -> Mapping[str, str]:
        return {"python3.11": "/usr/bin/python3.11"}

    def runtime_version_arn(self, runtime: str, region: str) -> str | None:
        return f"arn:aws:lambda:{region}::runtime:{runtime}" if runtime in self.runtimes() else None

    async def close(self) -> None:
        assert not self.alive


class FakeRoles:
    def require_pass_role(self, principal: Principal, role_arn: str, service: str, environment: Any) -> None:
        if role_arn.endswith("/forbidden"):
            raise AccessDenied("no iam:PassRole")

    def can_be_assumed_by(self, role_arn: str, service: str, environment: Any = None) -> bool:
        return role_arn != ROLE + "-distrusted"

    def is_over(self, session: Principal) -> bool:
        return False

    async def assume_for_service(
        self, role_arn: str, service: str, session_name: str, *_: Any
    ) -> RoleSession:
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/runner/{session_name}"
        principal = Principal(PrincipalKind.ASSUMED_ROLE, arn, ACCOUNT, role_arn=role_arn)
        return RoleSession(Credentials("ASIA", "secret", "token"), principal)


class FakeRights:
    def __init__(self) -> None:
        self.refused: set[str] = set()

    def authorize(self, principal: Principal, access: Access, environment: Any) -> None:
        if not self.is_allowed(principal, access, environment):
            raise AccessDenied(f"no {access.action} on {access.resource}")

    def is_allowed(self, principal: Principal, access: Access, environment: Any) -> bool:
        return access.resource not in self.refused


class FakeMetrics:
    def __init__(self) -> None:
        self.values: list[MetricValue] = []

    def record(
        self, scope: Scope, namespace: str, values: Sequence[MetricValue], at: datetime | None = None
    ) -> None:
        assert namespace == "AWS/Lambda"
        self.values += values

    def total(self, name: str, **dimensions: str) -> float:
        return sum(one.value for one in self.values if one.name == name and one.dimensions == dimensions)


class Lambda:
    """Calls operations as the account's root."""

    def __init__(self, service: LambdaService, clock: ManualClock, environments: FakeEnvironments) -> None:
        self.service = service
        self.clock = clock
        self.environments = environments
        self.operations: dict[str, BoundOperation] = {
            operation.name: operation for part in service.services for operation in part.operations()
        }
        self._requests = 0

    async def reply(self, name: str, *, headers: Mapping[str, str] | None = None, **request: Any) -> Reply:
        self._requests += 1
        context = RequestContext(
            f"request-{self._requests}", "lambda", name, SCOPE, ROOT, self.clock.now(), headers=headers or {}
        )
        operation = self.operations[name]
        assert operation.accesses(context, request)
        answer = await operation.handler(context, request)
        return answer if isinstance(answer, Reply) else Reply(answer or {})

    async def __call__(self, name: str, **request: Any) -> dict[str, Any]:
        return dict((await self.reply(name, **request)).result)

    async def create(self, name: str = "f", **settings: Any) -> dict[str, Any]:
        """Create a function and wait until it is Active."""
        await self(
            "CreateFunction",
            **{
                "FunctionName": name,
                "Runtime": "python3.11",
                "Role": ROLE,
                "Handler": "code.handler",
                "Code": {"ZipFile": package()},
                **settings,
            },
        )
        return await self.settled(name)

    async def settled(self, name: str = "f") -> dict[str, Any]:
        while True:
            found = await self("GetFunctionConfiguration", FunctionName=name)
            if found.get("LastUpdateStatus") in ("Successful", "Failed") and found["State"] != "Pending":
                return found
            await asyncio.sleep(0.002)

    async def invoke(self, name: str = "f", event: Any = None, **request: Any) -> Any:
        """Invoke and return the answer."""
        answer = await self("Invoke", FunctionName=name, Payload=json.dumps(event).encode(), **request)
        return json.loads(answer["Payload"])

    async def send(self, name: str = "f", event: Any = None, **request: Any) -> None:
        """Queue an event."""
        reply = await self.reply(
            "Invoke",
            FunctionName=name,
            InvocationType="Event",
            Payload=json.dumps(event).encode(),
            **request,
        )
        assert reply.status == 202


async def until(what: Callable[[], Any], timeout_s: float = 30) -> Any:
    """Wait in real time for what happens in the background."""
    async with asyncio.timeout(timeout_s):
        while not (found := what()):
            await asyncio.sleep(0.002)
    return found


@pytest.fixture
def environments() -> FakeEnvironments:
    return FakeEnvironments()


@pytest.fixture
def metrics() -> FakeMetrics:
    return FakeMetrics()


@pytest.fixture
def rights() -> FakeRights:
    return FakeRights()


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
def patience() -> Patience | None:
    """Nobody waits for concurrency, as on AWS."""
    return None


@pytest.fixture
def make_service(
    database: Database,
    tmp_path: Path,
    clock: ManualClock,
    ids: Ids,
    environments: FakeEnvironments,
    metrics: FakeMetrics,
    rights: FakeRights,
    limits: Limits,
    patience: Patience | None,
) -> Callable[[], LambdaService]:
    return lambda: LambdaService(
        Premises(
            database=database,
            folder=tmp_path / "code",
            clock=clock,
            ids=ids,
            roles=FakeRoles(),
            objects=None,  # type: ignore[arg-type]
            authorizer=rights,
            documents=policy_documents(database),
            metrics=metrics,
            environments=environments,
            limits=limits,
            patience=patience,
        )
    )


@pytest.fixture
async def lambda_(
    make_service: Callable[[], LambdaService], clock: ManualClock, environments: FakeEnvironments
) -> AsyncIterator[Lambda]:
    service = make_service()
    await service.start()
    yield Lambda(service, clock, environments)
    await service.stop()
