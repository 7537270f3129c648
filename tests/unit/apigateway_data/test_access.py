"""Who may call: signatures, resource policies, Lambda authorizers, keys and limits."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

import pytest
from tests.unit.apigateway_data.house import (
    LAMBDA_URI,
    USER,
    House,
    answer,
    api,
    failed,
    integration,
    message_of,
    method,
    signed,
)

from sagehen.services.apigateway.data_plane.throttle import TokenBuckets
from sagehen.services.apigateway.snapshot import (
    Authorizer,
    GatewayResponse,
    MethodSettings,
    Model,
    RequestValidator,
    Throttle,
)

MOCK = integration("MOCK", answer())
ARN = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/pets"


def authorizer(kind: Any = "TOKEN", **fields: Any) -> Authorizer:
    base = Authorizer(
        "auth1", "auth", kind, LAMBDA_URI, None, ("method.request.header.Authorization",), None, 300
    )
    return dataclasses.replace(base, **fields)


def guarded(one: Authorizer | None = None, **fields: Any) -> House:
    snapshot = api(
        {"/pets": [method(integration(), authorization_type="CUSTOM", authorizer_id="auth1")]},
        authorizers={"auth1": one or authorizer()},
        **fields,
    )
    running = House(snapshot)
    running.functions.behave = verdict()
    return running


def verdict(effect: str = "Allow", resource: str = "*", **more: Any) -> Any:
    """Answers for the authorizer, and an echo for the method."""

    def behave(event: Any) -> Any:
        if "type" not in event:
            return {"body": json.dumps(event["requestContext"]["authorizer"])}
        statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
        return {
            "principalId": "ada",
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            **more,
        }

    return behave


# --- IAM ---------------------------------------------------------------------------------------


async def test_iam() -> None:
    running = House(api({"/pets": [method(MOCK, authorization_type="AWS_IAM")]}))
    unsigned = await running.call("GET", "/pets")
    assert (unsigned.status, message_of(unsigned)) == (403, {"message": "Missing Authentication Token"})
    denied = await running.call("GET", "/pets", signature=signed())
    assert denied.status == 403
    assert message_of(denied)["Message"] == (
        "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: execute-api:Invoke on "
        "resource: arn:aws:execute-api:us-east-1:********9012:abcdef1234/prod/GET/pets"
    )
    running.policies.allowed.add(USER.arn)
    assert (await running.call("GET", "/pets", signature=signed())).status == 200
    assert running.policies.asked[-1] == (USER.arn, ARN)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidSignatureException", "The request signature we calculated does not match …"),
        ("ExpiredTokenException", "The security token included in the request is expired"),
        ("IncompleteSignatureException", "Authorization header requires 'Credential' parameter."),
    ],
)
async def test_a_bad_signature(code: str, message: str) -> None:
    running = House(api({"/pets": [method(MOCK, authorization_type="AWS_IAM")]}))
    response = await running.call("GET", "/pets", signature=signed(None, code, message))
    assert (response.status, message_of(response)) == (403, {"message": message})
    assert response.header("x-amzn-ErrorType") == code


async def test_a_resource_policy_shuts_strangers_out() -> None:
    running = House(api({"/pets": [method(MOCK)]}, policy="{}"))
    response = await running.call("GET", "/pets")
    assert response.status == 403
    assert message_of(response)["Message"].startswith("User: anonymous is not authorized to perform")
    running.policies.allowed.add("*")
    assert (await running.call("GET", "/pets")).status == 200


async def test_the_function_learns_who_called() -> None:
    running = House(api({"/pets": [method(authorization_type="AWS_IAM")]}))
    running.policies.allowed.add(USER.arn)
    await running.call("GET", "/pets", signature=signed())
    identity = running.functions.events[0]["requestContext"]["identity"]
    assert (identity["userArn"], identity["accessKey"], identity["caller"]) == (
        USER.arn,
        "AKIAEXAMPLE",
        "AIDAEXAMPLE",
    )


# --- Lambda authorizers --------------------------------------------------------------------------


async def test_a_token_authorizer() -> None:
    running = guarded()
    running.functions.behave = verdict(context={"number": 5, "flag": True, "text": "t"})
    response = await running.call("GET", "/pets", headers={"authorization": "let me in"})
    assert running.functions.events[0] == {
        "type": "TOKEN",
        "authorizationToken": "let me in",
        "methodArn": ARN,
    }
    environment = running.functions.calls[0][2]
    assert environment["aws:SourceArn"].endswith(":abcdef1234/authorizers/auth1")
    seen = message_of(response)
    seen.pop("integrationLatency")
    assert seen == {"number": "5", "flag": "true", "text": "t", "principalId": "ada"}


async def test_a_missing_or_malformed_token_never_reaches_the_function() -> None:
    running = guarded(authorizer(identity_validation_expression="Bearer [a-z]+"))
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer 123"}):
        response = await running.call("GET", "/pets", headers=headers)
        assert (response.status, message_of(response)) == (401, {"message": "Unauthorized"})
    assert running.functions.events == []
    assert (await running.call("GET", "/pets", headers={"Authorization": "Bearer abc"})).status == 200


@pytest.mark.parametrize(
    ("behave", "status", "body"),
    [
        (lambda event: failed("Unauthorized"), 401, {"message": "Unauthorized"}),
        (lambda event: failed("broken"), 500, {"message": None}),
        (lambda event: "text", 500, {"message": None}),
        (lambda event: {"principalId": "a"}, 500, {"message": None}),
        (lambda event: {"policyDocument": {"Statement": []}}, 500, {"message": None}),
        (lambda event: {"principalId": "a", "policyDocument": {"Statement": "x"}}, 500, {"message": None}),
        (verdict(context={"nested": {}}), 500, {"message": None}),
        (
            verdict("Deny"),
            403,
            {"Message": "User is not authorized to access this resource with an explicit deny"},
        ),
        (verdict("Allow", "other"), 403, {"Message": "User is not authorized to access this resource"}),
    ],
)
async def test_verdicts(behave: Any, status: int, body: Any) -> None:
    running = guarded()
    running.functions.behave = behave
    response = await running.call("GET", "/pets", headers={"Authorization": "t"})
    assert (response.status, message_of(response)) == (status, body)


async def test_verdicts_are_remembered_by_identity_for_their_time() -> None:
    running = guarded()

    async def asked(token: str) -> int:
        before = sum("type" in event for event in running.functions.events)
        await running.call("GET", "/pets", headers={"Authorization": token})
        return sum("type" in event for event in running.functions.events) - before

    assert [await asked("a"), await asked("a"), await asked("b")] == [1, 0, 1]
    await running.clock.advance(301)
    assert await asked("a") == 1
    running.apis.flush_authorizers_cache("abcdef1234", "prod")
    assert await asked("a") == 1


async def test_a_request_authorizer() -> None:
    sources = ("method.request.querystring.who", "stageVariables.k", "context.httpMethod")
    running = guarded(authorizer("REQUEST", identity_sources=sources))
    assert (await running.call("GET", "/pets?who=ada")).status == 401  # no stage variable k
    running.view = dataclasses.replace(running.view, variables={"k": "v"})  # type: ignore[type-var]
    assert (await running.call("GET", "/pets?who=ada")).status == 200
    event = running.functions.events[0]
    assert (event["type"], event["methodArn"], event["resource"]) == ("REQUEST", ARN, "/pets")
    assert event["queryStringParameters"] == {"who": "ada"}
    assert event["pathParameters"] == {}
    assert event["requestContext"]["httpMethod"] == "GET"


async def test_a_key_from_the_authorizer() -> None:
    snapshot = api(
        {"/pets": [method(authorization_type="CUSTOM", authorizer_id="auth1", api_key_required=True)]},
        authorizers={"auth1": authorizer()},
        api_key_source="AUTHORIZER",
    )
    running = House(snapshot)
    running.add_key("secret-key")
    running.functions.behave = verdict(usageIdentifierKey="secret-key")
    assert (await running.call("GET", "/pets", headers={"Authorization": "t"})).status == 200
    running.functions.behave = verdict()
    running.apis.flush_authorizers_cache("abcdef1234", "prod")
    assert (await running.call("GET", "/pets", headers={"Authorization": "t"})).status == 403


# --- keys, limits, quotas ------------------------------------------------------------------------


def keyed(**fields: Any) -> House:
    return House(api({"/pets": [method(MOCK, api_key_required=True)]}), **fields)


async def test_keys() -> None:
    running = keyed()
    running.add_key("good")
    running.add_key("off", enabled=False)
    for headers in ({}, {"x-api-key": "bad"}, {"x-api-key": "off"}):
        response = await running.call("GET", "/pets", headers=headers)
        assert (response.status, message_of(response)) == (403, {"message": "Forbidden"})
    assert (await running.call("GET", "/pets", headers={"X-Api-Key": "good"})).status == 200


async def test_a_spent_quota() -> None:
    running = keyed()
    running.add_key("good")
    running.quota_left = 1
    assert (await running.call("GET", "/pets", headers={"X-Api-Key": "good"})).status == 200
    response = await running.call("GET", "/pets", headers={"X-Api-Key": "good"})
    assert (response.status, message_of(response)) == (429, {"message": "Limit Exceeded"})


@pytest.mark.parametrize("where", ["plan", "plan method", "stage", "account"])
async def test_limits(where: str) -> None:
    limit = Throttle(1.0, 2)
    running = keyed(
        **({"method_settings": {"/pets/GET": MethodSettings(throttle=limit)}} if where == "stage" else {})
    )
    running.add_key(
        "good",
        throttle=limit if where == "plan" else None,
        methods={"/pets/GET": limit} if where == "plan method" else {},
    )
    if where == "account":
        running.account_view = dataclasses.replace(running.account_view, throttle=limit)

    async def statuses(count: int) -> list[int]:
        return [
            (await running.call("GET", "/pets", headers={"X-Api-Key": "good"})).status for _ in range(count)
        ]

    assert await statuses(4) == [200, 200, 429, 429]
    await running.clock.advance(1)
    assert await statuses(2) == [200, 429]
    response = await running.call("GET", "/pets", headers={"X-Api-Key": "good"})
    assert message_of(response) == {"message": "Too Many Requests"}


async def test_what_was_throttled_leaves_the_quota_alone() -> None:
    running = keyed()
    running.add_key("good", throttle=Throttle(1.0, 1))
    running.quota_left = 10
    for _ in range(5):
        await running.call("GET", "/pets", headers={"X-Api-Key": "good"})
    assert running.quota_left == 9


async def test_a_bucket_fills_to_its_brim_only() -> None:
    running = keyed()
    buckets = TokenBuckets(running.clock)
    await running.clock.advance(1000)
    assert [buckets.take("k", Throttle(5.0, 2)) for _ in range(3)] == [True, True, False]
    await running.clock.advance(0.2)
    assert [buckets.take("k", Throttle(5.0, 2)) for _ in range(2)] == [True, False]
    assert buckets.take("none", Throttle(0.0, 0)) is False


# --- validation ----------------------------------------------------------------------------------

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


# --- gateway responses -----------------------------------------------------------------------------


async def test_a_customized_response() -> None:
    custom = GatewayResponse(
        "UNAUTHORIZED",
        "418",
        {
            "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
            "gatewayresponse.header.X-Path": "method.request.header.X-In",
        },
        {
            "application/json": '{"m": $context.error.messageString, "t": "${context.error.responseType}", '
            '"s": "$stageVariables.nope", "id": "$context.requestId."}'
        },
    )
    running = guarded(gateway_responses={"UNAUTHORIZED": custom})
    response = await running.call("GET", "/pets", headers={"X-In": "seen"})
    assert response.status == 418
    assert message_of(response) == {
        "m": "Unauthorized",
        "t": "UNAUTHORIZED",
        "s": "",
        "id": "11111111-2222-4333-8444-555555555555.",
    }
    assert response.header("Access-Control-Allow-Origin") == "*"
    assert response.header("X-Path") == "seen"


async def test_the_default_of_a_family_covers_its_types() -> None:
    cors = GatewayResponse(
        "DEFAULT_4XX", None, {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}, {}
    )
    running = House(api({"/": [method()]}, gateway_responses={"DEFAULT_4XX": cors}))
    response = await running.call("GET", "/nowhere")
    assert (response.status, message_of(response)) == (403, {"message": "Missing Authentication Token"})
    assert response.header("Access-Control-Allow-Origin") == "*"


async def test_a_body_that_is_too_large() -> None:
    response = await House(api({"/": [method(verb="POST")]})).call("POST", "/", oversized=True)
    assert response.status == 413
    assert message_of(response) == {"message": "HTTP content length exceeded 10485760 bytes."}
