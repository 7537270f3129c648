"""The control plane of API Gateway through boto3 alone."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:classify"
LAMBDA_URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"


@pytest.fixture
def gateway(client: Client) -> Any:
    return client("apigateway")


@pytest.fixture
def api(gateway: Any) -> Iterator[dict[str, Any]]:
    """An API with nothing but its root: `id`, `root`."""
    made = gateway.create_rest_api(name=f"api-{uuid.uuid4().hex[:8]}")
    yield {"restApiId": made["id"], "root": made["rootResourceId"]}
    try:
        gateway.delete_rest_api(restApiId=made["id"])
    except gateway.exceptions.NotFoundException:
        pass


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str, int]:
    """Return code, message and status of the error that a call must end in."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response
    return (
        error["Error"]["Code"],
        error["Error"]["Message"],
        error["ResponseMetadata"]["HTTPStatusCode"],
    )


def replace(path: str, value: str | None = None, op: str = "replace", **more: str) -> dict[str, Any]:
    operation = {"op": op, "path": path, **more}
    if value is not None:
        operation["value"] = value
    return {"patchOperations": [operation]}


def mock_method(gateway: Any, api: dict[str, Any], resource: str, verb: str = "GET", **method: Any) -> None:
    where = {"restApiId": api["restApiId"], "resourceId": resource, "httpMethod": verb}
    gateway.put_method(**where, authorizationType=method.pop("authorizationType", "NONE"), **method)
    gateway.put_integration(
        **where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
    )
    gateway.put_method_response(**where, statusCode="200")
    gateway.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": "{}"})


# --- APIs ------------------------------------------------------------------------------------------


def test_an_api_from_creation_to_deletion(gateway: Any) -> None:
    made = gateway.create_rest_api(
        name="pets", description="d", binaryMediaTypes=["image/png"], tags={"team": "a"}
    )
    assert len(made["id"]) == 10 and made["id"].isalnum() and made["id"] == made["id"].lower()
    assert made["endpointConfiguration"] == {"types": ["EDGE"], "ipAddressType": "ipv4"}
    assert (made["apiKeySource"], made["disableExecuteApiEndpoint"]) == ("HEADER", False)
    assert "policy" not in made and "warnings" not in made
    found = gateway.get_rest_api(restApiId=made["id"])
    for answer in (made, found):
        del answer["ResponseMetadata"]
    assert found == made
    assert made["id"] in [one["id"] for one in gateway.get_rest_apis(limit=500)["items"]]
    answer = gateway.delete_rest_api(restApiId=made["id"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert refusal(gateway.get_rest_api, restApiId=made["id"]) == (
        "NotFoundException",
        f"Invalid API identifier specified {ACCOUNT}:{made['id']}",
        404,
    )


def test_apis_of_another_account_and_region_are_unknown(client: Client, api: dict[str, Any]) -> None:
    stranger = client("apigateway", account="210987654321")
    code, message, _ = refusal(stranger.get_rest_api, restApiId=api["restApiId"])
    assert message == f"Invalid API identifier specified 210987654321:{api['restApiId']}"
    elsewhere = client("apigateway", region="eu-west-1")
    assert refusal(elsewhere.get_rest_api, restApiId=api["restApiId"])[0] == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"description": ""}, "Description cannot be an empty string"),
        (
            {"minimumCompressionSize": -1},
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            {"endpointConfiguration": {"types": ["EDGE", "REGIONAL"]}},
            "Cannot create an api with multiple Endpoint Types.",
        ),
        (
            {"endpointConfiguration": {"types": []}},
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        ),
        (
            {"policy": "{"},
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        ),
    ],
)
def test_apis_that_cannot_be(gateway: Any, arguments: dict[str, Any], message: str) -> None:
    assert refusal(gateway.create_rest_api, name="x", **arguments) == ("BadRequestException", message, 400)


def test_what_is_not_built_is_said(gateway: Any, api: dict[str, Any]) -> None:
    private = {"types": ["PRIVATE"], "ipAddressType": "dualstack"}
    assert refusal(gateway.create_rest_api, name="x", endpointConfiguration=private)[2] == 501
    assert refusal(gateway.create_vpc_link, name="x", targetArns=["arn:aws:x"])[2] == 501
    assert refusal(gateway.get_domain_names)[2] == 501


