"""Integrations that map: MOCK, AWS with functions, HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.apigateway_data.house import House, answer, api, failed, integration, message_of, method

from sagehen.services.apigateway.data_plane import http_client
from sagehen.services.apigateway.data_plane.http_client import HttpFailed, resolve
from sagehen.services.apigateway.data_plane.own_connections import OwnConnections


def mapped(
    *responses: Any,
    kind: Any = "AWS",
    verb: str = "POST",
    snapshot: dict[str, Any] | None = None,
    path: str = "/",
    **fields: Any,
) -> House:
    behind = integration(kind, *(responses or (answer(),)), **fields)
    return House(api({path: [method(behind, verb)]}, **(snapshot or {})), variables={"k": "v"})


async def test_a_preflight_by_mock() -> None:
    headers = {
        "method.response.header.Access-Control-Allow-Origin": "'*'",
        "method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'",
    }
    running = mapped(
        answer("204", None, headers),
        kind="MOCK",
        verb="OPTIONS",
        request_templates={"application/json": "{statusCode: 204}"},
    )
    response = await running.call("OPTIONS", "/", headers={"Origin": "http://a"})
    assert (response.status, response.body) == (204, b"")
    assert response.header("Access-Control-Allow-Origin") == "*"
    assert response.header("Access-Control-Allow-Methods") == "GET,OPTIONS"


async def test_a_page_by_mock() -> None:
    page = answer(
        "200",
        None,
        {"method.response.header.Content-Type": "'text/html'"},
        {"text/html": "<p>$context.stage</p>"},
    )
    response = await mapped(page, kind="MOCK", verb="GET").call(
        "GET", "/", headers={"Accept": "text/html,*/*"}
    )
    assert (response.status, response.body) == (200, b"<p>prod</p>")
    assert response.header("content-type") == "text/html"


async def test_mock_chooses_by_status() -> None:
    running = mapped(
        answer("200"),
        answer("404", "4\\d\\d", None, {"application/json": '{"no": 1}'}),
        kind="MOCK",
        verb="GET",
        request_templates={"application/json": '{"statusCode": $input.params("s")}'},
    )
    assert (await running.call("GET", "/?s=200")).status == 200
    assert (await running.call("GET", "/?s=418")).body == b'{"no": 1}'
    broken = await running.call("GET", "/?s=abc")
    assert (broken.status, message_of(broken)) == (500, {"message": "Internal server error"})


async def test_the_event_is_the_body() -> None:
    running = mapped()
    running.functions.behave = lambda event: {"got": event, "extra": "keys are fine here"}
    response = await running.call("POST", "/", {"a": 1})
    assert running.functions.events == [{"a": 1}]
    assert message_of(response) == {"got": {"a": 1}, "extra": "keys are fine here"}


async def test_templates_on_both_ways() -> None:
    running = mapped(
        answer(
            "200",
            None,
            {"method.response.header.X-Got": "integration.response.body.got"},
            {"application/json": '{"n": $input.path("$.got")}'},
        ),
        request_templates={"application/json": '{"v": $input.json("$.v"), "id": "$input.params(\'id\')"}'},
        path="/p/{id}",
    )
    running.functions.behave = lambda event: {"got": event["v"] + 1}
    response = await running.call("POST", "/p/a%20b", {"v": 1})
    assert running.functions.events == [{"v": 1, "id": "a b"}]
    assert (message_of(response), response.header("X-Got")) == ({"n": 2}, "2")


@pytest.mark.parametrize(
    ("behavior", "content_type", "status"),
    [
        ("WHEN_NO_MATCH", "text/plain", 200),
        ("WHEN_NO_TEMPLATES", "text/plain", 415),
        ("NEVER", "text/plain", 415),
        ("NEVER", "application/json; charset=utf-8", 200),
        ("NEVER", None, 200),
    ],
)
async def test_passthrough(behavior: str, content_type: str | None, status: int) -> None:
    running = mapped(request_templates={"application/json": "{}"}, passthrough_behavior=behavior)
    headers = {"Content-Type": content_type} if content_type else {}
    response = await running.call("POST", "/", '"text"', headers)
    assert response.status == status
    if status == 415:
        assert message_of(response) == {"message": "Unsupported Media Type"}
    elif behavior == "WHEN_NO_MATCH":
        assert running.functions.events == ["text"]


async def test_without_any_template_nothing_is_refused() -> None:
    running = mapped(passthrough_behavior="WHEN_NO_TEMPLATES")
    assert (await running.call("POST", "/", '"x"', {"Content-Type": "text/plain"})).status == 200


async def test_patterns_choose_by_the_error_message() -> None:
    running = mapped(
        answer("200"),
        answer("404", "Not found.*", None, {"application/json": '{"m": "$input.path(\'$.errorMessage\')"}'}),
        answer("500", ".*Error.*"),
    )
    running.functions.behave = lambda event: failed("Not found: x")
    response = await running.call("POST", "/", {})
    assert (response.status, message_of(response)) == (404, {"m": "Not found: x"})
    running.functions.behave = lambda event: failed("an Error of sorts")
    assert (await running.call("POST", "/", {})).status == 500
    running.functions.behave = lambda event: failed("something else")
    assert (await running.call("POST", "/", {})).status == 200


async def test_no_response_fits() -> None:
    running = mapped(answer("404", "x"))
    response = await running.call("POST", "/", {})
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})


async def test_overrides() -> None:
    running = mapped(
        answer(
            "200",
            None,
            {},
            {
                "application/json": "#set($context.responseOverride.status = 418)"
                "#set($context.responseOverride.header.X-T = 'tea')short and stout"
            },
        ),
    )
    response = await running.call("POST", "/", {})
    assert (response.status, response.body, response.header("X-T")) == (418, b"short and stout", "tea")


async def test_an_override_with_a_list_sets_a_header_for_each() -> None:
    template = "#set($context.responseOverride.header.X-T = ['milk', 'tea'])"
    running = mapped(
        answer("200", None, {"method.response.header.X-T": "'coffee'"}, {"application/json": template})
    )
    response = await running.call("POST", "/", {})
    assert [value for name, value in response.headers if name == "X-T"] == ["milk", "tea"]


async def test_an_event_that_nobody_waits_for() -> None:
    running = mapped(
        answer("202"), request_parameters={"integration.request.header.X-Amz-Invocation-Type": "'Event'"}
    )
    response = await running.call("POST", "/", {"later": True})
    assert (response.status, running.functions.queued, running.functions.events) == (
        202,
        [{"later": True}],
        [],
    )


async def test_an_image_as_text_and_back() -> None:
    """CONVERT_TO_TEXT lets a template put an image into an event; CONVERT_TO_BINARY brings one back."""
    image = bytes(range(256))
    running = mapped(
        answer("200", None, {"method.response.header.Content-Type": "'image/png'"}, {}, "CONVERT_TO_BINARY"),
        snapshot={"binary_media_types": ("image/png",)},
        content_handling="CONVERT_TO_TEXT",
        request_templates={"image/png": '{"image": "$input.body"}'},
    )
    from sagehen.domain.ports import FunctionResult

    running.functions.behave = lambda event: FunctionResult(event["image"].encode(), None, "1")
    response = await running.call("POST", "/", image, {"Content-Type": "image/png", "Accept": "image/png"})
    assert base64.b64decode(running.functions.events[0]["image"]) == image
    assert (response.body, response.header("content-type")) == (image, "image/png")


async def test_a_bad_template_is_the_apis_own_fault() -> None:
    running = mapped(request_templates={"application/json": "#foreach($i in [1..2000])x#end"})
    response = await running.call("POST", "/", {})
    assert (response.status, message_of(response)) == (500, {"message": "Internal server error"})


# --- HTTP ---------------------------------------------------------------------------------------


@pytest.fixture
async def backend() -> AsyncIterator[tuple[str, list[bytes]]]:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ),
            0,
        )
        heard.append(head + await reader.readexactly(length))
        if b"/slow" in head:
            await reader.read()  # until the gateway has had enough
            writer.close()
            return
        status = b"404 Not Found" if b"/missing" in head else b"200 OK"
        writer.write(
            b"HTTP/1.1 " + status + b"\r\nX-Own: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
            b"Server: theirs\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            b'8\r\n{"a": 1}\r\n0\r\n\r\n'
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard
    server.close()


async def test_http_proxy(backend: tuple[str, list[bytes]]) -> None:
    url, heard = backend
    running = mapped(
        kind="HTTP_PROXY",
        path="/{proxy+}",
        verb="ANY",
        http_method="ANY",
        uri=url + "/base/{proxy}?own=1",
        request_parameters={
            "integration.request.path.proxy": "method.request.path.proxy",
            "integration.request.header.X-Stage": "context.stage",
        },
    )
    response = await running.call("PUT", "/a%20b/c?q=1&q=2", b"body", {"X-Mine": "m", "Connection": "close"})
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /base/a%20b/c?own=1&q=1&q=2 HTTP/1.1\r\n")
    assert b"X-Mine: m" in head and b"X-Stage: prod" in head and b"X-Forwarded-For: 127.0.0.1" in head
    assert body == b"body"
    assert (response.status, response.body) == (200, b'{"a": 1}')
    assert [value for name, value in response.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert response.header("x-amzn-Remapped-Server") == "theirs"
    assert response.header("transfer-encoding") is None


async def test_http_with_mapping(backend: tuple[str, list[bytes]]) -> None:
    url, heard = backend
    running = mapped(
        answer("200", None, {"method.response.header.X-Out": "integration.response.header.x-own"}),
        answer("404", "404", None, {"application/json": "gone"}),
        kind="HTTP",
        http_method="GET",
        uri=url + "/${stageVariables.k}",
        request_parameters={"integration.request.querystring.id": "method.request.querystring.id"},
    )
    response = await running.call("POST", "/?id=a%26b", b"{}")
    assert heard[0].startswith(b"GET /v?id=a%26b HTTP/1.1\r\n")
    said = {line.partition(b":")[0] for line in heard[0].split(b"\r\n")[1:]}
    assert {b"User-Agent", b"X-Amzn-Apigateway-Api-Id", b"X-Amzn-Trace-Id", b"Accept"} <= said
    assert (response.status, response.body, response.header("X-Out")) == (200, b'{"a": 1}', "1")
    missing = mapped(
        answer(),
        answer("404", "404", None, {"application/json": "gone"}),
        kind="HTTP",
        http_method="GET",
        uri=url + "/missing",
    )
    assert (await missing.call("POST", "/")).body == b"gone"


async def test_mappings_of_the_body(backend: tuple[str, list[bytes]]) -> None:
    url, heard = backend
    running = mapped(
        kind="HTTP",
        uri=url + "/",
        request_parameters={
            "integration.request.header.X-Whole": "method.request.body",
            "integration.request.header.X-Name": "method.request.body.pets[0].name",
            "integration.request.header.X-All": "method.request.multivalueheader.X-Many",
        },
    )

    async def said(body: bytes) -> dict[bytes, bytes]:
        many = [("X-Many", "a"), ("X-Many", "b"), ("Content-Type", "application/json")]
        assert (await running.call("POST", "/", body, many)).status == 200
        lines = heard[-1].partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        pairs = [line.partition(b": ") for line in lines]
        return {name: value for name, _, value in pairs if name in (b"X-Whole", b"X-Name", b"X-All")}

    whole = b'{"pets":[{"name":"Rex"}]}'
    assert await said(whole) == {b"X-Whole": whole, b"X-Name": b"Rex", b"X-All": b"a,b"}
    assert await said(b"") == {b"X-Whole": b"{}", b"X-All": b"a,b"}
    assert await said(b"<text>") == {b"X-Whole": b"<text>", b"X-All": b"a,b"}
    broken = await running.call("POST", "/", b" {broken")
    assert (broken.status, message_of(broken)) == (400, {"message": "Invalid JSON in request body"})


async def test_holes_in_the_query_are_filled_too(backend: tuple[str, list[bytes]]) -> None:
    """Recorded: the URI's own parameters, the client's and the mapping's all go."""
    url, heard = backend
    running = mapped(
        kind="HTTP_PROXY",
        path="/{part}",
        uri=url + "/?testVar={pathVar}&testQs={qsVar}&none={nothing}",
        request_parameters={
            "integration.request.header.headerVar": "method.request.header.foobar",
            "integration.request.path.qsVar": "method.request.querystring.testVar",
            "integration.request.path.pathVar": "method.request.path.part",
            "integration.request.querystring.testQs": "method.request.querystring.testQueryString",
            "integration.request.querystring.testEmptyQs": "method.request.header.emptyheader",
        },
    )
    headers = {"foobar": "mapped", "headerVar": "request", "Via": "1.1 x", "Content-Encoding": "gzip"}
    await running.call("POST", "/a%26b?testQueryString=foo&testVar=bar", b"", headers)
    lines = heard[0].split(b"\r\n")
    target = b"/?testVar=a%26b&testQs=bar&none=&testQueryString=foo&testVar=bar&testQs=foo"
    assert lines[0] == b"POST " + target + b" HTTP/1.1"
    assert b"headerVar: mapped" in lines and b"headerVar: request" not in lines
    assert b"X-Amzn-Apigateway-Api-Id: abcdef1234" in lines
    assert not any(line.startswith((b"Via", b"Content-Encoding")) for line in lines)


