from __future__ import annotations

import asyncio
import copy
import random
import time
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.definition.rest_apis import RestApis
from sagehen.services.apigateway.documents.definition import Definition
from sagehen.services.apigateway.errors import BadRequestException
from sagehen.services.apigateway.openapi.imports import Imports
from sagehen.services.apigateway.openapi.text import parse_openapi, resolved
from sagehen.services.apigateway.openapi.writer import OpenApiWriter
from sagehen.services.apigateway.stages.freeze import freeze
from sagehen.services.iam.policies.principals import PrincipalNames
from sagehen.services.iam.policies.resource_documents import ResourceDocuments
from tests.unit.apigateway.conftest import SCOPE, Call, OtherServices

SETTINGS: dict[str, Any] = {
    "name": "t",
    "apiKeySource": "HEADER",
    "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"},
}
BOMB = "\n".join(["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40))])


def test_yaml_is_read_as_json_would_be() -> None:
    text = b"swagger: '2.0'\ninfo: {version: 2020-01-01}\npaths: {/a: {get: {responses: {200: {}}}}}\n"
    assert parse_openapi(text) == {
        "swagger": "2.0",
        "info": {"version": "2020-01-01"},
        "paths": {"/a": {"get": {"responses": {"200": {}}}}},
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"a: [",
        b"\xff\xfe\x00",
        b"!!python/object/apply:os.system ['true']",
        BOMB.encode(),
        b"[" * 5000,
        b"a: !!binary aGVsbG8=",
    ],
)
def test_what_is_no_document_is_refused_quickly(body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(BadRequestException):
        parse_openapi(body)
    assert time.process_time() - began < 20


def test_references() -> None:
    document: dict[str, Any] = {
        "parameters": {"a/b": {"name": "x"}, "loop": {"$ref": "#/parameters/loop"}},
        "again": {"$ref": "#/parameters/a~1b"},
    }
    assert resolved(document, {"$ref": "#/again"}) == {"name": "x"}
    for reference in ("#/none", "#/parameters/loop", "http://example.com/x"):
        with pytest.raises(BadRequestException):
            resolved(document, {"$ref": reference})


async def import_document(call: Call, **more: Any) -> dict[str, Any]:
    document = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, **more}
    return await call("ImportRestApi", body=orjson.dumps(document))


def operation(**integration: Any) -> dict[str, Any]:
    return {"/": {"get": {"responses": {}, "x-amazon-apigateway-integration": integration}}}


async def test_every_fault_is_named(call: Call) -> None:
    paths = {
        "/a": operation(type="http", uri="x", httpMethod="GET")["/"],
        "/b": operation(type="mock", timeoutInMillis=1)["/"],
        "/c/{x}/{y+}/z": {},
    }
    with pytest.raises(BadRequestException) as raised:
        await import_document(call, paths=paths)
    lines = raised.value.message.split("\n\t")
    assert lines[0] == "Errors found during import:"
    assert lines[1].startswith("Unable to put method 'GET' on resource at path '/a': Invalid HTTP endpoint")
    assert lines[2].startswith("Unable to put method 'GET' on resource at path '/b': Timeout should be")
    assert lines[3].startswith("Unable to create resource at path '/c/{x}/{y+}/z': Cannot create a child")
    assert (await call("GetRestApis"))["items"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"paths": {"/": {"get": {"parameters": "x"}}}},
        {"paths": {"/": {"get": {"parameters": [7], "responses": {}}}}},
        {"paths": ["/"]},
        {"info": "x"},
        {"components": {"securitySchemes": {"a": "b"}}},
        {"x-amazon-apigateway-minimum-compression-size": "x"},
        {"x-amazon-apigateway-gateway-responses": {"NONE": {}}},
        {"paths": operation(type="mock", responses=["x"])},
    ],
)
async def test_members_of_another_type_are_the_clients_fault(call: Call, more: dict[str, Any]) -> None:
    with pytest.raises(BadRequestException):
        await import_document(call, **more)


