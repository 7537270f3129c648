"""Timer: wakes an event loop at a moment, to some ten microseconds.

Event loops wait in whole milliseconds (epoll_wait, libuv): half of one would be added to every latency. The
kernel's own timer is a file that becomes readable in time.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Callable

_CLOCK_MONOTONIC = 1  # as time.monotonic() reads it
_ABSOLUTE = 1


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


class Timer:
    """Calls `wake` in the running loop. Close it when done.

    Args:
        wake: Called once for each `set`.

    Raises:
        OSError: The kernel has no timer left.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._settime = libc.timerfd_settime
        self._file = libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._file < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._setting = _Setting()
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._file, self._readable)

    def set(self, moment: float) -> None:
        """Wake at a moment of `time.monotonic()`; at once where it has passed. Forgets an earlier one."""
        value = self._setting.value
        seconds = int(moment)
        value.seconds = seconds
        # All zeros would switch it off.
        value.nanoseconds = max(int((moment - seconds) * 1e9), 1)
        if self._settime(self._file, _ABSOLUTE, ctypes.byref(self._setting), None) != 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def close(self) -> None:
        """Wake no more."""
        self._loop.remove_reader(self._file)
        os.close(self._file)

    def _readable(self) -> None:
        try:
            os.read(self._file, 8)
        except BlockingIOError:  # set anew meanwhile
            return
        self._wake()