async def test_http_that_does_not_answer(backend: tuple[str, list[bytes]]) -> None:
    slow = mapped(kind="HTTP_PROXY", http_method="GET", uri=backend[0] + "/slow", timeout_ms=60)
    assert (await slow.call("POST", "/")).status == 504
    closed = mapped(kind="HTTP_PROXY", http_method="GET", uri="http://127.0.0.1:1/")
    response = await closed.call("POST", "/")
    assert (response.status, message_of(response)) == (504, {"message": "Internal server error"})
    bad = mapped(kind="HTTP_PROXY", http_method="GET", uri="gopher://x/")
    assert (await bad.call("POST", "/")).status == 500


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "0.0.0.0", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "fd00:ec2::254"],
)
async def test_closed_addresses(host: str) -> None:
    with pytest.raises(HttpFailed, match="closed"):
        await resolve(host, 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "localhost"])
async def test_addresses_that_are_closed_to_sandboxes(host: str) -> None:
    assert await resolve(host, 80)
    with pytest.raises(HttpFailed, match="closed"):
        await resolve(host, 80, public_only=True)


async def test_no_way_around_the_sandbox(backend: tuple[str, list[bytes]]) -> None:
    running = mapped(kind="HTTP_PROXY", http_method="GET", uri=backend[0] + "/x")
    assert (await running.call("POST", "/")).status == 200
    assert (await running.call("POST", "/", from_sandbox=True)).status == 500
    assert len(backend[1]) == 1


