"""REST APIs with what they are made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named, PolicyDocument
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.functions import FUNCTION
from sagehen.export.reading.left_out import API_LOGS
from sagehen.export.reading.methods import methods
from sagehen.export.reading.reverse import properties
from sagehen.services.cloudformation.types.rest_apis import pointer

API, RESOURCE, DEPLOYMENT, STAGE = (
    f"AWS::ApiGateway::{noun}" for noun in ("RestApi", "Resource", "Deployment", "Stage")
)
_SERVICE = "apigateway"
# Operation, member, type, create operation, name of what is told apart by it.
_PARTS = (
    ("get_models", "items", "AWS::ApiGateway::Model", "CreateModel", "name"),
    ("get_request_validators", "items", "AWS::ApiGateway::RequestValidator", "CreateRequestValidator", "id"),
    ("get_authorizers", "items", "AWS::ApiGateway::Authorizer", "CreateAuthorizer", "id"),
    (
        "get_gateway_responses",
        "items",
        "AWS::ApiGateway::GatewayResponse",
        "PutGatewayResponse",
        "responseType",
    ),
)
# AWS makes these two models with every API.
_OF_EVERY_API = ("Empty", "Error")


def apis(asked: Asked) -> Iterator[Node]:
    """Yield every API with its parts."""
    for told in asked.all(_SERVICE, "get_rest_apis", "items"):
        yield from _api(asked, told)


def _api(asked: Asked, told: Mapping[str, Any]) -> Iterator[Node]:
    found = properties(API, told, asked.input_shape(_SERVICE, "CreateRestApi"))
    if text := told.get("policy"):
        found["Policy"] = _policy(text, f"arn:aws:execute-api:{asked.region}:{asked.account_id}:{told['id']}")
    api, name = Key(API, told["id"]), told["name"]
    parts = list(_parts(asked, api, name))
    resources = asked.all(_SERVICE, "get_resources", "items", restApiId=told["id"], embed=["methods"])
    made = [node for one in resources if one["path"] != "/" if (node := _resource(api, name, one))]
    found_methods = list(methods(asked, api, name, resources))
    functions = {key for node in found_methods for key in node.part_of if key.type == FUNCTION}
    if documented := asked.all(_SERVICE, "get_documentation_parts", "items", restApiId=told["id"]):
        asked.leave_out(f"{len(documented)} parts of documentation of the API {name}", api)
    yield Node(api, name, found, {told["id"]: ""}, generated=True, part_of=tuple(sorted(functions)))
    yield from parts
    yield from made
    yield from found_methods
    yield from _stages(asked, api, name, tuple(node.key for node in (*parts, *found_methods)))


def _policy(text: str, arn: str) -> PolicyDocument:
    """Return an API's policy; of the API itself it speaks without an id (documented: `execute-api:/…`)."""
    text = text.replace(arn, "execute-api:")
    try:
        return PolicyDocument(json.loads(text))
    except ValueError:  # AWS answers with the quotes escaped once more
        return PolicyDocument(json.loads(text.replace('\\"', '"')))


def _parts(asked: Asked, api: Key, name: str) -> Iterator[Node]:
    for operation, member, type_, create, identity in _PARTS:
        for told in asked.all(_SERVICE, operation, member, restApiId=api.identity):
            if told.get("defaultResponse") or told.get("name") in _OF_EVERY_API:
                continue
            found = {
                **properties(type_, told, asked.input_shape(_SERVICE, create)),
                "RestApiId": Named(api, "", api.identity),
            }
            label = f"{name} {told.get('name') or told[identity]}"
            mentions = {told["id"]: ""} if identity == "id" else {}
            yield Node(
                Key(type_, f"{api.identity}/{told[identity]}"),
                label,
                found,
                mentions,
                generated=True,
                part_of=(api,),
            )


def _resource(api: Key, name: str, told: Mapping[str, Any]) -> Node:
    parent = told["parentId"]
    is_top = told["path"].count("/") == 1
    found = {
        "RestApiId": Named(api, "", api.identity),
        "ParentId": Named(api, "RootResourceId", parent)
        if is_top
        else Named(Key(RESOURCE, f"{api.identity}/{parent}"), "", parent),
        "PathPart": told["pathPart"],
    }
    key = Key(RESOURCE, f"{api.identity}/{told['id']}")
    return Node(key, f"{name} {told['path']}", found, generated=True, part_of=(api,))


def _stages(asked: Asked, api: Key, name: str, made: tuple[Key, ...]) -> Iterator[Node]:
    """Yield stages, all of one deployment: of what the API is now."""
    stages = asked.all(_SERVICE, "get_stages", "item", restApiId=api.identity)
    if not stages:
        return
    if any(map(_writes_logs, stages)) and asked.one(_SERVICE, "get_account").get("cloudwatchRoleArn"):
        asked.leave_out(API_LOGS, api)
    deployment = Key(DEPLOYMENT, api.identity)
    yield Node(deployment, name, {"RestApiId": Named(api, "", api.identity)}, part_of=(api,), after=made)
    if len({one["deploymentId"] for one in stages}) > 1:
        asked.leave_out(f"older deployments of the API {name}: all stages have what it is now", api)
    for told in stages:
        found = properties(
            STAGE, {**told, "methodSettings": None}, asked.input_shape(_SERVICE, "CreateStage")
        )
        found |= {
            "RestApiId": Named(api, "", api.identity),
            "DeploymentId": Named(deployment, "", told["deploymentId"]),
        }
        found.pop("DocumentationVersion", None)
        if settings := told.get("methodSettings"):
            found["MethodSettings"] = [_method_setting(where, one) for where, one in settings.items()]
        if log := told.get("accessLogSettings"):
            found["AccessLogSetting"] = {"DestinationArn": log["destinationArn"], "Format": log["format"]}
        key = Key(STAGE, f"{api.identity}/{told['stageName']}")
        yield Node(key, f"{name} {told['stageName']}", found, part_of=(api,))


def _writes_logs(stage: Mapping[str, Any]) -> bool:
    levels = [one.get("loggingLevel", "OFF") for one in (stage.get("methodSettings") or {}).values()]
    return bool(stage.get("accessLogSettings")) or any(level != "OFF" for level in levels)


# Documented: what a new stage's settings are; only these are properties here and there.
_USUAL = {
    "metricsEnabled": False, "loggingLevel": "OFF", "dataTraceEnabled": False, "throttlingBurstLimit": 5000,
    "throttlingRateLimit": 10000.0, "cachingEnabled": False, "cacheTtlInSeconds": 300,
    "cacheDataEncrypted": False,
}  # fmt: skip


def _method_setting(where: str, told: Mapping[str, Any]) -> dict[str, Any]:
    path, _, verb = where.rpartition("/")
    said = {name: value for name, value in told.items() if name in _USUAL and value != _USUAL[name]}
    plain = path.replace("~1", "/").replace("~0", "~").lstrip("/")
    # Documented (MethodSetting, ResourcePath): /~1pets~1{id}, / for the root, /* for all.
    resource = "/*" if path == "*" else "/" + (pointer(f"/{plain}") if plain else "")
    return {
        "ResourcePath": resource,
        "HttpMethod": verb,
        **{name[0].upper() + name[1:]: value for name, value in said.items()},
    }
