"""What an instance prints becomes log events and metrics, in bounded time of the event loop."""

from __future__ import annotations

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.sagemaker.training import log as training_log
from sagehen.services.sagemaker.training.log import JobLog, compile_definitions

from ..conftest import SCOPE, FakeLogs, FakeMetrics

DEFINITIONS = [{"Name": name, "Regex": f"{name}=(.+?);"} for name in "abc"]


def output(logs: FakeLogs, metrics: FakeMetrics) -> JobLog:
    clock = ManualClock()
    return JobLog(SCOPE, "job", compile_definitions(DEFINITIONS), clock.now(), clock, logs, metrics)


def disabled(logs: FakeLogs) -> set[str]:
    (lines,) = logs.lines.values()
    return {line.split()[2] for line in lines if "is disabled" in line}


def test_values_are_recorded_and_what_is_no_number_is_not() -> None:
    logs, metrics = FakeLogs(), FakeMetrics()
    taken = output(logs, metrics)
    taken.line("algo-1", "a=1; b=many; c=2.5;")
    assert [(value.name, value.value) for value in metrics.values] == [("a", 1.0), ("c", 2.5)]
    assert {name: value for name, (value, _) in taken.last_metrics.items()} == {"a": 1.0, "c": 2.5}
    assert disabled(logs) == set()


def test_all_searches_of_a_line_share_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_log, "_LINE_S", 0.0)
    logs, metrics = FakeLogs(), FakeMetrics()
    output(logs, metrics).line("algo-1", "a=1; b=2; c=3;")
    assert disabled(logs) == {"a", "b", "c"}


def test_all_searches_of_a_job_share_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may be fast enough: so many of them, on so many lines, are not."""
    monkeypatch.setattr(training_log, "_AT_ONCE_S", 0.0)
    monkeypatch.setattr(training_log, "_SHARE", 0.0)
    logs, metrics = FakeLogs(), FakeMetrics()
    output(logs, metrics).line("algo-1", "a=1; b=2; c=3;")
    assert [value.value for value in metrics.values] == [1.0, 2.0, 3.0]  # what was found counts
    assert disabled(logs) == {"a", "b", "c"}
