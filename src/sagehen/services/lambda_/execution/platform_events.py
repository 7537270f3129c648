"""Platform events: what Lambda tells of an environment, as records with the levels that they have. Pure.

A function whose LogFormat is JSON finds them in its log, extensions get them by the Telemetry API.
Members: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html. Levels (from memory of
the table "System log level event mapping"): https://docs.aws.amazon.com/lambda/latest/dg/monitoring-logs.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sagehen.services.lambda_.execution.contract import FunctionVersion, InitializationType
from sagehen.services.lambda_.execution.faults import Fault

Level = Literal["DEBUG", "INFO", "WARN"]
LEVELS: tuple[Level, ...] = ("DEBUG", "INFO", "WARN")


@dataclass(frozen=True, slots=True)
class PlatformEvent:
    """One event.

    Args:
        kind: What follows `platform.` in its type.
        level: From which SystemLogLevel on it is left out.
        record: Its members.
    """

    kind: str
    level: Level
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Phase:
    """An INIT: why there is an environment, and whether it was repeated within an invocation.

    Args:
        name: `init`, or `invoke`.
    """

    kind: InitializationType
    name: str


def init_start(
    function: FunctionVersion, phase: Phase, runtime_version: str, runtime_arn: str
) -> PlatformEvent:
    """INIT begins. Documented at INFO where a runtime version is told, which is always here."""
    record = {
        "initializationType": phase.kind,
        "phase": phase.name,
        # Of an image there is no runtime that has a version (documented as optional).
        **({} if function.image else {"runtimeVersion": runtime_version, "runtimeVersionArn": runtime_arn}),
        "functionName": function.function_name,
        "functionVersion": function.version,
    }
    return PlatformEvent("initStart", "INFO", record)


def init_runtime_done(phase: Phase, fault: Fault | None) -> PlatformEvent:
    """The runtime is initialized, or failed to be. Documented at DEBUG, failures at WARN."""
    record = {"initializationType": phase.kind, "phase": phase.name, **_status(fault)}
    return PlatformEvent("initRuntimeDone", "WARN" if fault else "DEBUG", record)


def init_report(phase: Phase, init_ms: float, fault: Fault | None) -> PlatformEvent:
    """INIT is over. Documented at DEBUG on demand, else at INFO, failures at WARN."""
    record = {
        "initializationType": phase.kind,
        "phase": phase.name,
        **_status(fault),
        "metrics": {"durationMs": round(init_ms, 3)},
    }
    level: Level = "WARN" if fault else "DEBUG" if phase.kind == "on-demand" else "INFO"
    return PlatformEvent("initReport", level, record)


def start(function: FunctionVersion, request_id: str) -> PlatformEvent:
    """An invocation begins. Documented at INFO."""
    return PlatformEvent("start", "INFO", {"requestId": request_id, "version": function.version})


def runtime_done(
    request_id: str, duration_ms: float, produced_bytes: int | None, fault: Fault | None
) -> PlatformEvent:
    """The runtime is done with an event. Documented at DEBUG, failures at WARN."""
    metrics: dict[str, Any] = {"durationMs": round(duration_ms, 3)}
    if produced_bytes is not None:
        metrics["producedBytes"] = produced_bytes
    record = {"requestId": request_id, **_status(fault), "metrics": metrics}
    return PlatformEvent("runtimeDone", "WARN" if fault else "DEBUG", record)


def report(request_id: str, metrics: dict[str, Any], fault: Fault | None) -> PlatformEvent:
    """An invocation is over. Documented at INFO, failures at WARN."""
    record = {"requestId": request_id, "metrics": metrics, **_status(fault)}
    return PlatformEvent("report", "WARN" if fault else "INFO", record)


def extension(name: str, state: str, events: Sequence[str], error_type: str | None = None) -> PlatformEvent:
    """How an extension came through INIT. Documented at INFO, failures at WARN."""
    record: dict[str, Any] = {"name": name, "state": state, "events": list(events)}
    if error_type is not None:
        record["errorType"] = error_type
    return PlatformEvent("extension", "WARN" if error_type else "INFO", record)


def subscription(api: str, name: str, types: Sequence[str]) -> PlatformEvent:
    """An extension wants telemetry. Documented at INFO.

    Args:
        api: `telemetry` or `logs`, by which it asked.
    """
    record = {"name": name, "state": "Subscribed", "types": list(types)}
    return PlatformEvent(f"{api}Subscription", "INFO", record)


def logs_dropped(records: int, size: int) -> PlatformEvent:
    """What an extension did not take in time. Documented at WARN, with this reason."""
    record = {
        "droppedBytes": size,
        "droppedRecords": records,
        "reason": "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.",
    }
    return PlatformEvent("logsDropped", "WARN", record)


def _status(fault: Fault | None) -> dict[str, str]:
    if fault is None:
        return {"status": "success"}
    if fault.status == "timeout":
        return {"status": "timeout"}
    return {"status": "error", "errorType": fault.type_in_lines}
