"""The keys of usage plans."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.items import read_item
from sagehen.services.apigateway.documents.listing import page
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    no_such_api_key,
    no_such_plan_key,
)
from sagehen.services.apigateway.plans.records import (
    API_KEY,
    USAGE_PLAN,
    PlanRecords,
    add_to_plan,
    plans_with_key,
    read_plan,
    remove_from_plan,
)
from sagehen.store.database import Transaction

_COLLECTION = "/usageplans/{usagePlanId}/keys"
_ONE = _COLLECTION + "/{keyId}"


def _plan_key(key: Document) -> Document:
    document: Document = {"id": key["id"], "type": "API_KEY", "value": key["value"]}
    # A key without a name has no such member (from memory).
    if "name" in key:
        document["name"] = key["name"]
    return document


class UsagePlanKeys:
    """The operations on the keys of plans."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self.records = records
        self._plans = PlanRecords(records)
        self._clock = clock

    @operation("CreateUsagePlanKey", access=via("POST", _COLLECTION))
    async def create_usage_plan_key(self, context: RequestContext, request: Request) -> Document:
        scope, plan_id, key_id = context.scope, request["usagePlanId"], request["keyId"]
        # Documented: CreateUsagePlanKey, keyType: the only one. The words are from memory.
        if request["keyType"] != "API_KEY":
            raise BadRequestException("Usage plan key type must be API_KEY")
        now = self._clock.now().timestamp()

        def run(tx: Transaction) -> Document:
            plan = read_plan(tx, scope, plan_id)
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
        self._plans.plan(context.scope, request["usagePlanId"])
        key = self.records.item(context.scope, API_KEY, request["keyId"])
        members = self._plans.keys_of_plan(context.scope, request["usagePlanId"])
        if key is None or key["id"] not in members:
            raise no_such_plan_key()
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
        self._plans.plan(scope, plan_id)

        def run(tx: Transaction) -> None:
            if not remove_from_plan(tx, scope, plan_id, request["keyId"]):
                raise no_such_plan_key()

        await self.records.write(run)


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
