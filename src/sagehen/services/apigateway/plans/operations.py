"""Usage plans: which keys may call which stages, how fast and how often."""

from __future__ import annotations

from functools import partial
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Document, given, new_id
from sagehen.services.apigateway.documents.items import delete_item, put_item
from sagehen.services.apigateway.documents.listing import page
from sagehen.services.apigateway.documents.records import Records, has_stage
from sagehen.services.apigateway.documents.tags import checked_tags
from sagehen.services.apigateway.errors import BadRequestException
from sagehen.services.apigateway.plans.patches import PATCHES
from sagehen.services.apigateway.plans.records import USAGE_PLAN, PlanRecords, empty_plan, read_plan
from sagehen.services.apigateway.plans.rules import check_plan
from sagehen.store.database import Transaction

_COLLECTION = "/usageplans"
_ONE = _COLLECTION + "/{usagePlanId}"


def _shown(plan: Document) -> Document:
    # AWS tells no date of a plan; ours keeps the order of listings, and the period of the quota's offset.
    return {member: value for member, value in plan.items() if member != "createdAt"}


def _by_age(plan: Document) -> Any:
    return (plan["createdAt"], plan["id"])


class UsagePlans:
    """The operations on usage plans. Keys and counted use have files of their own."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._plans = PlanRecords(records)
        self._clock = clock
        self._ids = ids

    @operation("CreateUsagePlan", access=via("POST", _COLLECTION))
    async def create_usage_plan(self, context: RequestContext, request: Request) -> Document:
        plan: Document = {
            "id": new_id(self._ids),
            "name": request["name"],
            "apiStages": request.get("apiStages") or [],
            "createdAt": self._clock.now().timestamp(),
        }
        plan |= given(request, "description", "throttle", "quota")
        if tags := request.get("tags"):
            plan["tags"] = checked_tags(tags)

        def run(tx: Transaction) -> None:
            check_plan(plan, partial(has_stage, tx, context.scope))
            put_item(tx, context.scope, USAGE_PLAN, plan["id"], plan, plan["createdAt"])

        await self.records.write(run)
        return _shown(plan)

    @operation("GetUsagePlan", access=via("GET", _ONE))
    async def get_usage_plan(self, context: RequestContext, request: Request) -> Document:
        return _shown(self._plans.plan(context.scope, request["usagePlanId"]))

    @operation("GetUsagePlans", access=via("GET", _COLLECTION))
    async def get_usage_plans(self, context: RequestContext, request: Request) -> dict[str, Any]:
        plans = self.records.items(context.scope, USAGE_PLAN)
        if key_id := request.get("keyId"):
            wanted = self._plans.plans_of_key(context.scope, key_id)
            plans = [plan for plan in plans if plan["id"] in wanted]
        answer = page(plans, request, _by_age, f"usage-plans/{key_id}")
        answer["items"] = [_shown(plan) for plan in answer["items"]]
        return answer

    @operation("UpdateUsagePlan", access=via("PATCH", _ONE))
    async def update_usage_plan(self, context: RequestContext, request: Request) -> Document:
        def run(tx: Transaction) -> Document:
            plan = read_plan(tx, context.scope, request["usagePlanId"])
            PATCHES.apply(plan, request.get("patchOperations"))
            check_plan(plan, partial(has_stage, tx, context.scope))
            put_item(tx, context.scope, USAGE_PLAN, plan["id"], plan, plan["createdAt"])
            return plan

        return _shown(await self.records.write(run))

    @operation("DeleteUsagePlan", access=via("DELETE", _ONE))
    async def delete_usage_plan(self, context: RequestContext, request: Request) -> None:
        def run(tx: Transaction) -> None:
            plan = read_plan(tx, context.scope, request["usagePlanId"])
            # From memory, words included: stages have to be taken out before; keys go with the plan.
            if plan["apiStages"]:
                raise BadRequestException(
                    f"Cannot delete Usage Plan {plan['id']} because there are API stages associated with it."
                )
            delete_item(tx, context.scope, USAGE_PLAN, plan["id"])
            empty_plan(tx, context.scope, plan["id"])

        await self.records.write(run)
