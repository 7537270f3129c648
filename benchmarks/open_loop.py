"""Open loop: the load generator's own, with every answer kept and the end left open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sagehen.load.measured.tally import total
from sagehen.load.sender.connection import Connection
from sagehen.load.sender.open_loop import OpenLoop
from sagehen.traffic.arrivals import arrivals
from sagehen.traffic.traffic import Piece, Traffic

# A door has some thousands of seats; a run that needs more has failed.
_MOST_CONNECTIONS = 3000
# The longest that any answer may take: the platform promises 60.
_PATIENCE_S = 70.0
# Longer than anything here.
_DAY_S = 86_400.0
BROKEN_OFF = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """One request. Times in seconds of `time.monotonic()`; status BROKEN_OFF where there was no answer."""

    due: float
    latency: float
    status: int
    text: bytes = b""


@dataclass(slots=True)
class Seen:
    """What came of all requests.

    Attributes:
        hanging: Without an answer for 70 s.
    """

    answers: list[Answer] = field(default_factory=list)
    hanging: int = 0


async def send_until(end: asyncio.Event, port: int, request: bytes, rate: float, seed: int = 1) -> Seen:
    """Send one request again and again at random moments (a Poisson process); wait for all answers.

    Args:
        end: Set when no more are to be sent.
        port: On loopback.
        request: The whole of it, signed.
        rate: Requests per second.
        seed: Of the moments.
    """
    sender = _Keeping(port, request, rate, seed)
    sending = asyncio.create_task(sender.run())
    await end.wait()
    sender.stop()
    await sending
    if not_sent := total(sender.tallies).not_sent:
        raise RuntimeError(f"{_MOST_CONNECTIONS} were waiting for an answer: {not_sent} were not sent")
    return sender.seen


class _Keeping(OpenLoop):
    def __init__(self, port: int, request: bytes, rate: float, seed: int) -> None:
        async def connect(protocol: Callable[[], Connection]) -> None:
            await asyncio.get_running_loop().create_connection(protocol, "127.0.0.1", port)

        pieces = [request]
        super().__init__(
            arrivals(Traffic([Piece(_DAY_S, rate, rate)]), seed=seed),
            lambda: pieces,
            connect,
            begin=time.monotonic(),
            slot=_DAY_S,
            most_in_flight=_MOST_CONNECTIONS,
            timeout=_PATIENCE_S,
        )
        self.seen = Seen()

    def answered(self, due: float, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
        self._keep(due, status, body)
        super().answered(due, status, headers, body)

    def broken(self, due: float, kind: str) -> None:
        if kind == "timeout":
            self.seen.hanging += 1
        else:
            self._keep(due, BROKEN_OFF, kind.encode())
        super().broken(due, kind)

    def _keep(self, due: float, status: int, text: bytes) -> None:
        kept = text[:500] if status != 200 else b""
        self.seen.answers.append(Answer(due, time.monotonic() - due, status, kept))
