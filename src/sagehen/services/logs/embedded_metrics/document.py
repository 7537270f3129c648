"""A log event in embedded metric format: told from others, and what it says of metrics.

Documented: CloudWatch User Guide, "Specification: Embedded metric format"; CloudWatch Logs User Guide,
"Monitoring with CloudWatch metrics" (EMFParsingErrors, EMFValidationErrors). What one bad metric or set of
dimensions does to the others of its document is documented nowhere: here the others are published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.logs.embedded_metrics.units import UNITS

_MARK, _DIRECTIVES = '"_aws"', '"CloudWatchMetrics"'
# Documented: see above.
_MOST_METRICS = 100
_MOST_DIMENSIONS = 30
_MOST_VALUES = 100
_LONGEST_NAMESPACE, _LONGEST_NAME, _LONGEST_DIMENSION = 1024, 1024, 250
_LONGEST_VALUE = 1024
# Every set of dimensions makes a metric of its own of each name, and some bytes name a set: what one event
# may make has to be bounded (AWS's own bound is not documented).
_MOST_DATA = 1000
_PAST_MS, _FUTURE_MS = 14 * 86_400_000, 2 * 3_600_000
_MOST = 2.0**360
# Lambda's streams, whatever group they are in.
_LAMBDA_STREAM = re.compile(r"\d{4}/\d{2}/\d{2}/.*\[[^\]]*\][0-9a-f]{32}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class EmbeddedDatum:
    """One metric with one set of dimensions. `at_ms`: in ms since the epoch."""

    namespace: str
    name: str
    values: Sequence[float]
    at_ms: float
    unit: str
    dimensions: Mapping[str, str]
    resolution_s: int


@dataclass(frozen=True, slots=True)
class Embedded:
    """What an event in the format holds.

    Args:
        data: What is published.
        parsing_error: It is not in the format's form, and nothing is published.
        validation_error: Something in it does not keep to the format, and is left out.
    """

    data: Sequence[EmbeddedDatum] = ()
    parsing_error: bool = False
    validation_error: bool = False


class _BadForm(ValueError):
    pass


def may_embed(message: str) -> bool:
    """Tell whether a message may be in the format: a search of its text, without parsing it."""
    return _MARK in message


def is_lambda_stream(group: str, stream: str) -> bool:
    """Tell whether a stream is a function's, whose lines may begin with a time and a request's id."""
    return group.startswith("/aws/lambda/") or _LAMBDA_STREAM.fullmatch(stream) is not None


def embedded(message: str, now_ms: int, *, of_lambda: bool = False) -> Embedded | None:
    """Return what a message says of metrics; None where it is not in the format.

    Args:
        now_ms: Metrics are taken from two weeks before until two hours after it.
        of_lambda: The document may stand behind columns that the runtime has put there: a time, the request's
            id, a level, each with a tab behind it.
    """
    if _MARK not in message or _DIRECTIVES not in message:
        return None
    start = message.find("{")
    before = message[:start]
    if start < 0 or (before.strip() and not (of_lambda and before.endswith("\t"))):
        return None
    try:
        root = read_json(message[start:])
    except NotJson:
        return Embedded(parsing_error=True)
    metadata = root.get("_aws")
    if not isinstance(metadata, dict) or "CloudWatchMetrics" not in metadata:
        return None  # such a member stands deeper in it
    try:
        at_ms, directives = _head(metadata)
        for directive in directives:
            _check_form(directive)
    except _BadForm:
        return Embedded(parsing_error=True)
    if not now_ms - _PAST_MS <= at_ms <= now_ms + _FUTURE_MS:
        return Embedded(validation_error=True)
    data: list[EmbeddedDatum] = []
    bad = False
    for directive in directives:
        for datum in _data(root, directive, at_ms):
            if len(data) == _MOST_DATA:
                return Embedded(validation_error=True)
            if datum is None:
                bad = True
            else:
                data.append(datum)
    return Embedded(tuple(data), validation_error=bad)


def _head(metadata: Mapping[str, Any]) -> tuple[float, Sequence[Mapping[str, Any]]]:
    at_ms, directives = metadata.get("Timestamp"), metadata["CloudWatchMetrics"]
    if not isinstance(at_ms, int | float) or isinstance(at_ms, bool) or not isinstance(directives, list):
        raise _BadForm
    if not all(isinstance(directive, dict) for directive in directives):
        raise _BadForm
    return float(at_ms), directives


def _check_form(directive: Mapping[str, Any]) -> None:
    """Check that a MetricDirective has its members, each of its type.

    Raises:
        _BadForm
    """
    sets, metrics = directive.get("Dimensions"), directive.get("Metrics")
    if not isinstance(directive.get("Namespace"), str) or not _are(sets, list) or not _are(metrics, dict):
        raise _BadForm
    if not all(_are(names, str) for names in sets or ()):
        raise _BadForm
    if not all(isinstance(metric.get("Name"), str) for metric in metrics or ()):
        raise _BadForm


def _data(
    root: Mapping[str, Any], directive: Mapping[str, Any], at_ms: float
) -> Iterator[EmbeddedDatum | None]:
    """Yield a directive's data, and None for what does not keep to the format."""
    namespace, metrics = directive["Namespace"], directive["Metrics"]
    if not 1 <= len(namespace) <= _LONGEST_NAMESPACE or namespace.startswith("AWS/"):
        yield None
        return
    if len(metrics) > _MOST_METRICS:
        yield None
        return
    sets = []
    for names in directive["Dimensions"][: _MOST_DATA + 1]:
        dimensions = _dimensions(root, names)
        if dimensions is None:
            yield None
        else:
            sets.append(dimensions)
    if not sets:
        yield None
        return
    for metric in metrics:
        values = _values(root.get(metric["Name"]))
        unit, resolution_s = metric.get("Unit", "None"), metric.get("StorageResolution", 60)
        if values is None or not _is_metric(metric["Name"], unit, resolution_s):
            yield None
            continue
        for dimensions in sets:
            yield EmbeddedDatum(namespace, metric["Name"], values, at_ms, unit, dimensions, int(resolution_s))


def _is_metric(name: str, unit: Any, resolution_s: Any) -> bool:
    if not isinstance(unit, str) or not _is_number(resolution_s):
        return False
    return 1 <= len(name) <= _LONGEST_NAME and unit in UNITS and resolution_s in (1, 60)


def _dimensions(root: Mapping[str, Any], names: Sequence[str]) -> dict[str, str] | None:
    """Return a set's dimensions; None where one has no value, or one that CloudWatch does not take."""
    if len(names) > _MOST_DIMENSIONS:
        return None
    dimensions = {}
    for name in names:
        value = root.get(name)
        if not isinstance(value, str) or not _is_plain(value, _LONGEST_VALUE):
            return None
        if not _is_plain(name, _LONGEST_DIMENSION) or name.startswith(":"):
            return None
        dimensions[name] = value
    return dimensions


def _is_plain(text: str, longest: int) -> bool:
    """Documented with Dimension: printable ASCII, and not all of it blank."""
    return len(text) <= longest and text.isascii() and text.isprintable() and bool(text.strip())


def _values(target: Any) -> list[float] | None:
    values = target if isinstance(target, list) else [target]
    if len(values) > _MOST_VALUES or not all(_is_number(value) for value in values):
        return None
    if not all(-_MOST <= value <= _MOST for value in values):
        return None
    return [float(value) for value in values]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are(values: Any, kind: type) -> bool:
    return isinstance(values, list) and all(isinstance(value, kind) for value in values)
