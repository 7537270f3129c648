"""Metric filters: put, describe, delete, test."""

from __future__ import annotations

import asyncio
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.services.logs.access import on_group
from sagehen.services.logs.errors import InvalidParameterException, ResourceNotFoundException
from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.filters.metric.records import FilterFilter, MetricFilter, MetricFilterRecords
from sagehen.services.logs.filters.metric.transformation import checked
from sagehen.services.logs.groups.records import GroupRecords
from sagehen.services.logs.groups.requested import requested_group
from sagehen.services.logs.patterns.extraction import parse_extractor

# Members that would change what is published, and that nothing here does.
_UNBUILT = ("applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions")


class MetricFilters:
    """PutMetricFilter, DescribeMetricFilters, DeleteMetricFilter, TestMetricFilter."""

    def __init__(
        self, groups: GroupRecords, records: MetricFilterRecords, outbox: Outbox, clock: Clock
    ) -> None:
        self._groups = groups
        self._records = records
        self._outbox = outbox
        self._clock = clock

    @operation("PutMetricFilter", access=on_group)
    async def put_metric_filter(self, context: RequestContext, request: Request) -> None:
        """Make or replace a filter: events that are stored from now on become data of its metric.

        Raises:
            ResourceNotFoundException, InvalidParameterException, LimitExceededException.
        """
        if given := [name for name in _UNBUILT if request.get(name)]:
            raise NotImplementedOperation(f"PutMetricFilter {', '.join(given)} is not implemented.")
        group = requested_group(self._groups, context.scope, request)
        pattern = request["filterPattern"]
        parse_extractor(pattern)
        await self._records.put(
            MetricFilter(
                group.id,
                group.name,
                request["filterName"],
                epoch_ms(self._clock.now()),
                pattern,
                checked(request["metricTransformations"][0], pattern),
            )
        )
        self._outbox.watch()

    @operation("DescribeMetricFilters", access=on_group)
    async def describe_metric_filters(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """List filters of one group or of all, or those that feed one metric.

        Raises:
            ResourceNotFoundException, InvalidParameterException.
        """
        metric = request.get("metricName"), request.get("metricNamespace")
        if any(metric) and not all(
            metric
        ):  # documented: API_DescribeMetricFilters; the wording is from memory
            raise InvalidParameterException("metricName and metricNamespace must be given together.")
        if request.get("logGroupName"):
            requested_group(self._groups, context.scope, request)
        after = sought(
            request.get("nextToken"), (str, str), listing="metric-filters", error=InvalidParameterException
        )
        limit = request.get("limit") or 50  # documented: the default, and the most
        found = self._records.page(
            context.scope,
            FilterFilter(request.get("logGroupName"), request.get("filterNamePrefix") or "", *metric),
            after=None if after is None else (after[0], after[1]),
            limit=limit + 1,
        )
        page = page_read(found, True, limit, key=lambda one: (one.group, one.name), listing="metric-filters")
        return {"metricFilters": [_shown(one) for one in page.items], "nextToken": page.next_token}

    @operation("DeleteMetricFilter", access=on_group)
    async def delete_metric_filter(self, context: RequestContext, request: Request) -> None:
        """What its metric has got stays."""
        group = requested_group(self._groups, context.scope, request)
        if not await self._records.delete(group.id, request["filterName"]):
            raise ResourceNotFoundException("The specified metric filter does not exist.")
        self._outbox.watch()

    @operation("TestMetricFilter")
    async def test_metric_filter(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Tell which of some messages a pattern matches, and the values of its fields in them.

        Raises:
            InvalidParameterException.
        """
        extract = parse_extractor(request["filterPattern"])

        def test() -> list[dict[str, Any]]:
            found = ((number, one, extract(one)) for number, one in enumerate(request["logEventMessages"], 1))
            return [
                {"eventNumber": number, "eventMessage": message, "extractedValues": dict(match.values)}
                for number, message, match in found
                if match is not None
            ]

        return {"matches": await asyncio.to_thread(test)}


def _shown(one: MetricFilter) -> dict[str, Any]:
    return {
        "filterName": one.name,
        "filterPattern": one.pattern,
        "metricTransformations": [dict(one.transformation)],
        "creationTime": one.created_ms,
        "logGroupName": one.group,
        "applyOnTransformedLogs": False,
    }
