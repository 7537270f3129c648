"""Phases: what comes of requests in an open loop while one thing after the other happens."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.open_loop import Answer, send_until
from benchmarks.table import Row, milliseconds

# Of the capacity that a closed loop finds.
SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Phase:
    """What fell due while one thing happened."""

    name: str
    seconds: float
    answers: Sequence[Answer]

    @property
    def failures(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers if answer.status != 200)

    def quantile(self, q: float) -> float:
        ordered = sorted(answer.latency for answer in self.answers)
        return ordered[max(0, math.ceil(q * len(ordered)) - 1)] if ordered else math.nan

    def row(self, name: str) -> Row:
        """Return it as a row of a table."""
        failures = ", ".join(f"{count} of {status}" for status, count in sorted(self.failures.items()))
        return Row(
            name,
            f"{sum(self.failures.values())} of {len(self.answers):,} failed",
            note=f"{self.seconds:.1f} s; p50 {milliseconds(self.quantile(0.5))}, "
            f"p99 {milliseconds(self.quantile(0.99))}, slowest {milliseconds(self.quantile(1))}"
            + (f"; statuses {failures}" if failures else ""),
        )


async def phases(
    port: int,
    request: bytes,
    rate: float,
    events: Iterable[tuple[str, Callable[[], None]]],
    afterwards_s: float = 0.0,
) -> tuple[list[Phase], int]:
    """Let events happen one after the other, each in a thread, while requests come.

    Args:
        port: On loopback.
        request: The whole of it, signed.
        rate: Requests per second.
        events: Names, and what happens.
        afterwards_s: So long after each still belongs to it.

    Returns:
        The phases, and how many requests had no answer in 70 s.
    """
    end = asyncio.Event()
    sending = asyncio.create_task(send_until(end, port, request, rate))
    spans = []
    try:
        for name, happen in events:
            began = time.monotonic()
            await asyncio.to_thread(happen)
            await asyncio.sleep(afterwards_s)
            spans.append((name, began, time.monotonic()))
    finally:
        end.set()
        seen = await sending
    found = [
        Phase(name, until - began, [answer for answer in seen.answers if began <= answer.due < until])
        for name, began, until in spans
    ]
    return found, seen.hanging
