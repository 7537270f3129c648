"""Telemetry: what may be subscribed to, how events are spelt, and what happens where nobody takes them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import Any

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.services.lambda_.execution import platform_events
from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.replies import Reply
from sagehen.services.lambda_.execution.telemetry.buffer import Buffer
from sagehen.services.lambda_.execution.telemetry.shapes import spelt
from sagehen.services.lambda_.execution.telemetry.streams import Streams
from sagehen.services.lambda_.execution.telemetry.subscription import Subscription, subscription_in

RESERVED = (9001, 4566)
WANTED: dict[str, Any] = {
    "schemaVersion": "2022-12-13",
    "types": ["platform", "function"],
    "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:8080/in?x=1"},
}


def subscribed(body: Any, api: Any = "telemetry") -> Subscription | str:
    found = subscription_in(api, body if isinstance(body, bytes) else json.dumps(body).encode(), RESERVED)
    return str(json.loads(found.body)["errorMessage"]) if isinstance(found, Reply) else found


def test_defaults() -> None:
    assert subscribed(WANTED) == Subscription(
        "telemetry", "2022-12-13", ("platform", "function"), "HTTP", 8080, "POST", "/in?x=1",
        10_000, 262_144, 1_000,
    )  # fmt: skip
    logs = {"types": ["extension"], "destination": {"protocol": "TCP", "port": 8080}}
    assert subscribed(logs, "logs") == Subscription("logs", "2020-08-15", ("extension",), "TCP", 8080)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schemaVersion": "2020-08-15"}, "schemaVersion should be one of"),
        ({"schemaVersion": None}, "schemaVersion should be one of"),
        ({"types": []}, "types should not be empty"),
        ({"types": "platform"}, "types should not be empty"),
        ({"types": ["platform", "metrics"]}, "types should be of platform, function, extension"),
        ({"types": [{}]}, "types should be of"),
        ({"buffering": {"maxItems": 999}}, "maxItems should be between 1000 and 10000"),
        ({"buffering": {"maxBytes": 1_048_577}}, "maxBytes should be between 262144 and 1048576"),
        ({"buffering": {"timeoutMs": 24}}, "timeoutMs should be between 25 and 30000"),
        ({"buffering": {"timeoutMs": True}}, "timeoutMs should be between"),
        ({"buffering": []}, "buffering should be an object"),
        ({"destination": None}, "protocol should be HTTP or TCP"),
        (
            {"destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain/"}},
            "URI port is not provided",
        ),
        (
            {"destination": {"protocol": "HTTP", "URI": "http://127.0.0.1:80/"}},
            "URI should be http://sandbox",
        ),
        ({"destination": {"protocol": "HTTP", "URI": "https://sandbox:80/"}}, "URI should be http://sandbox"),
        ({"destination": {"protocol": "HTTP", "URI": "http://sandbox:80/a\r\nX: y"}}, "URI should be"),
        ({"destination": {"protocol": "HTTP", "URI": "http://sandbox:80/\u00e4"}}, "URI should be"),
        # The platform's own places in there.
        ({"destination": {"protocol": "HTTP", "URI": "http://sandbox:9001/"}}, "port is not one to send to"),
        ({"destination": {"protocol": "HTTP", "URI": "http://sandbox:4566/"}}, "port is not one to send to"),
        ({"destination": {"protocol": "HTTP", "URI": "http://sandbox:0/"}}, "port is not one to send to"),
        ({"destination": {"protocol": "TCP", "port": 65_536}}, "port is not one to send to"),
        ({"destination": {"protocol": "TCP", "URI": f"tcp:{'9' * 5000}"}}, "port is not one to send to"),
        ({"destination": {"protocol": "TCP"}}, "port is not one to send to"),
        (
            {"destination": {"protocol": "HTTP", "URI": "http://sandbox:80/", "method": "GET"}},
            "method should",
        ),
    ],
)
def test_what_cannot_be_subscribed_to(change: dict[str, Any], message: str) -> None:
    said = subscribed(WANTED | change)
    assert isinstance(said, str)
    assert message in said


def test_all_that_is_wrong_is_told_at_once() -> None:
    said = subscribed(WANTED | {"types": [], "destination": {"protocol": "HTTP", "URI": "http://sandbox/"}})
    assert said == "types should not be empty; URI port is not provided"
    for body in (b"", b"[]", b"{" * 9_000, b" " * 20_000):
        assert subscribed(body) == "the request is not an object"


def test_the_older_api_has_words_of_its_own() -> None:
    crash = Fault("error", "Runtime.ExitError")
    events = [
        platform_events.init_report(platform_events.Phase("on-demand", "init"), 1.0, None),
        platform_events.runtime_done("r", 1.0, None, crash),
        platform_events.report("r", {"durationMs": 1.0}, crash),
    ]

    def told(api: Any, schema: str) -> list[tuple[str, Any]]:
        subscription = Subscription(api, schema, ("platform",), "TCP", 8080)
        return [one for event in events for one in spelt(event, subscription)]

    kinds = [kind for kind, _ in told("telemetry", "2022-12-13")]
    assert kinds == ["platform.initReport", "platform.runtimeDone", "platform.report"]
    ends = [
        ("platform.end", {"requestId": "r"}),
        ("platform.report", {"requestId": "r", "metrics": {"durationMs": 1.0}}),
    ]
    assert told("logs", "2020-08-15") == ends
    done = ("platform.runtimeDone", {"requestId": "r", "status": "failure"})
    assert told("logs", "2021-03-18") == [done, *ends]


def test_a_buffer_counts_what_it_cannot_hold() -> None:
    buffer = Buffer(3, 100)
    for size in (60, 50, 40, 1):
        buffer.add(b"x" * size)
    assert [len(one) for one in buffer.take()] == [60, 40]
    assert (buffer.dropped(), buffer.dropped()) == ((2, 51), (0, 0))
    for _ in range(4):
        buffer.add(b"x")
    assert (len(buffer.take()), buffer.dropped()) == (3, (1, 1))


async def test_what_a_slow_listener_does_not_take_is_dropped_and_told() -> None:
    heard: list[Any] = []
    slow, gone = asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                heard.append(json.loads(await reader.readexactly(length)))
                await slow.wait()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        gone.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def connect(_: int) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", port))
        made.setblocking(False)
        return made

    streams = Streams(connect, SystemClock(), RESERVED, lambda *_: None, keeps_early=True)
    streams.printed("function", "early")
    wanted = WANTED | {"types": ["function"], "buffering": {"maxItems": 1_000, "timeoutMs": 25}}
    assert streams.subscribe("telemetry", "e", json.dumps(wanted).encode()).status == 200
    assert streams.subscribe("logs", "e", b"{}").status == 400
    while not heard:
        await asyncio.sleep(0.001)
    for number in range(1_003):
        streams.printed("function", str(number))
    slow.set()
    while not any(one["type"] == "platform.logsDropped" for batch in heard for one in batch):
        await asyncio.sleep(0.001)
    told = [one for batch in heard for one in batch]
    assert [one["record"] for one in told[:3]] == ["early", "0", "1"]
    assert len(told) == 1 + 1_000 + 1
    assert told[-1]["record"]["droppedRecords"] == 3
    streams.close_subscriptions()
    assert streams.subscribe("telemetry", "late", json.dumps(wanted).encode()).status == 403
    await streams.close()
    await gone.wait()
    server.close()