WHOLE: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "t", "version": "1"},
    "basePath": "/b",
    "consumes": ["application/json"],
    "x-amazon-apigateway-binary-media-types": ["image/png"],
    "x-amazon-apigateway-minimum-compression-size": 1,
    "x-amazon-apigateway-request-validators": {"v": {"validateRequestBody": True}},
    "x-amazon-apigateway-gateway-responses": {"DEFAULT_4XX": {"statusCode": 444, "responseParameters": {}}},
    "securityDefinitions": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
    "security": [{"key": []}],
    "paths": {
        "/a/{b}": {
            "parameters": [{"name": "b", "in": "path", "required": True}],
            "get": {
                "parameters": [{"name": "q", "in": "query"}, {"in": "body", "schema": {"type": "object"}}],
                "responses": {"200": {"schema": {"$ref": "#/definitions/M"}, "headers": {"X": {}}}},
                "x-amazon-apigateway-integration": {
                    "type": "mock",
                    "requestTemplates": {"application/json": "{}"},
                    "cacheKeyParameters": ["method.request.path.b"],
                    "timeoutInMillis": 100,
                    "responses": {"default": {"statusCode": "200", "responseTemplates": {"a/b": "x"}}},
                },
            },
        }
    },
    "definitions": {"M": {"type": "object", "properties": {"m": {"$ref": "#/definitions/M"}}}},
}


def places(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    if isinstance(node, dict):
        return found + [place for key, inner in node.items() for place in places(inner, (*at, key))]
    if isinstance(node, list):
        return found + [place for i, inner in enumerate(node) for place in places(inner, (*at, i))]
    return found


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.lists(st.one_of(st.text(max_size=3), st.integers(0, 9)), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(places(WHOLE)), value=ANYTHING)
def test_one_wrong_value_anywhere_is_never_our_fault(place: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(WHOLE)
    node: Any = document
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    ids = Ids(random.Random(1))
    definition = Definition.new(SCOPE, {"id": "a" * 10, "createdDate": 0, **SETTINGS}, "b" * 10)
    documents = ResourceDocuments(PrincipalNames(None, frozenset()))  # type: ignore[arg-type]
    apis = RestApis(None, ManualClock(), ids, documents)  # type: ignore[arg-type]
    imports = Imports(None, ids, OtherServices(), apis)  # type: ignore[arg-type]
    root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", SCOPE.account_id)
    context = RequestContext("r", "apigateway", "ImportRestApi", SCOPE, root, ManualClock().now())
    try:
        asyncio.run(imports._lay(context, {}, document, definition))
    except ServiceError:
        return
    # What was taken can be stored, served and written again, as what it is.
    stored = orjson.loads(orjson.dumps((definition.settings, definition.content)))
    assert stored == [definition.settings, definition.content]
    assert set(freeze(definition).resources) == set(definition.by_path())
    served = {path for path, resource in definition.by_path().items() if resource["resourceMethods"]}
    for kind in ("swagger", "oas30"):
        writer = OpenApiWriter(definition, kind, frozenset(("apigateway",)))  # type: ignore[arg-type]
        assert set(writer.document("h", "s", "v")["paths"]) == served


async def test_roles_of_a_document_must_be_passable(call: Call, others: OtherServices) -> None:
    role = "arn:aws:iam::111122223333:role/r"
    paths = operation(
        type="aws",
        httpMethod="GET",
        uri="arn:aws:apigateway:us-east-1:s3:path/bucket",
        credentials=role,
    )
    with pytest.raises(Exception, match="iam:PassRole"):
        await import_document(call, paths=paths)
    others.passable.add(role)
    await import_document(call, paths=paths)


X = "x-amazon-apigateway-"


@pytest.mark.parametrize(
    "more",
    [
        {"paths": operation(type="http_proxy", uri="http://x", httpMethod="GET", connectionType="VPC_LINK")},
        {X + "endpoint-configuration": {"types": ["PRIVATE"]}},
        {X + "endpoint-configuration": {"vpcEndpointIds": ["vpce-1"]}},
        {X + "security-policy": "SecurityPolicy_TLS13_1_3_2025_09"},
        {X + "endpoint-access-mode": "STRICT"},
    ],
)
async def test_what_is_not_built_is_said(call: Call, more: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedOperation):
        await import_document(call, **more)
    assert (await call("GetRestApis"))["items"] == []


async def test_settings_of_the_endpoint_are_the_documents(call: Call) -> None:
    wanted = {"types": ["REGIONAL"], "ipAddressType": "dualstack"}
    extension = {X + "endpoint-configuration": {**wanted, "disableExecuteApiEndpoint": True}}
    made = await import_document(call, **extension)
    assert (made["endpointConfiguration"], made["disableExecuteApiEndpoint"]) == (wanted, True)
    for wrong in ({"types": "EDGE"}, {"types": ["MOON"]}, {"ipAddressType": "ipv5"}):
        with pytest.raises(BadRequestException):
            await import_document(call, **{X + "endpoint-configuration": wrong})


async def test_a_validator_that_is_not_there_is_warned_of(call: Call) -> None:
    paths = {"/": {"get": {"responses": {}, X + "request-validator": "nobody"}}}
    assert (await import_document(call, paths=paths))["warnings"] == [
        "Request validator 'nobody' is not defined. Ignoring."
    ]
