"""AccessLog: lines in the usual combined form, many of them in one system call."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable

# One write for many lines; nobody reads a log faster.
INTERVAL_S = 0.05


class AccessLog:
    """Args:
    on_first: Called with the first line after a flush: `flush` is due within 50 ms from then on.
    """

    def __init__(self, on_first: Callable[[], object]) -> None:
        self._on_first = on_first
        self._lines: list[str] = []
        self._stamp = (0, "")

    def line(self, peer: str, path: str, status: int, size: int, agent: str, method: str = "POST") -> None:
        """Note one request."""
        if not self._lines:
            self._on_first()
        self._lines.append(
            f'{peer} - - [{self._time()}] "{method} {path} HTTP/1.1" {status} {size} "-" "{agent}"\n'
        )

    def flush(self) -> None:
        """Write what is noted to standard output, which is the endpoint's log."""
        if self._lines:
            lines, self._lines = self._lines, []
            with contextlib.suppress(OSError):  # a full disk is no reason to answer nobody
                os.write(1, "".join(lines).encode(errors="replace"))

    def _time(self) -> str:
        now = int(time.time())
        if self._stamp[0] != now:
            self._stamp = (now, time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)))
        return self._stamp[1]
