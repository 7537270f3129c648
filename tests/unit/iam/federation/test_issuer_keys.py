"""Issuers that are slow, endless, hostile or somewhere else, and keys that are no keys."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from sagehen.domain.clock import ManualClock
from sagehen.services.iam.errors import InvalidIdentityToken
from sagehen.services.iam.federation import documents
from sagehen.services.iam.federation.documents import Unreadable, read_document
from sagehen.services.iam.federation.identity_tokens import read_token, verify
from sagehen.services.iam.federation.issuer_keys import IssuerKeys, IssuerUnreachable
from tests.oidc_issuer import Issuer

NOW = datetime(2026, 11, 28, tzinfo=UTC)


Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[tuple[str, list[bytes]]]:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n"))
        try:
            await answer(writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with running:
        yield f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}", asked


def says(text: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return answer


def repeats(first: bytes, piece: bytes, pause_s: float) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return answer


_OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (repeats(_OK, b"x", 0.01), "no answer within"),  # a header's name that never ends
        (repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), "no answer within"),
        (repeats(_OK + b"\r\n", b" ", 0.01), "no answer within"),
        (repeats(_OK + b"\r\n", b" " * 60_000, 0), "longer than"),
        (says(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"), "answers 302"),
        (says(_OK + b"Content-Length: 10\r\n\r\n{}"), "body"),
        (says(_OK + b"\r\n[1]"), "no object"),
        (says(_OK + b"\r\n" + b"[" * 100_000), "recursion"),
        (says(b"HELO\r\n\r\n"), "status line"),
    ],
)  # fmt: skip
async def test_documents_are_read_within_bounds(
    answer: Any, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "TIMEOUT_S", 0.5)
    async with server(answer) as (url, _):
        with pytest.raises(Unreadable, match=why):
            await read_document(url, may_be_here=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest", "https://[fd00:ec2::254]/", "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/", "https://168.63.129.16/", "https://100.100.100.200/",
        "https://2852039166/", "https://0xa9.0xfe.0xa9.0xfe/", "http://169.254.169.254/",
    ],
)  # fmt: skip
async def test_no_metadata_service_is_asked(url: str) -> None:
    with pytest.raises(Unreadable, match=r"closed|not a URL"):
        await read_document(url, may_be_here=True)


async def test_an_issuer_elsewhere_leads_to_nobody_here() -> None:
    async with server(says(_OK + b"\r\n{}")) as (url, asked):
        port = url.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"):
            for scheme in ("http", "https"):
                with pytest.raises(Unreadable, match=r"not asked on behalf|not a URL"):
                    await read_document(f"{scheme}://{host}:{port}/", may_be_here=False)
        assert asked == []
        assert await read_document(url, may_be_here=True) == ({}, True)


async def test_who_comes_together_waits_for_one_answer_and_a_failure_is_remembered() -> None:
    clock = ManualClock(NOW)
    async with server(says(b"HTTP/1.1 500 Oops\r\n\r\n")) as (url, asked):
        keys = IssuerKeys(clock)

        async def ask() -> None:
            with pytest.raises(IssuerUnreachable):
                await keys.find(url, None)

        await asyncio.gather(*(ask() for _ in range(50)))
        await ask()
        assert len(asked) == 1
        await clock.advance(6)
        await ask()
        assert len(asked) == 2


def test_no_algorithm_makes_a_public_key_a_secret() -> None:
    issuer = Issuer()
    try:
        keys = issuer.document("/keys")["keys"]
        public = issuer.keys["one"].public_key()
        claims = {"iss": issuer.url, "sub": "s", "aud": "a", "exp": 2_000_000_000}
        secrets = [
            public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            json.dumps(keys[0]).encode(),
            b"",
        ]
        for algorithm, secret in itertools.product(("HS256", "HS512"), secrets):
            header, payload = (
                base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
                for part in ({"alg": algorithm, "typ": "JWT", "kid": "one"}, claims)
            )
            made = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
            signature = base64.urlsafe_b64encode(made.sign(header + b"." + payload, secret)).rstrip(b"=")
            token = read_token(b".".join((header, payload, signature)).decode())
            oct_key = {"kty": "oct", "k": base64.urlsafe_b64encode(secret).decode(), "kid": "one"}
            with pytest.raises(InvalidIdentityToken):
                verify(token, [*keys, oct_key])
        with pytest.raises(InvalidIdentityToken):
            verify(read_token(jwt.encode(claims, None, algorithm="none")), keys)
    finally:
        issuer.close()


def test_endless_numbers_are_not_computed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    try:
        token, good = read_token(issuer.token(NOW)), issuer.document("/keys")["keys"][0]
        asked: list[int] = []
        real = jwt.PyJWK

        def counted(key: Any, **more: Any) -> Any:
            asked.append(len(key["n"]))
            return real(key, **more)

        monkeypatch.setattr(jwt, "PyJWK", counted)
        verify(token, [{**good, "n": "z" * 20_000}, good])
        assert asked == [len(good["n"])]
    finally:
        issuer.close()


def test_keys_that_are_none_are_no_fault_of_ours() -> None:
    issuer = Issuer()
    try:
        token = read_token(issuer.token(NOW))
        private = json.loads(RSAAlgorithm.to_jwk(issuer.keys["one"]))
        good = issuer.document("/keys")["keys"][0]
        odd: list[Any] = [None, 1, 1.5, True, "", "AQ", "!", "é", [], {}, ["AQ"], "A" * 2000]
        public_names = ("kty", "n", "e", "use", "alg", "x5c", "key_ops")
        private_names = ("d", "p", "q", "dp", "dq", "qi", "oth")
        spoiled = [{**good, name: value} for name in public_names for value in odd]
        spoiled += [{**private, name: value} for name in private_names for value in odd]
        curves = itertools.product(("EC", "OKP"), ("P-256", "Ed25519", "X", 1, None), odd)
        spoiled += [{"kty": kty, "crv": curve, "x": value, "y": value} for kty, curve, value in curves]
        spoiled += [{}, {"kty": "RSA"}, {"kty": "EC"}, {"kty": "OKP"}, {"kty": "oct"}]
        taken = []
        for key in spoiled:
            try:
                verify(token, [key])
                taken.append(key)
            except InvalidIdentityToken:
                continue
        # What was spoiled beside the numbers may be passed over; with other numbers nothing verifies.
        assert {(key["n"], key["e"]) for key in taken} == {(good["n"], good["e"])}
        verify(token, [*spoiled, good])
    finally:
        issuer.close()


@pytest.mark.parametrize("text", ["Infinity", "NaN", "1e400", "1" * 400, "-Infinity", "true", '"1"'])
@pytest.mark.parametrize("name", ["exp", "nbf"])
def test_times_are_numbers_of_seconds(name: str, text: str) -> None:
    claims = f'{{"iss": "https://a", "sub": "s", "aud": "a", "exp": 1, "{name}": {text}}}'
    parts = ['{"alg": "RS256"}', claims, "x"]
    token = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)
    with pytest.raises(InvalidIdentityToken):
        read_token(token)
