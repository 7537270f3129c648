"""Methods and their integrations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.apigateway.calls import FUNCTION, LAMBDA_URI, mock_method, refusal, replace


def test_a_method_with_all_its_parts(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "POST"}
    put = gateway.put_method(
        **where,
        authorizationType="NONE",
        requestParameters={"method.request.header.X-Id": True, "method.request.querystring.q": False},
        requestModels={"application/json": "Empty"},
    )
    assert put["apiKeyRequired"] is False
    integration = gateway.put_integration(
        **where,
        type="AWS",
        integrationHttpMethod="POST",
        uri=LAMBDA_URI,
        requestParameters={"integration.request.header.X-Id": "method.request.header.X-Id"},
        requestTemplates={"application/json": "$input.json('$')"},
    )
    assert (integration["passthroughBehavior"], integration["timeoutInMillis"]) == ("WHEN_NO_MATCH", 29000)
    assert (integration["cacheNamespace"], integration["cacheKeyParameters"]) == (api["root"], [])
    gateway.put_method_response(
        **where, statusCode="200", responseParameters={"method.response.header.X-Out": False}
    )
    response = gateway.put_integration_response(
        **where,
        statusCode="200",
        selectionPattern="",
        responseParameters={"method.response.header.X-Out": "'static'"},
    )
    assert response["selectionPattern"] == ""
    method = gateway.get_method(**where)
    assert method["methodIntegration"]["integrationResponses"]["200"]["statusCode"] == "200"
    assert method["methodResponses"]["200"]["responseParameters"] == {"method.response.header.X-Out": False}
    [resource] = gateway.get_resources(restApiId=api["restApiId"], embed=["methods"])["items"]
    assert resource["resourceMethods"]["POST"]["methodIntegration"]["uri"] == LAMBDA_URI
    changed = gateway.update_method(
        **where,
        patchOperations=[
            {"op": "replace", "path": "/apiKeyRequired", "value": "true"},
            {"op": "add", "path": "/requestParameters/method.request.path.id", "value": "true"},
            {"op": "remove", "path": "/requestModels/application~1json"},
        ],
    )
    assert changed["apiKeyRequired"] and "requestModels" not in changed
    assert changed["requestParameters"]["method.request.path.id"] is True
    gateway.update_integration(**where, **replace("/requestTemplates/application~1xml", "<a/>", "add"))
    assert "application/xml" in gateway.get_integration(**where)["requestTemplates"]
    gateway.update_integration_response(**where, statusCode="200", **replace("/selectionPattern", "bad.*"))
    assert gateway.get_integration_response(**where, statusCode="200")["selectionPattern"] == "bad.*"
    gateway.delete_integration_response(**where, statusCode="200")
    gateway.delete_method_response(**where, statusCode="200")
    gateway.delete_integration(**where)
    assert refusal(gateway.get_integration, **where)[1] == "Invalid Integration identifier specified"
    gateway.delete_method(**where)
    assert refusal(gateway.get_method, **where)[1] == "Invalid Method identifier specified"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"httpMethod": "MIX"},
            "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
        ),
        (
            {"authorizationType": "CUSTOM", "authorizerId": "abc"},
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS"
            " requires a valid authorizer.",
        ),
        ({"requestValidatorId": "abc"}, "Invalid Request Validator identifier specified"),
        ({"requestModels": {"application/json": "No"}}, "Invalid model identifier specified: No"),
        (
            {"requestParameters": {"method.request.header.a": True, "method.request.path.a": True}},
            "Parameter names must be unique across querystring, header and path",
        ),
    ],
)
def test_methods_that_cannot_be(
    gateway: Any, api: dict[str, Any], arguments: dict[str, Any], message: str
) -> None:
    method = {"httpMethod": "GET", "authorizationType": "NONE", **arguments}
    where = {"restApiId": api["restApiId"], "resourceId": api["root"]}
    assert refusal(gateway.put_method, **where, **method) == ("BadRequestException", message, 400)


def test_a_method_is_put_once(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    where = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    assert refusal(gateway.put_method, **where, authorizationType="NONE") == (
        "ConflictException",
        "Method already exists for this resource",
        409,
    )
    assert refusal(gateway.put_method_response, **where, statusCode="200")[0] == "ConflictException"
    unknown = {**where, "restApiId": "nothing"}
    assert refusal(gateway.get_method, **unknown)[1] == "Invalid Resource identifier specified"


_INVALID = "Invalid mapping expression specified: Validation Result: warnings : [], errors : "


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"type": "HTTP", "uri": "http://x"}, "Enumeration value for HttpMethod must be non-empty"),
        (
            {"type": "HTTP", "integrationHttpMethod": "GET", "uri": "nowhere"},
            "Invalid HTTP endpoint specified for URI",
        ),
        (
            {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": "http://["},
            "Invalid HTTP endpoint specified for URI",
        ),
        (
            {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": "http://h/" + "{a}" * 4000},
            "Invalid integration URI specified: it exceeds 10240 characters",
        ),
        (
            {"type": "AWS", "integrationHttpMethod": "POST", "uri": "http://x"},
            "Invalid ARN specified in the request",
        ),
        (
            {
                "type": "AWS_PROXY",
                "integrationHttpMethod": "POST",
                "uri": LAMBDA_URI.replace(FUNCTION, "x y"),
            },
            "Invalid lambda function",
        ),
        (
            {
                "type": "AWS_PROXY",
                "integrationHttpMethod": "POST",
                "uri": "arn:aws:apigateway:us-east-1:s3:path/b",
            },
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream"
            " invocations.",
        ),
        (
            {"type": "AWS", "integrationHttpMethod": "GET", "uri": "arn:aws:apigateway:us-east-1:s3:path/b"},
            "Role ARN must be specified for AWS integrations",
        ),
        ({"type": "MOCK", "timeoutInMillis": 10}, "Timeout should be between 50 ms and 29000 ms"),
        (
            {
                "type": "MOCK",
                "requestParameters": {"integration.request.header.a": "method.request.header.a"},
            },
            f"{_INVALID}[Invalid mapping expression parameter specified: method.request.header.a]",
        ),
        (
            {"type": "MOCK", "requestParameters": {"integration.request.header.a": "true"}},
            f"{_INVALID}[Invalid mapping expression specified: true]",
        ),
        (
            {"type": "MOCK", "requestTemplates": {"json": "{}"}},
            "Validation Result: warnings : [], errors : [Invalid content type specified: json]",
        ),
    ],
)
def test_integrations_that_cannot_be(
    gateway: Any, api: dict[str, Any], arguments: dict[str, Any], message: str
) -> None:
    where = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="NONE")
    assert refusal(gateway.put_integration, **where, **arguments) == ("BadRequestException", message, 400)


def test_a_header_must_be_declared_before_it_is_mapped(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    where = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    mapping = {"method.response.header.Access-Control-Allow-Origin": "'*'"}
    put = gateway.put_integration_response
    assert refusal(put, **where, statusCode="200", responseParameters=mapping)[1] == (
        f"{_INVALID}[Invalid mapping expression parameter specified:"
        " method.response.header.Access-Control-Allow-Origin]"
    )
    path = "/responseParameters/method.response.header.Access-Control-Allow-Origin"
    gateway.update_method_response(**where, statusCode="200", **replace(path, "false", "add"))
    put(**where, statusCode="200", responseParameters=mapping)
