"""The labels of a graph's series where the widget names none."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.services.cloudwatch.widget_images.widget import Entry


def labels_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Return id -> label.

    A metric's name, and of its dimensions' values, statistic and period what tells it from the others, as the
    console shows them (from memory). An expression is called by itself.
    """
    metrics = [_parts(entry) for entry in entries if not entry.is_expression]
    labels = {}
    for entry in entries:
        if entry.label:
            labels[entry.id] = entry.label
        elif entry.is_expression:
            labels[entry.id] = entry.query["Expression"]
        else:
            parts = _parts(entry)
            # Dimensions, namespace, statistic, period: the first that tell it from all others of its name.
            rivals = [other for other in metrics if other["name"] == parts["name"]]
            words = [parts[name] for name in _TOLD if any(other[name] != parts[name] for other in rivals)]
            labels[entry.id] = " ".join([parts["name"], *filter(None, words)])
    return labels


_TOLD = ("dimensions", "namespace", "stat", "period")


def _parts(entry: Entry) -> dict[str, str]:
    stat = entry.query["MetricStat"]
    return {
        "name": stat["Metric"].get("MetricName", ""),
        "namespace": stat["Metric"].get("Namespace", ""),
        "dimensions": " ".join(each["Value"] for each in stat["Metric"]["Dimensions"]),
        "stat": stat["Stat"],
        "period": f"{stat['Period']} s",
    }
