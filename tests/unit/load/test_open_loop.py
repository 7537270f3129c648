"""The sender against servers that answer, stand still, hang up and babble."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import chain

import pytest

from sagehen.load.measured.tally import Tally, total
from sagehen.load.outgoing.order import Keys, Order, Signing
from sagehen.load.outgoing.payload import Body, PayloadError, from_folder, from_text
from sagehen.load.outgoing.requests import Requests, Signer
from sagehen.load.outgoing.schedule import moments
from sagehen.load.run.senders import SenderFailed, Senders
from sagehen.load.sender.open_loop import OpenLoop
from sagehen.load.sender.peer import Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[str]:
    """Yield the URL of a server that treats each connection so, and hangs up after it."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behaviour(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"


def answering(answer: bytes, pause: float = 0.0) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            if pause:
                await asyncio.sleep(pause)
            writer.write(answer)

    return behave


def once(answer: bytes) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return behave


def order(url: str, **changes: object) -> Order:
    plain = {
        "url": url, "method": "GET", "headers": [], "text": None, "file": None, "folder": None,
        "content_type": None, "signing": None, "rate": "100", "trace": None, "duration": 0.1, "evenly": True,
        "seed": 1, "slot": 1.0, "most_in_flight": 100, "timeout": 5.0,
    }  # fmt: skip
    return Order(**(plain | changes))  # type: ignore[arg-type]


async def sent(url: str, moments: list[float], *, most: int = 100, timeout: float = 5.0) -> Tally:
    loop = OpenLoop(
        iter(moments),
        Requests(order(url), [Body(b"", "")], None).next,
        Peer(url).connect,
        begin=time.monotonic(),
        slot=1.0,
        most_in_flight=most,
        timeout=timeout,
    )
    await loop.run()
    assert loop.in_flight == 0
    return total(loop.tallies)


async def test_all_are_sent_and_counted() -> None:
    async with serving(answering(OK)) as url:
        tally = await sent(url, [n / 1000 for n in range(50)])
    assert (tally.due, tally.sent, tally.succeeded, tally.failed) == (50, 50, 50, 0)
    assert tally.latency.total == tally.lateness.total == 50


async def test_latency_counts_from_when_a_request_was_due() -> None:
    async with serving(answering(OK)) as url:
        tally = await sent(url, [-0.5, -0.4])  # as after a second in which this process did not run
    assert tally.latency.percentile(1) >= 400  # type: ignore[operator]
    assert tally.lateness.percentile(1) >= 400  # type: ignore[operator]


async def test_a_server_that_stands_still_delays_nobody_and_is_charged() -> None:
    async with serving(answering(OK, pause=0.2)) as url:
        tally = await sent(url, [0.0, 0.01, 0.02, 0.03])
    assert tally.succeeded == 4
    assert tally.latency.percentile(1) >= 200  # type: ignore[operator]


async def test_too_many_under_way_are_not_sent() -> None:
    async with serving(answering(OK, pause=0.2)) as url:
        tally = await sent(url, [0.0, 0.001, 0.002, 0.003], most=2)
    assert (tally.due, tally.sent, tally.not_sent, tally.succeeded) == (4, 2, 2, 2)


async def test_what_takes_too_long_is_given_up_and_counts_as_so_long() -> None:
    async with serving(answering(OK, pause=30)) as url:
        tally = await sent(url, [0.0], timeout=0.05)
    assert {kind: one.count for kind, one in tally.failures.items()} == {"timeout": 1}
    assert tally.latency.percentile(50) >= 50  # type: ignore[operator]


async def test_one_that_hangs_keeps_nothing_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagehen.load.sender.open_loop._MOST_STALE", 4)
    asked = iter(range(100))

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hangs = next(asked) == 0
        while True:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(30 if hangs else 0)
            writer.write(OK)

    async with serving(behave) as url:
        loop = OpenLoop(
            iter([0.0, *(0.01 + number / 1000 for number in range(40)), 3600.0]),
            Requests(order(url), [Body(b"", "")], None).next,
            Peer(url).connect,
            begin=time.monotonic(),
            slot=1.0,
            most_in_flight=4,
            timeout=0.5,
        )
        running = asyncio.create_task(loop.run())
        while total(loop.tallies).due < 41 or len(loop._waiting) > 2 * 4 + 4:
            await asyncio.sleep(0.001)
        assert not total(loop.tallies).failed  # it hangs still
        loop.stop()
        await running
    assert list(total(loop.tallies).failures) == ["timeout"]


async def test_nobody_listens() -> None:
    async with serving(answering(OK)) as url:
        pass
    tally = await sent(url, [0.0])
    assert list(tally.failures) == ["connection refused"]


