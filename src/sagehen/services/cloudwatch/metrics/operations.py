"""Metrics: putting data into them, listing them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.cloudwatch.metrics.aggregate import MOST, Aggregate
from sagehen.services.cloudwatch.metrics.lives import LISTED_FOR_S
from sagehen.services.cloudwatch.metrics.metric import ListedMetric, MetricKey, PointKey, sorted_dimensions
from sagehen.services.cloudwatch.metrics.records import PAGE_BYTES, MetricRecords

# Documented: API_PutMetricData, API_MetricDatum (values).
_MAX_DATA = 1000
_MAX_VALUES = 150
_PAST = timedelta(days=14)
_FUTURE = timedelta(hours=2)
# Documented: API_ListMetrics: RecentlyActive has the one value PT3H; 500 metrics a page.
_RECENT_S = 3 * 3600
_PAGE = 500


def _put_access(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    # CloudWatch has no resource type for metrics: policies narrow by this condition key.
    yield Access("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": request["Namespace"]})


class Metrics:
    """PutMetricData and ListMetrics."""

    def __init__(self, records: MetricRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    @operation("PutMetricData", access=_put_access)
    async def put_metric_data(self, context: RequestContext, request: Request) -> None:
        namespace = request["Namespace"]
        # Documented: API_PutMetricData, Namespace: those of AWS's own services are reserved.
        if namespace.startswith("AWS/"):
            raise InvalidParameterValue("The value AWS/ for parameter Namespace is invalid.")
        if request.get("EntityMetricData"):
            raise NotImplementedOperation("PutMetricData: EntityMetricData is not implemented.")
        data = request.get("MetricData") or []
        if not data:
            raise MissingParameter("The parameter MetricData is required.")
        if len(data) > _MAX_DATA:
            raise InvalidParameterValue(
                f"The collection MetricData must not have a size greater than {_MAX_DATA}."
            )
        points: dict[PointKey, Aggregate] = {}
        for index, datum in enumerate(data, start=1):
            key = _key(context.scope, namespace, datum, f"MetricData.member.{index}", self._clock.now())
            _add(points.setdefault(key, Aggregate()), datum, f"MetricData.member.{index}")
        await self._records.add(points)

    @operation("ListMetrics")
    async def list_metrics(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if request.get("IncludeLinkedAccounts") or request.get("OwningAccount"):
            raise NotImplementedOperation("ListMetrics: linked accounts are not implemented.")
        after = sought(
            request.get("NextToken"), (str, str, str), listing="metrics", error=InvalidParameterValue
        )
        place = None if after is None else (after[0], after[1], after[2])
        # Thousands of metrics take a while to look through.
        found, whole = await asyncio.to_thread(self._matching, context.scope, request, place)
        page = page_read(found, whole, _PAGE, key=tuple, listing="metrics")
        return {
            "Metrics": [
                {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [
                        {"Name": name, "Value": value} for name, value in metric.dimensions.items()
                    ],
                }
                for metric in page.items
            ],
            "NextToken": page.next_token,
        }

    def _matching(
        self, scope: Scope, request: Request, after: tuple[str, str, str] | None
    ) -> tuple[list[ListedMetric], bool]:
        """Return metrics behind `after`, one more than a page holds, and whether their size left none out."""
        age_s = _RECENT_S if request.get("RecentlyActive") else LISTED_FOR_S
        since_s = int(self._clock.now().timestamp()) - age_s
        filters = request.get("Dimensions") or []
        matching: list[ListedMetric] = []
        while len(matching) <= _PAGE:
            bite, whole = self._records.metrics(
                scope,
                since_s,
                namespace=request.get("Namespace"),
                name=request.get("MetricName"),
                after=after,
                limit=_PAGE + 1,
            )
            matching += [metric for metric in bite if all(_has(metric, wanted) for wanted in filters)]
            if matching and (not whole or sum(len(metric.text) for metric in matching) > PAGE_BYTES):
                return matching, False
            if whole and len(bite) <= _PAGE:
                break
            after = bite[-1]
        return matching, True


def _has(metric: ListedMetric, wanted: Mapping[str, str]) -> bool:
    value = metric.dimensions.get(wanted["Name"])
    return value is not None and wanted.get("Value") in (None, value)


def _key(scope: Scope, namespace: str, datum: Mapping[str, Any], where: str, now: datetime) -> PointKey:
    at = datum.get("Timestamp") or now
    # The bounds are documented, the wording of this and of what follows is from memory.
    if not now - _PAST <= at <= now + _FUTURE:
        raise InvalidParameterValue(
            f"The parameter {where}.Timestamp must specify a time within the past two weeks"
            " and no more than two hours in the future."
        )
    resolution_s = datum.get("StorageResolution") or 60  # documented: API_MetricDatum: 1, or 60
    if resolution_s not in (1, 60):
        raise InvalidParameterValue(
            f"The value {resolution_s} for parameter {where}.StorageResolution is invalid."
        )
    dimensions = {}
    for number, dimension in enumerate(datum.get("Dimensions") or [], 1):
        for member in ("Name", "Value"):
            text = dimension[member]
            # Documented with Dimension; the wording is from memory.
            ascii_text = text.isascii() and text.isprintable() and text.strip()
            if not ascii_text or (member == "Name" and text.startswith(":")):
                raise InvalidParameterValue(
                    f"The value {text} for parameter {where}.Dimensions.member.{number}.{member} is invalid."
                )
        dimensions[dimension["Name"]] = dimension["Value"]
    at_s = math.floor(at.timestamp())
    return PointKey(
        MetricKey(scope, namespace, datum["MetricName"], sorted_dimensions(dimensions)),
        resolution_s,
        at_s - at_s % resolution_s,
        datum.get("Unit") or "None",
    )


def _add(aggregate: Aggregate, datum: Mapping[str, Any], where: str) -> None:
    """Count one datum in, in whichever of the three ways it is given."""
    given = [name for name in ("Value", "Values", "StatisticValues") if datum.get(name) is not None]
    if not given:
        raise MissingParameter(f"The parameter {where}.Value is required.")
    if len(given) > 1:
        raise InvalidParameterCombination(  # recorded
            f"The parameters {where}.{given[0]} and {where}.{given[1]} are mutually exclusive"
            " and you have specified both."
        )
    if given == ["Value"]:
        aggregate.add(_finite(datum["Value"], f"{where}.Value"))
    elif given == ["Values"]:
        values = datum["Values"]
        counts = datum.get("Counts") or [1.0] * len(values)  # documented: each occurred once
        if len(counts) != len(values) or len(values) > _MAX_VALUES:
            raise InvalidParameterValue(
                f"The parameters {where}.Values and {where}.Counts must be of the same size,"
                f" at most {_MAX_VALUES}."
            )
        for value, count in zip(values, counts, strict=True):
            aggregate.add(_finite(value, f"{where}.Values"), _finite(count, f"{where}.Counts"))
    else:
        names = ("SampleCount", "Sum", "Minimum", "Maximum")
        parts = [_finite(datum["StatisticValues"][name], f"{where}.StatisticValues") for name in names]
        aggregate.add_statistics(*parts)


def _finite(value: float, where: str) -> float:
    if not -MOST <= value <= MOST:
        raise InvalidParameterValue(f"The value {value} for parameter {where} is invalid.")
    return value
