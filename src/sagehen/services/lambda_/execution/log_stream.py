"""One environment's log stream: Lambda's own lines and what the function prints, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.services.lambda_.execution import platform_events
from sagehen.services.lambda_.execution.contract import FunctionVersion, InitializationType
from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.platform_events import PlatformEvent
from sagehen.services.lambda_.execution.telemetry.streams import Source, Streams

# Documented: Invoke, LogType Tail, "the last 4 KB of the execution log".
TAIL_BYTES = 4096
# What a long invocation prints becomes readable while it runs.
_FLUSH_S = 0.2


@dataclass(frozen=True, slots=True)
class Ending:
    """What the closing lines of an invocation tell.

    Args:
        init_ms: Of the init that belonged to it, if one did.
        fault: Why it broke off, if it did.
    """

    request_id: str
    duration_ms: float
    billed_ms: int
    max_memory_mib: int
    init_ms: float | None = None
    fault: Fault | None = None


class LogStream:
    """Collects lines and hands them on in batches: one at the end of a short invocation.

    Args:
        sink: Where they go.
        clock: Dates them.
        function: Whose they are.
        name: `YYYY/MM/DD/[<version>]<32 hex>`.
        kind: Why the environment is started.
    """

    # Whether Lambda's own lines are text.
    _has_text = True

    def __init__(
        self,
        sink: LogSink,
        clock: Clock,
        function: FunctionVersion,
        name: str,
        kind: InitializationType = "on-demand",
    ) -> None:
        self.name = name
        self._kind = kind
        self._sink = sink
        self._clock = clock
        self._function = function
        self._group = function.log_group or f"/aws/lambda/{function.function_name}"
        self._waiting: list[tuple[int, str]] = []
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._flushing: asyncio.TimerHandle | None = None
        self._streams: Streams | None = None
        self._begun: PlatformEvent | None = None

    def attach(self, streams: Streams) -> None:
        """Have telemetry hear what this log hears, and what has begun already."""
        self._streams = streams
        if self._begun is not None and streams.is_heard:
            streams.event(self._begun)

    def printed(self, stream: str, line: str) -> None:
        """Take one line of output: the function's, or on `stderr`, which it has not, an extension's."""
        source: Source = "extension" if stream == "stderr" else "function"
        if self._streams is not None and self._streams.is_heard:
            self._streams.printed(source, line.replace("\r", "\n"))
        if not self._keeps(source, line):
            return
        # The runtime joins the lines of one multi-line event by carriage returns.
        self.line(line.replace("\r", "\n"))
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(_FLUSH_S, self.flush)

    def line(self, text: str) -> None:
        """Take one line, dated now; what leaves the tail are the oldest lines."""
        text += "\n"
        self._waiting.append((epoch_ms(self._clock.now()), text))
        self._tail.append(text)
        self._tail_size += len(text)
        while self._tail_size - len(self._tail[0]) >= TAIL_BYTES:
            self._tail_size -= len(self._tail.popleft())

    def begin_tail(self) -> None:
        """Begin the tail of the next invocation."""
        self._tail.clear()
        self._tail_size = 0

    def tail(self) -> str:
        """Return the last 4 KiB since `begin_tail`."""
        encoded = "".join(self._tail).encode()
        return encoded[-TAIL_BYTES:].decode("utf-8", "ignore")

    def flush(self) -> None:
        """Hand on what was collected, whatever the timer says."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        if self._waiting:
            self._sink.write(self._function.scope, self._group, self.name, self._waiting)
            self._waiting = []

    # --- what Lambda tells ---------------------------------------------------------------------

    def init_start(self, runtime_version: str, runtime_arn: str, phase: str = "init") -> None:
        """Write INIT_START (recorded), but not again where INIT is repeated within an invocation.

        Args:
            phase: `init`, or `invoke` where it is repeated.
        """
        # From memory: of an image there is no line, as there is no runtime whose version it could tell.
        if self._has_text and phase == "init" and self._function.image is None:
            self.line(f"INIT_START Runtime Version: {runtime_version}\tRuntime Version ARN: {runtime_arn}")
        told = platform_events.Phase(self._kind, phase)
        # Extensions hear of it as soon as there are any.
        self._begun = platform_events.init_start(self._function, told, runtime_version, runtime_arn)
        self._event(self._begun)
        self.flush()

    def init_done(self, init_ms: float, phase: str, fault: Fault | None) -> None:
        """Write how an INIT ended: of one that failed, AWS writes INIT_REPORT (recorded).

        Args:
            phase: `init`, or `invoke` where it was tried again within an invocation.
        """
        if self._has_text and fault is not None:
            text = f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: {phase}\tStatus: {fault.status}"
            if fault.status == "error":
                text += f"\tError Type: {fault.type_in_lines}"
            self.line(text)
        if self._tells_events:
            told = platform_events.Phase(self._kind, phase)
            self._event(platform_events.init_runtime_done(told, fault))
            self._event(platform_events.init_report(told, init_ms, fault))
        if fault is not None:
            self.flush()

    def extension(self, name: str, state: str, events: Sequence[str], error_type: str | None) -> None:
        """Write how an extension came through INIT (from public logs)."""
        if self._has_text:
            text = f"EXTENSION\tName: {name}\tState: {state}\tEvents: [{','.join(events)}]"
            self.line(text if error_type is None else f"{text}\tError Type: {error_type}")
        if self._tells_events:
            self._event(platform_events.extension(name, state, events, error_type))

    def subscribed(self, api: str, name: str, types: Sequence[str]) -> None:
        """Write that an extension subscribed (from public logs).

        Args:
            api: `telemetry` or `logs`.
        """
        if self._has_text:
            listed = ", ".join(one.capitalize() for one in types)
            self.line(f"{api.upper()}\tName: {name}\tState: Subscribed\tTypes: [{listed}]")
        if self._tells_events:
            self._event(platform_events.subscription(api, name, types))

    def note(self, text: str) -> None:
        """Write a line of ours, which AWS has not."""
        self.line(f"sagehen: {text}")
        self.flush()

    def start(self, request_id: str) -> None:
        """Write START (recorded)."""
        if self._has_text:
            self.line(f"START RequestId: {request_id} Version: {self._function.version}")
        if self._tells_events:
            self._event(platform_events.start(self._function, request_id))

    def runtime_done(
        self, request_id: str, duration_ms: float, produced_bytes: int | None, fault: Fault | None
    ) -> None:
        """Tell that the runtime is done with an event; of that there is no line in text.

        Args:
            produced_bytes: Size of its answer, where it gave one.
        """
        if self._tells_events:
            self._event(platform_events.runtime_done(request_id, duration_ms, produced_bytes, fault))

    def fault(self, request_id: str, fault: Fault) -> None:
        """Say why an invocation broke off, where the runtime could not; events tell it in themselves."""
        if not self._has_text:
            return
        if fault.status == "timeout":
            now = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
            self.line(f"{now}Z {request_id} {fault.message}\n")
        elif fault.message is not None:
            self.line(f"RequestId: {request_id} Error: {fault.message}")
            self.line(fault.error_type)

    def end(self, ending: Ending) -> None:
        """Write END and REPORT (recorded), and flush."""
        if self._has_text:
            self.line(f"END RequestId: {ending.request_id}")
            self.line(self._report_line(ending))
        if self._tells_events:
            metrics: dict[str, Any] = {
                "durationMs": round(ending.duration_ms, 3),
                "billedDurationMs": ending.billed_ms,
                "memorySizeMB": self._function.memory_mib,
                "maxMemoryUsedMB": ending.max_memory_mib,
            }
            if ending.init_ms is not None:
                metrics["initDurationMs"] = round(ending.init_ms, 3)
            self._event(platform_events.report(ending.request_id, metrics, ending.fault))
        self.flush()

    def _report_line(self, ending: Ending) -> str:
        text = (
            f"REPORT RequestId: {ending.request_id}\tDuration: {ending.duration_ms:.2f} ms\t"
            f"Billed Duration: {ending.billed_ms} ms\t"
            f"Memory Size: {self._function.memory_mib} MB\tMax Memory Used: {ending.max_memory_mib} MB\t"
        )
        # Recorded: Init Duration stands on the first invocation of an environment alone.
        if ending.init_ms is not None:
            text += f"Init Duration: {ending.init_ms:.2f} ms\t"
        if ending.fault is not None:
            text += f"Status: {ending.fault.status}"
            if ending.fault.status == "error":
                text += f"\tError Type: {ending.fault.type_in_lines}"
        return text

    @property
    def _tells_events(self) -> bool:
        """Whether anybody would hear of platform events."""
        return not self._has_text or (self._streams is not None and self._streams.is_heard)

    def _event(self, event: PlatformEvent) -> None:
        """Hand a platform event on; in text it is no line."""
        if self._streams is not None:
            self._streams.event(event)

    def _keeps(self, source: Source, line: str) -> bool:
        """Tell whether a line of output belongs into the log."""
        return True
