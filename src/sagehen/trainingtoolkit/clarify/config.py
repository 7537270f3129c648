"""analysis_config.json, read and judged. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from sagehen.trainingtoolkit.clarify.metrics import METRICS
from sagehen.trainingtoolkit.monitoring.refusals import Refused

_CSV = "text/csv"
_KNOWN = {
    "version", "dataset_type", "headers", "label", "label_values_or_threshold", "facet", "group_variable",
    "methods", "joinsource_name_or_index", "excluded_columns",
}  # fmt: skip
# Of a bias analysis of data they are columns like others: models alone are not asked with them.
_BIAS, _REPORT = "pre_training_bias", "report"
Column = str | int


@dataclass(frozen=True, slots=True)
class Facet:
    """A column that tells groups.

    Args:
        values: Those of the group that is looked at, or a threshold; () for each value of the column.
    """

    column: Column
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """What shall be analyzed.

    Args:
        headers: The columns' names; () where they are not given.
        label_values: Those that are positive, or a threshold.
        metrics: Their short names.
        report: Its file's name without an ending, and its title; None: no report.
    """

    headers: tuple[str, ...]
    label: Column
    label_values: tuple[Any, ...]
    facets: tuple[Facet, ...]
    group: Column | None
    metrics: tuple[str, ...]
    report: tuple[str, str] | None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return those that are looked at."""
        group = () if self.group is None else (self.group,)
        return (self.label, *(facet.column for facet in self.facets), *group)


def read(given: Any) -> Config:
    """Read a configuration.

    Raises:
        Refused
    """
    if not isinstance(given, Mapping):
        raise Refused("analysis_config.json is no JSON object.")
    if unknown := sorted(given.keys() - _KNOWN):
        raise Refused(f"'{unknown[0]}' in analysis_config.json is not implemented.")
    if given.get("dataset_type", _CSV) != _CSV:
        raise Refused(f"dataset_type '{given['dataset_type']}' is not implemented: {_CSV} is.")
    label, values = given.get("label"), _list(given.get("label_values_or_threshold"))
    if not _is_column(label) or not values:
        raise Refused("A bias analysis needs label and label_values_or_threshold.")
    group = given.get("group_variable")
    if group is not None and not _is_column(group):
        raise Refused("group_variable must be a column's name or index.")
    metrics, report = _methods(given.get("methods"))
    headers = _list(given.get("headers"))
    if not all(isinstance(name, str) for name in headers):
        raise Refused("headers must be a list of names.")
    return Config(headers, label, values, _facets(_list(given.get("facet"))), group, metrics, report)


def _methods(given: Any) -> tuple[tuple[str, ...], tuple[str, str] | None]:
    methods = given if isinstance(given, Mapping) else {}
    if unknown := sorted(methods.keys() - {_BIAS, _REPORT}):
        raise Refused(f"The method {unknown[0]} is not implemented: {_BIAS} is, which asks no model.")
    bias = methods.get(_BIAS)
    chosen = bias.get("methods", "all") if isinstance(bias, Mapping) else None
    names = tuple(METRICS) if chosen == "all" else _list(chosen)
    if not names or not set(names) <= METRICS.keys():
        raise Refused(f"{_BIAS} needs methods: all, or some of {', '.join(METRICS)}.")
    report = methods.get(_REPORT)
    if not isinstance(report, Mapping):
        return names, None
    name, title = report.get("name", "report"), report.get("title", "Analysis Report")
    if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum():
        raise Refused("The report's name may have letters, digits, - and _.")
    return names, (name, str(title))


def _facets(given: tuple[Any, ...]) -> tuple[Facet, ...]:
    if not given:
        raise Refused("A bias analysis needs facets.")
    for one in given:
        if not isinstance(one, Mapping) or not _is_column(one.get("name_or_index")):
            raise Refused("A facet needs name_or_index.")
    return tuple(Facet(one["name_or_index"], _list(one.get("value_or_threshold"))) for one in given)


def _is_column(value: Any) -> TypeGuard[str | int]:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""


def _list(value: Any) -> tuple[Any, ...]:
    """Return what a member lists; nothing where it is not there.

    Raises:
        Refused: It is no list.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Refused(f"'{str(value)[:100]}' in analysis_config.json must be a list.")
    return tuple(value)