def test_patches_of_an_api(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    gateway.update_rest_api(**where, **replace("/binaryMediaTypes/image~1png", op="add"))
    gateway.update_rest_api(**where, **replace("/binaryMediaTypes/image~1jpeg", op="add"))
    changed = gateway.update_rest_api(**where, **replace("/binaryMediaTypes/image~1png", "image/gif"))
    assert changed["binaryMediaTypes"] == ["image/jpeg", "image/gif"]
    assert changed["tags"] == {}
    changed = gateway.update_rest_api(
        **where,
        patchOperations=[
            {"op": "remove", "path": "/binaryMediaTypes/image~1gif"},
            {"op": "replace", "path": "/name", "value": "other"},
            {"op": "replace", "path": "/minimumCompressionSize", "value": "0"},
            {"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "REGIONAL"},
        ],
    )
    assert changed["binaryMediaTypes"] == ["image/jpeg"]
    assert (changed["name"], changed["minimumCompressionSize"]) == ("other", 0)
    assert changed["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert "minimumCompressionSize" not in gateway.update_rest_api(
        **where, **replace("/minimumCompressionSize")
    )
    for operation, message in (
        (
            replace("/minimumCompressionSize", "x"),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (replace("/name", "x", "add"), "Invalid patch operation specified. Must be one of: [replace]"),
        (replace("/binaryMediaTypes", "x"), "Invalid patch path /binaryMediaTypes"),
        (replace("/nothing", "x"), "Invalid patch path /nothing"),
    ):
        assert refusal(gateway.update_rest_api, **where, **operation) == ("BadRequestException", message, 400)
    refused = {"op": "replace", "path": "/nothing", "value": "x"}
    both = [{"op": "replace", "path": "/name", "value": "never"}, refused]
    refusal(gateway.update_rest_api, **where, patchOperations=both)
    assert gateway.get_rest_api(**where)["name"] == "other"


def test_a_policy_is_stored_with_whole_arns(gateway: Any) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
            }
        ],
    }
    made = gateway.create_rest_api(name="guarded", policy=json.dumps(policy))
    stored = json.loads(made["policy"].encode().decode("unicode_escape"))
    assert stored["Statement"][0]["Resource"] == f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{made['id']}/*"
    gateway.delete_rest_api(restApiId=made["id"])


def test_pages_of_apis(client: Client) -> None:
    gateway = client("apigateway", region="ap-south-1")
    made = {gateway.create_rest_api(name="page")["id"] for _ in range(3)}
    first = gateway.get_rest_apis(limit=2)
    second = gateway.get_rest_apis(limit=2, position=first["position"])
    assert "position" not in second
    assert {one["id"] for one in first["items"] + second["items"]} == made
    assert refusal(gateway.get_rest_apis, position="nonsense")[0] == "BadRequestException"
    assert refusal(gateway.get_rest_apis, limit=501)[0] == "BadRequestException"
    for api_id in made:
        gateway.delete_rest_api(restApiId=api_id)


# --- resources ---------------------------------------------------------------------------------------


def test_the_tree_of_resources(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    pets = gateway.create_resource(**where, parentId=api["root"], pathPart="pets")
    assert (pets["path"], pets["parentId"]) == ("/pets", api["root"])
    pet = gateway.create_resource(**where, parentId=pets["id"], pathPart="{petId}")
    moved = gateway.update_resource(**where, resourceId=pets["id"], **replace("/pathPart", "dogs"))
    assert moved["path"] == "/dogs"
    assert gateway.get_resource(**where, resourceId=pet["id"])["path"] == "/dogs/{petId}"
    paths = [one["path"] for one in gateway.get_resources(**where)["items"]]
    assert paths == ["/", "/dogs", "/dogs/{petId}"]
    gateway.delete_resource(**where, resourceId=pets["id"])
    assert gateway.get_resources(**where)["items"] == [{"id": api["root"], "path": "/"}]


def test_resources_that_cannot_be(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    pets = gateway.create_resource(**where, parentId=api["root"], pathPart="pets")["id"]
    inner = gateway.create_resource(**where, parentId=pets, pathPart="pets")["id"]
    greedy = gateway.create_resource(**where, parentId=api["root"], pathPart="{proxy+}")["id"]
    create, update = gateway.create_resource, gateway.update_resource
    assert refusal(create, **where, parentId=api["root"], pathPart="pets") == (
        "ConflictException",
        "Another resource with the same parent already has this name: pets",
        409,
    )
    assert refusal(create, **where, parentId="nothing", pathPart="x") == (
        "NotFoundException",
        "Invalid Resource identifier specified",
        404,
    )
    for parent, part, message in (
        (
            api["root"],
            "{other}",
            "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
        ),
        (greedy, "x", "Cannot create a child of a resource with a greedy path variable: {proxy+}"),
    ):
        assert refusal(create, **where, parentId=parent, pathPart=part)[1] == message
    assert refusal(create, **where, parentId=pets, pathPart="a/b")[0] == "BadRequestException"
    for resource, operation, message in (
        (pets, replace("/parentId", inner), "Resources cannot be cyclical."),
        (api["root"], replace("/pathPart", "x"), "Root resource cannot update its pathPart."),
        (
            pets,
            replace("/invalid", "x"),
            "Invalid patch path  '/invalid' specified for op 'replace'."
            " Must be one of: [/parentId, /pathPart]",
        ),
        (
            pets,
            replace("/pathPart", op="remove"),
            "Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
        ),
    ):
        assert refusal(update, **where, resourceId=resource, **operation)[1] == message


# --- methods and what hangs on them ------------------------------------------------------------------


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


# --- models, validators, authorizers, gateway responses -----------------------------------------------


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
    assert (made["authorizerResultTtlInSeconds"], made["authType"]) == (300, "custom")
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


# --- deployments and stages -----------------------------------------------------------------------------


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


# --- the account, logs and roles ----------------------------------------------------------------------


@pytest.fixture
def logging_role(client: Client) -> Iterator[str]:
    iam = client("iam")
    name = f"apigateway-{uuid.uuid4().hex[:8]}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "apigateway.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    yield iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.delete_role(RoleName=name)


def test_logging_needs_a_role_of_the_account(client: Client, logging_role: str) -> None:
    gateway = client("apigateway", region="eu-west-2")
    made = gateway.create_rest_api(name="logs")
    api = {"restApiId": made["id"], "root": made["rootResourceId"]}
    mock_method(gateway, api, api["root"])
    stage = {"restApiId": made["id"], "stageName": "dev"}
    gateway.create_deployment(**stage)
    assert gateway.get_account()["throttleSettings"] == {"burstLimit": 5000, "rateLimit": 10000.0}
    level = replace("/*/*/logging/loglevel", "INFO")
    assert refusal(gateway.update_stage, **stage, **level)[1] == (
        "CloudWatch Logs role ARN must be set in account settings to enable logging"
    )
    other = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    assert refusal(gateway.update_account, **replace("/cloudwatchRoleArn", other))[2] in (400, 403)
    assert (
        gateway.update_account(**replace("/cloudwatchRoleArn", logging_role))["cloudwatchRoleArn"]
        == logging_role
    )
    settings = gateway.update_stage(**stage, **level)["methodSettings"]
    assert settings["*/*"]["loggingLevel"] == "INFO"
    arn = f"arn:aws:logs:eu-west-2:{ACCOUNT}:log-group:access"
    gateway.update_stage(**stage, **replace("/accessLogSettings/destinationArn", arn))
    changed = gateway.update_stage(**stage, **replace("/accessLogSettings/format", "$context.requestId"))
    assert changed["accessLogSettings"] == {"destinationArn": arn, "format": "$context.requestId"}
    assert refusal(gateway.update_stage, **stage, **replace("/accessLogSettings/format", "x"))[1].startswith(
        "Access Log format must be single line"
    )
    gateway.update_account(**replace("/cloudwatchRoleArn", op="remove"))
    gateway.delete_rest_api(restApiId=made["id"])


