"""Usage plans: which keys may call which stages, how fast and how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Document, new_id
from sagehen.services.apigateway.documents.effects import field, integer, nested, number
from sagehen.services.apigateway.documents.listing import page
from sagehen.services.apigateway.documents.patches import (
    ADD_REMOVE,
    ADD_REMOVE_REPLACE,
    REPLACE,
    Patch,
    PatchTable,
    Row,
)
from sagehen.services.apigateway.documents.records import Records, delete_item, has_stage, put_item, read_item
from sagehen.services.apigateway.documents.tags import checked_tags
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
    no_such_usage_plan,
)
from sagehen.services.apigateway.plans.records import USAGE_PLAN, PlanRecords, empty_plan
from sagehen.store.database import Transaction

PERIODS = ("DAY", "WEEK", "MONTH")
_COLLECTION = "/usageplans"
_ONE = _COLLECTION + "/{usagePlanId}"


def _bad_stage() -> BadRequestException:
    return BadRequestException("Invalid API Stage specified")  # recorded


def _no_such_stage(plan: Document, api_stage: str) -> NotFoundException:
    """What AWS says of a stage that is not the plan's, or not there (recorded of UpdateUsagePlan)."""
    api_id, stage = _split(api_stage)
    return NotFoundException(
        f"Invalid API Stage {{api: {api_id}, stage: {stage}}} specified for usageplan {plan['id']}"
    )


def _split(api_stage: str) -> tuple[str, str]:
    api_id, colon, stage = api_stage.partition(":")
    if not colon or not api_id or not stage or ":" in stage:
        raise _bad_stage()
    return api_id, stage


def _find(plan: Document, api_stage: str) -> Document | None:
    api_id, stage = _split(api_stage)
    for one in plan["apiStages"]:
        if (one["apiId"], one["stage"]) == (api_id, stage):
            found: Document = one
            return found
    return None


def _api_stage(plan: Document, patch: Patch) -> None:
    found = _find(plan, patch.text)
    if patch.op == "remove":
        if found is None:
            raise _no_such_stage(plan, patch.text)
        plan["apiStages"].remove(found)
    elif found is not None:
        raise ConflictException(f"API Stage already in the usage plan: {patch.text}")
    else:
        api_id, stage = _split(patch.text)
        plan["apiStages"].append({"apiId": api_id, "stage": stage})


def _method(patch: Patch) -> str:
    """Return the key of a method as AWS shows it: `/pets/GET`."""
    return "/" + patch.names[1].lstrip("/")


def _method_throttle(member: str, cast: Callable[[str | None], Any]) -> Callable[[Document, Patch], None]:
    def effect(plan: Document, patch: Patch) -> None:
        found = _find(plan, patch.names[0])
        if found is None:
            raise _no_such_stage(plan, patch.names[0])
        throttles = found.setdefault("throttle", {})
        throttles.setdefault(_method(patch), {})[member] = cast(patch.value)

    return effect


def _remove_method_throttles(plan: Document, patch: Patch) -> None:
    found = _find(plan, patch.names[0])
    if found is None:
        raise _no_such_stage(plan, patch.names[0])
    if len(patch.names) > 1:
        found.get("throttle", {}).pop(_method(patch), None)
    if len(patch.names) == 1 or not found.get("throttle"):
        found.pop("throttle", None)


