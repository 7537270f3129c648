"""What methods refer to: models, validators, authorizers; and gateway responses."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.apigateway.calls import LAMBDA_URI, mock_method, refusal, replace


def test_models(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    assert [one["name"] for one in gateway.get_models(**where)["items"]] == ["Empty", "Error"]
    schema = json.dumps({"type": "object", "properties": {"id": {"type": "integer"}}})
    gateway.create_model(**where, name="Pet", contentType="application/json", schema=schema)
    url = f"https://apigateway.amazonaws.com/restapis/{api['restApiId']}/models/Pet"
    pets = json.dumps({"type": "array", "items": {"$ref": url}})
    gateway.create_model(**where, name="Pets", contentType="application/json", schema=pets)
    flat = json.loads(gateway.get_model(**where, modelName="Pets", flatten=True)["schema"])
    assert flat["items"] == {"$ref": "#/definitions/Pet"}
    assert flat["definitions"]["Pet"]["properties"]["id"] == {"type": "integer"}
    assert "$inputRoot.id" not in gateway.get_model_template(**where, modelName="Pets")["value"]
    assert "42" in gateway.get_model_template(**where, modelName="Pet")["value"]
    assert refusal(gateway.delete_model, **where, modelName="Pet")[0] == "ConflictException"
    gateway.put_method(
        **where,
        resourceId=api["root"],
        httpMethod="ANY",
        authorizationType="NONE",
        requestModels={"application/json": "Pets"},
    )
    assert refusal(gateway.delete_model, **where, modelName="Pets") == (
        "ConflictException",
        "Cannot delete model 'Pets', is referenced in method request: //ANY",
        409,
    )
    create = gateway.create_model
    model = {**where, "contentType": "application/json"}
    assert (
        refusal(create, **model, name="Pet", schema=schema)[1]
        == "Model name already exists for this REST API"
    )
    assert refusal(create, **model, name="P2", schema="")[1] == (
        "Model schema must have at least 1 property or array items defined"
    )
    assert refusal(gateway.get_model, **where, modelName="No")[1] == "Invalid model name specified: No"
    assert refusal(gateway.update_model, **where, modelName="Pet", **replace("/name", "x"))[1] == (
        "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]"
    )


def test_request_validators(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    made = gateway.create_request_validator(**where, name="body", validateRequestBody=True)
    one = {**where, "requestValidatorId": made["id"]}
    assert (made["validateRequestBody"], made["validateRequestParameters"]) == (True, False)
    assert (
        gateway.update_request_validator(**one, **replace("/validateRequestBody"))["validateRequestBody"]
        is False
    )
    assert refusal(gateway.update_request_validator, **one, **replace("/name", ""))[1] == (
        "Request Validator name cannot be blank"
    )
    gateway.delete_request_validator(**one)
    assert gateway.get_request_validators(**where)["items"] == []
    assert refusal(gateway.create_request_validator, restApiId="nothing", name="x") == (
        "BadRequestException",
        "Invalid REST API identifier specified",
        400,
    )


def test_authorizers(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    made = gateway.create_authorizer(
        **where,
        name="token",
        type="TOKEN",
        authorizerUri=LAMBDA_URI,
        identitySource="method.request.header.Authorization",
    )
    assert ("authorizerResultTtlInSeconds" in made, made["authType"]) == (False, "custom")
    gateway.put_method(
        **where,
        resourceId=api["root"],
        httpMethod="GET",
        authorizationType="CUSTOM",
        authorizerId=made["id"],
    )
    one = {**where, "authorizerId": made["id"]}
    assert refusal(gateway.delete_authorizer, **one)[0] == "ConflictException"
    changed = gateway.update_authorizer(**one, **replace("/authorizerResultTtlInSeconds", "0"))
    assert changed["authorizerResultTtlInSeconds"] == 0
    create = {**where, "name": "bad", "type": "TOKEN", "identitySource": "method.request.header.X"}
    assert refusal(gateway.create_authorizer, **create, authorizerUri="arn:aws:lambda")[1] == (
        "Invalid Authorizer URI: arn:aws:lambda. Authorizer URI should be a valid API Gateway ARN that"
        " represents a Lambda function invocation."
    )
    cognito = {**where, "name": "c", "type": "COGNITO_USER_POOLS", "providerARNs": ["arn:aws:x"]}
    assert refusal(gateway.create_authorizer, **cognito)[2] == 501


def test_gateway_responses(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    items = {one["responseType"]: one for one in gateway.get_gateway_responses(**where)["items"]}
    assert len(items) == 21 and all(one["defaultResponse"] for one in items.values())
    assert items["THROTTLED"]["statusCode"] == "429" and "statusCode" not in items["DEFAULT_4XX"]
    one = {**where, "responseType": "DEFAULT_4XX"}
    changed = gateway.update_gateway_response(**one, **replace("/statusCode", "444"))
    assert (changed["statusCode"], changed["defaultResponse"]) == ("444", False)
    put = gateway.put_gateway_response(
        **where,
        responseType="ACCESS_DENIED",
        responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
    )
    assert put["statusCode"] == "403"
    update = gateway.update_gateway_response
    assert refusal(update, **one, **replace("/wrongPath", "x"))[1] == "Invalid patch path /wrongPath"
    gateway.delete_gateway_response(**one)
    assert gateway.get_gateway_response(**one)["defaultResponse"] is True
    assert refusal(gateway.delete_gateway_response, **one)[1] == "Gateway response type not defined on api"


def test_schemas_that_no_request_could_be_checked_against(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"], "contentType": "application/json"}

    def said(schema: dict[str, Any]) -> str:
        text = json.dumps(schema)
        code, message, _ = refusal(gateway.create_model, **where, name="M", schema=text)
        assert code == "BadRequestException"
        document = {
            "swagger": "2.0",
            "info": {"title": "t", "version": "1"},
            "paths": {},
            "definitions": {"M": schema},
        }
        put = refusal(gateway.put_rest_api, restApiId=api["restApiId"], body=json.dumps(document).encode())
        assert put[0] == "BadRequestException"
        assert "Unable to create model 'M': Invalid model specified" in put[1]
        return message

    def inside(schema: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": {"pattern": {"type": "string"}, "a": schema}}

    fault = "Validation Result: warnings : [], errors : ["
    assert said(inside({"type": "string", "pattern": "a(b"})).startswith(
        f"Invalid model specified: {fault}Invalid pattern 'a(b' specified: "
    )
    assert "Invalid pattern '[' specified" in said({"patternProperties": {"[": {}}})
    assert "too many copies" in said(inside({"pattern": "(?:a{1000}){1000}"}))
    for nowhere in ("#/definitions/no", "http://example.com/schema", "Other"):
        assert said(inside({"$ref": nowhere})) == (
            f"Invalid model specified: {fault}Invalid model reference specified: {nowhere}]"
        )
    good = {"definitions": {"b": {"enum": [{"pattern": "("}]}}, **inside({"$ref": "#/definitions/b"})}
    gateway.create_model(**where, name="Good", schema=json.dumps(good))
    change = replace("/schema", json.dumps({"pattern": "("}))
    assert (
        "Invalid pattern '('"
        in refusal(gateway.update_model, restApiId=api["restApiId"], modelName="Good", **change)[1]
    )
    body = {"application/json": {"schema": {"type": "array", "items": {"pattern": "("}}}}
    operation = {"requestBody": {"content": body}, "responses": {}}
    document = {"openapi": "3.0.1", "info": {"title": "t"}, "paths": {"/": {"post": operation}}}
    put = refusal(gateway.put_rest_api, restApiId=api["restApiId"], body=json.dumps(document).encode())
    assert "Invalid pattern '('" in put[1]


def test_patterns_are_refused_with_their_fault(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    authorizer = {"name": "a", "type": "TOKEN", "identitySource": "method.request.header.Auth"}
    said = refusal(
        gateway.create_authorizer,
        **where,
        **authorizer,
        authorizerUri=LAMBDA_URI,
        identityValidationExpression="a(",
    )
    assert said[0] == "BadRequestException"
    assert said[1].startswith("Invalid identity validation expression: a(: missing )")
    method = {**where, "resourceId": api["root"], "httpMethod": "GET"}
    mock_method(gateway, api, api["root"])
    said = refusal(gateway.put_integration_response, **method, statusCode="200", selectionPattern="[")
    assert said[1].startswith("Invalid selection pattern specified: [: ")
