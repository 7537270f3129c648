"""The execution log of one request, in AWS's lines, and where it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.snapshot.stages import LoggingLevel

# AWS cuts log events of API Gateway here.
_MAX_LINE = 1024


class ExecutionLog:
    """Lines of one request.

    Args:
        clock: Times the lines.
        level: OFF keeps nothing.
        data_trace: Also headers and bodies.

    Attributes:
        info_on, data_on: Whether to make such lines at all: making them costs more than keeping them.
    """

    __slots__ = ("_clock", "data_on", "error_on", "info_on", "lines")

    def __init__(self, clock: Clock, level: LoggingLevel, *, data_trace: bool) -> None:
        self._clock = clock
        self.error_on = level != "OFF"
        self.info_on = level == "INFO"
        self.data_on = level == "INFO" and data_trace
        self.lines: list[tuple[int, str]] = []

    def info(self, line: str) -> None:
        """Keep a line of level INFO."""
        if self.info_on:
            self._add(line)

    def data(self, line: str) -> None:
        """Keep a line of a data trace: it may hold what clients sent."""
        if self.data_on:
            self._add(line)

    def error(self, line: str) -> None:
        """Keep a line of level ERROR, which INFO includes."""
        if self.error_on:
            self._add(line)

    def received(
        self, status: int, began: float, headers: Sequence[tuple[str, str]], body: Callable[[], str]
    ) -> None:
        """Say what a backend answered; a MOCK has none.

        Args:
            status: HTTP's.
            began: When it was asked, by `time.perf_counter`.
            headers, body: The latter is only asked for where it is kept.
        """
        if self.info_on:
            took = round((time.perf_counter() - began) * 1000)
            self._add(f"Received response. Status: {status}, Integration latency: {took} ms")
        if self.data_on:
            self._add(f"Endpoint response headers: {headers_text(headers)}")
            self._add(f"Endpoint response body before transformations: {body()}")

    def _add(self, line: str) -> None:
        if len(line) > _MAX_LINE:
            line = f"{line[: _MAX_LINE - 12]} [TRUNCATED]"
        self.lines.append((epoch_ms(self._clock.now()), line))


def headers_text(headers: Sequence[tuple[str, str]]) -> str:
    """Return headers as AWS's lines show them: `{Accept=*/*, Authorization=****…c3d4}`."""
    shown = []
    for name, value in headers:
        # From memory: secrets end in their last six characters.
        if name.lower() in ("authorization", "x-api-key", "x-amz-security-token"):
            value = f"{'*' * 20}{value[-6:]}" if len(value) > 12 else "*" * 20
        shown.append(f"{name}={value}")
    return "{" + ", ".join(shown) + "}"


def write(sink: LogSink, scope: Scope, group: str, stream: str, request_id: str, log: ExecutionLog) -> None:
    """Send the lines to the stage's log group."""
    if log.lines:
        sink.write(scope, group, stream, [(at, f"({request_id}) {line}") for at, line in log.lines])
