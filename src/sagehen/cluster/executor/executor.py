"""ClusterExecutor: sandboxes on the nodes that their specs name, and on this machine where they name none."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sagehen.cluster.executor.asking import Asking
from sagehen.cluster.executor.data import RemoteData
from sagehen.cluster.executor.doors import RemoteDoors
from sagehen.cluster.executor.images import Images
from sagehen.cluster.executor.node import LOST_AFTER_S, Node
from sagehen.cluster.executor.passage import Passage
from sagehen.cluster.executor.porter import Porter
from sagehen.cluster.executor.sandbox import RemoteSandbox
from sagehen.cluster.executor.sockets import RemoteSockets
from sagehen.cluster.executor.trees import Trees
from sagehen.cluster.executor.wires import Wires
from sagehen.cluster.orders import order_of
from sagehen.cluster.relay import relay
from sagehen.cluster.streams import Handler, Link, StreamRefused
from sagehen.domain.ports.compute.places import Needs
from sagehen.executors.base import (
    Executor,
    ExitStatus,
    Interpreter,
    OpenDoor,
    OutputListener,
    Sandbox,
    SandboxSpec,
    SandboxUnavailable,
)
from sagehen.executors.beside import Beside
from sagehen.executors.ended import LOST, EndedSandbox
from sagehen.executors.folders.removal import remove_tree
from sagehen.executors.processes.representable import require_representable
from sagehen.executors.wire import why_none

_log = logging.getLogger(__name__)
# A start may fork from a parent that is still importing its libraries.
_START_TIMEOUT_S = 120.0
_FITS_TIMEOUT_S = 30.0


class ClusterExecutor(Beside[RemoteSandbox]):
    """Implements `base.Executor` over agents of nodes.

    Args:
        folder: Its own.
        local: Runs what names no node.
        platform_port: Of the platform's door in every network.
        open_door: Serves that door.
        isolated_door: Serves it without a way to other hosts.
        life: A text that no other life of the platform has.
        lost_after_s: For how long a node may be silent before what runs there is lost.
    """

    def __init__(
        self,
        folder: Path,
        local: Executor,
        *,
        platform_port: int,
        open_door: OpenDoor,
        isolated_door: OpenDoor,
        life: str,
        lost_after_s: float = LOST_AFTER_S,
    ) -> None:
        super().__init__(local)
        self._life = life
        self.porter = Porter()
        self._lost_after_s = lost_after_s
        self._nodes: dict[str, Node] = {}
        self._folder = folder
        self._doors = RemoteDoors(folder / "doors", platform_port, open_door)
        self._wires = Wires()
        self._images = Images()
        self.data = RemoteData(self._nodes, Asking(self._nodes, self.porter, folder / "doors", isolated_door))
        self._names: set[str] = set()
        self._works: set[asyncio.Task[Any]] = set()

    # --- nodes -------------------------------------------------------------------------------------

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Those that were ever linked, by id."""
        return self._nodes

    def handlers(self, node_id: str) -> dict[str, Handler]:
        """Return what a node may open."""
        return {"door": partial(self._doors.serve, node_id), "wire": self._wires.handler(node_id)}

    def wireless(self, node_id: str | None) -> str | None:
        """Return why a machine can share no network with others; None where it can.

        Args:
            node_id: None: this machine.
        """
        if node_id is None:
            return why_none()
        node = self._nodes.get(node_id)
        return "it is not linked" if node is None or node.facts is None else node.facts.wireless

    async def fits(self, node_id: str, needs: Needs) -> bool:
        """Tell whether a node has what an instance needs; one that does not say has not."""
        node = self._nodes.get(node_id)
        if node is None or not node.is_linked:
            return False
        asked = {"files": [str(file) for file in needs.files], "image": needs.image}
        try:
            return await node.call("fits", asked, timeout_s=_FITS_TIMEOUT_S) is True
        except Exception as error:  # whatever it answers, something is not placed there
            _log.info("node %s: %r", node_id, error)
            return False

    async def linked(self, link: Link) -> None:
        """Take a link to a node.

        Raises:
            OSError: It does not answer.
        """
        node = self._nodes.setdefault(link.peer, Node(link.peer, self._life, self._lost_after_s))
        await node.linked(link)

    def lose(self, node_id: str) -> None:
        """Hear that a node is dead: what runs there is lost."""
        if (node := self._nodes.pop(node_id, None)) is not None:
            node.close()

    # --- the contract ------------------------------------------------------------------------------

    async def start(self, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        """Start `spec`; see `base.Executor.start`.

        Returns:
            One that is lost where its node cannot be reached.

        Raises:
            SandboxUnavailable: Its node cannot run it.
            ValueError: One of that name is running.
        """
        if spec.node is None:
            return await self._start_here(spec, on_output)
        if spec.name in self._names:
            raise ValueError(f"A sandbox named {spec.name!r} is running.")
        require_representable(spec)
        self.data.starts(spec)
        node = self._nodes.get(spec.node)
        if node is None:
            return EndedSandbox(spec.name, LOST)
        self._names.add(spec.name)
        try:
            return await self._start(node, spec, on_output)
        except BaseException:
            self._names.discard(spec.name)
            raise

    async def prewarm(
        self,
        name: str,
        spares: int = 0,
        door_ports: tuple[int, ...] = (),
        python: Interpreter | None = None,
    ) -> None:
        """See `base.Executor.prewarm`. Nodes are told as well, not waited for; spares stay here."""
        if not spares:
            told = (
                None
                if python is None
                else (python.executable, list(map(str, python.folders)), python.version)
            )
            for node in self._nodes.values():
                if node.is_linked:
                    self._work(
                        node.call("prewarm", {"set": name, "python": told}, timeout_s=_START_TIMEOUT_S)
                    )
        await super().prewarm(name, spares, door_ports, python)

    async def connect(self, network: str, port: int) -> socket.socket:
        """See `base.Executor.connect`."""
        node = self._nodes.get(self._doors.node_of(network) or "")
        if node is None:
            return await self._others.connect(network, port)
        stream = await node.open_now("connect", {"network": network, "port": port})
        if await stream.receive() != b"+":
            stream.reset("nobody listens")
            raise ConnectionRefusedError(f"Nobody listens on port {port} of {network}.")
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setblocking(False)
        self._work(relay(stream, ours))
        return theirs

    async def show(self, sandbox: str, path: Path) -> None:
        """See `base.Executor.show`."""
        if (found := self._running.get(sandbox)) is not None:
            is_held = self.data.holds(found.node.node_id, path)
            await found.show(path, is_held=is_held)
            if is_held:
                self.data.gave(found.node.node_id, path)

    async def recover(self) -> list[str]:
        """See `base.Executor.recover`. Nodes end what another life started as soon as they are linked."""
        await asyncio.to_thread(remove_tree, self._folder)
        return await self._others.recover()

    async def close(self) -> None:
        """See `base.Executor.close`. Nodes that cannot be reached end what they run by themselves."""
        await asyncio.gather(*(sandbox.kill() for sandbox in list(self._running.values())))
        for work in list(self._works):
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)
        for node in self._nodes.values():
            node.close()
        await self._doors.close()
        await self.data.close()
        await self._others.close()

    async def _start_here(self, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        if spec.network is None or not spec.network.places:
            return await self._others.start(spec, on_output)
        self._wires.join(spec)
        try:
            sandbox = await self._others.start(self._wires.here(spec, spec.network), on_output)
        except BaseException:
            self._wires.leave(spec)
            raise

        async def leave() -> None:
            try:
                await sandbox.wait()
            finally:
                self._wires.leave(spec)

        self._work(leave())
        return sandbox

    async def _start(self, node: Node, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        ports: list[int] = []
        sockets = RemoteSockets(node, spec)
        holds = partial(self.data.holds, node.node_id)
        trees = Trees(node, spec, Passage(node, self.porter), holds)
        if spec.network is not None:
            ports = await self._doors.join(spec.network, node.node_id)
            self._wires.join(spec)
        try:
            order = order_of(spec, ports, holds)
            if spec.image is not None:
                await self._images.bring(node, spec.name, spec.image)
            await trees.send()
            await node.call("start", order, timeout_s=_START_TIMEOUT_S)
            sockets.open()
        except BaseException as error:
            await sockets.close()
            self._work(node.call("forget", {"name": spec.name}))
            await self._leave(spec, node)
            if isinstance(error, StreamRefused):
                raise SandboxUnavailable(f"Node {node.node_id} does not take it: {error}") from error
            if isinstance(error, ConnectionError | TimeoutError | KeyError):
                # Nobody knows what came of it there, or it has lost what it had for it; here it is as one
                # that ran and whose node was lost.
                _log.warning("%s was not started on %s: %s", spec.name, node.node_id, error)
                self._names.discard(spec.name)
                return EndedSandbox(spec.name, LOST)
            raise

        async def on_end(status: ExitStatus) -> None:
            if status.is_lost:
                self.data.lost(spec)
            await sockets.close()
            self._running.pop(spec.name, None)
            self._names.discard(spec.name)
            await self._leave(spec, node)

        sandbox = RemoteSandbox(node, spec, on_output, trees, on_end)
        self._running[spec.name] = sandbox
        return sandbox

    async def _leave(self, spec: SandboxSpec, node: Node) -> None:
        self._wires.leave(spec)
        if spec.network is not None:
            await self._doors.leave(spec.network.name, node.node_id)

    def _work(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        task.add_done_callback(_seen)


def _seen(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.info("a node: %s", error)
