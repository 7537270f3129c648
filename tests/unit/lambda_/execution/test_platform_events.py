"""Platform events: which is told at which level, as AWS's guide lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.execution import platform_events as events
from sagehen.services.lambda_.execution.contract import FunctionVersion
from sagehen.services.lambda_.execution.faults import Fault, timed_out
from sagehen.services.lambda_.execution.platform_events import Phase, PlatformEvent

FUNCTION = FunctionVersion(
    Scope("111122223333", "eu-west-1"), "f", "$LATEST", "1", "arn", "role", "python3.11", "a.b", Path("/")
)
ON_DEMAND, PROVISIONED = Phase("on-demand", "init"), Phase("provisioned-concurrency", "init")
CRASH = Fault("error", "Runtime.ExitError")


@pytest.mark.parametrize(
    ("event", "kind", "level", "status"),
    [
        (events.init_start(FUNCTION, ON_DEMAND, "v", "arn"), "initStart", "INFO", None),
        (events.init_runtime_done(ON_DEMAND, None), "initRuntimeDone", "DEBUG", "success"),
        (events.init_runtime_done(ON_DEMAND, CRASH), "initRuntimeDone", "WARN", "error"),
        (events.init_report(ON_DEMAND, 1.0, None), "initReport", "DEBUG", "success"),
        (events.init_report(PROVISIONED, 1.0, None), "initReport", "INFO", "success"),
        (events.init_report(PROVISIONED, 1.0, timed_out(10)), "initReport", "WARN", "timeout"),
        (events.start(FUNCTION, "r"), "start", "INFO", None),
        (events.runtime_done("r", 1.0, 2, None), "runtimeDone", "DEBUG", "success"),
        (events.runtime_done("r", 1.0, None, timed_out(3)), "runtimeDone", "WARN", "timeout"),
        (events.report("r", {}, None), "report", "INFO", "success"),
        (events.report("r", {}, CRASH), "report", "WARN", "error"),
        (events.extension("e", "Ready", ["INVOKE"]), "extension", "INFO", None),
        (events.extension("e", "LaunchError", [], "PermissionDenied"), "extension", "WARN", None),
        (events.subscription("telemetry", "e", ["platform"]), "telemetrySubscription", "INFO", None),
        (events.subscription("logs", "e", ["platform"]), "logsSubscription", "INFO", None),
        (events.logs_dropped(3, 300), "logsDropped", "WARN", None),
    ],
)
def test_levels(event: PlatformEvent, kind: str, level: str, status: str | None) -> None:
    assert (event.kind, event.level, event.record.get("status")) == (kind, level, status)
