"""What UpdateUsagePlan may change: the plan's limits, its stages, and limits of their methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.effects import field, integer, nested, number
from sagehen.services.apigateway.documents.patches import (
    ADD_REMOVE,
    ADD_REMOVE_REPLACE,
    REPLACE,
    Patch,
    PatchTable,
    Row,
)
from sagehen.services.apigateway.errors import ConflictException, NotFoundException
from sagehen.services.apigateway.plans.rules import bad_stage


def _no_such_stage(plan: Document, api_stage: str) -> NotFoundException:
    """What AWS says of a stage that is not the plan's, or not there (recorded of UpdateUsagePlan)."""
    api_id, stage = _split(api_stage)
    return NotFoundException(
        f"Invalid API Stage {{api: {api_id}, stage: {stage}}} specified for usageplan {plan['id']}"
    )


def _split(api_stage: str) -> tuple[str, str]:
    api_id, colon, stage = api_stage.partition(":")
    if not colon or not api_id or not stage or ":" in stage:
        raise bad_stage()
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
    # From memory, words included.
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


# Documented: Patch operations, UpdateUsagePlan. Clients leave the slashes of a method unescaped: `{method*}`.
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