async def test_a_machines_own_public_address_is_closed_to_sandboxes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await resolve("93.184.216.34", 80, public_only=True) == "93.184.216.34"
    monkeypatch.setattr(http_client, "is_own_address", lambda ip: str(ip) == "93.184.216.34")
    with pytest.raises(HttpFailed, match="closed"):
        await resolve("93.184.216.34", 80, public_only=True)
    assert await resolve("93.184.216.34", 80)


async def test_mappings_name_the_host_but_not_the_end_of_the_body(backend: tuple[str, list[bytes]]) -> None:
    url, heard = backend
    headers = {"Host": "'shop.example'", "TE": "'gzip'", "Connection": "'keep-alive'", "Trailer": "'a'"}

    def mapping(kind: str, headers: dict[str, str]) -> House:
        return mapped(
            kind=kind,
            http_method="POST",
            uri=url + "/",
            request_parameters={f"integration.request.header.{name}": headers[name] for name in headers},
        )

    for kind in ("HTTP", "HTTP_PROXY"):
        for name in ("Transfer-Encoding", "content-length"):  # recorded
            refused = await mapping(kind, {name: "'chunked'"}).call("POST", "/", b"body")
            assert (refused.status, message_of(refused)) == (500, {"message": "Internal server error"})
    assert heard == []
    assert (await mapping("HTTP", headers).call("POST", "/", b"body")).status == 200
    lines = heard[0].partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
    assert [line for line in lines if line.startswith(b"host:")] == [b"host: shop.example"]
    assert b"connection: close" in lines and b"content-length: 4" in lines and b"trailer: a" in lines
    assert not any(line.startswith((b"transfer-encoding", b"te:")) or b"keep-alive" in line for line in lines)


