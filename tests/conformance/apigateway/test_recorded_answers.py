"""Answers that AWS was recorded to give, by topic."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.apigateway.calls import LAMBDA_URI, call, mock_method, refusal, replace


def test_enums_are_named_with_the_input_that_they_are_in(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="none")
    assert gateway.get_method(**where)["authorizationType"] == "NONE"
    assert refusal(gateway.put_integration, **where, type="HTTPS_PROXY", uri="http://a") == (
        "ValidationException",
        "1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy"
        " constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
        400,
    )
    wrong = {"restApiId": api["restApiId"], "responseType": "DEFAULT_4XX"}
    assert refusal(gateway.update_gateway_response, **wrong, **replace("/statusCode", "1", op="wrong"))[
        1
    ] == (
        "1 validation error detected: Value 'wrong' at"
        " 'updateGatewayResponseInput.patchOperations.1.member.op' failed to satisfy constraint: Member must"
        " satisfy enum value set: [add, remove, move, test, replace, copy]"
    )
    wrong["responseType"] = "FAKE"  # in the path, not in the body
    assert "Value 'FAKE' at 'responseType' failed" in refusal(gateway.get_gateway_response, **wrong)[1]


def test_an_empty_description_of_a_model_is_none(gateway: Any, api: dict[str, Any]) -> None:
    model = {"restApiId": api["restApiId"], "name": "Bare", "contentType": "application/json"}
    made = gateway.create_model(**model, schema='{"type": "object"}', description="")
    assert "description" not in made


def test_what_an_api_key_lets_be_changed(gateway: Any) -> None:
    key = gateway.create_api_key(name="k")["id"]
    try:
        assert (
            "Must be one of: [/description, /enabled, /name, /customerId]"
            in (refusal(gateway.update_api_key, apiKey=key, **replace("/id", "x"))[1])
        )
        assert gateway.update_api_key(apiKey=key, **replace("/name", "y"))["tags"] == {}
    finally:
        gateway.delete_api_key(apiKey=key)


def test_apis_are_listed_in_the_order_of_their_making(gateway: Any) -> None:
    made = [gateway.create_rest_api(name=f"in-order-{number}")["id"] for number in range(4)]
    try:
        pages = gateway.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 3})
        listed = [item["id"] for page in pages for item in page["items"]]
        assert [api_id for api_id in listed if api_id in made] == made
    finally:
        for api_id in made:
            gateway.delete_rest_api(restApiId=api_id)


def test_promotions(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    stage = {"restApiId": api["restApiId"], "stageName": "s"}
    gateway.create_deployment(**stage)
    source = "/canarySettings/stageVariableOverrides"

    def said(path: str) -> str:
        patch = {"patchOperations": [{"op": "copy", "path": path, "from": source}]}
        return refusal(gateway.update_stage, **stage, **patch)[1]

    assert said("/variables") == "Promotion not available. Canary does not exist."
    assert said("/canarySettings/stageVariableOverrides") == (
        "Invalid copy operation with path: /canarySettings/stageVariableOverrides and from"
        " /canarySettings/stageVariableOverrides. Valid copy:path are [/deploymentId, /variables] and valid"
        " copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]"
    )
    canary = {"canarySettings": {"percentTraffic": 1.0}}
    assert refusal(gateway.create_deployment, restApiId=api["restApiId"], stageName="", **canary)[1].endswith(
        "must be provided for canary deployment. Provided value is "
    )


def test_the_log_of_a_test_invocation_that_fails(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="NONE")
    gateway.put_integration(
        **where, type="HTTP", integrationHttpMethod="GET", uri="http://${stageVariables.nowhere}"
    )
    answer = gateway.test_invoke_method(**where)
    lines = [line.partition(" : ")[2] for line in answer["log"].split("\n")]
    assert lines[-3:] == [
        "Execution failed due to configuration error: Invalid endpoint address",
        "Method completed with status: 500",
        "",
    ]
    assert len(lines) == 10
    assert answer["headers"] == {"x-amzn-ErrorType": "InternalServerErrorException"}
    assert answer["multiValueHeaders"] == {"x-amzn-ErrorType": ["InternalServerErrorException"]}


@pytest.mark.parametrize("way", ["put", "patch"])
def test_an_empty_template_is_stored_as_null(gateway: Any, api: dict[str, Any], way: str) -> None:
    where = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    mock_method(gateway, api, api["root"])
    if way == "put":
        gateway.put_integration_response(
            **where, statusCode="200", responseTemplates={"application/json": ""}
        )
    else:
        patch = replace("/responseTemplates/application~1json", "")
        gateway.update_integration_response(**where, statusCode="200", **patch)
    read = gateway.get_integration_response(**where, statusCode="200")
    assert read["responseTemplates"] == {"application/json": None}


def test_the_status_of_a_gateway_response_that_nobody_gave_one(
    gateway: Any, api: dict[str, Any], endpoint_url: str
) -> None:
    """Shown is the type's own, answered what happened: 500 of an integration that cannot be called."""
    where = {"restApiId": api["restApiId"], "responseType": "INTEGRATION_FAILURE"}
    parameters = {"gatewayresponse.header.x-own": "'1'"}
    assert gateway.put_gateway_response(**where, responseParameters=parameters)["statusCode"] == "504"
    assert gateway.get_gateway_response(**where)["statusCode"] == "504"
    method = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    gateway.put_method(**method, authorizationType="NONE")
    gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="GET", uri=LAMBDA_URI)
    gateway.create_deployment(restApiId=api["restApiId"], stageName="s")
    url = f"{endpoint_url}/restapis/{api['restApiId']}/s/_user_request_/"
    assert call(url) == (500, '{"message":"Internal server error"}')
    gateway.update_gateway_response(**where, **replace("/statusCode", "599"))
    gateway.create_deployment(restApiId=api["restApiId"], stageName="s")
    assert call(url)[0] == 599


