"""The analysis: analysis.json, and in what it is worse than a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sagehen.trainingtoolkit.clarify import splitting
from sagehen.trainingtoolkit.clarify.config import Column, Config, Facet
from sagehen.trainingtoolkit.clarify.metrics import METRICS, NotDefined, Split
from sagehen.trainingtoolkit.monitoring.reading.batch import Batch
from sagehen.trainingtoolkit.monitoring.refusals import Refused

SECTION = "pre_training_bias_metrics"
Table = Mapping[str, list[str]]


def analyze(batches: Iterable[Batch], config: Config) -> dict[str, Any]:
    """Return the document of a data set's bias.

    Raises:
        Refused: It has no such columns, or they cannot be split.
    """
    names, table = _table(batches, config.columns, list(config.headers))
    label = names[config.label]
    positive, told = splitting.chosen(table[label], config.label_values, f"label {label}")
    groups = None if config.group is None else table[names[config.group]]
    facets: dict[str, Any] = {}
    for facet in config.facets:
        name = names[facet.column]
        # A column may be told apart in several ways.
        facets.setdefault(name, []).extend(
            {"value_or_threshold": value, "metrics": _metrics(config, Split.of(sensitive, positive, groups))}
            for sensitive, value in _groups(facet, name, table[name])
        )
    section = {"label": label, "label_value_or_threshold": told, "facets": facets}
    return {"version": "1.0", SECTION: section}


def violations(found: Mapping[str, Any], baseline: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the metrics that are farther from 0 than a baseline's, which is worse (documented).

    Raises:
        Refused: The baseline is none, or of something else.
    """
    before = {_key(*whose): value for whose, value in _values(baseline)}
    if not before:
        raise Refused(f"The baseline constraints have no {SECTION}.")
    compared = [(whose, value) for whose, value in _values(found) if _key(*whose) in before]
    if not compared:
        raise Refused("The baseline constraints have no metric of a facet that this dataset has one of.")
    return [
        {
            "facet": facet,
            "facet_value": group,
            "metric_name": name,
            "constraint_check_type": "bias_drift_check",
            # The words are documented: Bias drift violations.
            "description": f"Value {value} does not meet the constraint requirement",
        }
        for (facet, group, name), value in compared
        if abs(value) > abs(before[_key(facet, group, name)])
    ]


def _key(facet: str, group: str, name: str) -> tuple[str, str | float, str]:
    """Return what is the same in a baseline: an interval's end is the greatest number of a dataset."""
    return facet, group if (threshold := splitting.threshold_of(group)) is None else threshold, name


def _values(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], float]]:
    try:
        facets = document[SECTION]["facets"]
        for facet, groups in facets.items():
            for group in groups:
                for one in group["metrics"]:
                    if isinstance(value := one.get("value"), (int, float)):
                        yield (facet, str(group["value_or_threshold"]), str(one["name"])), float(value)
    except (KeyError, TypeError, AttributeError):
        raise Refused(f"The {SECTION} of the baseline constraints cannot be read.") from None


def _groups(facet: Facet, name: str, column: list[str]) -> Iterator[tuple[list[bool], str]]:
    if facet.values or splitting.is_continuous(column, ()):
        yield splitting.chosen(column, facet.values, f"facet {name}")
        return
    for category in splitting.categories(column):
        yield [value == category for value in column], category


def _metrics(config: Config, split: Split) -> list[dict[str, Any]]:
    found = []
    for name in sorted(config.metrics):
        description, measure = METRICS[name]
        told: dict[str, Any] = {"name": name, "description": description}
        try:
            told["value"] = measure(split)
        except NotDefined as error:
            told |= {"value": None, "error": str(error)}
        found.append(told)
    return found


def _table(
    batches: Iterable[Batch], wanted: Iterable[Column], headers: list[str]
) -> tuple[dict[Column, str], Table]:
    """Return the names of columns, and their values of the records that have all of them."""
    names: dict[Column, str] = {}
    table: dict[str, list[str]] = {}
    for batch in batches:
        if headers and list(batch.columns) != headers:
            raise Refused(f"The dataset has {len(batch.columns)} columns, and headers names {len(headers)}.")
        if not names:
            names = {column: _name(column, list(batch.columns)) for column in wanted}
            table = {name: [] for name in names.values()}
        for values in zip(*(batch.columns[name] for name in table), strict=True):
            if None not in values:
                for name, value in zip(table, values, strict=True):
                    table[name].append(value)
    if not table or not next(iter(table.values())):
        raise Refused("The dataset has no record with a label and all facets.")
    return names, table


def _name(column: Column, names: list[str]) -> str:
    if isinstance(column, int):
        if 0 <= column < len(names):
            return names[column]
    elif column in names:
        return column
    raise Refused(f"The dataset has no column '{str(column)[:100]}'.")
