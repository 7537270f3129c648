"""What StartQuery asks for, checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.domain.scope import Scope
from sagehen.services.logs.access import group_access, group_name
from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.groups.records import Group, GroupRecords
from sagehen.services.logs.groups.requested import requested_group
from sagehen.services.logs.insights.language.malformed import malformed

# Documented: API_StartQuery.
_MOST_GROUPS = 50
_DAY_MS = 86_400_000


def on_queried(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Require the operation on every group that a query names."""
    names = group_names(request)
    yield from (group_access(context, name) for name in names)
    if not names:
        yield Access(f"logs:{context.operation}")


def group_names(request: Request) -> Sequence[str]:
    """Return the names of the groups that are asked for, each once."""
    named = [request["logGroupName"]] if request.get("logGroupName") else []
    named += request.get("logGroupNames") or ()
    named += [group_name(identifier) for identifier in request.get("logGroupIdentifiers") or ()]
    return tuple(dict.fromkeys(named))


def check_language(operation: str, request: Request) -> None:
    """Refuse other languages than AWS's own.

    Raises:
        NotImplementedOperation
    """
    language = request.get("queryLanguage") or "CWLI"
    if language != "CWLI":
        raise NotImplementedOperation(f"{operation}: the query language {language} is not implemented.")


def requested_groups(records: GroupRecords, scope: Scope, request: Request) -> list[Group]:
    """Return the groups that are asked for.

    Raises:
        InvalidParameterException: None, too many, or named in two ways.
        ResourceNotFoundException: One is not there.
    """
    ways = [name for name in ("logGroupName", "logGroupNames", "logGroupIdentifiers") if request.get(name)]
    # Documented (API_StartQuery) that exactly one has to be there; the wording is from memory.
    if len(ways) != 1:
        raise InvalidParameterException(
            "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified."
        )
    names = group_names(request)
    if len(names) > _MOST_GROUPS:
        raise InvalidParameterException(f"A query can have at most {_MOST_GROUPS} log groups.")
    for identifier in request.get("logGroupIdentifiers") or ():
        if identifier.startswith("arn:") and not identifier.startswith(scope.arn("logs", "log-group:")):
            raise NotImplementedOperation("StartQuery: log groups of linked accounts are not implemented.")
    return [requested_group(records, scope, {"logGroupName": name}) for name in names]


def requested_range(request: Request, groups: Sequence[Group], now_ms: int) -> tuple[int, int]:
    """Return the first and the last millisecond of the range that is asked for.

    Raises:
        InvalidParameterException: Its end is before its start.
        MalformedQueryException: No event can be in it (recorded).
    """
    start_s, end_s = request["startTime"], request["endTime"]
    if start_s > end_s:  # the wording is from memory
        raise InvalidParameterException("The query's start time must not be after its end time.")
    start_ms, end_ms = min(start_s * 1000, 2**60), min(end_s * 1000 + 999, 2**60)
    oldest_ms = min(_oldest_ms(group, now_ms) for group in groups)
    if end_ms < oldest_ms:
        raise malformed(
            "Query's end date and time is either before the log groups creation time or exceeds the log"
            " groups log retention settings",
            0,
            len(request["queryString"]),
        )
    return start_ms, end_ms


def _oldest_ms(group: Group, now_ms: int) -> int:
    """AWS takes events from before a group was made, and does not look for them there."""
    if group.retention_days is None:
        return group.created_ms
    return max(group.created_ms, now_ms - group.retention_days * _DAY_MS)
