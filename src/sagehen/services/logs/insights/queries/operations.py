"""StartQuery, GetQueryResults, StopQuery, DescribeQueries, ListLogGroupsForQuery."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from sagehen.api.bounded.budget import BudgetSpent, TooBusy, in_thread
from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import encode_token, page_read, paginate, sought
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.ids import Ids
from sagehen.services.logs.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
    ServiceUnavailableException,
)
from sagehen.services.logs.groups.records import GroupRecords
from sagehen.services.logs.insights.commands.pipeline import DEFAULT_LIMIT, Pipeline
from sagehen.services.logs.insights.queries.query import UNDONE, Outcome, Query, Statistics, Status
from sagehen.services.logs.insights.queries.records import QueryRecords
from sagehen.services.logs.insights.queries.requested import (
    check_language,
    on_queried,
    requested_groups,
    requested_range,
)
from sagehen.services.logs.insights.queries.turns import Turns

# Documented: API_StartQuery (100 at once), API_GetQueryResults (10,000 rows a page), API_DescribeQueries.
_MOST_AT_ONCE = 100
_PAGE_ROWS = 10_000
_PAGE_QUERIES = 1000
_PAGE_GROUPS = 50
# Ours: what one answer may hold.
_PAGE_BYTES = 4 * 1024 * 1024


class Queries:
    """Queries as clients ask for them.

    Args:
        groups: What they may look at.
        records: Where they are kept.
        turns: Run them.
    """

    def __init__(
        self, groups: GroupRecords, records: QueryRecords, turns: Turns, clock: Clock, ids: Ids
    ) -> None:
        self._groups = groups
        self._records = records
        self._turns = turns
        self._clock = clock
        self._ids = ids

    @operation("StartQuery", access=on_queried)
    async def start_query(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Check a query, and run it when its turn comes.

        Raises:
            MalformedQueryException, InvalidParameterException, ResourceNotFoundException.
            LimitExceededException: So many run or wait.
            NotImplementedOperation: Another language, or a command or function that is not here.
        """
        check_language("StartQuery", request)
        text, limit = request["queryString"], request.get("limit") or DEFAULT_LIMIT
        groups = requested_groups(self._groups, context.scope, request)
        now_ms = epoch_ms(self._clock.now())
        start_ms, end_ms = requested_range(request, groups, now_ms)
        await _compiled(text, limit)
        names = [group.name for group in groups]
        query = Query(
            self._ids.uuid(),
            context.scope,
            names,
            text,
            start_ms,
            end_ms,
            limit,
            now_ms,
            context.principal.arn,
        )
        if not await self._records.add(query, most_undone=_MOST_AT_ONCE):
            raise LimitExceededException(  # from memory
                f"Account maximum query concurrency limit of [{_MOST_AT_ONCE}] reached."
            )
        self._turns.take(query)
        return {"queryId": query.id}

    @operation("GetQueryResults")
    async def get_query_results(self, context: RequestContext, request: Request) -> Reply:
        """The rows so far, and when it is complete a page of all.

        Raises:
            ResourceNotFoundException, InvalidParameterException.
        """
        return Reply(await asyncio.to_thread(self._results, context, request), is_large=True)

    def _results(self, context: RequestContext, request: Request) -> dict[str, Any]:
        query, outcome = self._found(context, request["queryId"])
        listing = f"query-results {query.id}"
        after = sought(request.get("nextToken"), (int,), listing=listing, error=InvalidParameterException)
        first = 0 if after is None else after[0]
        count = request.get("maxItems") or _PAGE_ROWS
        run = self._turns.run_of(query.id)
        token = None
        if outcome.status is Status.COMPLETE:
            rows = _within(self._records.rows(query.id, first, count))
            if first + len(rows) < outcome.statistics.rows:
                token = encode_token(first + len(rows), listing=listing)
        elif run is not None and outcome.status is Status.RUNNING:
            rows, outcome = _within(run.rows[:count]), Outcome(Status.RUNNING, run.statistics)
        else:
            rows = []
        return {
            "queryLanguage": "CWLI",
            "results": [[{"field": name, "value": value} for name, value in row] for row in rows],
            "statistics": _shown_statistics(outcome.statistics),
            "status": outcome.status,
            "nextToken": token,
        }

    @operation("StopQuery")
    async def stop_query(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """End a query as `Cancelled`.

        Raises:
            ResourceNotFoundException.
            InvalidParameterException: It has ended.
        """
        query, outcome = self._found(context, request["queryId"])
        if outcome.status not in UNDONE or not await self._turns.cancel(query.id):
            # Documented that it is refused; the wording is from memory.
            raise InvalidParameterException(f"Query {query.id} is not running. Status: {outcome.status}")
        return {"success": True}

    @operation("DescribeQueries")
    async def describe_queries(self, context: RequestContext, request: Request) -> Reply:
        """Queries that run, wait, or ran in the last seven days, newest first."""
        # A thousand texts of 10,000 characters take more than the event loop has.
        return Reply(await asyncio.to_thread(self._described, context, request), is_large=True)

    def _described(self, context: RequestContext, request: Request) -> dict[str, Any]:
        group, status = request.get("logGroupName"), request.get("status")
        listing = f"queries {group} {status}"
        after = sought(request.get("nextToken"), (int, str), listing=listing, error=InvalidParameterException)
        limit = request.get("maxResults") or _PAGE_QUERIES
        read: list[tuple[Query, Outcome]] = []
        if (request.get("queryLanguage") or "CWLI") == "CWLI":  # there are none in others
            read = self._records.page(
                context.scope,
                group=group,
                status=status,
                after=None if after is None else (after[0], after[1]),
                limit=limit + 1,
            )
        page = page_read(read, True, limit, key=lambda one: (one[0].created_ms, one[0].id), listing=listing)
        return {
            "queries": [_shown_query(query, outcome) for query, outcome in page.items],
            "nextToken": page.next_token,
        }

    @operation("ListLogGroupsForQuery")
    async def list_log_groups_for_query(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """The names of the groups that a query looks at.

        Raises:
            ResourceNotFoundException, InvalidParameterException.
        """
        query, _ = self._found(context, request["queryId"])
        page = paginate(
            sorted(query.groups),
            key=lambda name: name,
            token=request.get("nextToken"),
            limit=request.get("maxResults") or _PAGE_GROUPS,
            listing=f"query-groups {query.id}",
            error=InvalidParameterException,
        )
        return {"logGroupIdentifiers": page.items, "nextToken": page.next_token}

    def _found(self, context: RequestContext, query_id: str) -> tuple[Query, Outcome]:
        found = self._records.query(context.scope, query_id)
        if found is None:  # from memory
            raise ResourceNotFoundException(f"Unable to find a query with id {query_id}.")
        return found


async def _compiled(text: str, limit: int) -> None:
    """Compile a query, to see whether it can be; regular expressions take up to 40 ms each.

    Raises:
        MalformedQueryException, NotImplementedOperation: See `Pipeline`.
        InvalidParameterException: It takes a second and more.
        ServiceUnavailableException: Too many others are being compiled.
    """
    try:
        await in_thread(Pipeline, text, limit)
    except TooBusy:
        raise ServiceUnavailableException("Please try again later.") from None
    except BudgetSpent:
        raise InvalidParameterException("The query takes too long to compile.") from None


def _within(rows: Iterable[Any]) -> list[Any]:
    """Return the first rows that one answer may hold, at least one."""
    kept: list[Any] = []
    size = 0
    for row in rows:
        size += sum(len(value) + 40 for _, value in row)
        if kept and size > _PAGE_BYTES:
            break
        kept.append(row)
    return kept


def _shown_statistics(statistics: Statistics) -> dict[str, float]:
    return {
        "recordsMatched": float(statistics.matched),
        "recordsScanned": float(statistics.scanned),
        "estimatedRecordsSkipped": 0.0,  # there are no field indexes
        "bytesScanned": float(statistics.scanned_bytes),
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": float(statistics.groups),
        "resultCount": float(statistics.rows),
    }


def _shown_query(query: Query, outcome: Outcome) -> dict[str, Any]:
    return {
        "queryLanguage": "CWLI",
        "queryId": query.id,
        "queryString": query.text,
        "status": outcome.status,
        "createTime": query.created_ms,
        "logGroupName": query.groups[0],
        "queryDuration": outcome.duration_ms,
        "bytesScanned": float(outcome.statistics.scanned_bytes),
        "userIdentity": query.asked_by,
    }
