"""Documents and models that are small, and large where everything stands that they refer to."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest

from sagehen.api.bounded import budget
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.definition.models import template as model_template
from sagehen.services.apigateway.definition.models.references import flat_schema
from sagehen.services.apigateway.definition.models.template import default_template
from sagehen.services.apigateway.documents.definition import Definition
from sagehen.services.apigateway.errors import (
    BadRequestException,
    LimitExceededException,
    ServiceUnavailableException,
)
from sagehen.services.apigateway.openapi import text as openapi_text
from sagehen.services.apigateway.openapi.reader import OpenApiReader
from tests.unit.apigateway.conftest import SCOPE, Call, make_api

SETTINGS = {"id": "a" * 10, "name": "t", "apiKeySource": "HEADER", "createdDate": 0}
SWAGGER: dict[str, Any] = {"swagger": "2.0", "info": {"title": "t"}}
INTEGRATION = "x-amazon-apigateway-integration"
MANY = {f"n{number}": {} for number in range(500)}
TEXTS = dict.fromkeys(MANY, "text")


def laid(document: dict[str, Any], base_path: str = "ignore") -> Definition:
    settings = {**SETTINGS, "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"}}
    definition = Definition.new(SCOPE, settings, "b" * 10)
    OpenApiReader(document, definition, Ids(random.Random(1)), base_path).read()
    return definition


def everywhere(**operation: Any) -> dict[str, Any]:
    return {f"/p{number}": {"get": {"responses": {}, **operation}} for number in range(200)}


R = "responses"
BY_REFERENCE = {INTEGRATION: {"$ref": "#/i"}}
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:f"
AUTHORIZER = {
    "type": "token",
    "authorizerUri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations",
}
SCHEME = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authorizer": AUTHORIZER,
}
BODY = {"schema": {"type": "object"}}
UNFOLDING: dict[str, dict[str, Any]] = {
    R: {R: {R: {"headers": MANY}}, "paths": everywhere(responses={"200": {"$ref": f"#/{R}/{R}"}})},
    "statuses": {
        R: {R: {"headers": MANY}},
        "paths": {"/": {"get": {R: {str(n): {"$ref": f"#/{R}/{R}"} for n in range(200, 300)}}}},
    },
    "templates": {"i": {"type": "mock", "requestTemplates": TEXTS}, "paths": everywhere(**BY_REFERENCE)},
    "warnings": {"i": {"type": "mock", "requestParameters": MANY}, "paths": everywhere(**BY_REFERENCE)},
    "scopes": {
        "security": [{"a": list(MANY)}],
        "securityDefinitions": {"a": SCHEME},
        "paths": everywhere(),
    },
    "produces": {"produces": list(MANY), "paths": everywhere(responses={"200": BODY})},
    "consumes": {"consumes": list(MANY), "paths": everywhere(parameters=[{"in": "body", **BODY}])},
    "models": {
        "parameters": {"P": {"in": "body", "schema": {"type": "object", "properties": MANY}}},
        "paths": everywhere(parameters=[{"$ref": "#/parameters/P"}]),
    },
    "aliases": {"same": ["x" * 100_000] * 100, "paths": {}},
}


@pytest.mark.parametrize("document", UNFOLDING.values(), ids=UNFOLDING)
def test_what_references_unfold_is_bounded(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi_text, "MAX_CONTENT_BYTES", 500_000)
    with pytest.raises(LimitExceededException):
        laid({**SWAGGER, **document})


@pytest.mark.parametrize(
    "url", ["https://h/{v0}", "https://h/" + "x" * 20_000, "https://h/" + "{long}" * 1000]
)
def test_variables_of_servers_are_filled_in_once_and_not_without_end(url: str) -> None:
    variables = {f"v{n}": {"default": f"{{v{n + 1}}}{{v{n + 1}}}"} for n in range(60)}
    variables["long"] = {"default": "x" * 20_000}
    servers = [{"url": url, "variables": variables}]
    document = {"openapi": "3.0.1", "info": {"title": "t"}, "servers": servers, "paths": {"/a": {}}}
    with pytest.raises(BadRequestException):
        laid(document, "prepend")


def test_variables_of_servers_are_in_the_paths() -> None:
    servers = [{"url": "https://{h}/{a}/x", "variables": {"a": {"default": "/b/"}, "h": {"default": "{a}"}}}]
    document = {"openapi": "3.0.1", "info": {"title": "t"}, "servers": servers, "paths": {"/c": {}}}
    assert list(laid(document, "prepend").by_path()) == ["/", "/b", "/b/x", "/b/x/c"]


def test_many_models_are_looked_at_once_each() -> None:
    schemas = {f"M{n}": {"$ref": f"#/definitions/M{n - 1}"} if n else {"type": "object"} for n in range(3000)}
    began = time.thread_time()
    assert len(laid({**SWAGGER, "definitions": schemas, "paths": {}}).models) == 3000
    assert time.thread_time() - began < 5, "each model is compared with all others"


def test_patterns_of_all_models_share_their_time() -> None:
    copies = "(?:a{90}){100}"  # some milliseconds each
    schemas = {f"M{n}": {"type": "string", "pattern": f"{copies}{n}"} for n in range(2000)}
    began = time.thread_time()
    with pytest.raises(BadRequestException, match="take too long to compile"):
        laid({**SWAGGER, "definitions": schemas, "paths": {}})
    assert time.thread_time() - began < 5


async def put_model(call: Call, api_id: str, name: str, schema: Any) -> None:
    model = {"name": name, "contentType": "application/json", "schema": json.dumps(schema)}
    await call("CreateModel", restApiId=api_id, **model)


@pytest.mark.parametrize("index", ["²", "9" * 5000, "1", "-1"])
async def test_references_into_lists_that_lead_nowhere(call: Call, index: str) -> None:
    api_id, _ = await make_api(call)
    with pytest.raises(BadRequestException, match="Invalid model reference"):
        await put_model(call, api_id, "M", {"allOf": [{"$ref": f"#/allOf/{index}"}]})


async def test_a_template_of_a_model_that_refers_to_itself_ends(call: Call) -> None:
    api_id, _ = await make_api(call)
    url = f"https://apigateway.amazonaws.com/restapis/{api_id}/models/"
    await put_model(call, api_id, "Tree", {"properties": {f"p{n}": {"$ref": url + "Tree"} for n in range(9)}})
    with pytest.raises(BadRequestException, match="too large"):
        await call("GetModelTemplate", restApiId=api_id, modelName="Tree")
    flat = json.loads((await call("GetModel", restApiId=api_id, modelName="Tree", flatten=True))["schema"])
    assert flat["properties"]["p0"] == flat["definitions"]["Tree"]["properties"]["p0"]
    await put_model(call, api_id, "One", {"properties": {"n": {"type": "number"}, "odd": {"properties": 5}}})
    template = (await call("GetModelTemplate", restApiId=api_id, modelName="One"))["value"]
    assert template == '#set($inputRoot = $input.path(\'$\'))\n{\n  "n" : 42,\n  "odd" : { }\n}'


def test_a_template_of_a_model_is_no_larger_than_templates_are(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {"properties": {f"p{number}": {"type": "string"} for number in range(200)}}
    assert default_template(schema).count('"foo"') == 200
    monkeypatch.setattr(model_template, "_MAX_CHARACTERS", 2000)
    with pytest.raises(budget.BudgetSpent):
        default_template(schema)


async def test_no_thread_for_a_model_is_not_the_models_fault(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    api_id, _ = await make_api(call)
    monkeypatch.setattr(budget, "_MOST_WAITING", 0)
    with pytest.raises(ServiceUnavailableException):
        await put_model(call, api_id, "M", {"type": "object"})


def test_a_long_chain_of_models_is_no_recursion() -> None:
    schemas = {f"M{n}": {"$ref": f"#/definitions/M{n + 1}"} for n in range(3000)} | {
        "M3000": {"type": "object"}
    }
    definition = laid({**SWAGGER, "definitions": schemas, "paths": {}})
    assert len(flat_schema(definition, "M0")["definitions"]) == 3000
