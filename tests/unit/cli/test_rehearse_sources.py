"""What a plan refers to: reports of `sagehen load`, and recorded metrics by CloudWatch's own words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sagehen.cli.rehearse.sources import PlanSources

# The platform's clock is scaled, and ahead of this machine's.
NOW = datetime(2040, 1, 1, 12, tzinfo=UTC)


class Recorded:
    """CloudWatch and STS in one, with a value for some minutes."""

    def __init__(self, values: dict[str, list[tuple[datetime, float]]]) -> None:
        self.values = values
        self.asked: list[dict[str, Any]] = []

    def get_session_token(self, DurationSeconds: int) -> dict[str, Any]:
        return {"Credentials": {"Expiration": NOW + timedelta(seconds=DurationSeconds)}}

    def get_paginator(self, operation: str) -> Recorded:
        assert operation == "get_metric_data"
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        self.asked.append(request)
        found = self.values.get(request["MetricDataQueries"][0]["MetricStat"]["Stat"], [])
        result = {"Timestamps": [at for at, _ in found], "Values": [value for _, value in found]}
        return [{"MetricDataResults": [result]}]


def sources(recorded: Recorded, folder: Path = Path()) -> PlanSources:
    return PlanSources(folder, lambda service: recorded, is_aws=False)


def test_recorded_invocations_are_rates_and_gaps_are_none() -> None:
    recorded = Recorded({"Sum": [(NOW - timedelta(minutes=n), 60.0 * n) for n in (5, 3, 2)]})
    traffic = sources(recorded).recorded_traffic({"endpoint": "e"}, 2.0)
    assert [piece.first for piece in traffic.pieces()] == [5.0, 0.0, 3.0, 2.0]
    (asked,) = recorded.asked
    assert (asked["StartTime"], asked["EndTime"]) == (NOW - timedelta(hours=2), NOW)
    metric = asked["MetricDataQueries"][0]["MetricStat"]["Metric"]
    assert metric["Dimensions"][1] == {"Name": "VariantName", "Value": "AllTraffic"}


def test_recorded_durations_have_their_unit() -> None:
    seen = {"Minimum": 1.0, "p10": 2.0, "p50": 40.0, "p90": 80.0, "p99": 300.0, "Maximum": 900.0}
    recorded = Recorded({name: [(NOW, value)] for name, value in seen.items()})
    values = sources(recorded).recorded_durations({"function": "f", "alias": "live"}, 1.0).values()
    assert values[len(values) // 2] == pytest.approx(0.040, rel=0.01)
    assert values[-1] == pytest.approx(0.9, rel=0.01)
    values = sources(recorded).recorded_durations({"endpoint": "e"}, 1.0).values()
    assert values[len(values) // 2] == pytest.approx(40e-6, rel=0.01)


def test_nothing_recorded_is_said() -> None:
    with pytest.raises(ValueError, match=r"no Invocations of it in the last 3 hours"):
        sources(Recorded({})).recorded_traffic({"function": "f"}, 3.0)


def test_a_report_of_load_is_a_distribution(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps({"histogram_ms": [[10.0, 90], [100.0, 9], [500.0, 1]]}))
    durations = sources(Recorded({}), tmp_path).report("report.json")
    values = durations.values()
    assert values[int(len(values) * 0.5)] == pytest.approx(0.010)
    assert values[-1] == pytest.approx(0.5, rel=0.01)
    for content, words in (
        (b"[]", "no report"),
        (b"{", "no report"),
        (b'{"histogram_ms": []}', "no answered"),
        (b'{"histogram_ms": [[NaN, 1]]}', "out of range"),
    ):
        (tmp_path / "bad.json").write_bytes(content)
        with pytest.raises(ValueError, match=words):
            sources(Recorded({}), tmp_path).report("bad.json")
    with pytest.raises(ValueError, match="No such file"):
        sources(Recorded({}), tmp_path).report("none.json")


def test_a_trace_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none.csv: No such file"):
        sources(Recorded({}), tmp_path).trace("none.csv")