def test_what_patches_of_a_canary_are_refused_for(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    stage = {"restApiId": api["restApiId"], "stageName": "s"}
    gateway.create_deployment(**stage)
    add = replace("/canarySettings/deploymentId", "x", op="add")
    assert refusal(gateway.update_stage, **stage, **add)[1] == (
        "Invalid add operation with path: /canarySettings/deploymentId"
    )
    whole = refusal(gateway.update_stage, **stage, **replace("/canarySettings", "x"))[1]
    assert whole.startswith("Invalid method setting path: /canarySettings. Must be one of: [/deploymentId")


def test_the_texts_of_api_keys(gateway: Any) -> None:
    create = gateway.create_api_key
    assert refusal(create, name="a" * 1025)[1] == "Invalid API Key name, can be at most 1024 characters."
    assert refusal(create, value="short")[1] == "API Key value should be at least 20 characters"
    assert refusal(create, value="a" * 129)[1] == "API Key value exceeds maximum size of 128 characters"
    long = "a" * 125_001
    assert refusal(create, description=long)[1] == "Invalid API Key description specified."
    key = create(value="", name="")
    assert len(key["value"]) == 40 and "name" not in key
    try:
        changed = refusal(gateway.update_api_key, apiKey=key["id"], **replace("/description", long))
        assert changed[1] == "Invalid API Key description specified."
        assert gateway.get_api_keys(limit=-1)["items"]
    finally:
        gateway.delete_api_key(apiKey=key["id"])
    assert gateway.get_usage_plan_keys(usagePlanId="no-plan")["items"] == []


def test_integrations_as_they_are_shown(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="NONE")
    assert "uri" not in gateway.put_integration(**where, type="MOCK", uri="http://example.com")
    http = {"integrationHttpMethod": "POST", "uri": "http://example.com"}
    for kind in ("HTTP", "HTTP_PROXY"):
        assert gateway.put_integration(**where, type=kind, **http)["connectionType"] == "INTERNET"
    arn = {"type": "AWS", "integrationHttpMethod": "POST", "uri": "arn:aws:iam::0000000000:role/service/r"}
    assert refusal(gateway.put_integration, **where, **arn)[1] == (
        "AWS ARN for integration must contain path or action"
    )


def test_names_and_descriptions_that_are_taken_away(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    assert "description" not in gateway.update_model(
        **where, modelName="Empty", **replace("/description", "")
    )
    validator = gateway.create_request_validator(**where, name="v")["id"]
    assert refusal(
        gateway.update_request_validator, **where, requestValidatorId=validator, **replace("/name")
    )[1] == ("Request Validator name cannot be blank")
    bare = {"name": "X", "contentType": "application/xml"}
    assert refusal(gateway.create_model, **where, **bare)[1] == (
        "Model schema must have at least 1 property or array items defined"
    )


@pytest.mark.parametrize("kind", ["swagger", "oas30"])
def test_an_export_names_types_where_models_or_templates_have_them(
    gateway: Any, api: dict[str, Any], kind: str
) -> None:
    where = {"restApiId": api["restApiId"], "resourceId": api["root"]}
    mock_method(gateway, api, api["root"], "GET")
    page = {"statusCode": "200", "responseTemplates": {"text/html": "<p>"}}
    gateway.put_integration_response(**where, httpMethod="GET", **page)
    gateway.put_method(**where, httpMethod="POST", authorizationType="NONE")
    http = {"integrationHttpMethod": "POST", "uri": "http://example.com", "type": "HTTP"}
    gateway.put_integration(**where, httpMethod="POST", **http)
    for model in ("Empty", "Error"):
        gateway.delete_model(restApiId=api["restApiId"], modelName=model)
    gateway.create_deployment(restApiId=api["restApiId"], stageName="s")
    stage = {"restApiId": api["restApiId"], "stageName": "s", "exportType": kind}
    document = json.loads(gateway.get_export(**stage, parameters={"extensions": "apigateway"})["body"].read())
    get, post = document["paths"]["/"]["get"], document["paths"]["/"]["post"]
    assert "timeoutInMillis" not in post["x-amazon-apigateway-integration"]
    if kind == "swagger":
        assert (get["consumes"], get["produces"]) == (["application/json"], ["text/html"])
        assert "consumes" not in post and "produces" not in post
    else:
        assert document["components"] == {}
