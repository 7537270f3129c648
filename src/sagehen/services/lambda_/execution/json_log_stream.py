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
from sagehen.services.lambda_.execution.log_stream import Ending, LogStream

_LEVELS = ("DEBUG", "INFO", "WARN")


class JsonLogStream(LogStream):
    """See LogStream."""

    def init_start(self, runtime_version: str, runtime_arn: str) -> None:
        """Write `platform.initStart`."""
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
        """Write `platform.initReport`, at WARN: only an INIT that failed has one here."""
        record = {
            "initializationType": self._kind,
            "phase": phase,
            **_status(fault),
            "metrics": {"durationMs": round(init_ms, 3)},
        }
        self._event("WARN", "initReport", record)
        self.flush()

    def start(self, request_id: str) -> None:
        """Write `platform.start`."""
        self._event("INFO", "start", {"requestId": request_id, "version": self._function.version})

    def fault(self, request_id: str, fault: Fault) -> None:
        """The report tells it."""

    def end(self, ending: Ending) -> None:
        """Write `platform.runtimeDone`, at DEBUG unless it failed, and `platform.report`."""
        level = "WARN" if ending.fault else "INFO"
        duration = {"durationMs": round(ending.duration_ms, 3)}
        status = _status(ending.fault)
        done = {"requestId": ending.request_id, **status, "metrics": duration}
        self._event("WARN" if ending.fault else "DEBUG", "runtimeDone", done)
        metrics: dict[str, Any] = {
            **duration,
            "billedDurationMs": ending.billed_ms,
            "memorySizeMB": self._function.memory_mib,
            "maxMemoryUsedMB": ending.max_memory_mib,
        }
        if ending.init_ms is not None:
            metrics["initDurationMs"] = round(ending.init_ms, 3)
        self._event(level, "report", {"requestId": ending.request_id, "metrics": metrics, **status})
        self.flush()

    def _event(self, level: str, kind: str, record: dict[str, Any]) -> None:
        if _LEVELS.index(level) < _LEVELS.index(self._function.system_log_level):
            return
        time = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        document = {"time": time, "type": f"platform.{kind}", "record": record}
        self.line(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def _status(fault: Fault | None) -> dict[str, str]:
    if fault is None:
        return {"status": "success"}
    if fault.status == "timeout":
        return {"status": "timeout"}
    return {"status": "error", "errorType": fault.type_in_lines}
