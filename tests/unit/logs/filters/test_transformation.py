"""What an event that matches adds to a metric, and which transformations are refused."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.filters.metric.transformation import checked, datum, default
from sagehen.services.logs.patterns.extraction import parse_extractor

JSON = "{ $.latency = * }"
SPACES = "[ip, user, status = 5*, bytes]"
TERMS = "ERROR"
EVENTS = {
    JSON: '{"latency": 12.5, "host": "a", "deep": {"list": [1, "two"]}, "none": null, "empty": ""}',
    SPACES: "10.0.0.1 anna 503 1024",
    TERMS: "ERROR: no",
}


def transformation(value: str, **more: Any) -> dict[str, Any]:
    return {"metricName": "m", "metricNamespace": "App", "metricValue": value, **more}


# Pattern, metricValue, dimensions; the value that is published with its dimensions, None for nothing.
DATA = [
    (TERMS, "1", {}, (1.0, {})),
    (TERMS, "2.5e3", {}, (2500.0, {})),
    (JSON, "$.latency", {}, (12.5, {})),
    (JSON, "$.deep.list[0]", {}, (1.0, {})),
    (JSON, "$.deep.list[1]", {}, None),  # no number
    (JSON, "$.nowhere", {}, None),
    (JSON, "$.none", {}, None),
    (JSON, "1", {"Host": "$.host"}, (1.0, {"Host": "a"})),
    (JSON, "1", {"Host": "$.host", "Level": "$.nowhere"}, None),  # without one of its dimensions
    (JSON, "1", {"Host": "$.empty"}, None),
    (SPACES, "$bytes", {}, (1024.0, {})),
    (SPACES, "$4", {}, None),  # a field that has a name has no number
    (SPACES, "$ip", {}, None),
    (SPACES, "$bytes", {"User": "$user", "Status": "$status"}, (1024.0, {"User": "anna", "Status": "503"})),
]


@pytest.mark.parametrize(("pattern", "value", "dimensions", "published"), DATA)
def test_what_an_event_adds(
    pattern: str, value: str, dimensions: dict[str, str], published: tuple[float, dict[str, str]] | None
) -> None:
    kept = checked(transformation(value, dimensions=dimensions, unit="Count"), pattern)
    found = parse_extractor(pattern)(EVENTS[pattern])
    assert found is not None
    made = datum(kept, found)
    assert (made and (made.value, dict(made.dimensions))) == published
    assert made is None or (made.name, made.unit) == ("m", "Count")


@pytest.mark.parametrize(
    ("given", "value"), [({}, None), ({"defaultValue": 0.0}, 0.0), ({"defaultValue": -1.5}, -1.5)]
)
def test_the_default(given: dict[str, Any], value: float | None) -> None:
    made = default(checked(transformation("1", **given), TERMS))
    assert (None if made is None else made.value) == value


REFUSED = [
    (TERMS, transformation("one"), "neither a number nor a field"),
    (TERMS, transformation("$.latency"), "is no field of the filter pattern"),
    (JSON, transformation("$latency"), "is no field of the filter pattern"),
    (SPACES, transformation("$.latency"), "is no field of the filter pattern"),
    (TERMS, transformation("1", dimensions={"A": "$.a"}), "is no field of the filter pattern"),
    (JSON, transformation("1", dimensions={"A": "a"}), "is no field of the filter pattern"),
    (JSON, transformation("1", dimensions=dict.fromkeys("ABCD", "$.a")), "at most 3 dimensions"),
    (JSON, transformation("1", dimensions={"A": "$.a"}, defaultValue=0.0), "mutually exclusive properties"),
    (TERMS, {**transformation("1"), "metricNamespace": "AWS/Lambda"}, "begin with AWS/ are reserved"),
]


@pytest.mark.parametrize(("pattern", "given", "text"), REFUSED)
def test_refused(pattern: str, given: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidParameterException, match=text):
        checked(given, pattern)
