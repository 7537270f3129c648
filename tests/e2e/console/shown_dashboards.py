"""Dashboards of the demo's function and endpoints: one as people make them, one of the views beside lines."""

from __future__ import annotations

from typing import Any

from tests.e2e.console.pictured import METRICS


def _widget(kind: str, place: tuple[int, int, int, int], properties: dict[str, Any]) -> dict[str, Any]:
    x, y, width, height = place
    where = {} if kind in ("text", "alarm") else {"region": "us-east-1"}
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties | where}


def _calls(function: str) -> list[object]:
    return ["AWS/Lambda", "Invocations", "FunctionName", function, {"stat": "Sum", "label": function}]


def _answers(endpoint: str, metric: str = "Invocations", stat: str = "Sum") -> list[object]:
    dimensions = ("EndpointName", endpoint, "VariantName", "AllTraffic")
    return ["AWS/SageMaker", metric, *dimensions, {"stat": stat, "label": endpoint}]


_ENDPOINTS = ("classifier-one", "classifier-two", "classifier-captured")
_HOURS = {"period": 10_800}  # one value of all three
_SLOWEST = (
    "SOURCE '/aws/lambda/classify' | filter @type = \"REPORT\""
    " | fields @timestamp, @duration, @maxMemoryUsed | sort @duration desc | limit 5"
)
_ALARMS = [
    f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}" for name in ("many-errors", "slow-answers")
]

DASHBOARDS: dict[str, list[dict[str, Any]]] = {
    "classifier": [
        _widget("text", (0, 0, 24, 2), {"markdown": "# The classifier\nFrom an image to a digit."}),
        _widget("metric", (0, 2, 12, 6), {"title": "The function", "metrics": METRICS}),
        _widget(
            *("metric", (12, 2, 12, 6)),
            {
                **{"title": "The endpoints", "stacked": True},
                "metrics": [_answers(one) for one in _ENDPOINTS],
            },
        ),
        _widget("log", (0, 8, 24, 6), {"title": "The slowest", "view": "table", "query": _SLOWEST}),
    ],
    "views": [
        _widget(
            *("metric", (0, 0, 12, 6)),
            {"title": "Answers", "view": "bar", "metrics": [_answers(one) for one in _ENDPOINTS], **_HOURS},
        ),
        _widget(
            *("metric", (12, 0, 12, 6)),
            {
                **{"title": "Calls by function", "view": "pie", **_HOURS},
                "metrics": [_calls(one) for one in ("classify", "extra-keys")],
            },
        ),
        _widget(
            *("metric", (0, 6, 12, 6)),
            {
                **{"title": "Milliseconds a call", "view": "gauge", **_HOURS},
                "metrics": [
                    ["AWS/Lambda", "Duration", "FunctionName", "classify", {"stat": "Average"}],
                    ["AWS/Lambda", "Duration", "FunctionName", "classify", {"stat": "p90"}],
                ],
                "yAxis": {"left": {"min": 0, "max": 200}},
                "annotations": {"horizontal": [{"value": 150, "label": "too slow"}]},
            },
        ),
        _widget(
            *("metric", (12, 6, 12, 3)),
            {
                **{"title": "In all", "view": "singleValue", **_HOURS},
                "metrics": [_calls("classify"), _answers("classifier-one")],
            },
        ),
        _widget("alarm", (12, 9, 12, 3), {"title": "Alarms", "alarms": _ALARMS}),
    ],
}