def test_rights_are_verbs_on_paths(
    client: Client, gateway: Any, api: dict[str, Any], logging_role: str
) -> None:
    iam = client("iam")
    name = f"developer-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    developer = client("apigateway", credentials=keys)
    code, message, status = refusal(developer.get_rest_api, restApiId=api["restApiId"])
    assert (code, status) == ("AccessDeniedException", 403)
    assert (
        f"is not authorized to perform: apigateway:GET on resource:"
        f" arn:aws:apigateway:us-east-1::/restapis/{api['restApiId']}" in message
    )
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["apigateway:GET", "apigateway:PUT"],
                "Resource": f"arn:aws:apigateway:us-east-1::/restapis/{api['restApiId']}*",
            }
        ],
    }
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    developer.get_rest_api(restApiId=api["restApiId"])
    method = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    developer.put_method(**method, authorizationType="NONE")
    assert refusal(developer.delete_method, **method)[2] == 403
    integration = {"type": "AWS", "integrationHttpMethod": "POST", "uri": LAMBDA_URI}
    developer.put_integration(**method, **integration)
    code, message, _ = refusal(developer.put_integration, **method, **integration, credentials=logging_role)
    assert "iam:PassRole" in message
    gateway.put_integration(**method, **integration, credentials=logging_role)
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


