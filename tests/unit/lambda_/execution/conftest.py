"""Execution environments under test: real sandboxes, roles and logs that are kept in memory."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.running import LAMBDA_RUNTIME
from tests.waiting import sandboxes_have_ended

from sagehen.domain.access import ConditionValue
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.scope import Scope
from sagehen.executors.isolation.bubblewrap import find_bubblewrap
from sagehen.executors.sandbox.executor import SandboxExecutor
from sagehen.services.lambda_.execution.company import Company
from sagehen.services.lambda_.execution.contract import FunctionVersion, Invocation, Outcome
from sagehen.services.lambda_.execution.environment import LocalEnvironment
from sagehen.services.lambda_.execution.local_environments import LocalEnvironments
from sagehen.services.lambda_.execution.telemetry.streams import Streams

SCOPE = Scope("111122223333", "eu-west-1")


class OneRole:
    """Any role trusts Lambda; each session has keys of its own."""

    def __init__(self) -> None:
        self.sessions = 0
        self.expires_in = timedelta(hours=1)

    async def assume_for_service(
        self,
        role_arn: str,
        service: str,
        session_name: str,
        duration_s: int = 3600,
        environment: Mapping[str, ConditionValue] | None = None,
    ) -> RoleSession:
        assert service == "lambda.amazonaws.com"
        self.sessions += 1
        credentials = Credentials(
            f"ASIA{self.sessions:016d}",
            f"secret-of-{session_name}",
            "token",
            datetime.now(UTC) + self.expires_in,
        )
        arn = f"arn:aws:sts::111122223333:assumed-role/{role_arn.rsplit('/', 1)[-1]}/{session_name}"
        return RoleSession(credentials, Principal(PrincipalKind.ASSUMED_ROLE, arn, "111122223333"))


class KeptLogs:
    """A LogSink that keeps lines by stream."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}
        self.groups: set[str] = set()

    def write(self, scope: Scope, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        self.groups.add(group)
        self.lines.setdefault(stream, []).extend(message for _, message in events)

    async def flush(self) -> None:
        return None


class Functions:
    """Makes function versions out of source text, and runs them."""

    def __init__(self, environments: LocalEnvironments, folder: Path, roles: OneRole, logs: KeptLogs) -> None:
        self.environments = environments
        self.roles = roles
        self.logs = logs
        self._folder = folder
        self._count = 0

    def make(
        self,
        source: str | Mapping[str, str],
        *,
        runtime: str = LAMBDA_RUNTIME,
        handler: str = "app.handler",
        layers: Sequence[Mapping[str, str]] = (),
        **more: object,
    ) -> FunctionVersion:
        self._count += 1
        files = {"app.py": source} if isinstance(source, str) else source
        code = self._write(f"code-{self._count}", files)
        folders = [self._write(f"layer-{self._count}-{index}", layer) for index, layer in enumerate(layers)]
        name = str(more.pop("function_name", f"fn-{self._count}"))
        return FunctionVersion(
            scope=SCOPE,
            function_name=name,
            version="$LATEST",
            revision="1",
            arn=SCOPE.arn("lambda", f"function:{name}"),
            role_arn="arn:aws:iam::111122223333:role/service-role/shop",
            runtime=runtime,
            handler=handler,
            code_folder=code,
            layer_folders=tuple(folders),
            **more,  # type: ignore[arg-type]
        )

    def _write(self, name: str, files: Mapping[str, str]) -> Path:
        root = self._folder / name
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(0o755 if text.startswith("#!") else 0o644)
        return root

    async def start(self, source: str | Mapping[str, str], **more: object) -> LocalEnvironment:
        return await self.environments.start(self.make(source, **more), "on-demand")  # type: ignore[arg-type]

    async def run(self, source: str | Mapping[str, str], payload: bytes = b"{}", **more: object) -> Outcome:
        environment = await self.start(source, **more)
        try:
            return await environment.invoke(event(payload))
        finally:
            await environment.shutdown()


async def _nowhere(port: int) -> socket.socket:
    raise ConnectionRefusedError(port)


def company(*extensions: str) -> Company:
    """What runs beside a runtime; without names, nothing."""
    function = FunctionVersion(
        SCOPE, "f", "$LATEST", "1", "arn", "role", LAMBDA_RUNTIME, "app.handler", Path("/")
    )
    clock = SystemClock()
    streams = Streams(_nowhere, clock, (9001, 4566), lambda *_: None, keeps_early=bool(extensions))
    return Company(function, extensions, Ids(), streams)


_numbers = iter(range(1, 1_000_000))


def event(payload: bytes = b"{}", **more: Any) -> Invocation:
    return Invocation(
        f"00000000-0000-4000-8000-{next(_numbers):012d}", payload, SCOPE.arn("lambda", "function:x"), **more
    )


def _refusal() -> str | None:
    bwrap = find_bubblewrap()
    if bwrap is None:
        return "bubblewrap is not installed"
    line = [bwrap, "--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "true"]
    trial = subprocess.run(line, capture_output=True, text=True)
    return trial.stderr.strip() if trial.returncode else None


REFUSAL = _refusal()


async def open_door(listener):  # type: ignore[no-untyped-def]
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"the platform")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, sock=listener)

    async def close() -> None:
        server.close()

    return close


@pytest.fixture
async def functions(tmp_path: Path) -> AsyncIterator[Functions]:
    if REFUSAL is not None:
        pytest.skip(f"the kernel refuses sandboxes: {REFUSAL}")
    clock = SystemClock()
    executor = SandboxExecutor(tmp_path / "runtime", clock=clock, platform_port=4566, open_door=open_door)
    roles, logs = OneRole(), KeptLogs()
    environments = LocalEnvironments(
        executor=executor,
        folder=tmp_path / "environments",
        roles=roles,  # type: ignore[arg-type]
        logs=logs,
        clock=clock,
        ids=Ids(),
        platform_port=4566,
        ca_file=None,
    )
    yield Functions(environments, tmp_path, roles, logs)
    await environments.close()
    await executor.close()
    await sandboxes_have_ended()
