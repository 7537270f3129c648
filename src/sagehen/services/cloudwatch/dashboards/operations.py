"""PutDashboard, GetDashboard, ListDashboards, DeleteDashboards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sagehen.api.bounded.budget import in_thread
from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.cloudwatch.dashboards.body import faults_of
from sagehen.services.cloudwatch.dashboards.records import Dashboard, DashboardRecords
from sagehen.services.cloudwatch.errors import (
    DashboardInvalidInput,
    InvalidParameterValue,
    MissingParameter,
    ResourceNotFound,
)
from sagehen.services.cloudwatch.tags.request import checked_tags, tag_conditions, tags_of

# Documented: API_ListDashboards, API_DeleteDashboards, API_PutDashboard.
PAGE, MOST_DELETED = 1000, 100
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
# Ours: a query's form takes no more, and a page of the console with more is none. AWS names no limit.
MOST_BODY_BYTES = 1024 * 1024


def _on_dashboards(action: str) -> AccessRule:
    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        names = request.get("DashboardNames") or [request.get("DashboardName") or "*"]
        for name in names:
            arn = f"arn:aws:cloudwatch::{context.scope.account_id}:dashboard/{name}"
            yield Access(f"cloudwatch:{action}", arn, tag_conditions(request))

    return rule


class Dashboards:
    """The operations on dashboards. What is put is returned to the letter; nothing draws it."""

    def __init__(self, records: DashboardRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    @operation("PutDashboard", access=_on_dashboards("PutDashboard"))
    async def put_dashboard(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Create or replace a dashboard.

        Raises:
            InvalidParameterValue: The name.
            DashboardInvalidInput: The body; the message and the member list what is wrong.
            ValidationError: More than 50 tags.
        """
        name, body = request["DashboardName"], request["DashboardBody"]
        if not _NAME.fullmatch(name):  # wording: from memory
            raise InvalidParameterValue(
                f"The value {name} for field DashboardName contains invalid characters. It can only contain"
                " alphanumerics, dash (-) and underscore (_)."
            )
        # Documented: API_PutDashboard. Those of a dashboard that is there stay as they are.
        tags = checked_tags(tags_of(request), "A dashboard")
        if len(body.encode()) > MOST_BODY_BYTES:
            raise InvalidParameterValue(f"DashboardBody has more than {MOST_BODY_BYTES} bytes.")
        faults = await in_thread(faults_of, body)
        if faults:
            listed = [{"dataPath": one["DataPath"], "message": one["Message"]} for one in faults]
            noun = "error" if len(faults) == 1 else "errors"
            raise DashboardInvalidInput(
                f"The dashboard body is invalid, there are {len(faults)} validation {noun}:\n"
                + json.dumps(listed, indent=2),
                dashboardValidationMessages=faults,
            )
        await self._records.put(context.scope.account_id, name, body, self._clock.now(), tags)
        return {"DashboardValidationMessages": []}

    @operation("GetDashboard", access=_on_dashboards("GetDashboard"))
    async def get_dashboard(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return a dashboard's body as it was put.

        Raises:
            MissingParameter: No name.
            ResourceNotFound: No such dashboard.
        """
        name = _required(request, "DashboardName")
        found = self._records.get(context.scope.account_id, name)
        if found is None:
            raise ResourceNotFound(f"Dashboard {name} does not exist")
        return {"DashboardArn": found.arn, "DashboardBody": found.body, "DashboardName": found.name}

    @operation("ListDashboards", access=_on_dashboards("ListDashboards"))
    async def list_dashboards(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """List dashboards by name, a thousand on a page.

        Raises:
            InvalidParameterValue: The token is not one of ours.
        """
        prefix = request.get("DashboardNamePrefix") or ""
        listing = f"dashboards {prefix}"
        after = sought(request.get("NextToken"), (str,), listing=listing, error=InvalidParameterValue)
        found = self._records.behind(context.scope.account_id, after[0] if after else "", prefix, PAGE + 1)
        page = page_read(found, True, PAGE, key=lambda one: one.name, listing=listing)
        return {"DashboardEntries": [_entry(one) for one in page.items], "NextToken": page.next_token}

    @operation("DeleteDashboards", access=_on_dashboards("DeleteDashboards"))
    async def delete_dashboards(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete dashboards: all that are named, or none where one of them is not there.

        The documentation says that as many as possible go; what is recorded is the refusal of a name that
        is not there.

        Raises:
            InvalidParameterValue: More than a hundred.
            ResourceNotFound: One is not there.
        """
        names = list(dict.fromkeys(_required(request, "DashboardNames")))
        if len(names) > MOST_DELETED:
            raise InvalidParameterValue(f"At most {MOST_DELETED} dashboards can be deleted in one request.")
        missing = await self._records.remove(context.scope.account_id, names)
        if missing:
            raise ResourceNotFound(f"Dashboard {missing[0]} does not exist")
        return {}


def _required(request: Request, member: str) -> Any:
    if not request.get(member):
        raise MissingParameter(f"The parameter {member} is required.")
    return request[member]


def _entry(one: Dashboard) -> dict[str, Any]:
    return {
        "DashboardName": one.name,
        "DashboardArn": one.arn,
        "LastModified": one.modified_at,
        "Size": one.size,
    }