# --- keys and plans --------------------------------------------------------------------------------------


def test_api_keys(gateway: Any) -> None:
    name = uuid.uuid4().hex
    made = gateway.create_api_key(name=name, enabled=True, tags={"a": "b"})
    assert len(made["value"]) == 40 and made["stageKeys"] == []
    one = {"apiKey": made["id"]}
    assert "value" not in gateway.get_api_key(**one)
    assert gateway.get_api_key(**one, includeValue=True)["value"] == made["value"]
    assert [key["id"] for key in gateway.get_api_keys(nameQuery=name[:20])["items"]] == [made["id"]]
    assert gateway.update_api_key(**one, **replace("/enabled", "false"))["enabled"] is False
    assert refusal(gateway.create_api_key, name="same", value=made["value"])[:2] == (
        "ConflictException",
        "API Key already exists",
    )
    assert (
        refusal(gateway.create_api_key, value="short")[1] == "API Key value should be at least 20 characters"
    )
    assert refusal(gateway.create_api_key, generateDistinctId=False)[2] == 501
    gateway.delete_api_key(**one)
    assert refusal(gateway.get_api_key, **one)[1] == "Invalid API Key identifier specified"
    gateway.delete_api_key(apiKey=gateway.create_api_key(name="again", value=made["value"])["id"])


def test_keys_from_a_file(gateway: Any) -> None:
    value = uuid.uuid4().hex
    plan = gateway.create_usage_plan(name="imported")["id"]
    text = f'Name,key,description,Enabled,usageplanIds\nfrom-file,{value},d,TRUE,"{plan},none"\n'
    answer = gateway.import_api_keys(format="csv", body=text.encode())
    [key_id] = answer["ids"]
    assert answer["warnings"] == ["Invalid Usage Plan ID specified: none"]
    assert gateway.get_api_key(apiKey=key_id, includeValue=True)["value"] == value
    assert [key["id"] for key in gateway.get_usage_plan_keys(usagePlanId=plan)["items"]] == [key_id]
    refusal(gateway.import_api_keys, format="csv", body=text.encode(), failOnWarnings=True)
    gateway.delete_usage_plan(usagePlanId=plan)
    gateway.delete_api_key(apiKey=key_id)


