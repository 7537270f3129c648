"""What a dashboard's body must be, and what is said of each fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.services.cloudwatch.dashboards.body import MOST_WIDGETS, faults_of

METRIC: dict[str, Any] = {"region": "us-east-1", "metrics": [["AWS/SageMaker", "Invocations"]]}


def widget(kind: str = "metric", properties: Any = METRIC, **more: Any) -> dict[str, Any]:
    return {"type": kind, "properties": properties, **more}


@pytest.mark.parametrize(
    "widgets",
    [
        [],
        [widget()],
        [widget(x=0, y=0, width=24, height=6), widget("text", {"markdown": "# A"}, x=23)],
        [widget(properties={"annotations": {"alarms": ["arn:aws:cloudwatch:us-east-1:1:alarm:a"]}})],
        [widget("log", {"query": "SOURCE 'a' | fields @message"})],
        [widget("alarm", {"alarms": []})],
        [widget("explorer", {})],
    ],
)
def test_what_is_kept(widgets: list[Any]) -> None:
    assert faults_of(json.dumps({"widgets": widgets, "start": "-PT1H"})) == []


@pytest.mark.parametrize("body", ["", "x", "[]", "1", '"a"', '{"widgets": [}', "{" * 200])
def test_what_is_no_object(body: str) -> None:
    (fault,) = faults_of(body)
    assert fault == {"DataPath": "", "Message": "The field DashboardBody must be a valid JSON object"}


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"type": None}, "", "Should have required property 'type'"),
        ({"type": "pie"}, "/type", "Should be equal to one of the allowed values:"),
        ({"properties": None}, "", "Should have required property 'properties'"),
        ({"properties": []}, "/properties", "Should be object"),
        ({"x": -1}, "/x", "Should be >= 0"),
        ({"x": 24}, "/x", "Should be <= 23"),
        ({"y": 1.5}, "/y", "Should be integer"),
        ({"width": 0}, "/width", "Should be >= 1"),
        ({"width": 25}, "/width", "Should be <= 24"),
        ({"height": 1001}, "/height", "Should be <= 1000"),
        ({"height": True}, "/height", "Should be integer"),
        ({"type": "text", "properties": {}}, "/properties", "Should have required property 'markdown'"),
        ({"type": "log", "properties": {}}, "/properties", "Should have required property 'query'"),
        ({"properties": {"metrics": {}, "region": "r"}}, "/properties/metrics", "Should be array"),
        (
            {"properties": {"metrics": [["N", "m"]]}},
            "/properties",
            "The metric widget should have specified a region and a data source or an alarm annotation",
        ),
    ],
)
def test_one_fault(change: dict[str, Any], path: str, message: str) -> None:
    wrong = {name: value for name, value in {**widget(), **change}.items() if value is not None}
    first, *_ = faults_of(json.dumps({"widgets": [widget(), wrong]}))
    assert first["DataPath"] == f"/widgets/1{path}" and first["Message"].startswith(message)


def test_the_recorded_faults_of_an_empty_metric_widget() -> None:
    assert [fault["Message"] for fault in faults_of(json.dumps({"widgets": [widget(properties={})]}))] == [
        "Should have required property 'metrics'",
        "The metric widget should have specified a region and a data source or an alarm annotation",
        "Should have required property 'annotations'",
    ]


def test_widgets_are_a_list_of_bounded_length() -> None:
    assert faults_of("{}")[0]["Message"] == "Should have required property 'widgets'"
    assert faults_of('{"widgets": {}}')[0] == {"DataPath": "/widgets", "Message": "Should be array"}
    many = json.dumps({"widgets": [widget()] * (MOST_WIDGETS + 1)})
    assert faults_of(many)[0]["Message"] == "Should NOT have more than 500 items"
    assert faults_of('{"widgets": [1]}') == [{"DataPath": "/widgets/0", "Message": "Should be object"}]
