"""Progress: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time

_WIDTH = 30
_EVERY_S = 0.1


class Progress:
    """Counts images of one phase. Silent where nobody looks: on other ranks, and in logs."""

    def __init__(self, label: str, total: int, speaks: bool) -> None:
        self._label = label
        self._total = max(total, 1)
        self._done = 0
        self._shows = speaks and sys.stderr.isatty()
        self._start = self._shown = time.monotonic()

    def advance(self, count: int) -> None:
        self._done = min(self._done + count, self._total)
        now = time.monotonic()
        if self._shows and (now - self._shown > _EVERY_S or self._done == self._total):
            self._shown = now
            filled = _WIDTH * self._done // self._total
            speed = self._done / max(now - self._start, 1e-9)
            bar = "█" * filled + "·" * (_WIDTH - filled)
            sys.stderr.write(f"\r{self._label} {bar} {self._done}/{self._total} {speed:.0f} images/s ")
            sys.stderr.flush()

    def close(self) -> None:
        if self._shows:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def say(speaks: bool, text: str = "", **metrics: float) -> None:
    """Write a line such as `epoch 3 valid_accuracy=0.97`.

    A MetricDefinitions regular expression like `valid_accuracy=([0-9.]+)` finds each value.
    """
    if speaks:
        print(
            " ".join([text, *(f"{name}={value:.4f}" for name, value in metrics.items())]).strip(), flush=True
        )
