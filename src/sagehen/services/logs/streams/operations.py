"""Log streams."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.services.logs.access import on_group, on_stream
from sagehen.services.logs.errors import (
    InvalidParameterException,
    ResourceAlreadyExistsException,
    no_such_stream,
)
from sagehen.services.logs.groups.records import GroupRecords
from sagehen.services.logs.groups.requested import requested_group
from sagehen.services.logs.streams.records import Stream, StreamRecords


class LogStreams:
    """Making, deleting and listing streams."""

    def __init__(self, groups: GroupRecords, records: StreamRecords, clock: Clock) -> None:
        self._groups = groups
        self._records = records
        self._clock = clock

    @operation("CreateLogStream", access=on_stream)
    async def create_log_stream(self, context: RequestContext, request: Request) -> None:
        group = requested_group(self._groups, context.scope, request)
        now_ms = epoch_ms(self._clock.now())
        if not await self._records.create_stream(group.id, request["logStreamName"], now_ms):
            raise ResourceAlreadyExistsException("The specified log stream already exists")  # from memory

    @operation("DeleteLogStream", access=on_stream)
    async def delete_log_stream(self, context: RequestContext, request: Request) -> None:
        group = requested_group(self._groups, context.scope, request)
        stream = self._records.stream(group.id, request["logStreamName"])
        if stream is None:
            raise no_such_stream()
        await self._records.delete_stream(stream.id)

    @operation("DescribeLogStreams", access=on_group)
    async def describe_log_streams(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """By name or by last event; both kinds of listing are read page by page from an index."""
        group = requested_group(self._groups, context.scope, request)
        prefix = request.get("logStreamNamePrefix") or ""
        by_time = request.get("orderBy") == "LastEventTime"
        descending = bool(request.get("descending"))
        if by_time and prefix:
            # Documented (API_DescribeLogStreams, logStreamNamePrefix); the wording is recorded.
            raise InvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.")

        def key(stream: Stream) -> tuple[int, str]:
            # Streams without events come first, as AWS orders them by a last event at time 0.
            return ((stream.last_ms or 0) if by_time else 0, stream.name)

        listing = f"log-streams {group.id} {by_time} {descending} {prefix}"
        error = InvalidParameterException
        after = sought(request.get("nextToken"), (int, str), listing=listing, error=error)
        limit = request.get("limit") or 50  # documented: the default, and the most
        read = self._records.stream_page(
            group.id,
            prefix,
            by_time=by_time,
            descending=descending,
            after=None if after is None else (after[0], after[1]),
            limit=limit + 1,
        )
        # A token only where there is more: the SageMaker SDK v2 asks for ever otherwise.
        page = page_read(read, True, limit, key=key, listing=listing)
        arn = context.scope.arn("logs", f"log-group:{group.name}:log-stream:")
        return {
            "logStreams": [_describe(arn, stream) for stream in page.items],
            "nextToken": page.next_token,
        }


def _describe(arn_prefix: str, stream: Stream) -> dict[str, Any]:
    return {
        "logStreamName": stream.name,
        "creationTime": stream.created_ms,
        "firstEventTimestamp": stream.first_ms,
        "lastEventTimestamp": stream.last_ms,
        "lastIngestionTime": stream.ingested_ms,
        # Clients of the time when it mattered still pass it on; nobody checks it any more. A stream
        # without events has none (recorded).
        "uploadSequenceToken": None if stream.first_ms is None else f"{stream.id:056d}",
        "arn": arn_prefix + stream.name,
        "storedBytes": 0,  # documented (LogStream): AWS counts bytes for groups only, since June 2019
    }
