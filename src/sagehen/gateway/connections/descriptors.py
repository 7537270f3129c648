"""File descriptors that calls in threads use."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


class Descriptors:
    """Open file descriptors, closed when asked for, but never under a call that uses them.

    A task that is cancelled leaves its thread behind in the call. Were the descriptor closed then, the
    next file or connection opened would get its number, and the call would go on with that one.

    Args:
        numbers: The descriptors; they belong to this object from here on.
    """

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers
        self._calls = 0
        self._closing = False

    def call(self, function: Callable[..., _T], *arguments: object) -> asyncio.Future[_T]:
        """Begin a blocking call in a thread; the future may be cancelled, the call goes on."""
        call = asyncio.get_running_loop().run_in_executor(None, function, *arguments)
        self._calls += 1
        call.add_done_callback(self._returned)
        return asyncio.shield(call)

    def close(self) -> None:
        """Close them as soon as no call is under way. Nothing may be called after this."""
        self._closing = True
        self._close_unused()

    def _returned(self, call: asyncio.Future[_T]) -> None:
        self._calls -= 1
        self._close_unused()

    def _close_unused(self) -> None:
        if self._closing and not self._calls:
            for number in self._numbers:
                os.close(number)
            self._numbers = ()
