"""Executors under test: bubblewrap and forks of a warm parent, held to one contract."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.executors.base import Executor, ExitStatus, Limits, Mount, Network, Sandbox, SandboxSpec
from sagehen.executors.isolation.bubblewrap import find_bubblewrap
from sagehen.executors.network.networks import CloseDoor
from sagehen.executors.sandbox.executor import SandboxExecutor
from sagehen.executors.sandbox.settings import SandboxSettings
from sagehen.executors.warm.preload import PreloadSet
from tests.waiting import sandboxes_have_ended

PLATFORM_PORT = 4566


def _refusal() -> str | None:
    bwrap = find_bubblewrap()
    if bwrap is None:
        return "bubblewrap is not installed"
    trial = subprocess.run(
        [bwrap, "--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "true"],
        capture_output=True,
        text=True,
    )
    return trial.stderr.strip() if trial.returncode else None


REFUSAL = _refusal()


async def open_door(listener: socket.socket) -> CloseDoor:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"the platform")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, sock=listener)

    async def close() -> None:
        server.close()
        await server.wait_closed()

    return close


class Bench:
    """Starts scripts in sandboxes and keeps what they print."""

    def __init__(
        self, executor: Executor, folder: Path, warm_parent: str | None, node: str | None = None
    ) -> None:
        self.executor = executor
        self.folder = folder
        self.warm_parent = warm_parent
        self.node = node
        self.lines: dict[str, list[str]] = {}
        self._count = 0

    def spec(
        self,
        script: str,
        *arguments: str,
        limits: Limits | None = None,
        environment: dict[str, str] | None = None,
        mounts: tuple[Mount, ...] = (),
        network: Network | None = None,
        hostname: str | None = None,
        command: tuple[str, ...] | None = None,
        working_directory: str = "/tmp",
        name: str | None = None,
    ) -> SandboxSpec:
        self._count += 1
        name = name or f"box-{self._count}"
        code = self.folder / f"code-{name}"
        code.mkdir(exist_ok=True)
        (code / "script.py").write_text(script)
        return SandboxSpec(
            name=name,
            folder=self.folder / name,
            command=command or ("python", "/code/script.py", *arguments),
            limits=limits or Limits(cpus=2, memory_mib=512, processes=64),
            environment=environment or {},
            mounts=(Mount(code, "/code"), *mounts),
            working_directory=working_directory,
            network=network,
            hostname=hostname,
            warm_parent=self.warm_parent,
            node=self.node,
        )

    async def start(self, spec: SandboxSpec) -> Sandbox:
        lines = self.lines.setdefault(spec.name, [])
        return await self.executor.start(spec, lambda stream, line: lines.append(f"{stream}: {line}"))

    async def run(self, script: str, *arguments: str, **more: object) -> tuple[ExitStatus, list[str]]:
        spec = self.spec(script, *arguments, **more)  # type: ignore[arg-type]
        sandbox = await self.start(spec)
        status = await asyncio.wait_for(sandbox.wait(), 60)
        return status, self.lines[spec.name]

    async def line(self, name: str, text: str, timeout_s: float = 60) -> None:
        """Return once a line with `text` was printed."""
        async with asyncio.timeout(timeout_s):
            while not any(text in line for line in self.lines.get(name, [])):
                await asyncio.sleep(0.01)


MakeExecutor = Callable[..., SandboxExecutor]


@pytest.fixture
def make_executor(tmp_path: Path) -> MakeExecutor:
    if REFUSAL is not None:
        pytest.skip(f"the kernel refuses sandboxes: {REFUSAL}")

    def make(
        settings: SandboxSettings | None = None,
        folder: str = "runtime",
        preload_sets: dict[str, PreloadSet] | None = None,
    ) -> SandboxExecutor:
        return SandboxExecutor(
            tmp_path / folder,
            clock=SystemClock(),
            platform_port=PLATFORM_PORT,
            open_door=open_door,
            settings=settings,
            preload_sets=preload_sets,
        )

    return make


@pytest.fixture(params=["spawned", "forked"])
async def bench(
    request: pytest.FixtureRequest, make_executor: MakeExecutor, tmp_path: Path
) -> AsyncIterator[Bench]:
    executor = make_executor()
    yield Bench(executor, tmp_path, "bare" if request.param == "forked" else None)
    await executor.close()
    await sandboxes_have_ended()
