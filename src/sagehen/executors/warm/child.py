"""ForkedChild: a warm parent's child, seen from the platform."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import SandboxUnavailable

_ANSWER_TIMEOUT_S = 30.0  # ours: far more than a fork takes, also on a machine that swaps


class ForkedChild:
    """One request's process tree, seen through its status socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.pid = 0

    async def ready(self) -> None:
        """Return once the sandbox stands and the program runs.

        Raises:
            SandboxUnavailable: A step was refused; the message names it.
        """
        try:
            async with timeout(_ANSWER_TIMEOUT_S):
                told: dict[str, Any] = {}
                # The monitor tells the pid and the init that it is ready, in either order.
                while not ("pid" in told and "ready" in told):
                    line = await self._reader.readline()
                    if not line:
                        raise SandboxUnavailable("The warm parent's child ended before its program ran.")
                    told.update(json.loads(line))
                    if "error" in told or "exit" in told:
                        reason = told.get("error", "its init ended at once")
                        raise SandboxUnavailable(f"The warm parent's child could not be set up: {reason}")
        except TimeoutError:
            self._writer.close()
            raise SandboxUnavailable("The warm parent's child did not come up in time.") from None
        except ConnectionError as error:  # killed before it read its request
            self._writer.close()
            raise SandboxUnavailable("The warm parent's child is gone.") from error
        except SandboxUnavailable:
            self._writer.close()
            raise
        self.pid = int(told["pid"])

    async def exit_code(self) -> int:
        """Return the exit code, 128 + signal where one ended it; 137 where even the monitor was killed."""
        try:
            while line := await self._reader.readline():
                told = json.loads(line)
                if "exit" in told:
                    return int(told["exit"])
            return 137
        except (OSError, ValueError):
            return 137
        finally:
            self._writer.close()
