"""Between a page and a shell: bytes both ways, no faster than either side takes them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.domain.ports.compute.terminals import NoTerminal, Terminal

_PIECE_BYTES = 32 * 1024
# After the shell's end, for what it printed last.
_LAST_OUTPUT_S = 0.5
# Of text: a size, or how much was shown.
_LONGEST_TEXT = 256
# Once a page tells what it has shown, so much more is sent to it: a browser keeps all that comes, however
# long its page takes to draw it, and would grow by what `yes` prints.
_MOST_NOT_SHOWN = 512 * 1024
_MOST_COUNT = 1 << 53
_NO_MESSAGE = "The page sent what is no message of a terminal."


class Line(Protocol):
    """The way to a page."""

    async def receive(self) -> bytes | str | None:
        """Return the next message: bytes or a text; None when the page is gone."""
        ...

    async def send(self, message: bytes) -> None:
        """Send bytes; returns when most of what was sent is taken.

        Raises:
            ConnectionError: The page is gone.
        """
        ...


class Carrying:
    """One page and one shell.

    Args:
        line: To the page.
        terminal: Of the shell.
        idle_s: How long neither side may say anything.
    """

    def __init__(self, line: Line, terminal: Terminal, idle_s: float) -> None:
        self._line = line
        self._terminal = terminal
        self._idle_s = idle_s
        self._active_at = asyncio.get_running_loop().time()
        self._sent = 0
        self._shown: int | None = None
        self._may_send = asyncio.Event()
        self._may_send.set()

    async def run(self) -> str:
        """Carry until either side ends; return why, for a person. '' where the page went."""
        output = asyncio.create_task(self._output(), name="a terminal's output")
        said = asyncio.create_task(self._input(), name="a terminal's input")
        ended = asyncio.create_task(self._ended(), name="a terminal's end")
        idle = asyncio.create_task(self._idle(), name="a terminal's patience")
        tasks = (output, said, ended, idle)
        try:
            # The output's own end is the shell's, or the page's, which the others tell.
            await asyncio.wait((said, ended, idle), return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and not said.done():
                await asyncio.wait((output,), timeout=_LAST_OUTPUT_S)
            return next(task.result() for task in (said, ended, idle) if task.done())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _output(self) -> None:
        with contextlib.suppress(ConnectionError, NoTerminal, OSError):
            while piece := await self._terminal.read(_PIECE_BYTES):
                self._touch()
                self._sent += len(piece)
                await self._line.send(piece)
                if self._shown is not None and self._sent - self._shown > _MOST_NOT_SHOWN:
                    self._may_send.clear()
                    await self._may_send.wait()

    async def _input(self) -> str:
        while (message := await self._line.receive()) is not None:
            self._touch()
            if isinstance(message, str):
                if not await self._obey(message):
                    return _NO_MESSAGE
                continue
            with contextlib.suppress(OSError):  # it reads no more: the rest is dropped, as a closed line does
                await self._terminal.write(message)
        return ""

    async def _obey(self, text: str) -> bool:
        """Do what a text says; tell whether it says anything."""
        try:
            read = read_json(text.encode()) if len(text) <= _LONGEST_TEXT else None
        except NotJson:
            return False
        message = read if isinstance(read, dict) else {}
        match message:
            case {"resize": [int(columns), int(rows)]} if len(message) == 1:
                await self._terminal.resize(columns, rows)
            case {"shown": int(count)} if len(message) == 1 and 0 <= count <= _MOST_COUNT:
                self._shown = max(self._shown or 0, count)
                if self._sent - self._shown <= _MOST_NOT_SHOWN:
                    self._may_send.set()
            case _:
                return False
        return True

    async def _ended(self) -> str:
        try:
            code = await self._terminal.wait()
        except NoTerminal:
            return "The machine has ended."
        return "The shell has ended." if code == 0 else f"The shell has ended with exit code {code}."

    async def _idle(self) -> str:
        clock = asyncio.get_running_loop().time
        left = self._idle_s
        while left > 0:
            await asyncio.sleep(left)
            left = self._active_at + self._idle_s - clock()
        return f"Nothing was typed or shown for {self._idle_s / 60:g} minutes."

    def _touch(self) -> None:
        self._active_at = asyncio.get_running_loop().time()
