"""Keeps the rounds of the garbage collector short: what lives long is looked at once.

A full round looks at every object that can be part of a cycle, on whatever thread it strikes, with the
interpreter's lock held. Parsers and validators are compiled when an operation is first asked for, and
stay: with all of them a round took 147 ms, and it was such rounds that held the event loop in a fuzz.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_OLDEST = 2
# Rounds of so much processor time come a few times in the platform's life, while it meets new operations.
_LONG_ROUND_S = 0.01
# How many rounds of one age make one of the next. With Python's 10, 70,000 new objects wait for a full round:
# 50 ms of it, all at once; with 3, it was 28 ms in a fuzz of all operations beside three other test workers.
_YOUNG_ROUNDS = 2


class Collector:
    """After a full round that took long, sets aside what was left: it is freed as ever once nobody holds it.

    Only cycles that were in use at that moment, and end later, are never collected: those of some requests.

    Args:
        long_round_s: Processor time of a round.
    """

    def __init__(self, long_round_s: float = _LONG_ROUND_S) -> None:
        self._long_round_s = long_round_s
        self._began_s = 0.0
        self._usual = gc.get_threshold()

    def start(self) -> None:
        """Set aside what exists, and watch the rounds from now on; whoever starts may have put them off."""
        gc.freeze()
        gc.collect()  # a round that sees nothing: the next waits for a quarter of what the last one saw
        gc.set_threshold(*self._usual[:2], _YOUNG_ROUNDS)
        gc.callbacks.append(self._round)
        gc.enable()

    def stop(self) -> None:
        """Leave the collector as it was found; what was set aside stays so."""
        gc.set_threshold(*self._usual)
        if self._round in gc.callbacks:
            gc.callbacks.remove(self._round)

    def _round(self, phase: str, info: Mapping[str, Any]) -> None:
        if info["generation"] != _OLDEST:
            return
        if phase == "start":
            self._began_s = time.thread_time()
        elif time.thread_time() - self._began_s > self._long_round_s:
            gc.freeze()


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """While much is made that stays: nothing is looked for in it, neither now nor later."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.freeze()
            gc.enable()
