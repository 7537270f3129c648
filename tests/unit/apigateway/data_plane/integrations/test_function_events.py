"""AWS_PROXY: the event as AWS documents it, and what a function may answer."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from sagehen.api.context import never
from sagehen.api.errors import ClientDeparted
from sagehen.domain.access import AccessDenied
from tests.unit.apigateway.data_plane.house import (
    FUNCTION,
    House,
    api,
    failed,
    integration,
    message_of,
    method,
)


def house(path: str = "/{proxy+}", **fields: Any) -> House:
    return House(api({path: [method(verb="ANY")]}, **fields), variables={"tier": "gold"})


def described(host: str, context: dict[str, Any]) -> dict[str, Any]:
    """The event of `test_the_event` but for its headers, field by field as AWS's guide has it."""
    identity = dict.fromkeys(
        (
            "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
            "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn",
        )
    )  # fmt: skip
    return {
        "resource": "/my/{proxy+}",
        "path": "/my/a%2Bb/c",
        "httpMethod": "POST",
        "queryStringParameters": {"parameter1": "value2", "parameter2": "value x", "empty": ""},
        "multiValueQueryStringParameters": {
            "parameter1": ["value1", "value2"],
            "parameter2": ["value x"],
            "empty": [""],
        },
        "pathParameters": {"proxy": "a%2Bb/c"},
        "stageVariables": {"tier": "gold"},
        "body": '{"a":1}',
        "isBase64Encoded": False,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef1234",
            "deploymentId": "dep123",
            "domainName": host,
            "domainPrefix": "abcdef1234",
            "extendedRequestId": context["extendedRequestId"],
            "httpMethod": "POST",
            "identity": {**identity, "sourceIp": "127.0.0.1", "userAgent": "curl/8"},
            "path": "/prod/my/a%2Bb/c",
            "protocol": "HTTP/1.1",
            "requestId": "11111111-2222-4333-8444-555555555555",
            "requestTime": "02/Jan/2026:03:04:05 +0000",
            "requestTimeEpoch": 1767323045000,
            "resourceId": "r0",
            "resourcePath": "/my/{proxy+}",
            "stage": "prod",
        },
    }


async def test_the_event() -> None:
    running = house("/my/{proxy+}")
    await running.call(
        "POST",
        "/my/a%2Bb/c?parameter1=value1&parameter1=value2&parameter2=value%20x&empty",
        '{"a":1}',
        [
            ("Header1", "value1"),
            ("header1", "value1"),
            ("Header2", "value1"),
            ("User-Agent", "curl/8"),
            ("Content-Type", "application/json"),
        ],
    )
    event = running.functions.events[0]
    host = "abcdef1234.execute-api.us-east-1.amazonaws.com"
    assert event.pop("headers") == {
        "Host": host,
        "Header1": "value1",
        "header1": "value1",
        "Header2": "value1",
        "User-Agent": "curl/8",
        "Content-Type": "application/json",
        "X-Amzn-Trace-Id": "Root=1-695735a5-111111112222433384445555",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": "80",
        "X-Forwarded-Proto": "http",
    }
    assert event.pop("multiValueHeaders")["Header1"] == ["value1"]
    assert event == described(host, event["requestContext"])


async def test_what_is_not_there_is_null() -> None:
    running = House(api({"/": [method()]}))
    await running.call()
    event = running.functions.events[0]
    for name in (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
    ):
        assert event[name] is None
    assert event["isBase64Encoded"] is False


async def test_the_function_is_called_for_the_method() -> None:
    running = House(api({"/pets/{id}": [method()]}))
    await running.call("GET", "/pets/7")
    principal, arn, environment = running.functions.calls[0]
    assert (principal.arn, arn) == ("apigateway.amazonaws.com", FUNCTION)
    assert environment["aws:SourceArn"] == (
        "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/pets/*"
    )


async def test_binary_in_and_out() -> None:
    image = bytes(range(256))
    running = house(binary_media_types=("image/png",))
    running.functions.behave = lambda event: {
        "body": event["body"],
        "isBase64Encoded": event["isBase64Encoded"],
        "headers": {"Content-Type": "image/png"},
    }
    headers = {"Content-Type": "image/png; x=y", "Accept": "image/png, */*"}
    response = await running.call("POST", "/x", image, headers)
    assert base64.b64decode(running.functions.events[0]["body"]) == image
    assert (response.status, response.body, response.header("content-type")) == (200, image, "image/png")


async def test_only_the_first_accepted_type_counts() -> None:
    running = house(binary_media_types=("image/png",))
    running.functions.behave = lambda event: {"body": "aGk=", "isBase64Encoded": True}
    response = await running.call("GET", "/x", headers={"Accept": "text/html, image/png"})
    assert response.body == b"aGk="


async def test_all_types_are_binary() -> None:
    running = house(binary_media_types=("*/*",))
    running.functions.behave = lambda event: {"body": "aGk=", "isBase64Encoded": True}
    response = await running.call("POST", "/x", b"text")
    assert running.functions.events[0]["isBase64Encoded"] is True
    assert response.body == b"hi"


async def test_bad_base64_is_the_apis_own_fault() -> None:
    running = house(binary_media_types=("*/*",))
    running.functions.behave = lambda event: {"body": "###", "isBase64Encoded": True}
    response = await running.call("GET", "/x")
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})


