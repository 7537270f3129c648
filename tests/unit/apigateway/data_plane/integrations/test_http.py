"""HTTP and HTTP_PROXY: what a web server is sent, what becomes of its answer, and which are closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagehen.services.apigateway.data_plane.integrations import http_client
from sagehen.services.apigateway.data_plane.integrations.http_client import HttpFailed, resolve
from sagehen.services.apigateway.data_plane.integrations.own_connections import OwnConnections
from tests.unit.apigateway.data_plane.house import House, answer, mapped, message_of


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


async def test_http_that_does_not_answer(
    backend: tuple[str, list[bytes]], caplog: pytest.LogCaptureFixture
) -> None:
    slow = mapped(kind="HTTP_PROXY", http_method="GET", uri=backend[0] + "/slow", timeout_ms=60)
    assert (await slow.call("POST", "/")).status == 504
    closed = mapped(kind="HTTP_PROXY", http_method="GET", uri="http://127.0.0.1:1/")
    response = await closed.call("POST", "/")
    assert (response.status, message_of(response)) == (504, {"message": "Internal server error"})
    for uri in ("gopher://x/", "http://[", "http://[${stageVariables.k}/", "http://a:b/", "http:///x"):
        bad = mapped(kind="HTTP_PROXY", http_method="GET", uri=uri)
        assert (await bad.call("POST", "/")).status == 500
    assert "failed" not in caplog.text  # none of them as a fault of ours


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
