"""The keys of usage plans, and what they used."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.effects import field, integer
from sagehen.services.apigateway.documents.listing import DEFAULT_LIMIT, page
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records, read_item
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
    no_such_api_key,
    no_such_usage_plan,
)
from sagehen.services.apigateway.plans.counter import CountedUsage
from sagehen.services.apigateway.plans.periods import series
from sagehen.services.apigateway.plans.records import (
    API_KEY,
    USAGE_PLAN,
    PlanRecords,
    add_to_plan,
    plans_with_key,
    remove_from_plan,
)
from sagehen.services.apigateway.plans.view import usage_plan
from sagehen.store.database import Transaction

MAX_DAYS = 90
_COLLECTION = "/usageplans/{usagePlanId}/keys"
_ONE = _COLLECTION + "/{keyId}"

PATCHES = PatchTable(Row("/remaining", REPLACE, field("remaining", integer)))


def _plan_key(key: Document) -> Document:
    document: Document = {"id": key["id"], "type": "API_KEY", "value": key["value"]}
    if "name" in key:
        document["name"] = key["name"]
    return document


class UsagePlanKeys:
    """The operations on the keys of plans, and on counted use."""

    def __init__(self, records: Records, clock: Clock, usage: CountedUsage) -> None:
        self.records = records
        self._plans = PlanRecords(records)
        self._clock = clock
        self._usage = usage

    @operation("CreateUsagePlanKey", access=via("POST", _COLLECTION))
    async def create_usage_plan_key(self, context: RequestContext, request: Request) -> Document:
        scope, plan_id, key_id = context.scope, request["usagePlanId"], request["keyId"]
        if request["keyType"] != "API_KEY":
            raise BadRequestException("Usage plan key type must be API_KEY")
        now = self._clock.now().timestamp()

        def run(tx: Transaction) -> Document:
            plan = read_item(tx, scope, USAGE_PLAN, plan_id)
            if plan is None:
                raise no_such_usage_plan()
            key = read_item(tx, scope, API_KEY, key_id)
            if key is None:
                raise no_such_api_key()
            _refuse_second_plan(tx, scope, plan, key_id)
            if not add_to_plan(tx, scope, plan_id, key_id, now):
                raise ConflictException(f"Usage plan {plan_id} already has API key {key_id}")
            return key

        return _plan_key(await self.records.write(run))

    @operation("GetUsagePlanKey", access=via("GET", _ONE))
    async def get_usage_plan_key(self, context: RequestContext, request: Request) -> Document:
        self._plan(context.scope, request["usagePlanId"])
        key = self.records.item(context.scope, API_KEY, request["keyId"])
        members = self._plans.keys_of_plan(context.scope, request["usagePlanId"])
        if key is None or key["id"] not in members:
            raise _no_such_plan_key()
        return _plan_key(key)

    @operation("GetUsagePlanKeys", access=via("GET", _COLLECTION))
    async def get_usage_plan_keys(self, context: RequestContext, request: Request) -> dict[str, Any]:
        # Of a plan that is not there AWS lists no keys, and does not say so (recorded).
        plan_id, prefix = request["usagePlanId"], request.get("nameQuery", "")
        found = [
            self.records.item(context.scope, API_KEY, key_id)
            for key_id in self._plans.keys_of_plan(context.scope, plan_id)
        ]
        keys = [_plan_key(key) for key in found if key and key.get("name", "").startswith(prefix)]
        keys.sort(key=lambda key: str(key["id"]))
        return page(keys, request, lambda key: key["id"], f"plan-keys/{plan_id}/{prefix}")

    @operation("DeleteUsagePlanKey", access=via("DELETE", _ONE))
    async def delete_usage_plan_key(self, context: RequestContext, request: Request) -> None:
        scope, plan_id = context.scope, request["usagePlanId"]
        self._plan(scope, plan_id)

        def run(tx: Transaction) -> None:
            if not remove_from_plan(tx, scope, plan_id, request["keyId"]):
                raise _no_such_plan_key()

        await self.records.write(run)

    # --- counted use -------------------------------------------------------------------------

    @operation("GetUsage", access=via("GET", "/usageplans/{usagePlanId}/usage"))
    async def get_usage(self, context: RequestContext, request: Request) -> dict[str, Any]:
        plan = self._plan(context.scope, request["usagePlanId"])
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

    @operation("UpdateUsage", access=via("PATCH", _ONE + "/usage"))
    async def update_usage(self, context: RequestContext, request: Request) -> dict[str, Any]:
        plan = self._plan(context.scope, request["usagePlanId"])
        if request["keyId"] not in self._plans.keys_of_plan(context.scope, plan["id"]):
            raise _no_such_plan_key()
        wanted: Document = {}
        PATCHES.apply(wanted, request.get("patchOperations"))
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

    def _plan(self, scope: Scope, plan_id: str) -> Document:
        plan = self.records.item(scope, USAGE_PLAN, plan_id)
        if plan is None:
            raise no_such_usage_plan()
        return plan


def _no_such_plan_key() -> NotFoundException:
    return NotFoundException("Invalid Usage Plan Key specified")


def _refuse_second_plan(tx: Transaction, scope: Scope, plan: Document, key_id: str) -> None:
    """A key must not reach one stage through two plans: which would count?"""
    stages = {(one["apiId"], one["stage"]) for one in plan["apiStages"]}
    for other_id in plans_with_key(tx, scope, key_id):
        other = read_item(tx, scope, USAGE_PLAN, other_id) if other_id != plan["id"] else None
        for one in (other or {}).get("apiStages", ()):
            if (one["apiId"], one["stage"]) in stages:
                raise ConflictException(
                    f"API Key {key_id} is already associated with API stage {one['apiId']}:{one['stage']}"
                    f" through usage plan {other_id}"
                )


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
