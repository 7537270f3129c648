"""The labels of GetMetricData's results where a query names none, as AWS's own answers have them.

A metric's name, and after it what tells one query from another: the statistic where they ask for several, the
period where these differ (recorded; units have no say).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def default_labels(queries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return id -> label for every query of a stored metric. Pure."""
    stats = {query["Id"]: query["MetricStat"] for query in queries if query.get("MetricStat")}
    several = len({stat["Stat"] for stat in stats.values()}) > 1
    differ = len({stat["Period"] for stat in stats.values()}) > 1
    labels = {}
    for query_id, stat in stats.items():
        words = [stat["Metric"].get("MetricName", "")]
        if several:
            words.append(stat["Stat"])
        if differ:
            words.append(str(stat["Period"]))
        labels[query_id] = " ".join(words)
    return labels


def units_note(units: Sequence[str]) -> list[dict[str, str]]:
    """Return what AWS remarks on a result whose metric was put in several units, and none was asked for."""
    if len(units) < 2:
        return []
    return [{"Code": "MultipleUnits", "Value": f"Multiple units returned: '[{', '.join(units)}]'"}]


def in_order(units: set[str]) -> list[str]:
    """Return units as AWS lists them: by name (recorded), None at the end (from memory)."""
    return sorted(units, key=lambda unit: (unit == "None", unit))
