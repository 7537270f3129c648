"""Deployments, stages, canaries, and what they serve."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.apigateway.calls import call, mock_method, refusal, replace


def test_a_deployment_needs_something_to_serve(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    assert refusal(gateway.create_deployment, **where)[1] == "The REST API doesn't contain any methods"
    gateway.put_method(**where, resourceId=api["root"], httpMethod="GET", authorizationType="NONE")
    assert refusal(gateway.create_deployment, **where)[1] == "No integration defined for method"


def test_deployments_and_stages(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    mock_method(gateway, api, api["root"])
    first = gateway.create_deployment(**where, stageName="dev", variables={"a": "1"}, description="one")["id"]
    stage = gateway.get_stage(**where, stageName="dev")
    assert (stage["deploymentId"], stage["variables"]) == (first, {"a": "1"})
    assert (stage["cacheClusterStatus"], stage["methodSettings"]) == ("NOT_AVAILABLE", {})
    embedded = gateway.get_deployment(**where, deploymentId=first, embed=["apisummary"])
    assert embedded["apiSummary"]["/"]["GET"] == {"authorizationType": "NONE", "apiKeyRequired": False}
    second = gateway.create_deployment(**where, stageName="dev")["id"]
    assert gateway.get_stage(**where, stageName="dev")["deploymentId"] == second
    assert {one["id"] for one in gateway.get_deployments(**where)["items"]} == {first, second}
    assert refusal(gateway.delete_deployment, **where, deploymentId=second)[1] == (
        "Active stages pointing to this deployment must be moved or deleted"
    )
    gateway.delete_deployment(**where, deploymentId=first)
    gateway.create_stage(**where, stageName="prod", deploymentId=second, tags={"a": "b"})
    assert [one["stageName"] for one in gateway.get_stages(**where)["item"]] == ["dev", "prod"]
    assert (
        refusal(gateway.create_stage, **where, stageName="prod", deploymentId=second)[0]
        == "ConflictException"
    )
    assert refusal(gateway.create_stage, **where, stageName="x", deploymentId="no")[1] == (
        "Deployment id does not exist"
    )
    assert refusal(gateway.create_stage, **where, stageName="a b", deploymentId=second)[1] == (
        "Stage name only allows a-zA-Z0-9_-"
    )
    gateway.flush_stage_authorizers_cache(**where, stageName="prod")
    gateway.delete_stage(**where, stageName="prod")
    assert refusal(gateway.get_stage, **where, stageName="prod")[1] == "Invalid Stage identifier specified"


def test_a_new_stage_has_what_it_was_made_with(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    mock_method(gateway, api, api["root"])
    deployment = gateway.create_deployment(**where)["id"]
    stage = {**where, "stageName": "dev", "deploymentId": deployment, "documentationVersion": "v1"}
    assert refusal(gateway.create_stage, **stage) == (
        "NotFoundException",
        "Invalid Documentation version specified",
        404,
    )
    gateway.create_documentation_version(**where, documentationVersion="v1")
    given = {"description": "d", "variables": {"a": "1"}, "tags": {"t": "1"}, "cacheClusterSize": "0.5"}
    made = gateway.create_stage(**stage, **given)
    read = gateway.get_stage(**where, stageName="dev")
    wanted = {**given, "documentationVersion": "v1", "deploymentId": deployment}
    assert {name: made.get(name) for name in wanted} == {name: read.get(name) for name in wanted} == wanted
    for unbuilt in ({"tracingEnabled": True}, {"cacheClusterEnabled": True}):
        other = {**where, "stageName": "other"}
        assert refusal(gateway.create_stage, **other, deploymentId=deployment, **unbuilt)[2] == 501
        assert refusal(gateway.create_deployment, **other, **unbuilt)[2] == 501
    own = {"stageDescription": "e", "cacheClusterSize": "1.6", "variables": {"b": "2"}}
    gateway.create_deployment(**where, stageName="dev", **own)
    read = gateway.get_stage(**where, stageName="dev")
    assert (read["description"], read["cacheClusterSize"]) == ("e", "1.6")
    assert read["variables"] == {"a": "1", "b": "2"}


def test_an_empty_stage_name_is_none(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    deployment = gateway.create_deployment(restApiId=api["restApiId"], stageName="")["id"]
    assert gateway.get_deployment(restApiId=api["restApiId"], deploymentId=deployment)["id"] == deployment
    assert gateway.get_stages(restApiId=api["restApiId"])["item"] == []
    stage = {"restApiId": api["restApiId"], "stageName": "", "deploymentId": deployment}
    assert refusal(gateway.create_stage, **stage)[1] == "Stage name only allows a-zA-Z0-9_-"


def test_variables_have_limits(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"], "stageName": "dev"}
    mock_method(gateway, api, api["root"])
    most = {f"v{number}": "x" for number in range(99)} | {"n" * 64: "x" * 512}
    gateway.create_deployment(**where, variables=most)
    for path, value in (("/variables/one", "x"), ("/variables/v0", "x" * 513)):
        assert refusal(gateway.update_stage, **where, **replace(path, value))[0] == "BadRequestException"
    for wrong in ({"n" * 65: "x"}, {**most, "one": "x"}):
        other = {**where, "stageName": "other"}
        assert refusal(gateway.create_deployment, **other, variables=wrong)[0] == "BadRequestException"
    assert gateway.get_stage(**where)["variables"] == most


def test_patches_of_a_stage(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"], "stageName": "dev"}
    mock_method(gateway, api, api["root"])
    gateway.create_deployment(**where)
    changed = gateway.update_stage(
        **where,
        patchOperations=[
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "123"},
            {"op": "replace", "path": "/~1pets/GET/metrics/enabled", "value": "true"},
            {"op": "replace", "path": "/variables/fn", "value": "classify"},
            {"op": "replace", "path": "/description", "value": "d"},
        ],
    )
    assert changed["methodSettings"]["*/*"] == {
        "metricsEnabled": False,
        "dataTraceEnabled": False,
        "throttlingBurstLimit": 123,
        "throttlingRateLimit": 10000.0,
        "cachingEnabled": False,
        "cacheTtlInSeconds": 300,
        "cacheDataEncrypted": False,
        "requireAuthorizationForCacheControl": True,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    }
    assert changed["methodSettings"]["~1pets/GET"]["metricsEnabled"] is True
    assert (changed["variables"], changed["description"]) == ({"fn": "classify"}, "d")
    changed = gateway.update_stage(**where, **replace("/~1pets/GET", op="remove"))
    assert list(changed["methodSettings"]) == ["*/*"]
    update = gateway.update_stage
    assert refusal(update, **where, **replace("/nonsense", "x"))[1].startswith(
        "Invalid method setting path: /nonsense. Must be one of: [/deploymentId, /description,"
    )
    assert refusal(update, **where, **replace("/canarySettings/badPath", op="remove"))[1] == (
        "Cannot remove method setting canarySettings/badPath because there is no method setting for this"
        " method "
    )
    assert refusal(update, **where, **replace("/tracingEnabled", "true"))[2] == 501
    assert refusal(update, **where, **replace("/cacheClusterEnabled", "true"))[2] == 501
    assert refusal(update, **where, **replace("/deploymentId", "no"))[1] == "Deployment id does not exist"


def test_a_canary_from_its_start_to_its_promotion(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"], "stageName": "dev"}
    mock_method(gateway, api, api["root"])
    gateway.create_deployment(**where, variables={"v": "stable"})
    canary = {"percentTraffic": 50.0, "stageVariableOverrides": {"v": "canary"}}
    second = gateway.create_deployment(**where, canarySettings=canary)["id"]
    stage = gateway.get_stage(**where)
    assert stage["canarySettings"] == {**canary, "deploymentId": second, "useStageCache": False}
    assert stage["deploymentId"] != second
    promoted = gateway.update_stage(
        **where,
        patchOperations=[
            {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
            {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
            {"op": "remove", "path": "/canarySettings"},
        ],
    )
    assert (promoted["deploymentId"], promoted["variables"]) == (second, {"v": "canary"})
    assert "canarySettings" not in promoted
    assert refusal(gateway.create_deployment, restApiId=api["restApiId"], canarySettings=canary)[1] == (
        "Invalid deployment content specified.Non null and non empty stageName must be provided for canary"
        " deployment. Provided value is null"
    )


def test_a_stage_serves_what_was_deployed_and_not_what_is_edited(
    gateway: Any, api: dict[str, Any], endpoint_url: str
) -> None:
    mock_method(gateway, api, api["root"])
    where = {
        "restApiId": api["restApiId"],
        "resourceId": api["root"],
        "httpMethod": "GET",
        "statusCode": "200",
    }
    gateway.create_deployment(restApiId=api["restApiId"], stageName="dev")
    url = f"{endpoint_url}/restapis/{api['restApiId']}/dev/_user_request_/"
    assert call(url) == (200, "{}")
    gateway.put_integration_response(
        **where, responseTemplates={"application/json": '{"v": "$stageVariables.v"}'}
    )
    assert call(url) == (200, "{}")
    gateway.create_deployment(restApiId=api["restApiId"], stageName="dev", variables={"v": "2"})
    assert call(url) == (200, '{"v": "2"}')
    gateway.update_stage(restApiId=api["restApiId"], stageName="dev", **replace("/variables/v", "3"))
    assert call(url) == (200, '{"v": "3"}')
    gateway.delete_stage(restApiId=api["restApiId"], stageName="dev")
    assert call(url)[0] == 403


def test_a_method_is_tried_before_it_is_deployed(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    where = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    gateway.put_integration_response(
        **where, statusCode="200", responseTemplates={"application/json": '{"v": "$stageVariables.v"}'}
    )
    answer = gateway.test_invoke_method(**where, stageVariables={"v": "tried"})
    assert (answer["status"], json.loads(answer["body"])) == (200, {"v": "tried"})
    assert "Method completed with status: 200" in answer["log"]
    assert refusal(gateway.test_invoke_method, **{**where, "httpMethod": "PUT"})[1] == (
        "Invalid Method identifier specified"
    )
