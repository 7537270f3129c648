"""Usage plans of REST APIs and the keys that they know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named
from sagehen.export.reading.apis import API, STAGE
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.reverse import properties

PLAN, KEY, PLAN_KEY = (f"AWS::ApiGateway::{noun}" for noun in ("UsagePlan", "ApiKey", "UsagePlanKey"))
_SERVICE = "apigateway"


def plans(asked: Asked) -> Iterator[Node]:
    """Yield plans, keys, and which knows which. A key's value is a secret: there it is another one."""
    for told in asked.all(_SERVICE, "get_api_keys", "items"):
        shape = asked.input_shape(_SERVICE, "CreateApiKey")
        found = properties(KEY, {**told, "value": None, "stageKeys": None}, shape)
        yield Node(Key(KEY, told["id"]), told["name"], found, {told["id"]: ""}, generated=True)
    for told in asked.all(_SERVICE, "get_usage_plans", "items"):
        yield from _plan(asked, told)


def _plan(asked: Asked, told: Mapping[str, Any]) -> Iterator[Node]:
    found = properties(PLAN, {**told, "apiStages": None}, asked.input_shape(_SERVICE, "CreateUsagePlan"))
    stages = told.get("apiStages") or ()
    if stages:
        found["ApiStages"] = [_stage(one) for one in stages]
    apis = tuple(dict.fromkeys(Key(API, one["apiId"]) for one in stages))
    plan = Key(PLAN, told["id"])
    yield Node(plan, told["name"], found, {told["id"]: ""}, generated=True, part_of=apis)
    for key in asked.all(_SERVICE, "get_usage_plan_keys", "items", usagePlanId=told["id"]):
        knows = {
            "KeyId": Named(Key(KEY, key["id"]), "", key["id"]),
            "KeyType": key["type"],
            "UsagePlanId": Named(plan, "", told["id"]),
        }
        label = f"{told['name']} {key.get('name') or key['id']}"
        yield Node(Key(PLAN_KEY, f"{told['id']}/{key['id']}"), label, knows, part_of=(plan,))


def _stage(told: Mapping[str, Any]) -> dict[str, Any]:
    api, stage = told["apiId"], told["stage"]
    found: dict[str, Any] = {
        "ApiId": Named(Key(API, api), "", api),
        "Stage": Named(Key(STAGE, f"{api}/{stage}"), "", stage),
    }
    if limits := told.get("throttle"):
        found["Throttle"] = {
            where: {name[0].upper() + name[1:]: one for name, one in limit.items()}
            for where, limit in limits.items()
        }
    return found
