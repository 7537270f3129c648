"""Logs, metrics, canaries and test invocations."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.apigateway.data_plane.logs.access import line_of
from sagehen.services.apigateway.errors import NotFoundException
from sagehen.services.apigateway.snapshot.stages import AccessLog, Canary, MethodSettings
from tests.unit.apigateway.data_plane.authorization.test_access import authorizer, verdict
from tests.unit.apigateway.data_plane.house import SCOPE, House, answer, api, integration, message_of, method

TRACED = MethodSettings(logging_level="INFO", data_trace=True, metrics=True)


async def test_the_execution_log() -> None:
    running = House(api({"/pets": [method(verb="POST")]}), default_settings=TRACED)
    await running.call("POST", "/pets?q=1", '{"a":1}', {"Authorization": "very secret token 123456"})
    groups = {group for group, _ in running.sinks.lines}
    lines = [text for _, text in running.sinks.lines]
    assert groups == {"API-Gateway-Execution-Logs_abcdef1234/prod"}
    assert all(line.startswith("(11111111-2222-4333-8444-555555555555) ") for line in lines)
    text = "\n".join(lines)
    for part in (
        "Starting execution for request: 1",
        "HTTP Method: POST, Resource Path: /pets",
        "Method request query string: {q=1}",
        'Method request body before transformations: {"a":1}',
        "Successfully completed execution",
        "Method completed with status: 200",
    ):
        assert part in text
    assert "very secret" not in text


async def test_errors_only() -> None:
    behind = integration("MOCK", answer(), request_templates={"application/json": "{}"})
    running = House(api({"/": [method(behind)]}), default_settings=MethodSettings(logging_level="ERROR"))
    await running.call()
    assert [text.split(") ", 1)[1] for _, text in running.sinks.lines] == [
        "Execution failed due to configuration error: Unable to parse statusCode. It should be an integer"
    ]


async def test_without_a_role_for_logs_there_are_none() -> None:
    running = House(api({"/": [method()]}), default_settings=TRACED)
    running.account_view = dataclasses.replace(running.account_view, cloudwatch_role_arn=None)
    await running.call()
    assert running.sinks.lines == []


async def test_the_access_log() -> None:
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:calls"
    text = (
        '{"ip":"$context.identity.sourceIp","s":${context.status},'
        '"no":"$context.authorizer.x","r":"$context.resourcePath"}'
    )
    running = House(api({"/pets": [method()]}), access_log=AccessLog(arn, text))
    await running.call("GET", "/pets")
    await running.call("GET", "/nowhere")
    assert [(group, json.loads(line)) for group, line in running.sinks.lines] == [
        ("calls", {"ip": "127.0.0.1", "s": 200, "no": "-", "r": "/pets"}),
        ("calls", {"ip": "127.0.0.1", "s": 403, "no": "-", "r": "-"}),
    ]


def test_a_client_cannot_begin_a_line_of_its_own() -> None:
    assert line_of("$context.a", {"a": "x\ny"}) == "x\\ny"


async def test_metrics() -> None:
    running = House(
        api({"/pets/{id}": [method()]}), default_settings=dataclasses.replace(TRACED, logging_level="OFF")
    )
    await running.call("GET", "/pets/7")
    await running.call("GET", "/nowhere")
    by_api = [
        (value.name, value.value)
        for value in running.sinks.values
        if dict(value.dimensions) == {"ApiName": "shop"}
    ]
    assert [pair for pair in by_api if "Latency" not in pair[0]] == [
        ("Count", 1.0),
        ("4XXError", 0.0),
        ("5XXError", 0.0),
        ("Count", 1.0),
        ("4XXError", 1.0),
        ("5XXError", 0.0),
    ]
    assert [name for name, _ in by_api if "Latency" in name] == ["Latency", "IntegrationLatency", "Latency"]
    assert any(
        dict(value.dimensions)
        == {"ApiName": "shop", "Stage": "prod", "Method": "GET", "Resource": "/pets/{id}"}
        for value in running.sinks.values
    )


async def test_a_canary_takes_its_share() -> None:
    old = api({"/": [method(integration("MOCK", answer("200")))]})
    new = api(
        {
            "/": [
                method(
                    integration("MOCK", answer("201", None, {"method.response.header.V": "stageVariables.v"}))
                )
            ]
        },
        deployment_id="dep456",
    )
    running = House(old, variables={"v": "old"}, canary=Canary(new, 30.0, {"v": "new"}))
    answers = [await running.call() for _ in range(400)]
    share = sum(one.status == 201 for one in answers) / 400
    assert 0.18 < share < 0.42
    assert {one.header("V") for one in answers if one.status == 201} == {"new"}


# --- test invocations ------------------------------------------------------------------------------

ROOT = Principal(PrincipalKind.ROOT, "arn:aws:iam::123456789012:root", "123456789012")


def context(operation: str) -> RequestContext:
    return RequestContext("req-1", "apigateway", operation, SCOPE, ROOT, datetime(2026, 1, 2, tzinfo=UTC))


async def test_test_invoke_method() -> None:
    one = method(authorization_type="AWS_IAM", api_key_required=True, verb="POST")
    running = House(api({"/pets/{id}": [one]}))
    running.functions.behave = lambda event: {"statusCode": 201, "body": event["pathParameters"]["id"]}
    tests: Any = running.apis.operations[0]
    result = await tests.test_invoke_method(
        context("TestInvokeMethod"),
        {
            "restApiId": "abcdef1234",
            "resourceId": "r0",
            "httpMethod": "POST",
            "body": "{}",
            "pathWithQueryString": "/pets/9?q=1",
            "headers": {"A": "b"},
        },
    )
    assert (result["status"], result["body"]) == (201, "9")
    assert result["log"].startswith("Execution log for request req-1\n")
    assert "Thu Jan 01 00:00:00 UTC 2026 : HTTP Method: POST, Resource Path: /pets/{id}" in result["log"]
    assert result["log"].endswith("Method completed with status: 201\n")
    assert running.functions.events[0]["queryStringParameters"] == {"q": "1"}
    with pytest.raises(NotFoundException):
        await tests.test_invoke_method(
            context("TestInvokeMethod"), {"restApiId": "abcdef1234", "resourceId": "x", "httpMethod": "GET"}
        )


async def test_test_invoke_authorizer() -> None:
    running = House(api({"/": [method()]}, authorizers={"auth1": authorizer()}))
    running.functions.behave = verdict(context={"k": 5})
    tests: Any = running.apis.operations[0]
    request = {"restApiId": "abcdef1234", "authorizerId": "auth1", "headers": {"Authorization": "t"}}
    result = await tests.test_invoke_authorizer(context("TestInvokeAuthorizer"), request)
    assert (result["clientStatus"], result["principalId"]) == (200, "ada")
    assert json.loads(result["policy"])["Statement"][0]["Effect"] == "Allow"
    assert result["authorization"] == {"k": ["5"]}
    refused = await tests.test_invoke_authorizer(context("TestInvokeAuthorizer"), {**request, "headers": {}})
    assert refused["clientStatus"] == 401


async def test_an_unforeseen_failure_is_an_answer_too() -> None:
    running = House(api({"/": [method()]}))
    running.functions.behave = lambda event: RuntimeError("?")
    response = await running.call()
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})


async def test_the_lines_about_a_function_in_the_order_of_aws() -> None:
    """Recorded of a test invocation; times, ids and what follows the colon left out."""
    running = House(api({"/foo": [method(integration("AWS", answer()), "POST")]}), default_settings=TRACED)
    await running.call("POST", "/foo", b'{"test": "val123"}')
    lines = [text.split(") ", 1)[1] for _, text in running.sinks.lines]
    assert [line.partition(":")[0].partition(" https")[0] for line in lines[2:]] == [
        "Starting execution for request",
        "HTTP Method",
        "Method request path",
        "Method request query string",
        "Method request headers",
        "Method request body before transformations",
        "Endpoint request URI",
        "Endpoint request headers",
        "Endpoint request body after transformations",
        "Sending request to",
        "Received response. Status",
        "Endpoint response headers",
        "Endpoint response body before transformations",
        "Method response body after transformations",
        "Method response headers",
        "Successfully completed execution",
        "Method completed with status",
    ]
    mock = House(api({"/": [method(integration("MOCK", answer()))]}), default_settings=TRACED)
    await mock.call()
    assert not any("Received response" in text for _, text in mock.sinks.lines)
