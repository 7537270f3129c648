"""The log stream of a function whose LogFormat is JSON: Lambda's own lines as documents.

Which event has which level is documented at
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html, their members at
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html; what the function logs is
its runtime's to format and to leave out.
"""

from __future__ import annotations

import json
from typing import Any

from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.log_stream import LogStream

_LEVELS = ("DEBUG", "INFO", "WARN")


class JsonLogStream(LogStream):
    """See LogStream."""

    def init_start(self, runtime_version: str, runtime_arn: str) -> None:
        record = {
            "initializationType": self._kind,
            "phase": "init",
            "runtimeVersion": runtime_version,
            "runtimeVersionArn": runtime_arn,
            "functionName": self._function.function_name,
            "functionVersion": self._function.version,
        }
        self._event("INFO", "initStart", record)
        self.flush()

    def init_report(self, init_ms: float, phase: str, fault: Fault) -> None:
        record = {
            "initializationType": self._kind,
            "phase": phase,
            **_ending(fault),
            "metrics": {"durationMs": round(init_ms, 3)},
        }
        self._event("WARN", "initReport", record)
        self.flush()

    def start(self, request_id: str) -> None:
        self._event("INFO", "start", {"requestId": request_id, "version": self._function.version})

    def fault(self, request_id: str, fault: Fault) -> None:
        """The report tells it."""

    def end(
        self,
        request_id: str,
        duration_ms: float,
        billed_ms: int,
        max_memory_mib: int,
        init_ms: float | None,
        fault: Fault | None,
    ) -> None:
        level = "WARN" if fault else "INFO"
        duration = {"durationMs": round(duration_ms, 3)}
        done = {"requestId": request_id, **_ending(fault), "metrics": duration}
        self._event("WARN" if fault else "DEBUG", "runtimeDone", done)
        metrics: dict[str, Any] = {
            **duration,
            "billedDurationMs": billed_ms,
            "memorySizeMB": self._function.memory_mib,
            "maxMemoryUsedMB": max_memory_mib,
        }
        if init_ms is not None:
            metrics["initDurationMs"] = round(init_ms, 3)
        self._event(level, "report", {"requestId": request_id, "metrics": metrics, **_ending(fault)})
        self.flush()

    def _event(self, level: str, kind: str, record: dict[str, Any]) -> None:
        if _LEVELS.index(level) < _LEVELS.index(self._function.system_log_level):
            return
        time = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        document = {"time": time, "type": f"platform.{kind}", "record": record}
        self.line(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def _ending(fault: Fault | None) -> dict[str, str]:
    if fault is None:
        return {"status": "success"}
    if fault.status == "timeout":
        return {"status": "timeout"}
    return {"status": "error", "errorType": fault.type_in_lines}
