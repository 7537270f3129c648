"""A cluster of this machine: the platform's side here, an agent in another process."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import psutil

from sagehen.cluster.executor.executor import ClusterExecutor
from sagehen.cluster.porters.niceness import COMMAND
from sagehen.executors.base import Executor, OpenDoor

from .keys import Keys
from .loopback import SocketLink, all_closed, serve

NODE = "node-1"
_PORTER = COMMAND[-1]


class Cluster:
    """One node, and the executor that reaches it.

    Attributes:
        executor: Starts on the node what names it.
    """

    def __init__(
        self,
        local: Executor,
        folder: Path,
        platform_port: int,
        open_door: OpenDoor,
        alone_s: float = 60.0,
        isolated_door: OpenDoor | None = None,
    ) -> None:
        self._folder = folder
        self._short = Path(tempfile.mkdtemp(prefix="sagehen-node-"))
        self._alone_s = alone_s
        self.executor = ClusterExecutor(
            folder / "cluster",
            local,
            platform_port=platform_port,
            open_door=open_door,
            isolated_door=isolated_door or open_door,
            life="this",
            lost_after_s=alone_s,
        )
        self.link: SocketLink | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Start the node, and link it."""
        keys = Keys(self._short / "tls")
        keys.identity(NODE, self._short / "identity").write()
        self.executor.porter.open("127.0.0.1", 0, self._short, keys.authority_pem)
        self.executor.porter.show(*keys.shown)
        place = self._short / "platform.sock"
        self._server = await serve(place, lambda: self.executor.handlers(NODE))
        await self.start_node()

    async def start_node(self) -> None:
        """Start its process, again."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.unit.cluster.node_process", str(self._short), str(self._alone_s),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )  # fmt: skip
        assert self._process.stdout is not None
        assert await self._process.stdout.readline() == b"up\n"
        await self.relink()

    async def relink(self) -> None:
        """Link it anew."""
        self.link = SocketLink(NODE, self._short / "node.sock")
        await self.executor.linked(self.link)

    @property
    def node_folder(self) -> Path:
        return self._short / "node"

    @property
    def process(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    async def kill_node(self) -> None:
        """End its process without a word, and the link with it."""
        assert self._process is not None and self.link is not None
        self._process.kill()
        await self._end_process()
        self.link.cut()

    async def close(self) -> None:
        """End all."""
        await self.executor.close()
        await self.executor.porter.close()
        await all_closed()
        assert self._process is not None and self._server is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await self._end_process()
        self._server.close()
        await self._server.wait_closed()
        shutil.rmtree(self._short)

    async def _end_process(self) -> None:
        assert self._process is not None
        await asyncio.wait_for(self._process.wait(), 60)
        self._process._transport.close()  # type: ignore[attr-defined]


def porters_of(process: psutil.Process) -> list[psutil.Process]:
    """Return the porters that a process has running."""
    return [each for each in process.children() if not has_ended(each) and _PORTER in each.cmdline()]


def has_ended(process: psutil.Process) -> bool:
    """Tell whether a process has ended, whether or not who started it has asked yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