async def test_a_connection_is_known_while_it_is_open_and_a_moment_longer() -> None:
    own = OwnConnections()
    with own.while_open(("127.0.0.1", 4000)):
        assert own.includes("127.0.0.1", 4000) and own.includes("::ffff:127.0.0.1", 4000)
        assert not own.includes("127.0.0.1", 4001) and not own.includes("", 4000)
    assert own.includes("127.0.0.1", 4000)  # what was sent may not be read yet


# --- the mapper under any input -------------------------------------------------------------------

EXPRESSIONS = st.sampled_from(
    [
        "method.request.header.X",
        "method.request.querystring.a b",
        "method.request.path.id",
        "method.request.multivaluequerystring.q",
        "method.request.multivalueheader.X",
        "method.request.body",
        "method.request.body.a.b",
        "method.request.body.$..*",
        "method.request.body.$[",
        "context.identity.sourceIp",
        "context.identity",
        "context.nothing.at.all",
        "stageVariables.k",
        "'static'",
        "''",
        "'",
        "",
        "nonsense",
        "method.request.",
        "integration.response.header.x",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "integration.request.header.A",
                "integration.request.querystring.b",
                "integration.request.path.c",
                "integration.request.header.",
                "x",
            ]
        ),
        EXPRESSIONS,
    ),
    st.binary(max_size=60) | st.sampled_from([b'{"a":{"b":[1]}}', b"null", b"[" * 5000]),
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), max_size=30),
    st.lists(
        st.tuples(st.sampled_from(["X", "x", "Content-Type", "Accept"]), st.text(max_size=10)), max_size=4
    ),
)
def test_any_request_gets_an_answer(
    mappings: dict[str, str], body: bytes, tail: str, headers: list[tuple[str, str]]
) -> None:
    running = mapped(
        kind="MOCK",
        path="/{id+}",
        request_parameters=mappings,
        request_templates={"application/json": '{"statusCode": 200}', "$default": '{"statusCode": 201}'},
    )
    response = asyncio.run(running.call("POST", f"/x{tail}", body, headers))
    assert response.status in (200, 403), response.body
    assert json.loads(response.body or b"{}") is not None


async def test_the_response_template_reads_what_the_request_template_overrode() -> None:
    request_template = (
        '#set($name = "a")#set($context.requestOverride.querystring[$name] = "set")'
        '#set($x = $context.requestOverride.querystring.put("b", "put"))'
        '#set($context["requestOverride"].path["c"] = "nested")'
        '{"statusCode": 200}'
    )
    seen = "$context.requestOverride"
    template = f"{seen}.querystring.a {seen}.querystring.b {seen}.path.c"
    running = mapped(
        answer("200", None, {}, {"application/json": template}),
        kind="MOCK",
        verb="GET",
        request_templates={"application/json": request_template},
    )
    assert (await running.call("GET", "/")).body == b"set put nested"


@pytest.mark.parametrize("behavior", ["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"])
async def test_a_template_that_was_left_empty_passes_the_body_through(behavior: str) -> None:
    running = mapped(
        answer("200", None, {}, {"application/json": None}),
        request_templates={"application/json": None},
        passthrough_behavior=behavior,
    )
    response = await running.call("POST", "/", body=b'{"in": 1}')
    assert (response.status, response.body) == (200, b'{"statusCode": 200, "body": "ok"}')
    assert running.functions.events == [{"in": 1}]
