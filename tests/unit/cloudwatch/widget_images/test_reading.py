"""read_widget: shorthand, times, options, annotations, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.errors import ValidationError
from sagehen.services.cloudwatch.widget_images.labels import labels_of
from sagehen.services.cloudwatch.widget_images.reading import read_widget
from sagehen.services.cloudwatch.widget_images.shorthand import expanded
from sagehen.services.cloudwatch.widget_images.widget import Line, Widget

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SCOPE = Scope("111122223333", "us-east-1")
METRICS: list[Any] = [["AWS/EC2", "CPUUtilization"]]
ALARM = {
    "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3,
    "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold", "Unit": "Count",
}  # fmt: skip
ARN = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a:b"


def read(widget: Any) -> Widget:
    text = widget if isinstance(widget, str) else json.dumps(widget)
    return read_widget(text, SCOPE, NOW, {"a:b": ALARM}.get)


@pytest.mark.parametrize(
    ("items", "above", "whole"),
    [
        # Documented: the example of the page.
        (
            [".", "DiskWriteBytes", ".", "."],
            ["AWS/EC2", "DiskReadBytes", "I", "i"],
            "AWS/EC2 DiskWriteBytes I i",
        ),
        (["...", "i-2"], ["AWS/EC2", "CPU", "Id", "i-1"], "AWS/EC2 CPU Id i-2"),
        (["..."], ["AWS/EC2", "CPU", "Id", "i-1"], "AWS/EC2 CPU Id i-1"),
        ([".", "Net", "..."], ["AWS/EC2", "CPU", "Id", "i-1"], "AWS/EC2 Net Id i-1"),
        (["...", "b", "2"], ["N", "M", "a", "1", "b", "1"], "N M a 1 b 2"),
        (["N", "M", "a", "1", "b", "2"], [], "N M a 1 b 2"),
    ],
)
def test_shorthand(items: list[str], above: list[str], whole: str) -> None:
    assert " ".join(expanded(items, above, "")) == whole


def test_defaults_are_the_documented_ones() -> None:
    widget = read({"metrics": METRICS})
    (entry,) = widget.entries
    assert entry.query["MetricStat"] == {
        "Metric": {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": []},
        "Period": 300,
        "Stat": "Average",
    }
    assert (widget.width, widget.height, widget.view, widget.legend) == (600, 400, "timeSeries", "bottom")
    assert (widget.start, widget.end) == (NOW - timedelta(hours=3), NOW)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("-PT3H", NOW - timedelta(hours=3)),
        ("-P1DT30M", NOW - timedelta(days=1, minutes=30)),
        ("-P2W", NOW - timedelta(weeks=2)),
        ("-P1M", NOW - timedelta(days=30)),
        ("2026-04-25T12:00:00.000Z", datetime(2026, 4, 25, 12, tzinfo=UTC)),
        ("2026-04-25T12:00:00+02:00", datetime(2026, 4, 25, 10, tzinfo=UTC)),
        ("2026-04-25", datetime(2026, 4, 25, tzinfo=UTC)),
    ],
)
def test_times(text: str, at: datetime) -> None:
    assert read({"metrics": METRICS, "start": text}).start == at


def test_options_of_entries_go_before_those_of_the_widget() -> None:
    widget = read(
        {
            "metrics": [
                ["N", "M", "d", "1", {"id": "m1", "stat": "p99", "yAxis": "right", "visible": False}],
                ["...", "2", {"period": 60, "region": "eu-west-1", "color": "#123456", "label": "two"}],
                [{"expression": "m1 * 2", "label": "twice"}],
            ],
            "stat": "Sum",
            "period": 120,
            "yAxis": {"left": {"min": 0, "max": 9, "label": "L", "showUnits": False}},
        }
    )
    one, two, three = widget.entries
    stat = one.query["MetricStat"]
    assert (one.id, stat["Stat"], stat["Period"], one.side, one.visible) == ("m1", "p99", 120, "right", False)
    stat = two.query["MetricStat"]
    assert (stat["Stat"], stat["Period"], two.region, two.color) == ("Sum", 60, "eu-west-1", "#123456")
    assert three.query == {"Id": "2", "Expression": "m1 * 2", "Label": "twice"}
    axis = widget.axes["left"]
    assert (axis.low, axis.high, axis.label, axis.shows_units) == (0, 9, "L", False)
    assert labels_of(widget.entries) == {"m1": "M 1 p99 120 s", "1": "two", "2": "twice"}


def test_annotations() -> None:
    widget = read(
        {
            "metrics": METRICS,
            "annotations": {
                "horizontal": [
                    {"value": 5, "label": "l", "fill": "above", "yAxis": "right"},
                    [{"value": 1, "label": "low"}, {"value": 2, "label": "high", "color": "#123456"}],
                    {"value": 7, "visible": False},
                ],
                "vertical": [{"value": "-PT1H", "fill": "before"}],
            },
        }
    )
    assert widget.horizontal == (
        Line(5, None, "l", "", "above", "right"),
        Line(1, 2, "low – high", "#123456", "between"),
    )
    assert widget.vertical == (Line(NOW.timestamp() - 3600, fill="below"),)


def test_an_alarm_brings_its_metric_and_its_threshold() -> None:
    widget = read({"annotations": {"alarms": [ARN]}, "region": "eu-west-1"})
    assert widget.entries[0].region == "us-east-1"  # the alarm's
    assert widget.entries[0].query["MetricStat"]["Unit"] == "Count"
    assert widget.horizontal == (Line(5.0, label="M > 5 for 3 datapoints within 3 minutes"),)


@pytest.mark.parametrize(
    ("widget", "words"),
    [
        ("{", "valid JSON object"),
        ("[" * 3000, "valid JSON object"),
        ("x" * 102_401, "102400 bytes"),
        ([], "Should be object"),
        ({}, "required property 'metrics'"),
        ({"metrics": {}}, "/metrics: Should be array"),
        ({"metrics": METRICS * 101}, "more than 100 items"),
        ({"metrics": [["N"]]}, "fewer than 2"),
        ({"metrics": [["N", "M", "d"]]}, "a name and a value"),
        ({"metrics": [["N", 5]]}, "/metrics/0/1: Should be string"),
        ({"metrics": [["...", "x"]]}, "nothing above"),
        ({"metrics": [["N", "M", {"id": "x"}], ["N", "M", {"id": "x"}]]}, "unique"),
        ({"metrics": [["N", {"expression": "1"}]]}, "alone"),
        ({"metrics": METRICS, "annotations": []}, "/annotations: Should be object"),
        ({"metrics": METRICS, "yAxis": {"left": 0}}, "/yAxis/left: Should be object"),
        ({"metrics": METRICS, "width": 0}, ">= 1 and <= 2000"),
        ({"metrics": METRICS, "height": 1.5}, "Should be integer"),
        ({"metrics": METRICS, "view": "table"}, "allowed values: timeSeries"),
        ({"metrics": METRICS, "stacked": "yes"}, "Should be boolean"),
        ({"metrics": METRICS, "start": "-PT1H", "end": "-PT2H"}, "start should be before end"),
        ({"metrics": METRICS, "start": "P"}, "Should be a time"),
        ({"metrics": METRICS, "start": "-P9999Y"}, "Should be a time"),
        ({"metrics": METRICS, "timezone": "CET"}, "offset from UTC"),
        ({"metrics": METRICS, "yAxis": {"left": {"min": 2, "max": 2}}}, "min should be less"),
        ({"metrics": METRICS, "annotations": {"horizontal": [[{"value": 1}]]}}, "2 items"),
        ({"metrics": METRICS, "annotations": {"horizontal": [{}]}}, "required property 'value'"),
        ({"metrics": METRICS, "annotations": {"alarms": [ARN + "c"]}}, "There is no metric alarm"),
        ({"metrics": METRICS, "annotations": {"alarms": ["a"]}}, "ARN of an alarm"),
    ],
)
def test_what_is_no_widget_says_where(widget: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        read(widget)


@pytest.mark.parametrize(
    "more",
    [
        {"trend": False},
        {"accountId": "999999999999"},
        {"metrics": [["N", "M", {"label": "${MAX}"}]]},
        {"metrics": [["N", "M", {"searchTerm": ""}]]},
        {"metrics": [[{"expression": "m1", "period": 60}]]},
        {"annotations": {"alarms": [ARN.replace("us-east-1", "eu-west-1")]}},
    ],
)
def test_what_would_have_no_effect_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedOperation, match="GetMetricWidgetImage"):
        read({"metrics": METRICS, **more})
