"""GetUsage and UpdateUsage: what keys used of their quotas, and more of it."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.clock import Clock
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.effects import field, integer
from sagehen.services.apigateway.documents.listing import DEFAULT_LIMIT
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import BadRequestException, no_such_plan_key
from sagehen.services.apigateway.plans.counter import CountedUsage
from sagehen.services.apigateway.plans.periods import series
from sagehen.services.apigateway.plans.records import PlanRecords
from sagehen.services.apigateway.plans.view import usage_plan

# From memory, like the words of the refusal.
MAX_DAYS = 90
PATCHES = PatchTable(Row("/remaining", REPLACE, field("remaining", integer)))


class Usage:
    """The operations on counted use."""

    def __init__(self, records: Records, clock: Clock, usage: CountedUsage) -> None:
        self.records = records
        self._plans = PlanRecords(records)
        self._clock = clock
        self._usage = usage

    @operation("GetUsage", access=via("GET", "/usageplans/{usagePlanId}/usage"))
    async def get_usage(self, context: RequestContext, request: Request) -> dict[str, Any]:
        plan = self._plans.plan(context.scope, request["usagePlanId"])
        first, last = _range(request["startDate"], request["endDate"])
        await self._usage.store()
        members = sorted(self._plans.keys_of_plan(context.scope, plan["id"]))
        wanted = request.get("keyId")
        cut = paginate(
            [key_id for key_id in members if wanted in (None, key_id)],
            key=str,
            token=request.get("position"),
            limit=request.get("limit") or DEFAULT_LIMIT,
            listing=f"usage/{plan['id']}/{wanted}",
            error=BadRequestException,
        )
        items = {}
        for key_id in cut.items:
            items[key_id] = self._series(plan, key_id, first, last)
            await asyncio.sleep(0)  # each is a query; a page may have 500
        return {
            "usagePlanId": plan["id"],
            "startDate": request["startDate"],
            "endDate": request["endDate"],
            "position": cut.next_token,
            "items": items,
        }

    def _series(self, plan: Document, key_id: str, first: date, last: date) -> list[list[int]]:
        use = self._usage.days(plan["id"], key_id)
        return series(usage_plan(plan), first, last, use)

    @operation("UpdateUsage", access=via("PATCH", "/usageplans/{usagePlanId}/keys/{keyId}/usage"))
    async def update_usage(self, context: RequestContext, request: Request) -> dict[str, Any]:
        plan = self._plans.plan(context.scope, request["usagePlanId"])
        if request["keyId"] not in self._plans.keys_of_plan(context.scope, plan["id"]):
            raise no_such_plan_key()
        wanted: Document = {}
        PATCHES.apply(wanted, request.get("patchOperations"))
        # From memory, words included: there is nothing of which anything could remain.
        if "quota" not in plan:
            raise BadRequestException("Usage plan does not have a quota")
        if "remaining" in wanted:
            await self._usage.grant(usage_plan(plan), request["keyId"], wanted["remaining"])
        today = self._clock.now().date()
        return {
            "usagePlanId": plan["id"],
            "startDate": today.isoformat(),
            "endDate": today.isoformat(),
            "items": {request["keyId"]: self._series(plan, request["keyId"], today, today)},
        }


def _range(start: str, end: str) -> tuple[date, date]:
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError:
        raise BadRequestException("Usage start and end dates must be in the form YYYY-MM-DD") from None
    if last < first:
        raise BadRequestException("Usage start date must be before the end date")
    if (last - first).days > MAX_DAYS:
        raise BadRequestException(f"Usage dates must not be more than {MAX_DAYS} days apart")
    return first, last
