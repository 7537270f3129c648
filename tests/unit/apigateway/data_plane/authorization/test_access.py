"""Who may call: signatures, resource policies, Lambda authorizers."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from sagehen.services.apigateway.data_plane.authorization import lambda_authorizers
from sagehen.services.apigateway.snapshot.apis import Authorizer, GatewayResponse
from tests.unit.apigateway.data_plane.house import (
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


@pytest.mark.parametrize(
    ("guard", "status"), [({"authorization_type": "AWS_IAM"}, 403), ({}, 403), (None, 200)]
)
async def test_a_path_too_long_for_what_decides_on_it(guard: dict[str, Any] | None, status: int) -> None:
    """Documented: 1,600 bytes of ARN, where there is authorization or a policy."""
    policy = {} if guard is None else {"policy": "{}"}
    running = House(api({"/{rest+}": [method(MOCK, **(guard or {}))]}, **policy))
    room = 1600 - len(ARN.removesuffix("pets"))
    assert (await running.call("GET", "/" + "x" * room)).status == status
    longer = await running.call("GET", "/" + "x" * (room + 1))
    assert longer.status == (200 if guard is None else 414)


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


async def test_what_is_remembered_is_bounded_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_authorizers, "_CHARACTERS_HELD", 3000)
    running = guarded()
    running.functions.behave = verdict(context={"text": "x" * 1000})
    for token in "abcca":
        await running.call("GET", "/pets", headers={"Authorization": token})
    asked = [event["authorizationToken"] for event in running.functions.events if "type" in event]
    assert asked == ["a", "b", "c", "a"]  # of the three two have room


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


# --- what the client is told ----------------------------------------------------------------------


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
