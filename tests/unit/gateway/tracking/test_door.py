"""The door of tracking servers: what the server behind gets of a page's request, and what is turned away."""

from __future__ import annotations

import asyncio
import socket
from contextlib import aclosing
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.api.streams import Streamed
from sagehen.gateway.tracking import answers
from sagehen.gateway.tracking.address import TrackingCall
from sagehen.gateway.tracking.answers import Tracking
from sagehen.services.sagemaker.tracking_servers.entrance import Admitted
from sagehen.services.sagemaker.tracking_servers.visits import Refused
from tests.unit.gateway.making import incoming

HOST = "t-1.experiments.us-east-1.localhost:4566"
PAGE = TrackingCall(region="us-east-1", label="t-1")
OWN = {"origin": f"http://{HOST}", "cookie": "other=1; sagehen-notebook=abcdefghijklmnopqrst"}


class Behind:
    """A tracking server that runs, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked = b""
        self._answering: asyncio.Task[None] | None = None

    async def connect(self) -> socket.socket:
        near, far = socket.socketpair()
        near.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=far)
        self._answering = asyncio.create_task(self._answer(reader, writer))
        return near

    async def is_left(self) -> None:
        """Wait until the door has closed its connection."""
        assert self._answering is not None
        async with asyncio.timeout(30):
            await self._answering

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not self.asked.endswith(b"hoot") and (piece := await reader.read(65536)):
            self.asked += piece
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


def door(admitted: Any) -> Tracking:
    entrance: Any = SimpleNamespace(admit_session=lambda *_: admitted)
    authenticator: Any = None

    async def found() -> Any:
        return entrance

    return Tracking(found, authenticator)


async def test_a_request_of_the_page_reaches_the_server_without_what_is_ours() -> None:
    behind = Behind()
    request = incoming(
        "POST", "/ajax-api/2.0/mlflow/runs/search", host=HOST, headers=OWN, length=None, content=b"hoot"
    )
    answer = await door(Admitted(behind)).answer(request, PAGE)  # type: ignore[arg-type]
    assert answer.status == 200 and isinstance(answer.body, Streamed)
    async with aclosing(answer.body.chunks) as chunks:  # type: ignore[type-var]
        assert b"".join([piece async for piece in chunks]) == b"ok"
    await behind.is_left()
    head = behind.asked.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"post /ajax-api/2.0/mlflow/runs/search http/1.1\r\nhost: localhost\r\n")
    assert b"content-length: 4" in head and b"cookie: other=1" in head
    assert b"origin" not in head and b"sagehen-notebook" not in head


@pytest.mark.parametrize("length", [None, 11])
async def test_a_request_that_is_too_long_is_turned_away(
    monkeypatch: pytest.MonkeyPatch, length: int | None
) -> None:
    monkeypatch.setattr(answers, "_MOST_BODY_BYTES", 10)
    request = incoming("POST", "/graphql", host=HOST, headers=OWN, length=length, content=b"x" * 11)
    assert (await door(SimpleNamespace(registering=None)).answer(request, PAGE)).status == 413


@pytest.mark.parametrize(
    ("headers", "admitted", "status"),
    [({**OWN, "origin": "http://evil.example"}, object(), 403), (OWN, Refused(503, "CODE", "why"), 503)],
)
async def test_who_is_not_let_in(headers: dict[str, str], admitted: object, status: int) -> None:
    request = incoming("POST", "/graphql", host=HOST, headers=headers)
    assert (await door(admitted).answer(request, PAGE)).status == status


class Registering:
    """What SageMaker's registry does with a request."""

    def __init__(self, why: str | None = None) -> None:
        self.why, self.done = why, list[str]()

    async def refusal(self, body: bytes) -> str | None:
        self.done.append(body.decode())
        return self.why

    async def follow(self) -> None:
        self.done.append("followed")


@pytest.mark.parametrize("why", [None, "no right"])
async def test_the_registry_is_asked_before_and_told_after(why: str | None) -> None:
    behind, registering = Behind(), Registering(why)
    request = incoming(
        "POST", "/api/2.0/mlflow/model-versions/create", host=HOST, headers=OWN, length=4, content=b"hoot"
    )
    admitted: Any = SimpleNamespace(running=behind, registering=registering)
    answer = await door(admitted).answer(request, PAGE)
    if why is not None:
        assert answer.status == 403 and b"no right" in answer.body and not behind.asked  # type: ignore[operator]
        assert registering.done == ["hoot"]
        return
    assert answer.status == 200 and isinstance(answer.body, Streamed)
    await answer.body.aclose()
    await behind.is_left()
    assert registering.done == ["hoot", "followed"] and behind.asked.endswith(b"hoot")


async def test_who_leaves_while_a_model_is_registered_leaves_no_connection() -> None:
    behind, registering, begun = Behind(), Registering(), asyncio.Event()

    async def follow() -> None:
        begun.set()
        await asyncio.Event().wait()

    registering.follow = follow  # type: ignore[method-assign]
    request = incoming(
        "POST", "/api/2.0/mlflow/model-versions/create", host=HOST, headers=OWN, length=4, content=b"hoot"
    )
    admitted: Any = SimpleNamespace(running=behind, registering=registering)
    asking = asyncio.create_task(door(admitted).answer(request, PAGE))
    async with asyncio.timeout(30):
        await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await behind.is_left()
