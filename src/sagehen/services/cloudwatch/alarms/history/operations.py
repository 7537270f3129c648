"""AlarmHistory: what happened to alarms, kept for 30 days, deleted alarms included."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.access import Access
from sagehen.services.cloudwatch.alarms.alarm import alarm_arn
from sagehen.services.cloudwatch.alarms.history.records import AlarmHistoryRecords, HistoryFilter
from sagehen.services.cloudwatch.alarms.notation import milliseconds, moment_of
from sagehen.services.cloudwatch.errors import InvalidNextToken

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
KEPT_FOR_S = 30 * 86_400
_PAGE = 100  # documented there: the default, and the most, of MaxRecords
_LISTING = "alarm-history"


def _access(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    name = request.get("AlarmName") or "*"
    yield Access("cloudwatch:DescribeAlarmHistory", alarm_arn(context.scope, name))


class AlarmHistory:
    """DescribeAlarmHistory."""

    def __init__(self, records: AlarmHistoryRecords) -> None:
        self._records = records

    @operation("DescribeAlarmHistory", access=_access)
    async def describe_alarm_history(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if request.get("AlarmContributorId"):
            raise NotImplementedOperation("DescribeAlarmHistory AlarmContributorId is not implemented.")
        start, end = request.get("StartDate"), request.get("EndDate")
        # Documented: without AlarmTypes only metric alarms are shown; a name finds its alarm whatever it is.
        types = request.get("AlarmTypes") or ([] if request.get("AlarmName") else ["MetricAlarm"])
        after = sought(request.get("NextToken"), (int, int), listing=_LISTING, error=InvalidNextToken)
        limit = request.get("MaxRecords") or _PAGE
        items, whole = await asyncio.to_thread(
            self._records.page,
            context.scope,
            HistoryFilter(
                request.get("AlarmName"),
                milliseconds(start) if start else None,
                milliseconds(end) if end else None,
                request.get("HistoryItemType"),
                tuple(types),
            ),
            after=None if after is None else (after[0], after[1]),
            # Documented: newest first where it is not said.
            descending=request.get("ScanBy") != "TimestampAscending",
            limit=limit + 1,
        )
        page = page_read(items, whole, limit, key=lambda item: (item.at_ms, item.id), listing=_LISTING)
        return {
            "AlarmHistoryItems": [
                {
                    "AlarmName": item.name,
                    "AlarmType": item.kind,
                    "Timestamp": moment_of(item.at_ms),
                    "HistoryItemType": item.type,
                    "HistorySummary": item.summary,
                    "HistoryData": item.data,
                }
                for item in page.items
            ],
            "NextToken": page.next_token,
        }
