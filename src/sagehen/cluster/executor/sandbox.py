"""RemoteSandbox: a sandbox on a node, as the platform has it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sagehen.cluster.executor.node import Node, NodeLost
from sagehen.cluster.executor.trees import Trees
from sagehen.cluster.orders import status_of, usage_of
from sagehen.cluster.streams import Stream, StreamRefused, line, lines
from sagehen.executors.base import ExitStatus, OutputListener, SandboxSpec, Usage
from sagehen.executors.ended import LOST, NO_PID

_log = logging.getLogger(__name__)
# Of a kill, as where the platform is.
_KILL_PATIENCE_S = 15.0


class RemoteSandbox:
    """Implements `base.Sandbox`.

    Args:
        on_output: Told each line.
        trees: Of its mounts.
        on_end: Frees what was lent for it here, before `wait` returns.
    """

    def __init__(
        self,
        node: Node,
        spec: SandboxSpec,
        on_output: OutputListener,
        trees: Trees,
        on_end: Callable[[ExitStatus], Awaitable[None]],
    ) -> None:
        self.spec = spec
        self.node = node
        self._on_output = on_output
        self._trees = trees
        self._on_end = on_end
        self._usage = Usage(0.0, 0, 0)
        self._have = 0
        self._given_up = asyncio.Event()
        self._works: set[asyncio.Task[Any]] = set()
        self._ending = asyncio.create_task(self._run(), name=f"sandbox {spec.name} on {node.node_id}")

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def pid(self) -> int:
        return NO_PID

    async def wait(self) -> ExitStatus:
        """See `base.Sandbox`; what it wrote has been brought here by then."""
        return await asyncio.shield(self._ending)

    async def stop(self, grace_s: float) -> ExitStatus:
        """See `base.Sandbox`."""
        with contextlib.suppress(Exception):  # whatever the node answers; how it ended is heard elsewhere
            await self.node.call("stop", {"name": self.name, "grace_s": grace_s})
        return await self.wait()

    async def kill(self) -> ExitStatus:
        """See `base.Sandbox`. A node that is not heard of meanwhile is given up: it ends it by itself."""
        if not self._ending.done():
            call = asyncio.create_task(self.node.call("kill", {"name": self.name}))
            done, _ = await asyncio.wait((call, self._ending), timeout=_KILL_PATIENCE_S)
            if call in done:
                with contextlib.suppress(Exception):
                    call.result()
            else:
                call.cancel()
                self._given_up.set()
        return await self.wait()

    def usage(self) -> Usage:
        """Return what it used when it was last heard of, at most two seconds ago where it can be heard."""
        return self._usage

    def deliver_output(self) -> None:
        """See `base.Sandbox`: the node is asked to."""
        work = asyncio.create_task(self.node.call("deliver", {"name": self.name}))
        self._works.add(work)
        work.add_done_callback(self._works.discard)
        work.add_done_callback(lambda done: None if done.cancelled() else done.exception())

    async def show(self, path: Path, *, is_held: bool = False) -> None:
        """See `base.Executor.show`, and `Trees.show`."""
        await self._trees.show(path, is_held=is_held)

    async def _run(self) -> ExitStatus:
        renewing = asyncio.create_task(self._trees.keep_passing())
        try:
            status = await self._followed()
        except Exception:  # what it says may be anything
            _log.exception("what %s says of %s cannot be", self.node.node_id, self.name)
            status = LOST
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
        if not status.is_lost:
            status = await self._bring(status)
        await self._on_end(status)
        return status

    async def _bring(self, status: ExitStatus) -> ExitStatus:
        try:
            await self._trees.bring()
        except Exception as error:  # as what it says, so what it sends
            _log.warning(
                "what %s wrote could not be brought from %s: %r", self.name, self.node.node_id, error
            )
            return LOST
        finally:
            if not self.spec.left:  # it is `RemoteData` who lets go of it then
                with contextlib.suppress(Exception):
                    await self.node.call("forget", {"name": self.name})
        return status

    async def _followed(self) -> ExitStatus:
        """Pass its output on until it has ended, over as many links as it takes."""
        following = asyncio.create_task(self._follow())
        given_up = asyncio.create_task(self._given_up.wait())
        try:
            await asyncio.wait((following, given_up), return_when=asyncio.FIRST_COMPLETED)
            return following.result() if following.done() else LOST
        finally:
            for task in (following, given_up):
                task.cancel()
            await asyncio.gather(following, given_up, return_exceptions=True)

    async def _follow(self) -> ExitStatus:
        while True:
            try:
                stream = await self.node.open("follow", {"name": self.name, "after": self._have})
                status = await self._hear(stream)
            except NodeLost as error:
                _log.warning("%s: %s", self.name, error)
                return LOST
            except StreamRefused as error:  # its agent knows nothing of it: it was started anew
                _log.warning("%s on %s: %s", self.name, self.node.node_id, error)
                return LOST
            except OSError:  # the link is lost, or it is slow: the node has the rest for a while
                continue
            if status is not None:
                return status

    async def _hear(self, stream: Stream) -> ExitStatus | None:
        try:
            async for told in lines(stream):
                if (usage := told.get("usage")) is not None:
                    self._usage = usage_of(usage)
                if (found := told.get("lines")) is not None:
                    self._deliver(found)
                    await stream.send(line({"have": self._have}))
                if (ended := told.get("exit")) is not None:
                    await stream.finish()
                    return status_of(ended)
        finally:
            stream.reset("heard enough")
        return None

    def _deliver(self, found: list[tuple[int, str, str]]) -> None:
        for number, stream, text in found:
            if number > self._have:
                self._have = number
                self._on_output(stream, text)