def test_usage_plans(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    gateway.create_deployment(restApiId=api["restApiId"], stageName="dev")
    stage = {"apiId": api["restApiId"], "stage": "dev"}
    plan = gateway.create_usage_plan(
        name="basic",
        apiStages=[stage],
        throttle={"rateLimit": 10.0, "burstLimit": 5},
        quota={"limit": 100, "period": "MONTH"},
    )
    assert plan["quota"] == {"limit": 100, "offset": 0, "period": "MONTH"}
    one = {"usagePlanId": plan["id"]}
    path = f"/apiStages/{api['restApiId']}:dev/throttle/~1/GET/rateLimit"
    changed = gateway.update_usage_plan(**one, **replace(path, "3", "add"))
    [shown] = changed["apiStages"]
    assert shown == {**stage, "throttle": {"/GET": {"rateLimit": 3.0}}}
    key = gateway.create_api_key(name="k", enabled=True)
    linked = gateway.create_usage_plan_key(**one, keyId=key["id"], keyType="API_KEY")
    assert (linked["value"], linked["type"]) == (key["value"], "API_KEY")
    assert [p["id"] for p in gateway.get_usage_plans(keyId=key["id"])["items"]] == [plan["id"]]
    today = gateway.create_api_key(name="clock")["createdDate"]
    day = today.strftime("%Y-%m-%d")
    usage = gateway.get_usage(**one, startDate=day, endDate=day)
    assert usage["items"] == {key["id"]: [[0, 100]]}
    granted = gateway.update_usage(**one, keyId=key["id"], **replace("/remaining", "7"))
    assert granted["items"][key["id"]] == [[0, 7]]
    assert refusal(gateway.delete_usage_plan, **one)[0] == "BadRequestException"
    gateway.update_usage_plan(**one, **replace("/apiStages", f"{api['restApiId']}:dev", "remove"))
    gateway.delete_usage_plan_key(**one, keyId=key["id"])
    gateway.delete_usage_plan(**one)
    gateway.delete_api_key(apiKey=key["id"])
    unknown = [{"apiId": api["restApiId"], "stage": "none"}]
    assert refusal(gateway.create_usage_plan, name="x", apiStages=unknown)[1] == (
        f"API Stage not found: {api['restApiId']}:none"
    )


def call(url: str, **headers: str) -> tuple[int, str]:
    """Return status and body of a plain GET."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): v for name, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


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


def test_a_quota_is_counted(gateway: Any, api: dict[str, Any], endpoint_url: str) -> None:
    mock_method(gateway, api, api["root"], apiKeyRequired=True)
    gateway.create_deployment(restApiId=api["restApiId"], stageName="dev")
    url = f"{endpoint_url}/restapis/{api['restApiId']}/dev/_user_request_/"
    key = gateway.create_api_key(name="counted", enabled=True)
    assert call(url)[0] == call(url, x_api_key=key["value"])[0] == 403
    plan = gateway.create_usage_plan(
        name="two",
        apiStages=[{"apiId": api["restApiId"], "stage": "dev"}],
        quota={"limit": 2, "period": "DAY"},
    )
    one = {"usagePlanId": plan["id"]}
    gateway.create_usage_plan_key(**one, keyId=key["id"], keyType="API_KEY")
    assert [call(url, x_api_key=key["value"])[0] for _ in range(3)] == [200, 200, 429]
    day = key["createdDate"].strftime("%Y-%m-%d")
    assert gateway.get_usage(**one, startDate=day, endDate=day)["items"] == {key["id"]: [[2, 0]]}
    gateway.update_usage(**one, keyId=key["id"], **replace("/remaining", "1"))
    assert [call(url, x_api_key=key["value"])[0] for _ in range(2)] == [200, 429]
    gateway.update_api_key(apiKey=key["id"], **replace("/enabled", "false"))
    assert call(url, x_api_key=key["value"])[0] == 403
    gateway.update_usage_plan(**one, **replace("/apiStages", f"{api['restApiId']}:dev", "remove"))
    gateway.delete_usage_plan(**one)
    gateway.delete_api_key(apiKey=key["id"])


def test_tags(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    gateway.create_deployment(restApiId=api["restApiId"], stageName="dev")
    for path in (f"/restapis/{api['restApiId']}", f"/restapis/{api['restApiId']}/stages/dev"):
        arn = f"arn:aws:apigateway:us-east-1::{path}"
        gateway.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        gateway.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert gateway.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    assert gateway.get_rest_api(restApiId=api["restApiId"])["tags"] == {"b": "2"}
    assert refusal(gateway.get_tags, resourceArn="arn:aws:s3:::b")[0] == "BadRequestException"


# --- import and export -------------------------------------------------------------------------------------

SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "Pets", "version": "1.0", "description": "d"},
    "basePath": "/base/v1",
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "x-amazon-apigateway-binary-media-types": ["image/png"],
    "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": True}},
    "x-amazon-apigateway-request-validator": "body",
    "x-amazon-apigateway-gateway-responses": {"DEFAULT_4XX": {"statusCode": 444}},
    "securityDefinitions": {
        "token": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": LAMBDA_URI},
        },
        "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
    },
    "paths": {
        "/pets/{petId}": {
            "get": {
                "operationId": "GetPet",
                "security": [{"token": []}, {"key": []}],
                "parameters": [
                    {"name": "petId", "in": "path", "required": True, "type": "string"},
                    {"name": "q", "in": "query", "type": "string"},
                ],
                "responses": {
                    "200": {
                        "description": "ok",
                        "schema": {"$ref": "#/definitions/Pet"},
                        "headers": {"X-Out": {"type": "string"}},
                    }
                },
                "x-amazon-apigateway-integration": {
                    "type": "aws",
                    "httpMethod": "POST",
                    "uri": LAMBDA_URI,
                    "passthroughBehavior": "never",
                    "requestTemplates": {"application/json": "{}"},
                    "requestParameters": {"integration.request.header.q": "method.request.querystring.q"},
                    "responses": {
                        "default": {
                            "statusCode": "200",
                            "responseParameters": {"method.response.header.X-Out": "'a'"},
                        }
                    },
                },
            },
            "x-amazon-apigateway-any-method": {
                "parameters": [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/Pet"}}],
                "responses": {},
                "x-amazon-apigateway-integration": {"type": "mock"},
            },
        }
    },
    "definitions": {
        "Pet": {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "kin": {"$ref": "#/definitions/Pet"}},
        }
    },
}


@pytest.fixture
def imported(gateway: Any) -> Iterator[str]:
    api_id = gateway.import_rest_api(body=json.dumps(SWAGGER).encode())["id"]
    yield api_id
    gateway.delete_rest_api(restApiId=api_id)


def test_what_an_import_makes(gateway: Any, imported: str) -> None:
    settings = gateway.get_rest_api(restApiId=imported)
    assert (settings["name"], settings["version"], settings["binaryMediaTypes"]) == (
        "Pets",
        "1.0",
        ["image/png"],
    )
    assert [model["name"] for model in gateway.get_models(restApiId=imported)["items"]] == ["Pet"]
    resources = gateway.get_resources(restApiId=imported, embed=["methods"])["items"]
    assert [one["path"] for one in resources] == ["/", "/pets", "/pets/{petId}"]
    methods = resources[2]["resourceMethods"]
    get, catch_all = methods["GET"], methods["ANY"]
    assert (get["authorizationType"], get["apiKeyRequired"], get["operationName"]) == (
        "CUSTOM",
        True,
        "GetPet",
    )
    assert get["requestParameters"] == {
        "method.request.path.petId": True,
        "method.request.querystring.q": False,
    }
    assert get["methodResponses"]["200"]["responseModels"] == {"application/json": "Pet"}
    integration = get["methodIntegration"]
    assert (integration["type"], integration["passthroughBehavior"]) == ("AWS", "NEVER")
    assert "selectionPattern" not in integration["integrationResponses"]["200"]
    assert catch_all["requestModels"] == {"application/json": "Pet"}
    [validator] = gateway.get_request_validators(restApiId=imported)["items"]
    assert catch_all["requestValidatorId"] == validator["id"]
    [authorizer] = gateway.get_authorizers(restApiId=imported)["items"]
    assert authorizer["identitySource"] == "method.request.header.Authorization"
    response = gateway.get_gateway_response(restApiId=imported, responseType="DEFAULT_4XX")
    assert response["statusCode"] == "444"


@pytest.mark.parametrize("export_type", ["swagger", "oas30"])
@pytest.mark.parametrize("accepts", ["application/json", "application/yaml"])
def test_an_export_imports_as_the_same_api(
    gateway: Any, imported: str, export_type: str, accepts: str
) -> None:
    gateway.create_deployment(restApiId=imported, stageName="dev")
    answer = gateway.get_export(
        restApiId=imported,
        stageName="dev",
        exportType=export_type,
        accepts=accepts,
        parameters={"extensions": "apigateway"},
    )
    suffix = "json" if accepts.endswith("json") else "yaml"
    assert answer["contentDisposition"].startswith(f'attachment; filename="{export_type}_')
    assert answer["contentDisposition"].endswith(f'.{suffix}"')
    body = answer["body"].read()
    again = gateway.import_rest_api(body=body)["id"]

    def shape(api_id: str) -> Any:
        resources = gateway.get_resources(restApiId=api_id, embed=["methods"])["items"]
        for resource in resources:
            for method in resource.get("resourceMethods", {}).values():
                for member in ("authorizerId", "requestValidatorId"):
                    method[member] = bool(method.get(member))
                method["methodIntegration"].pop("cacheNamespace")
            del resource["id"]
            resource.pop("parentId", None)
        models = gateway.get_models(restApiId=api_id)["items"]
        schemas = {one["name"]: one["schema"].replace(api_id, "ID") for one in models}
        return resources, {name: json.loads(schema) for name, schema in schemas.items()}

    assert shape(again) == shape(imported)
    gateway.delete_rest_api(restApiId=again)


def test_an_export_without_extensions_is_plain_openapi(gateway: Any, imported: str) -> None:
    gateway.create_deployment(restApiId=imported, stageName="dev")
    export = {"restApiId": imported, "stageName": "dev", "exportType": "swagger"}
    document = json.loads(gateway.get_export(**export)["body"].read())
    # ANY has no name in OpenAPI but the extension's; integrations are left out.
    assert "x-amazon-apigateway-integration" not in json.dumps(document)
    assert "x-amazon-apigateway-authorizer" not in json.dumps(document)
    assert (document["host"], document["basePath"]) == (
        f"{imported}.execute-api.us-east-1.amazonaws.com",
        "/dev",
    )


def test_merging_and_overwriting(gateway: Any, imported: str) -> None:
    other = {
        "openapi": "3.0.1",
        "info": {"title": "Other", "version": "2"},
        "servers": [{"url": "https://x/{basePath}", "variables": {"basePath": {"default": "/v2"}}}],
        "paths": {
            "/dogs": {
                "post": {
                    "requestBody": {
                        "content": {"application/json": {"schema": {"type": "object", "properties": {}}}}
                    },
                    "responses": {"200": {"description": "ok", "content": {}}},
                    "x-amazon-apigateway-integration": {"type": "MOCK"},
                }
            }
        },
    }
    root = gateway.get_rest_api(restApiId=imported)["rootResourceId"]
    body = json.dumps(other).encode()
    gateway.put_rest_api(restApiId=imported, mode="merge", body=body)
    paths = [one["path"] for one in gateway.get_resources(restApiId=imported)["items"]]
    assert paths == ["/", "/dogs", "/pets", "/pets/{petId}"]
    gateway.put_rest_api(restApiId=imported, mode="overwrite", body=body, parameters={"basepath": "prepend"})
    resources = gateway.get_resources(restApiId=imported)["items"]
    assert [one["path"] for one in resources] == ["/", "/v2", "/v2/dogs"]
    assert resources[0]["id"] == root
    settings = gateway.get_rest_api(restApiId=imported)
    assert settings["name"] == "Other" and "binaryMediaTypes" not in settings


def test_documents_that_cannot_be_imported(gateway: Any) -> None:
    load = gateway.import_rest_api
    assert refusal(load, body=b"{")[0] == "BadRequestException"
    assert refusal(load, body=b"[]")[0] == "BadRequestException"
    assert refusal(load, body=b'{"swagger": "1.2"}')[1] == "Invalid OpenAPI input."
    broken = json.loads(json.dumps(SWAGGER))
    integration = broken["paths"]["/pets/{petId}"]["get"]["x-amazon-apigateway-integration"]
    integration["uri"] = "nonsense"
    assert refusal(load, body=json.dumps(broken).encode())[1] == (
        "Errors found during import:\n\tUnable to put method 'GET' on resource at path '/pets/{petId}':"
        " Invalid ARN specified in the request"
    )
    warned = json.loads(json.dumps(SWAGGER))
    warned["paths"]["/pets/{petId}"]["get"]["responses"]["default"] = {"description": "x"}
    body = json.dumps(warned).encode()
    assert refusal(load, body=body, failOnWarnings=True)[1].startswith("Warnings found during import:\n\t")
    made = load(body=body)
    assert made["warnings"] == ["Response 'default' is not a status code. Ignoring."]
    gateway.delete_rest_api(restApiId=made["id"])


def test_a_clone_is_an_api_of_its_own(gateway: Any, imported: str) -> None:
    clone = gateway.create_rest_api(name="clone", cloneFrom=imported)["id"]
    gateway.put_rest_api(
        restApiId=imported, mode="overwrite", body=json.dumps({**SWAGGER, "paths": {}}).encode()
    )
    paths = [one["path"] for one in gateway.get_resources(restApiId=clone)["items"]]
    assert paths == ["/", "/pets", "/pets/{petId}"]
    schema = gateway.get_model(restApiId=clone, modelName="Pet")["schema"]
    assert clone in schema and imported not in schema
    gateway.delete_rest_api(restApiId=clone)
