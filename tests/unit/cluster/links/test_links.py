"""Links between a platform and nodes on this machine: who gets in, what passes, what hostile nodes can do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sagehen.cluster.authority import certificates
from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.authority.requests import BadRequest, request_for, signed
from sagehen.cluster.authority.tokens import Token, Tokens
from sagehen.cluster.links import link as links
from sagehen.cluster.links import server as servers
from sagehen.cluster.links.client import LinkClient
from sagehen.cluster.links.contexts import node_context, show
from sagehen.cluster.links.frames import HEADER, Kind, frame, opening
from sagehen.cluster.links.identity import NodeIdentity
from sagehen.cluster.links.joining import JoinRefused, join
from sagehen.cluster.links.server import LinkServer
from sagehen.cluster.links.windows import FIRST_BYTES
from sagehen.cluster.streams import Link, LinkLost, Stream, StreamRefused, receive_all

PATIENCE_S = 20.0


async def echo(arguments: Mapping[str, Any], stream: Stream) -> None:
    while data := await stream.receive():
        await stream.send(data)


async def fail(arguments: Mapping[str, Any], stream: Stream) -> None:
    raise RuntimeError("a secret detail")


async def idle(arguments: Mapping[str, Any], stream: Stream) -> None:
    await asyncio.sleep(PATIENCE_S)


@dataclass
class Platform:
    server: LinkServer
    authority: Authority
    tokens: Tokens
    folder: Path
    port: int = 0
    links: asyncio.Queue[Link] = field(default_factory=asyncio.Queue)
    known: set[str] | None = None

    async def linked(self) -> Link:
        return await asyncio.wait_for(self.links.get(), PATIENCE_S)

    async def join(self, name: str = "node") -> NodeIdentity:
        return await join("127.0.0.1", self.port, self.tokens.issue(), self.folder / name)

    def client(self, identity: NodeIdentity, arrived: asyncio.Queue[Link] | None = None) -> LinkClient:
        async def on_link(link: Link) -> None:
            if arrived is not None:
                arrived.put_nowait(link)

        handlers = {"echo": echo, "fail": fail, "idle": idle}
        return LinkClient("127.0.0.1", self.port, identity, handlers, on_link)


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    authority = Authority(tmp_path / "tls")
    authority.ensure()
    tokens = Tokens(tmp_path / "tls" / "tokens.json", authority.pin)

    async def on_link(link: Link) -> None:
        made.links.put_nowait(link)

    server = LinkServer(
        authority,
        tokens,
        handlers_for=lambda node: {"echo": echo, "idle": idle},
        on_link=on_link,
        is_known=lambda node: made.known is None or node in made.known,
    )
    made = Platform(server, authority, tokens, tmp_path)
    made.port = await server.start("127.0.0.1", 0)
    yield made
    await server.stop()


@pytest.fixture
async def node(platform: Platform) -> AsyncIterator[tuple[Link, Link]]:
    """The two ends of a link: the platform's and the node's."""
    arrived: asyncio.Queue[Link] = asyncio.Queue()
    client = platform.client(await platform.join(), arrived)
    await client.start()
    yield await platform.linked(), await asyncio.wait_for(arrived.get(), PATIENCE_S)
    await client.close()


async def say(link: Link, data: bytes, kind: str = "echo") -> bytes:
    stream = await link.open(kind, {}, timeout_s=PATIENCE_S)
    sending = asyncio.create_task(_say(stream, data))
    try:
        return await receive_all(stream)
    finally:
        await sending


async def _say(stream: Stream, data: bytes) -> None:
    await stream.send(data)
    await stream.finish()


async def test_streams_go_both_ways_whatever_their_size(platform: Platform, node: tuple[Link, Link]) -> None:
    here, there = node
    assert here.peer.startswith("node-")
    assert there.peer == "platform"
    for link in node:
        for size in (0, 1, FIRST_BYTES, 3_000_001):
            data = bytes(size % 251 for _ in range(7)) * (size // 7 + 1)
            assert await say(link, data[:size]) == data[:size]


async def test_refusals_and_failures_are_told_without_details(node: tuple[Link, Link]) -> None:
    here, _ = node
    with pytest.raises(StreamRefused, match="nobody serves sudo"):
        await here.open("sudo", {}, timeout_s=PATIENCE_S)
    stream = await here.open("fail", {}, timeout_s=PATIENCE_S)
    with pytest.raises(StreamRefused, match=r"^RuntimeError$"):
        await stream.receive()
    stream = await here.open("echo", {}, timeout_s=PATIENCE_S)
    stream.reset("enough")
    stream.reset("twice")
    with pytest.raises(StreamRefused, match="enough"):
        await stream.send(b"x")
    assert await say(here, b"still there") == b"still there"


async def test_who_does_not_read_holds_up_nobody_else(node: tuple[Link, Link]) -> None:
    here, _ = node
    deaf = await here.open("idle", {}, timeout_s=PATIENCE_S)
    sending = asyncio.create_task(deaf.send(bytes(5_000_000)))
    for _ in range(3):
        assert await say(here, bytes(300_000)) == bytes(300_000)
    assert not sending.done()
    deaf.reset("enough")
    with pytest.raises(StreamRefused):
        await sending


async def test_so_many_streams_and_no_more(node: tuple[Link, Link], monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = node
    monkeypatch.setattr(there, "most_streams", 3)
    open_ones = [await here.open("echo", {}, timeout_s=PATIENCE_S) for _ in range(3)]
    with pytest.raises(StreamRefused, match="too many"):
        await here.open("echo", {}, timeout_s=PATIENCE_S)
    await open_ones[0].finish()
    assert await open_ones[0].receive() == b""
    assert await say(here, b"x") == b"x"


async def test_a_lost_link_fails_its_streams_and_is_dialled_again(
    platform: Platform, node: tuple[Link, Link]
) -> None:
    here, _ = node
    stream = await here.open("echo", {}, timeout_s=PATIENCE_S)
    platform.server.drop(here.peer)
    with pytest.raises(LinkLost):
        await stream.receive()
    with pytest.raises(LinkLost):
        await here.open("echo", {}, timeout_s=PATIENCE_S)
    again = await platform.linked()
    assert again.peer == here.peer
    assert await say(again, b"x") == b"x"


async def test_a_silent_peer_is_found_dead(node: tuple[Link, Link], monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = node
    monkeypatch.setattr(links, "DEAD_S", 0.3)
    monkeypatch.setattr(links, "PING_S", 0.1)
    monkeypatch.setattr(type(there), "write", lambda self, data: None)  # neither pings nor answers go out
    await asyncio.wait_for(here.closed(), PATIENCE_S)
    with pytest.raises(LinkLost):
        await here.open("echo", {}, timeout_s=PATIENCE_S)


async def test_a_token_is_good_once_and_for_its_platform(platform: Platform, tmp_path: Path) -> None:
    token = platform.tokens.issue()
    identity = await join("127.0.0.1", platform.port, token, tmp_path / "a")
    assert NodeIdentity.read(tmp_path / "a") == identity
    with pytest.raises(JoinRefused, match="not good, or not any more"):
        await join("127.0.0.1", platform.port, token, tmp_path / "b")
    assert NodeIdentity.read(tmp_path / "b") is None
    other = Authority(tmp_path / "other")
    other.ensure()
    foreign = str(Token(Token.read(token).secret, other.pin))
    with pytest.raises(JoinRefused, match="its key is another"):
        await join("127.0.0.1", platform.port, foreign, tmp_path / "b")


async def test_guessing_ends_soon(platform: Platform, tmp_path: Path) -> None:
    wrong = str(Token("a" * 32, platform.authority.pin))
    said = set()
    for _ in range(22):
        with pytest.raises(JoinRefused) as refused:
            await join("127.0.0.1", platform.port, wrong, tmp_path / "b")
        said.add(str(refused.value)[:16])
    assert said == {"the token is not", "too many tokens "}


async def raw(
    platform: Platform, certificate: bytes | None, key: bytes = b""
) -> tuple[Any, asyncio.StreamWriter]:
    """Connect as a peer that writes what it likes."""
    context = node_context(platform.authority.certificate_path.read_text())
    if certificate is not None:
        show(context, certificate, key, platform.folder)
    return await asyncio.open_connection("127.0.0.1", platform.port, ssl=context)


async def ends(platform: Platform, certificate: bytes | None, key: bytes = b"", *, say: bytes = b"") -> bytes:
    """Return what such a peer reads until the platform ends it."""
    read = b""
    try:
        reader, writer = await raw(platform, certificate, key)
        try:
            writer.write(say)
            while data := await asyncio.wait_for(reader.read(65536), PATIENCE_S):
                read += data
        finally:
            writer.close()
    except (ssl.SSLError, ConnectionError):
        pass
    return read


async def test_foreign_expired_revoked_and_other_certificates_open_nothing(
    platform: Platform, tmp_path: Path
) -> None:
    ask = opening(1, "echo", b"{}")
    opened = frame(Kind.OPENED, 1)
    key = certificates.new_key()
    pem, request = certificates.private_pem(key), request_for(key)
    foreign = Authority(tmp_path / "foreign")
    foreign.ensure()
    past = Authority(tmp_path / "tls", lambda: datetime.now(UTC) - timedelta(days=8))
    platform.known = {"node-good", "node-old"}
    for authority, name in ((foreign, "node-good"), (past, "node-old"), (platform.authority, "node-gone")):
        assert opened not in await ends(platform, signed(authority, request, name), pem, say=ask), name
    # The platform's own certificate, and one of the door for clients, are no node's.
    for uris in (["sagehen://platform"], ["sagehen://node/"], []):
        holder = certificates.Holder("x", ["box.lan"], uris, usage="both")
        issued = platform.authority.issue(holder, timedelta(days=1))
        assert opened not in await ends(platform, issued.certificate_pem, issued.key_pem, say=ask), uris
    # A stranger asks for what only nodes may have.
    assert b"nobody serves echo" in await ends(platform, None, say=ask + HEADER.pack(0, 0, 0))
    assert opened in await ends(
        platform, signed(platform.authority, request, "node-good"), pem, say=ask + HEADER.pack(0, 0, 0)
    )


@pytest.mark.parametrize(
    "said",
    [
        b"\xff" * 100,
        opening(2, "echo", b"{}"),
        opening(1, "echo", b"{}") * 2,
        opening(1, "echo", b"[]"),
        opening(1, "echo", b"{"),
        opening(1, "echo", b"[" * 60_000),
        frame(Kind.DATA, 7, b"x"),
        frame(Kind.FINISH, 0),
        frame(Kind.CREDIT, 1, bytes(4)),
        opening(1, "echo", b"{}") + frame(Kind.CREDIT, 1, b"\xff" * 4) * 2,
        opening(1, "echo", b"{}") + frame(Kind.CREDIT, 1, b"1"),
        opening(1, "idle", b"{}") + frame(Kind.DATA, 1, bytes(60_000)) * 2,
        opening(1, "idle", b"{}") + frame(Kind.FINISH, 1) + frame(Kind.DATA, 1, b"x"),
    ],
)
async def test_a_node_that_breaks_the_rules_is_given_up(platform: Platform, said: bytes) -> None:
    identity = await platform.join()
    shown = identity.certificate_pem.encode(), identity.key_pem.encode()
    await ends(platform, *shown, say=said)
    # That link alone: the next one is taken as any other.
    proper = opening(1, "echo", b"{}") + HEADER.pack(0, 0, 0)
    assert frame(Kind.OPENED, 1) in await ends(platform, *shown, say=proper)


async def test_floods_leave_the_loop_to_others(platform: Platform) -> None:
    identity = await platform.join()
    flood = frame(Kind.PING, 0) * 15_000 + opening(1, "idle", b"{}") + frame(Kind.DATA, 1, b"x") * 10_000
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    reader, writer = await raw(platform, identity.certificate_pem.encode(), identity.key_pem.encode())
    before = turns
    writer.write(flood + HEADER.pack(0, 0, 0))
    while await asyncio.wait_for(reader.read(1 << 20), PATIENCE_S):
        pass
    writer.close()
    counting.cancel()
    assert turns - before >= 25  # 25,000 frames, a thousand in a turn


async def test_a_certificate_is_renewed_over_its_link(platform: Platform) -> None:
    client = platform.client(before := await platform.join())
    await client.start()
    link: Any = await platform.linked()
    while not await client.renew_if_due(datetime.now(UTC) + timedelta(days=2)):
        await asyncio.sleep(0.01)
    assert not await client.renew_if_due()
    renewed = NodeIdentity.read(before.folder)
    assert renewed == client.identity
    assert renewed is not None
    assert (renewed.name, renewed.key_pem == before.key_pem) == (before.name, False)
    platform.server.drop(link.peer)  # the next link shows the new one
    assert (await platform.linked()).peer == before.name
    await client.close()


async def test_whose_certificate_ends_is_let_go(platform: Platform) -> None:
    client = platform.client(await platform.join())
    await client.start()
    link: Any = await platform.linked()
    platform.known = set()
    await platform.server._round()
    await asyncio.wait_for(link.closed(), PATIENCE_S)
    with pytest.raises(LinkLost):
        await link.open("echo", {}, timeout_s=PATIENCE_S)
    await client.close()


def test_what_cannot_be_signed(tmp_path: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import Encoding

    authority = Authority(tmp_path)
    authority.ensure()
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    strange = builder.sign(ed25519.Ed25519PrivateKey.generate(), None).public_bytes(Encoding.PEM)
    curve = builder.sign(ec.generate_private_key(ec.SECP384R1()), hashes.SHA256()).public_bytes(Encoding.PEM)
    for request in (b"", b"\xff\0", b"x" * 9000, strange, curve):
        with pytest.raises(BadRequest):
            signed(authority, request, "node-x")
    # A request that asks to be the platform becomes a node all the same.
    asks = builder.add_extension(
        x509.SubjectAlternativeName([x509.UniformResourceIdentifier("sagehen://platform")]), critical=False
    ).sign(certificates.new_key(), hashes.SHA256())
    given = x509.load_pem_x509_certificate(signed(authority, asks.public_bytes(Encoding.PEM), "node-x"))
    names = given.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.UniformResourceIdentifier("sagehen://node/node-x")]


async def test_a_plain_or_slow_peer_is_nobody(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_STRANGER_S", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", platform.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    await asyncio.wait_for(reader.read(), PATIENCE_S)  # TLS's alert, and the end
    writer.close()
    assert await ends(platform, None) != b"\xff"  # a stranger that says nothing is seen off
    await platform.join()