@pytest.mark.parametrize(
    ("result", "status", "body", "content_type"),
    [
        ({}, 200, b"", "application/json"),
        (None, 200, b"", "application/json"),
        ({"statusCode": "201", "body": "x"}, 201, b"x", "application/json"),
        ({"body": 5}, 200, b"5", "application/json"),
        ({"body": True}, 200, b"true", "application/json"),
        ({"body": "<p>", "headers": {"content-type": "text/html"}}, 200, b"<p>", "text/html"),
        ({"body": "é"}, 200, "é".encode(), "application/json"),
    ],
)
async def test_answers(result: Any, status: int, body: bytes, content_type: str) -> None:
    running = house()
    running.functions.behave = lambda event: result
    response = await running.call("GET", "/x")
    assert (response.status, response.body) == (status, body)
    assert response.header("content-type") == content_type


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": 200, "body": "x", "extra": 1},
        {"statusCode": "abc"},
        {"statusCode": 20},
        {"statusCode": True},
        {"statusCode": 200.5},
        {"statusCode": "9" * 5000},
        {"body": {"a": 1}},
        {"headers": []},
        {"headers": {"a": {}}},
        {"multiValueHeaders": {"a": "b"}},
        {"isBase64Encoded": "yes"},
        "text",
        [1],
        5,
        failed("boom"),
    ],
    ids=lambda result: str(result)[:40],
)
async def test_what_a_proxy_does_not_take_is_a_bad_gateway(result: Any) -> None:
    running = house()
    running.functions.behave = lambda event: result
    response = await running.call("GET", "/x")
    assert (response.status, response.body) == (502, b'{"message":"Internal server error"}')
    assert response.header("x-amzn-ErrorType") == "InternalServerErrorException"


async def test_headers_of_both_kinds() -> None:
    running = house()
    running.functions.behave = lambda event: {
        "headers": {"X-One": "1", "Set-Cookie": "lost", "X-Break": "a\r\nEvil: 1", "X-N": 5, "Date": "d"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
    }
    response = await running.call("GET", "/x")
    assert [value for name, value in response.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert response.header("X-Break") == "a  Evil: 1"
    assert response.header("X-N") == "5"
    assert (response.header("Date"), response.header("x-amzn-Remapped-Date")) == (None, "d")


async def test_a_function_that_may_not_be_called_is_an_internal_error() -> None:
    running = house()
    running.functions.behave = lambda event: AccessDenied("not you")
    response = await running.call("GET", "/x")
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})


async def test_a_client_that_leaves_while_its_function_waits_is_no_failure_of_the_api() -> None:
    running = house()
    running.functions.behave = lambda event: ClientDeparted("gone")
    assert (await running.call("GET", "/x")).status == 499
    assert running.functions.departures == [never]  # as the request has it


async def test_stage_variables_choose_the_function() -> None:
    uri = integration().uri
    assert uri is not None
    behind = integration(uri=uri.replace(":function:f/", ":function:${stageVariables.tier}/"))
    running = House(api({"/": [method(behind)]}), variables={"tier": "gold"})
    await running.call()
    assert running.functions.calls[0][1].endswith(":function:gold")


async def test_a_role_of_the_integration() -> None:
    role = "arn:aws:iam::123456789012:role/gate"
    running = House(api({"/": [method(integration(credentials=role))]}))
    await running.call()
    await running.call()
    assert running.functions.calls[0][0].arn == f"{role}/session"
    assert running.roles.assumed == [role]
    denied = House(api({"/": [method(integration(credentials="arn:aws:iam::1:role/nobody"))]}))
    assert (await denied.call()).status == 500


async def test_a_slow_function_times_out() -> None:
    running = House(api({"/": [method(integration(timeout_ms=50))]}))

    async def never(*arguments: Any) -> Any:
        import asyncio

        await asyncio.sleep(30)

    running.functions.invoke = never  # type: ignore[method-assign]
    response = await running.call()
    assert (response.status, message_of(response)) == (504, {"message": "Endpoint request timed out"})


async def test_numbers_of_any_size_survive() -> None:
    running = house()
    await running.call("POST", "/x", json.dumps({"n": 10**30}))
    assert json.loads(running.functions.events[0]["body"])["n"] == 10**30


async def test_slashes_before_a_path_and_mappings_are_nothing_to_a_proxy() -> None:
    mapping = {"integration.request.header.X-Mapped": "'1'", "integration.request.querystring.q": "'1'"}
    behind = integration("AWS_PROXY", request_parameters=mapping)
    running = House(api({"/{proxy+}": [method(behind, verb="ANY")]}))
    await running.call("GET", "//a//b/")
    event = running.functions.events[0]
    assert (event["path"], event["requestContext"]["path"]) == ("/a//b/", "/prod//a//b/")
    assert event["pathParameters"] == {"proxy": "a//b"}
    assert event["queryStringParameters"] is None and "X-Mapped" not in event["headers"]


async def test_lambda_is_called_by_post_alone() -> None:
    running = House(api({"/": [method(integration("AWS_PROXY", http_method="GET"))]}))
    response = await running.call()
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})
    assert running.functions.calls == []
