"""RunningContainer: a container as the executor has it, from its start to its end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sagehen.executors.base import ExitStatus, OutputListener, SandboxSpec
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.engine.connection import Taken
from sagehen.executors.containers.engine.errors import EngineError, EngineGone, EngineRefused
from sagehen.executors.containers.keeper import Keeper
from sagehen.executors.containers.limits import ContainerLimits
from sagehen.executors.containers.output import AttachedOutput
from sagehen.executors.ended import LOST, NO_PID
from sagehen.executors.processes.running import Running

# An engine that is started anew (an upgrade) has this long until its containers are given up.
_RETURNS_S = 60.0
_ASK_AGAIN_S = 0.5
# Its layer is measured by the engine, as folders are by us: see `limits.disk`.
_LEAST_PAUSE_S = 5.0
_PAUSE_PER_COST = 50.0
_log = logging.getLogger(__name__)


class RunningContainer(Running):
    """A container on an image's root, whose processes and network are its keeper's.

    Args:
        container: Its id.
        pid: The host's pid of its first process; 0 where it has ended already.
        keeper: Closed at the end, or to end it.
        taken: The stream of its output.
        on_output: Told each line of it.
    """

    def __init__(
        self,
        spec: SandboxSpec,
        client: EngineClient,
        container: str,
        pid: int,
        keeper: Keeper,
        taken: Taken,
        on_output: OutputListener,
        on_end: Callable[[ExitStatus], Awaitable[None]],
    ) -> None:
        self._client = client
        self._container = container
        self._pid = pid
        self._keeper = keeper
        self._engine_limits = ContainerLimits(pid, spec.limits)
        self._layer_bytes = 0
        output = AttachedOutput(taken, on_output, self._attach_again)
        super().__init__(spec, output, self._engine_limits, on_end)

    @property
    def pid(self) -> int:
        return self._pid or NO_PID

    def _bytes_elsewhere(self) -> int:
        return self._layer_bytes

    async def _exit_code(self) -> int:
        measuring = asyncio.create_task(self._measure_layer()) if self._disk is not None else None
        try:
            return await self._ended()
        finally:
            # What it has left running ends now, else its output would not.
            self._keeper.close()
            if measuring is not None:
                measuring.cancel()

    async def _ended(self) -> int:
        lost_at: float | None = None
        while True:
            asked_at = time.monotonic()
            try:
                code = await self._client.exit_code(self._container)
                await self._read_end()
                return code
            except EngineGone as error:
                now = time.monotonic()
                if lost_at is None or now - asked_at > _RETURNS_S:  # it had returned, and was asked since
                    lost_at = now
                if now - lost_at < _RETURNS_S:
                    await asyncio.sleep(_ASK_AGAIN_S)
                    continue
                why: EngineError = error
            except EngineRefused as error:  # somebody has removed it
                why = error
            _log.warning("%s: nobody has seen how it ended: %s", self.name, why)
            self._is_lost = True
            return LOST.code

    async def _read_end(self) -> None:
        found = await self._inspect()
        self._engine_limits.ran_out = bool(found["State"].get("OOMKilled"))
        self._layer_bytes = int(found.get("SizeRw") or 0)

    async def _attach_again(self) -> Taken:
        # Docker attaches to what has ended, too, and then waits for its next start.
        if not (await self._inspect())["State"].get("Running"):
            raise EngineRefused(409, "it has ended")
        return await self._client.attach(self._container)

    async def _inspect(self) -> dict[str, Any]:
        return await self._client.inspect(self._container, size=self._disk is not None)

    async def _measure_layer(self) -> None:
        pause_s = _LEAST_PAUSE_S
        while True:
            await asyncio.sleep(pause_s)
            began = time.monotonic()
            try:
                self._layer_bytes = int((await self._inspect()).get("SizeRw") or 0)
            except EngineError as error:
                _log.info("%s: its layer could not be measured: %s", self.name, error)
            pause_s = max(_LEAST_PAUSE_S, _PAUSE_PER_COST * (time.monotonic() - began))

    async def _terminate(self) -> None:
        assert self.spec.image is not None
        number = int(self.spec.image.stop_signal)
        try:
            await self._client.call("POST", f"/containers/{self._container}/kill", signal=number)
        except EngineRefused as error:  # it has just ended
            _log.info("%s: %s", self.name, error)
        except EngineGone as error:  # then it is killed after its grace
            _log.warning("%s could not be asked to end: %s", self.name, error)

    def _kill_all(self) -> None:
        self._keeper.close()
