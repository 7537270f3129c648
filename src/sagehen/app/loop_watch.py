"""Watches the event loop, where a test asks for it: nobody may hold it for long.

Counted is the processor time of the loop's thread between two beats, not the time on the wall: a busy
machine holds nobody up who would not hold others up by himself.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from typing import Any

# Milliseconds of processor time; set by `tests/stress`, off without it.
LOOP_WATCH = "SAGEHEN_LOOP_WATCH_MS"
# What stands in the log, for tests to find.
HELD = "the event loop was held"
_BEAT_S = 0.005
_log = logging.getLogger("sagehen.loop")


def watch_loop(limit_s: float) -> None:
    """Log every stretch of more than `limit_s` between two beats of the running loop, with its stack."""
    _LoopWatch(asyncio.get_running_loop(), limit_s)


class _LoopWatch:
    def __init__(self, loop: asyncio.AbstractEventLoop, limit_s: float) -> None:
        self._loop = loop
        self._limit_s = limit_s
        self._thread = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread)
        self._began_s = time.thread_time()
        self._stack = ""
        self._round_began_s = 0.0
        gc.callbacks.append(self._collects)
        self._beat()
        threading.Thread(target=self._look, name="loop-watch", daemon=True).start()

    def _beat(self) -> None:
        now_s = time.thread_time()
        if now_s - self._began_s > self._limit_s:
            # No stack: it did not let go of the interpreter's lock either.
            held = f"{HELD} for {1000 * (now_s - self._began_s):.0f} ms of processor time"
            _log.error("%s by\n%s", held, self._stack or "code outside of Python\n")
        self._stack = ""
        self._began_s = time.thread_time()
        self._loop.call_later(_BEAT_S, self._beat)

    def _collects(self, phase: str, info: Mapping[str, Any]) -> None:
        if threading.get_ident() != self._thread:
            return
        if phase == "start":
            self._round_began_s = time.thread_time()
        elif (round_s := time.thread_time() - self._round_began_s) > self._limit_s / 2:
            self._stack = f"the garbage collector, {1000 * round_s:.0f} ms of it\n"

    def _look(self) -> None:
        while not self._loop.is_closed():
            time.sleep(_BEAT_S)
            try:
                spent_s = time.clock_gettime(self._clock) - self._began_s
            except OSError:  # the thread is gone
                break
            frame = sys._current_frames().get(self._thread)
            if spent_s > self._limit_s / 2 and frame is not None and not self._stack:
                self._stack = "".join(traceback.format_stack(frame)[-12:])
        gc.callbacks.remove(self._collects)
