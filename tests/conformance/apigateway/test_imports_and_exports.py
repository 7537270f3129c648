"""Import and export of OpenAPI documents, and clones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.apigateway.calls import LAMBDA_URI, refusal

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


def test_what_aws_takes_with_a_warning(gateway: Any) -> None:
    document = json.loads(json.dumps(SWAGGER))
    behind = document["paths"]["/pets/{petId}"]["get"]["x-amazon-apigateway-integration"]
    behind["requestParameters"]["integration.request.header.async"] = True
    token = document["securityDefinitions"]["token"]["x-amazon-apigateway-authorizer"]
    token["identitySource"] = ""
    made = gateway.import_rest_api(body=json.dumps(document).encode())
    try:
        [warning] = made["warnings"]  # an empty identitySource is not worth one (recorded)
        assert "integration.request.header.async" in warning
        [authorizer] = gateway.get_authorizers(restApiId=made["id"])["items"]
        assert authorizer["identitySource"] == "method.request.header.Authorization"
    finally:
        gateway.delete_rest_api(restApiId=made["id"])


def test_what_stands_in_a_path_is_a_required_parameter(gateway: Any) -> None:
    """Recorded: whether it is declared or not, and for the parameters of a whole path too."""
    described = {"responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}}
    shared = {"parameters": [{"name": "b", "in": "query", "required": False, "type": "string"}]}
    paths = {
        "/echo/{data}": {"x-amazon-apigateway-any-method": described},
        "/x/{a}/{rest+}": {"get": described, **shared},
    }
    document = {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    made = gateway.import_rest_api(body=json.dumps(document).encode(), failOnWarnings=True)
    try:
        resources = gateway.get_resources(restApiId=made["id"], embed=["methods"])["items"]
        found = {
            one["path"]: method["requestParameters"]
            for one in resources
            for method in one.get("resourceMethods", {}).values()
        }
        assert found == {
            "/echo/{data}": {"method.request.path.data": True},
            "/x/{a}/{rest+}": {
                "method.request.querystring.b": False,
                "method.request.path.a": True,
                "method.request.path.rest": True,
            },
        }
    finally:
        gateway.delete_rest_api(restApiId=made["id"])


def test_names_that_differ_in_what_models_cannot_have(gateway: Any) -> None:
    document = {**SWAGGER, "definitions": {**SWAGGER["definitions"], "P-et": {"type": "object"}}}
    code, message, status = refusal(gateway.import_rest_api, body=json.dumps(document).encode())
    assert (code, status) == ("BadRequestException", 400)
    assert "Unable to create model 'P-et': Model name already exists for this REST API" in message


@pytest.mark.parametrize(
    "body",
    [b'{"openapi": "3.1.0", "info": {"title": "t"}, "paths": {}}', b'"not closed', b"a:\n  - b\n c: d: e"],
)
def test_documents_that_are_none(gateway: Any, body: bytes) -> None:
    assert refusal(gateway.import_rest_api, body=body) == (
        "BadRequestException",
        "Invalid OpenAPI input.",
        400,
    )