_STAGE_THROTTLE = "/apiStages/{apiStage}/throttle"
PATCHES = PatchTable(
    Row("/name", REPLACE, field("name")),
    Row("/description", REPLACE, field("description")),
    Row("/productCode", ("replace", "remove"), field("productCode", lambda value: value or None)),
    Row("/throttle", ("remove",), field("throttle")),
    Row("/throttle/rateLimit", ADD_REMOVE_REPLACE, nested("throttle", "rateLimit", number)),
    Row("/throttle/burstLimit", ADD_REMOVE_REPLACE, nested("throttle", "burstLimit", integer)),
    Row("/quota", ("remove",), field("quota")),
    Row("/quota/limit", ADD_REMOVE_REPLACE, nested("quota", "limit", integer)),
    Row("/quota/offset", ADD_REMOVE_REPLACE, nested("quota", "offset", integer)),
    Row("/quota/period", ADD_REMOVE_REPLACE, nested("quota", "period")),
    Row("/apiStages", ADD_REMOVE, _api_stage),
    Row(_STAGE_THROTTLE, ("remove",), _remove_method_throttles),
    Row(_STAGE_THROTTLE + "/{method*}", ("remove",), _remove_method_throttles),
    Row(_STAGE_THROTTLE + "/{method*}/rateLimit", ("add", "replace"), _method_throttle("rateLimit", number)),
    Row(
        _STAGE_THROTTLE + "/{method*}/burstLimit",
        ("add", "replace"),
        _method_throttle("burstLimit", integer),
    ),
)


def check_plan(tx: Transaction, scope: Scope, plan: Document) -> None:
    """Check a plan as a whole.

    Raises:
        BadRequestException: A bad quota or throttle.
        NotFoundException: A stage that is not there.
    """
    if not plan.get("name"):
        raise BadRequestException("Usage Plan name cannot be empty")
    if quota := plan.get("quota"):
        if quota.get("limit", 0) <= 0:
            raise BadRequestException("Usage Plan quota limit must be a positive number")
        if quota.get("period") not in PERIODS:
            raise BadRequestException(
                f"Invalid Usage Plan quota period. Valid options are {','.join(PERIODS)}"
            )
        if quota.setdefault("offset", 0) < 0:
            raise BadRequestException("Usage Plan quota offset must not be negative")
    throttles = [plan.get("throttle") or {}]
    for one in plan["apiStages"]:
        throttles.extend((one.get("throttle") or {}).values())
        if not one.get("apiId") or not one.get("stage"):
            raise _bad_stage()
        if not has_stage(tx, scope, one["apiId"], one["stage"]):
            raise NotFoundException(f"API Stage not found: {one['apiId']}:{one['stage']}")
    for throttle in throttles:
        if throttle.get("rateLimit", 0) < 0 or throttle.get("burstLimit", 0) < 0:
            raise BadRequestException("Usage Plan throttle limits must not be negative")


def _shown(plan: Document) -> Document:
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
        for member in ("description", "throttle", "quota"):
            if request.get(member):
                plan[member] = request[member]
        if tags := request.get("tags"):
            plan["tags"] = checked_tags(tags)

        def run(tx: Transaction) -> None:
            check_plan(tx, context.scope, plan)
            put_item(tx, context.scope, USAGE_PLAN, plan["id"], plan, plan["createdAt"])

        await self.records.write(run)
        return _shown(plan)

    @operation("GetUsagePlan", access=via("GET", _ONE))
    async def get_usage_plan(self, context: RequestContext, request: Request) -> Document:
        plan = self.records.item(context.scope, USAGE_PLAN, request["usagePlanId"])
        if plan is None:
            raise no_such_usage_plan()
        return _shown(plan)

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
            plan = read_item(tx, context.scope, USAGE_PLAN, request["usagePlanId"])
            if plan is None:
                raise no_such_usage_plan()
            PATCHES.apply(plan, request.get("patchOperations"))
            check_plan(tx, context.scope, plan)
            put_item(tx, context.scope, USAGE_PLAN, plan["id"], plan, plan["createdAt"])
            return plan

        return _shown(await self.records.write(run))

    @operation("DeleteUsagePlan", access=via("DELETE", _ONE))
    async def delete_usage_plan(self, context: RequestContext, request: Request) -> None:
        def run(tx: Transaction) -> None:
            plan = read_item(tx, context.scope, USAGE_PLAN, request["usagePlanId"])
            if plan is None:
                raise no_such_usage_plan()
            if plan["apiStages"]:
                raise BadRequestException(
                    f"Cannot delete Usage Plan {plan['id']} because there are API stages associated with it."
                )
            delete_item(tx, context.scope, USAGE_PLAN, plan["id"])
            empty_plan(tx, context.scope, plan["id"])

        await self.records.write(run)
