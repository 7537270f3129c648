"""Asking: the platform's side of the model process: started when it is needed, ended when it is not."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys
from collections.abc import Sequence
from weakref import WeakValueDictionary

from sagehen.domain.own_processes import bare_environment, end
from sagehen.domain.timeouts import timeout

_COMMAND = (sys.executable, "-m", "sagehen.services.sagemaker.tuning.search.model")
# On a busy machine the imports take 15 s and an answer as long; beyond this something is wrong.
_ANSWER_S = 180.0
# It holds 0.3 GB, with PyTorch: not for longer than the next trial is likely to take.
_IDLE_S = 120.0
_LINE_BYTES = 1 << 20


class ModelUnavailable(Exception):
    """The model process gives no answer."""


def is_installed() -> bool:
    """Tell whether the extra `tune` is."""
    return importlib.util.find_spec("optuna") is not None


class Asking:
    """One model process at most, asked one thing at a time; accounts take turns.

    Args:
        command: What is started.
        answer_s: How long an answer may take, in the machine's seconds.
    """

    def __init__(self, command: Sequence[str] = _COMMAND, answer_s: float = _ANSWER_S) -> None:
        self._command, self._answer_s = command, answer_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        # Of each account one at most waits for the turn, so that the many of one do not keep another waiting.
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._idle: asyncio.TimerHandle | None = None

    async def ask(self, line: bytes, account: str) -> bytes:
        """Return the answer to a line.

        Args:
            account: Whose tuning job asks.

        Raises:
            ModelUnavailable: The process ended, or did not answer in time; the next question starts another.
        """
        async with self._lines.setdefault(account, asyncio.Lock()), self._turn:
            self._stay()
            try:
                async with timeout(self._answer_s):
                    return await self._asked(line)
            except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError) as error:
                await self._end()
                raise ModelUnavailable(f"the model process gave no answer: {error!r}") from None
            except asyncio.CancelledError:
                await self._end()  # what it was going to say would be taken for the next answer
                raise
            finally:
                self._leave()

    async def expect(self) -> None:
        """Have it started and its libraries imported, before it is asked."""
        async with self._turn:
            self._stay()
            with contextlib.suppress(OSError):
                process = await self._started()
                assert process.stdin is not None
                process.stdin.write(b"\n")
            self._leave()

    async def stop(self) -> None:
        """End it."""
        self._stay()
        async with self._turn:
            await self._end()

    async def _asked(self, line: bytes) -> bytes:
        process = await self._started()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(line)
        await process.stdin.drain()
        return await process.stdout.readuntil(b"\n")

    async def _started(self) -> asyncio.subprocess.Process:
        """Return one that listens. When the platform dies its input ends, and so does it."""
        process = self._process
        if (
            process is None
            or process.returncode is not None
            or process.stdin is None
            or process.stdin.is_closing()
        ):
            process = self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL, env=bare_environment(),
                cwd="/", start_new_session=True, limit=_LINE_BYTES,
            )  # fmt: skip
        return process

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _leave(self) -> None:
        """End it after a while of nobody asking; its memory is the machine's."""
        process = self._process
        if process is not None and process.stdin is not None:
            self._idle = asyncio.get_running_loop().call_later(_IDLE_S, process.stdin.close)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await end(process)
