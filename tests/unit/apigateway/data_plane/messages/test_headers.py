"""Headers on their way through an API, as they were recorded of AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.services.apigateway.data_plane.messages.headers import check_mapped, remapped
from sagehen.services.apigateway.snapshot.apis import GatewayResponse
from tests.unit.apigateway.data_plane.house import House, answer, api, integration, message_of, method

NAMES = (
    "Accept", "Accept-Charset", "Accept-Encoding", "Age", "Authorization", "Connection", "Content-Encoding",
    "Content-Length", "Content-MD5", "Content-Type", "Date", "Expect", "Host", "Max-Forwards", "Pragma",
    "Proxy-Authenticate", "Range", "Referer", "Server", "TE", "Transfer-Encoding", "Trailer", "Upgrade",
    "User-Agent", "Via", "Warn", "WWW-Authenticate",
)  # fmt: skip
SENT = {name: f"client_{name}" for name in NAMES if name not in ("Content-Type", "Content-Length", "Host")}


def house(kind: Any, *responses: Any, **fields: Any) -> House:
    return House(api({"/": [method(integration(kind, *responses, **fields), "POST")]}))


async def test_what_a_template_hears_of_the_clients_headers() -> None:
    template = ",".join(f"$input.params('{name}')" for name in NAMES)
    running = house("AWS", answer(), request_templates={"application/json": f'"{template}"'})
    running.functions.behave = lambda event: event
    response = await running.call("POST", "/", b"{}", SENT)
    heard = dict(zip(NAMES, json.loads(response.body).split(","), strict=True))
    assert {name for name in NAMES if not heard[name]} == {
        "Connection", "Content-Length", "Content-MD5", "Content-Type", "Expect", "Max-Forwards",
        "Proxy-Authenticate", "Server", "TE", "Transfer-Encoding", "Trailer", "Upgrade", "WWW-Authenticate",
    }  # fmt: skip
    assert heard["Via"] == "client_Via"


async def test_what_a_function_hears() -> None:
    running = house("AWS_PROXY")
    await running.call("POST", "/", b"{}", {**SENT, "authorization": "secret", "x-OWN": "1"})
    heard = running.functions.events[0]["headers"]
    assert set(heard) == {
        "Accept", "Accept-Charset", "Accept-Encoding", "Age", "Authorization", "Content-Encoding", "Date",
        "Host", "Pragma", "Range", "Referer", "User-Agent", "Via", "Warn", "X-Amzn-Trace-Id",
        "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "x-OWN",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["AWS", "AWS_PROXY"])
@pytest.mark.parametrize(
    "name",
    [
        "Content-Length",
        "Transfer-Encoding",
        "Authorization",
        "Connection",
        "Expect",
        "Proxy-Authenticate",
        "TE",
    ],
)
async def test_what_no_mapping_may_say_to_a_service(kind: Any, name: str) -> None:
    running = house(kind, answer(), request_parameters={f"integration.request.header.{name}": "'x'"})
    response = await running.call("POST", "/", b"{}")
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})
    assert response.header("x-amzn-ErrorType") == "InternalServerErrorException"
    assert running.functions.calls == []


def test_what_a_mapping_says_in_vain() -> None:
    assert {name for name in NAMES if name not in ("Content-Length", "Transfer-Encoding")} - {
        "Connection", "Expect", "Proxy-Authenticate", "TE", "Via",
    } == {
        name
        for name in NAMES
        if name not in ("Content-Length", "Transfer-Encoding") and check_mapped(name, "HTTP")
    }  # fmt: skip


async def test_the_names_under_which_mapped_headers_are_handed_on() -> None:
    headers = {f"method.response.header.{name}": f"'own_{name}'" for name in NAMES}
    response = await house("AWS", answer("200", None, headers)).call("POST", "/", b"{}")
    assert {name for name, value in response.headers if value.startswith("own_")} == {
        "Accept", "Accept-Charset", "Accept-Encoding", "Age", "Content-Encoding", "Content-Type", "Pragma",
        "Range", "Referer", "TE", "Via", "Warn",
        *(
            f"x-amzn-Remapped-{name}"
            for name in (
                "Authorization", "Connection", "Content-Length", "Content-MD5", "Date", "Expect", "Host",
                "Max-Forwards", "Proxy-Authenticate", "Server", "Trailer", "Upgrade", "User-Agent",
                "WWW-Authenticate",
            )
        ),
    }  # fmt: skip
    assert response.header("X-Amzn-Trace-Id")


def test_the_names_under_which_a_proxys_headers_are_handed_on() -> None:
    said = [
        ("Connection", "a"),
        ("Server", "b"),
        ("x-amzn-RequestId", "c"),
        ("User-Agent", "d"),
        ("Age", "e"),
    ]
    assert remapped(said, "HTTP_PROXY") == [
        ("x-amzn-Remapped-Connection", "a"),
        ("x-amzn-Remapped-Server", "b"),
        ("x-amzn-Remapped-x-amzn-RequestId", "c"),
        ("User-Agent", "d"),
        ("Age", "e"),
    ]


async def test_a_gateway_response_asks_for_a_password_under_its_own_name() -> None:
    refusal = GatewayResponse(
        "MISSING_AUTHENTICATION_TOKEN",
        "401",
        {"gatewayresponse.header.WWW-Authenticate": "'Basic'"},
        {},
        False,
    )
    running = House(api({"/": [method()]}, gateway_responses={refusal.response_type: refusal}))
    response = await running.call("GET", "/nowhere")
    assert (response.status, response.header("WWW-Authenticate")) == (401, "Basic")
    assert response.header("X-Amzn-Trace-Id") is None


async def test_who_is_told_the_trace() -> None:
    mock = await house("MOCK", answer()).call("POST", "/", b"{}")
    assert mock.header("X-Amzn-Trace-Id") is None
    running = house("AWS_PROXY")
    running.functions.behave = lambda event: {"statusCode": 404}
    response = await running.call("POST", "/")
    assert response.status == 404
    assert [name for name, _ in response.headers].count("X-Amzn-Trace-Id") == 1
