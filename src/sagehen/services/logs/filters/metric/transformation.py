"""A metric transformation: checked where it is put, and applied to events. Pure.

Documented: API_MetricTransformation. The refusal of dimensions beside a default value is AWS's own; the other
texts are from memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.patterns.extraction import Found, takes_fields
from sagehen.services.logs.patterns.json_events import is_selector
from sagehen.services.logs.patterns.number import number_of

_MOST_DIMENSIONS = 3  # documented: API_MetricTransformation
_FIELD = re.compile(r"\$[A-Za-z0-9_]+")


def checked(given: Mapping[str, Any], pattern: str) -> dict[str, Any]:
    """Return a transformation as it is kept.

    Raises:
        InvalidParameterException.
    """
    transformation = {name: value for name, value in given.items() if value not in (None, {})}
    if str(given["metricNamespace"]).startswith("AWS/"):
        raise _invalid("metric namespaces that begin with AWS/ are reserved.")
    _check_value(str(given["metricValue"]), pattern)
    dimensions = transformation.get("dimensions") or {}
    if dimensions and "defaultValue" in transformation:
        raise _invalid("dimensions and default value are mutually exclusive properties.")
    if len(dimensions) > _MOST_DIMENSIONS:
        raise _invalid(f"a metric filter has at most {_MOST_DIMENSIONS} dimensions.")
    for selector in dimensions.values():
        if not takes_fields(pattern) or not _names_field(selector, pattern):
            raise _invalid(f"the dimension value {selector} is no field of the filter pattern.")
    return {**transformation, "unit": given.get("unit") or "None"}


def datum(transformation: Mapping[str, Any], found: Found) -> MetricValue | None:
    """Return what an event that matches adds to the metric; None where its field holds no number."""
    wanted = str(transformation["metricValue"])
    number = number_of((found.value(wanted) or "") if wanted.startswith("$") else wanted)
    if number is None:
        return None
    dimensions = {}
    for name, selector in (transformation.get("dimensions") or {}).items():
        value = found.value(selector)
        # AWS: without one of its dimensions a datum is not published; and they are of printable ASCII.
        if not value or not (value.isascii() and value.isprintable() and value.strip()):
            return None
        dimensions[name] = value[:1024]
    return MetricValue(transformation["metricName"], number, transformation["unit"], dimensions)


def default(transformation: Mapping[str, Any]) -> MetricValue | None:
    """Return what is published for a minute in which no event matched; None where nothing is."""
    value = transformation.get("defaultValue")
    if value is None:
        return None
    return MetricValue(transformation["metricName"], float(value), transformation["unit"])


def _check_value(value: str, pattern: str) -> None:
    if value.startswith("$"):
        if not takes_fields(pattern) or not _names_field(value, pattern):
            raise _invalid(f"the metric value {value} is no field of the filter pattern.")
    elif number_of(value) is None:
        raise _invalid(f"the metric value {value} is neither a number nor a field.")


def _names_field(selector: str, pattern: str) -> bool:
    """JSON events may have any field; delimited ones have those that the pattern counts out."""
    if pattern.strip().startswith("{"):
        return is_selector(selector)
    return _FIELD.fullmatch(selector) is not None


def _invalid(reason: str) -> InvalidParameterException:
    return InvalidParameterException(f"Invalid metric transformation: {reason}")
