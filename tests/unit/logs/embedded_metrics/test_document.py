"""Embedded metric format: what is told from other lines, and what it says."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from sagehen.services.cloudwatch.metrics import metric
from sagehen.services.logs.embedded_metrics.document import Embedded, EmbeddedDatum, embedded, may_embed
from sagehen.services.logs.embedded_metrics.units import UNITS

NOW_MS = 1_574_109_732_004
# AWS's own example (CloudWatch User Guide, "Specification: Embedded metric format").
EXAMPLE: dict[str, Any] = {
    "_aws": {
        "Timestamp": NOW_MS,
        "CloudWatchMetrics": [
            {
                "Namespace": "lambda-function-metrics",
                "Dimensions": [["functionVersion"]],
                "Metrics": [{"Name": "time", "Unit": "Milliseconds", "StorageResolution": 60}],
            }
        ],
    },
    "functionVersion": "$LATEST",
    "time": 100,
    "requestId": "989ffbf8-9ace-4817-a57c-e4dd734019ee",
}
DATUM = EmbeddedDatum(
    "lambda-function-metrics", "time", [100.0], NOW_MS, "Milliseconds", {"functionVersion": "$LATEST"}, 60
)
FULL = [float(n) for n in range(100)]


def changed(path: str, value: Any) -> str:
    """Return the example with the member at `a.b.0` set, or taken out where the value is `...`."""
    document = copy.deepcopy(EXAMPLE)
    node: Any = document
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in steps:
        node = node[step]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return json.dumps(document)


DIRECTIVE = "_aws.CloudWatchMetrics.0"


def test_the_example() -> None:
    assert embedded(json.dumps(EXAMPLE), NOW_MS) == Embedded((DATUM,))


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("time", [1, 2.5], [([1.0, 2.5], {"functionVersion": "$LATEST"})]),
        ("time", FULL, [(FULL, {"functionVersion": "$LATEST"})]),
        (f"{DIRECTIVE}.Dimensions", [[]], [([100.0], {})]),
        (
            f"{DIRECTIVE}.Dimensions",
            [["functionVersion"], ["requestId", "functionVersion"], []],
            [
                ([100.0], {"functionVersion": "$LATEST"}),
                ([100.0], {"requestId": EXAMPLE["requestId"], "functionVersion": "$LATEST"}),
                ([100.0], {}),
            ],
        ),
        ("more", {"nested": [1, {"a": None}]}, [([100.0], {"functionVersion": "$LATEST"})]),
    ],
)
def test_values_and_sets_of_dimensions(path: str, value: Any, found: list[Any]) -> None:
    read = embedded(changed(path, value), NOW_MS)
    assert read is not None and not read.validation_error
    assert [(one.values, one.dimensions) for one in read.data] == found


@pytest.mark.parametrize(
    ("member", "value", "unit", "resolution_s"),
    [
        ("Unit", "Bytes/Second", "Bytes/Second", 60),
        ("Unit", ..., "None", 60),
        ("StorageResolution", 1, "Milliseconds", 1),
        ("StorageResolution", ..., "Milliseconds", 60),
    ],
)
def test_units_and_resolutions(member: str, value: Any, unit: str, resolution_s: int) -> None:
    read = embedded(changed(f"{DIRECTIVE}.Metrics.0.{member}", value), NOW_MS)
    assert read is not None
    assert [(one.unit, one.resolution_s) for one in read.data] == [(unit, resolution_s)]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("_aws.Timestamp", ...),
        ("_aws.Timestamp", "now"),
        ("_aws.Timestamp", True),
        ("_aws.CloudWatchMetrics", {}),
        (DIRECTIVE, "x"),
        (f"{DIRECTIVE}.Namespace", ...),
        (f"{DIRECTIVE}.Namespace", 7),
        (f"{DIRECTIVE}.Dimensions", ...),
        (f"{DIRECTIVE}.Dimensions", ["functionVersion"]),
        (f"{DIRECTIVE}.Dimensions.0", [1]),
        (f"{DIRECTIVE}.Metrics", {"Name": "time"}),
        (f"{DIRECTIVE}.Metrics.0", {"Unit": "Count"}),
    ],
)
def test_what_is_not_in_its_form_is_a_parsing_error(path: str, value: Any) -> None:
    assert embedded(changed(path, value), NOW_MS) == Embedded(parsing_error=True)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("time", ...),
        ("time", "100"),
        ("time", True),
        ("time", [1, None]),
        ("time", [0.0] * 101),
        ("time", 1e200),
        ("functionVersion", ...),
        ("functionVersion", 5),
        ("functionVersion", ""),
        ("functionVersion", "é"),
        ("functionVersion", "x" * 1025),
        (f"{DIRECTIVE}.Dimensions", []),
        (f"{DIRECTIVE}.Dimensions.0", [str(n) for n in range(31)]),
        (f"{DIRECTIVE}.Namespace", ""),
        (f"{DIRECTIVE}.Namespace", "AWS/Lambda"),
        (f"{DIRECTIVE}.Metrics", [{"Name": "time"}] * 101),
        (f"{DIRECTIVE}.Metrics.0.Unit", "Fathoms"),
        (f"{DIRECTIVE}.Metrics.0.Unit", ["Count"]),
        (f"{DIRECTIVE}.Metrics.0.StorageResolution", 30),
        (f"{DIRECTIVE}.Metrics.0.StorageResolution", True),
        ("_aws.Timestamp", NOW_MS - 14 * 86_400_000 - 1),
        ("_aws.Timestamp", NOW_MS + 7_200_001),
        # Half a megabyte that would make six million data.
        (f"{DIRECTIVE}.Dimensions", [["functionVersion"]] * 1001),
    ],
)
def test_what_does_not_keep_to_it_is_a_validation_error(path: str, value: Any) -> None:
    read = embedded(changed(path, value), NOW_MS)
    assert read == Embedded(validation_error=True)


def test_one_bad_metric_leaves_the_others() -> None:
    read = embedded(changed(f"{DIRECTIVE}.Metrics", [{"Name": "missing"}, {"Name": "time"}]), NOW_MS)
    assert read is not None and read.validation_error
    assert [one.name for one in read.data] == ["time"]


@pytest.mark.parametrize(
    "message",
    [
        "",
        "a line",
        '"_aws" and "CloudWatchMetrics"',
        json.dumps({"_aws": {"Timestamp": NOW_MS}}),
        json.dumps({"_aws": ["CloudWatchMetrics"]}),
        json.dumps({"deeper": EXAMPLE}),
        json.dumps({"message": json.dumps(EXAMPLE)}),
        json.dumps([EXAMPLE]),
        "INFO " + json.dumps(EXAMPLE),
    ],
)
def test_other_lines_are_none_of_it(message: str) -> None:
    assert embedded(message, NOW_MS) is None


def test_broken_json_is_a_parsing_error_and_deep_json_no_crash() -> None:
    text = json.dumps(EXAMPLE)
    assert embedded(text[:-1], NOW_MS) == Embedded(parsing_error=True)
    assert embedded(text + "}", NOW_MS) == Embedded(parsing_error=True)
    deep = text[:-1] + ',"deep":' + "[" * 100_000 + "]" * 100_000 + "}"
    assert embedded(deep, NOW_MS) == Embedded(parsing_error=True)


def test_a_function_may_have_other_text_before_it() -> None:
    line = f"2026-01-01T00:00:00.000Z\t{EXAMPLE['requestId']}\tINFO\t{json.dumps(EXAMPLE)}\n"
    assert embedded(line, NOW_MS, of_lambda=True) == Embedded((DATUM,))
    assert may_embed(line) and not may_embed("INFO {}")
    assert embedded(f"INFO\tsaid: {json.dumps(EXAMPLE)}", NOW_MS, of_lambda=True) is None


def test_units_are_cloudwatchs() -> None:
    assert UNITS == metric.UNITS