@pytest.mark.parametrize(
    ("behaviour", "kinds"),
    [
        (once(b""), ["connection lost"]),
        (once(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), ["connection lost"]),
        (once(b"220 mail.example\r\n"), ["no HTTP"]),
        (once(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000), ["no HTTP: the head is too long"]),
        (once(b"HTTP/1.1 200 OK\r\n\r\nuntil the end"), []),
        (once(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK), []),
        (answering(OK + OK), []),  # an answer that nobody asked for cuts the connection
        (answering(b"HTTP/1.1 429 x\r\nX-Amzn-ErrorType: ThrottlingException\r\nContent-Length: 0\r\n\r\n"),
         ["429 ThrottlingException"]),
        (answering(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"), []),
        (answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), []),
    ],
)  # fmt: skip
async def test_odd_servers(behaviour: Behaviour, kinds: list[str]) -> None:
    async with serving(behaviour) as url:
        tally = await sent(url, [0.0, 0.03])
    assert sorted(tally.failures) == kinds
    assert tally.succeeded + tally.failed == tally.sent == 2


async def test_who_ends_it_gets_what_was_counted() -> None:
    async with serving(answering(OK)) as url:
        loop = OpenLoop(
            iter([0.0, 3600.0]),
            Requests(order(url), [Body(b"", "")], None).next,
            Peer(url).connect,
            begin=time.monotonic(),
            slot=1.0,
            most_in_flight=1,
            timeout=5.0,
        )
        running = asyncio.create_task(loop.run())
        while not total(loop.tallies).succeeded:
            await asyncio.sleep(0.001)
        loop.stop()
        await running
    assert total(loop.tallies).due == 1


async def test_processes_share_a_run() -> None:
    told: dict[int, dict[int, Tally]] = {0: {}, 1: {}}

    def hear(number: int, line: dict) -> None:  # type: ignore[type-arg]
        for slot, packed in line.get("tallies", ()):
            told[number].setdefault(slot, Tally()).add(Tally.unpacked(packed))

    async with serving(answering(OK)) as url:
        senders = Senders(order(url, rate="200", duration=0.1, shares=2), hear)
        await senders.start()
        await senders.finish()
        await senders.end()
    assert [total(part).succeeded for part in told.values()] == [10, 10]


async def test_a_sender_says_why_it_cannot() -> None:
    senders = Senders(order("http://127.0.0.1:1/", file="/nowhere/at/all"), lambda *_: None)
    with pytest.raises(SenderFailed, match="No such file"):
        await senders.start()
    await senders.end()


def test_senders_draw_the_same_moments_and_take_their_own() -> None:
    whole = list(moments(order("http://h/", rate="50", duration=10.0, evenly=False)))
    parts = [
        list(moments(order("http://h/", rate="50", duration=10.0, evenly=False, share=share, shares=3)))
        for share in range(3)
    ]
    assert sorted(chain.from_iterable(parts)) == whole


def test_bodies_take_turns_and_are_made_once(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "b").mkdir()
    for name, content in {"a.png": b"1", "b/c.jpg": b"2", ".hidden": b"3"}.items():
        (tmp_path / name).write_bytes(content)
    bodies = from_folder(tmp_path, None)
    requests = Requests(order("http://h:81/p?q", method="POST", headers=[("X-A", "b")]), bodies, None)
    requests.prepare()
    first, second, third = (b"".join(requests.next()) for _ in range(3))
    assert first == (
        b"POST /p?q HTTP/1.1\r\nHost: h:81\r\nX-A: b\r\nContent-Type: image/png\r\n"
        b"User-Agent: sagehen-load\r\nContent-Length: 1\r\n\r\n1"
    )
    assert second.endswith(b"\r\n\r\n2") and b"image/jpeg" in second
    assert third == first


def test_bodies_of_the_command_line(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert from_text('{"a": 1}', None) == Body(b'{"a": 1}', "application/json")
    assert from_text("a,b", None) == Body(b"a,b", "text/plain")
    assert from_text("[" * 100_000, "text/csv").content_type == "text/csv"
    with pytest.raises(PayloadError, match="no file"):
        from_folder(tmp_path, None)


def test_requests_are_signed_as_the_sdks_sign() -> None:
    signing = Signing("sagemaker", "eu-west-1", Keys("AKID", "secret", "token"))
    whole = order("http://h:81/endpoints/e/invocations", method="POST", text="[1]")
    requests = Requests(whole, [from_text("[1]", None)], Signer(whole, signing).headers)
    head = b"".join(requests.next()).decode()
    assert "Credential=AKID/" in head and "/eu-west-1/sagemaker/aws4_request" in head
    assert "\r\nX-Amz-Security-Token: token\r\n" in head
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token" in head
    assert b"".join(requests.next()).decode() == head


def test_a_header_given_twice_is_signed_and_sent_twice() -> None:
    whole = order("http://h/", headers=[("X-A", "1"), ("X-A", "2")])
    for sign in (None, Signer(whole, Signing("lambda", "eu-west-1", Keys("AKID", "secret"))).headers):
        head = b"".join(Requests(whole, [Body(b"", "")], sign).next()).decode()
        assert "\r\nX-A: 1\r\nX-A: 2\r\n" in head
