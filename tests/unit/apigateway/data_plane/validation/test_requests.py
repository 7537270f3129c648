"""What requests are checked for before anything is called: parameters, and bodies by models."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from sagehen.services.apigateway.snapshot.apis import Model, RequestValidator
from tests.unit.apigateway.data_plane.house import (
    House,
    answer,
    api,
    integration,
    message_of,
    method,
)

MOCK = integration("MOCK", answer())


SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["n"],
    "properties": {
        "n": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        "p": {"$ref": "https://apigateway.amazonaws.com/restapis/abcdef1234/models/Pet"},
    },
}
MODELS = {
    "Top": Model("Top", "application/json", json.dumps(SCHEMA)),
    "Pet": Model("Pet", "application/json", '{"type": "string", "maxLength": 3}'),
}


def validated(body: bool, parameters: bool, models: dict[str, Model] = MODELS) -> House:
    one = method(
        MOCK,
        "POST",
        request_validator_id="v",
        request_models={"application/json": "Top"},
        request_parameters={
            "method.request.querystring.q": True,
            "method.request.header.h": True,
            "method.request.header.free": False,
        },
    )
    return House(
        api(
            {"/": [one]},
            models=models,
            request_validators={"v": RequestValidator("v", "v", body, parameters)},
        )
    )


async def test_required_parameters() -> None:
    running = validated(False, True)
    response = await running.call("POST", "/")
    assert response.status == 400
    assert message_of(response) == {"message": "Missing required request parameters: [h, q]"}
    assert (await running.call("POST", "/?q=1", headers={"H": "x"})).status == 200


async def test_what_is_missing_is_named_by_place() -> None:
    """Recorded: headers, path, query string, in whatever order they were declared."""
    wanted = ("querystring.qs1", "header.x-header-param", "path.issuer")
    one = method(
        MOCK, request_validator_id="v", request_parameters={f"method.request.{w}": True for w in wanted}
    )
    validators = {"v": RequestValidator("v", "v", False, True)}
    response = await House(api({"/": [one]}, request_validators=validators)).call("GET", "/")
    assert message_of(response) == {
        "message": "Missing required request parameters: [x-header-param, issuer, qs1]"
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"n": 1}', 200),
        ('{"n": 1, "p": "abc"}', 200),
        ('{"n": 0}', 400),
        ('{"n": 1, "p": "abcd"}', 400),
        ("{}", 400),
        ("", 400),
        ("{", 400),
        ("[" * 100000, 400),
        ('"x"', 400),
    ],
)
async def test_bodies(body: str, status: int) -> None:
    response = await validated(True, False).call("POST", "/", body)
    assert response.status == status
    if status == 400:
        assert message_of(response) == {"message": "Invalid request body"}


_DOUBLED = {
    "definitions": {
        f"d{n}": {"allOf": [{"$ref": f"#/definitions/d{n + 1}"}, {"$ref": f"#/definitions/d{n + 1}"}]}
        for n in range(40)
    }
    | {"d40": {"type": "integer"}},
    "$ref": "#/definitions/d0",
}


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (_DOUBLED, "1"),
        ({"$ref": "#"}, "1"),
        ({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}, "1"),
        ({"$schema": SCHEMA["$schema"], "items": _DOUBLED | {"$schema": SCHEMA["$schema"]}}, "[1]"),
        ({"pattern": "(a|aa)+[bc]"}, json.dumps("a" * 5000)),
        (
            {"additionalProperties": False, "patternProperties": {"(a|aa)+[bc]": {}}},
            '{"%s": 1}' % ("a" * 5000),
        ),
        ({"pattern": "("}, '"x"'),
        ({"type": "sheep"}, '"x"'),
        ({"$ref": "https://example.com/schema"}, "1"),
    ],
)
async def test_a_model_that_cannot_be_checked_is_the_apis_fault_and_soon(schema: Any, body: str) -> None:
    running = validated(True, False, {"Top": Model("Top", "application/json", json.dumps(schema))})
    began = time.thread_time()
    response = await running.call("POST", "/", body)
    assert response.status == 500
    assert time.thread_time() - began < 0.5, "on the event loop"


@pytest.mark.parametrize(
    ("items", "status"),
    [
        (list(range(20_000)), 200),
        ([*range(20_000), 0], 400),
        ([1, 1.0], 400),
        ([True, 1, "1", [1], {"a": 1}, None, 0, False], 200),
        ([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], 400),
    ],
)
async def test_unique_items(items: list[Any], status: int) -> None:
    models = {"Top": Model("Top", "application/json", '{"type": "array", "uniqueItems": true}')}
    response = await validated(True, False, models).call("POST", "/", json.dumps(items))
    assert response.status == status


@pytest.mark.parametrize(
    ("schema", "body", "status"),
    [
        ({"pattern": "^a+$"}, '"aaa"', 200),
        ({"pattern": "b"}, '"aaa"', 400),
        ({"additionalProperties": False, "properties": {"a": {}}}, '{"a": 1}', 200),
        ({"additionalProperties": False, "properties": {"a": {}}}, '{"b": 1}', 400),
        (
            {"additionalProperties": False, "patternProperties": {"^x-": {"type": "string"}}},
            '{"x-a": "1"}',
            200,
        ),
        (
            {"additionalProperties": False, "patternProperties": {"^x-": {"type": "string"}}},
            '{"x-a": 1}',
            400,
        ),
        ({"additionalProperties": {"type": "string"}}, '{"b": 1}', 400),
    ],
)
async def test_our_own_keywords(schema: Any, body: str, status: int) -> None:
    models = {"Top": Model("Top", "application/json", json.dumps(schema))}
    assert (await validated(True, False, models).call("POST", "/", body)).status == status


async def test_other_content_types_are_not_looked_at() -> None:
    running = validated(True, False)
    assert (
        await running.call("POST", "/", "x", {"Content-Type": "text/plain"})
    ).status == 500  # MOCK passes "x"
