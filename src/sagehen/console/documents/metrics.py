"""Metrics as documents read them: many at once, by GetMetricData."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sagehen.console.documents.asking import Seen

# Documented: GetMetricData, MetricDataQueries: 500 in one request.
_MOST_QUERIES = 500
_MOST_METRICS = 4 * _MOST_QUERIES


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its dimensions and what is made of its values (`Sum`, `Average`, `p99`)."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"


async def totals(
    seen: Seen, metrics: Sequence[Metric], start: datetime, end: datetime, period_s: int
) -> list[float | None]:
    """Return of each metric the sum of its values between two moments, period by period; None without any.

    Averages and percentiles are added up as well: ask for one period of these.
    """
    found: list[float | None] = []
    for begin in range(0, min(len(metrics), _MOST_METRICS), _MOST_QUERIES):
        some = metrics[begin : begin + _MOST_QUERIES]
        answer = await seen.one(
            "cloudwatch",
            "GetMetricData",
            MetricDataQueries=[_query(place, metric, period_s) for place, metric in enumerate(some)],
            StartTime=start,
            EndTime=end,
        )
        values = {
            result["Id"]: result.get("Values") or () for result in answer.get("MetricDataResults") or ()
        }
        rows = [values.get(f"m{place}", ()) for place in range(len(some))]
        found += [sum(row) if row else None for row in rows]
    return found + [None] * (len(metrics) - len(found))


def _query(place: int, metric: Metric, period_s: int) -> Mapping[str, object]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    told = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {
        "Id": f"m{place}",
        "MetricStat": {"Metric": told, "Period": period_s, "Stat": metric.statistic},
        "ReturnData": True,
    }
