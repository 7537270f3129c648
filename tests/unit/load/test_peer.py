"""HTTPS, directly and through a proxy that tunnels."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sagehen.load.measured.tally import Tally, total
from sagehen.load.outgoing.payload import Body
from sagehen.load.outgoing.requests import Requests
from sagehen.load.sender.open_loop import OpenLoop
from sagehen.load.sender.peer import Peer
from tests.unit.load.test_open_loop import OK, answering, order

HOST = "api.example.test"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate of HOST that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@asynccontextmanager
async def secured(certificate: Path) -> AsyncIterator[int]:
    """Yield the port of a server that speaks TLS and answers OK."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answering(OK)(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def tunnelling(port: int, answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Yield a proxy's port, and what it was asked; it leads everything to one port."""
    asked: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65536):
                writer.write(piece)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(answer)
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], asked


async def _sent(url: str) -> Tally:
    peer = Peer(url)
    requests = Requests(order(url), [Body(b"", "")], None).next
    loop = OpenLoop(
        iter([0.0, 0.02, 0.04]),
        requests,
        peer.connect,
        begin=time.monotonic(),
        slot=1.0,
        most_in_flight=5,
        timeout=20.0,
    )
    await loop.run()
    return total(loop.tallies)


async def test_through_a_proxy(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with (
        secured(certificate) as port,
        tunnelling(port, b"HTTP/1.1 200 Connection established\r\n\r\n") as (proxy, asked),
    ):
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        tally = await _sent(f"https://{HOST}/x")
    assert (tally.succeeded, list(tally.failures)) == (3, [])
    assert set(asked) == {f"CONNECT {HOST}:443 HTTP/1.1".encode()}


async def test_a_proxy_that_refuses(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with (
        secured(certificate) as port,
        tunnelling(port, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as (proxy, _),
    ):
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"127.0.0.1:{proxy}")
        tally = await _sent(f"https://{HOST}/x")
    assert list(tally.failures) == ["connection refused"]


async def test_a_certificate_of_somebody_else(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("no_proxy", "localhost")
    async with secured(certificate) as port:
        tally = await _sent(f"https://localhost:{port}/x")
    assert list(tally.failures) == ["cannot connect: SSLCertVerificationError"]
