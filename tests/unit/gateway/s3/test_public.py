"""Buckets that are not here are the real AWS's: for readers who do not sign, and for nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from sagehen.gateway.outside import reading
from sagehen.gateway.s3.public import distrust
from tests.unit.gateway.conftest import KEY, SECRET, RunningDoor, run_door
from tests.unit.gateway.s3.real_aws import LISTING, FakeInternet, real_aws
from tests.waiting import eventually

PATH_STYLE = ("s3.amazonaws.com", "s3-us-west-1.amazonaws.com", "s3.us-east-1.amazonaws.com",
              "s3.dualstack.eu-west-1.amazonaws.com")  # fmt: skip
VIRTUAL = ("elsewhere.s3.amazonaws.com", "elsewhere.s3-us-west-1.amazonaws.com",
           "elsewhere.x.s3.eu-west-1.amazonaws.com")  # fmt: skip


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeInternet]:
    with real_aws(tmp_path_factory.mktemp("real")) as internet:
        yield internet


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, internet: FakeInternet) -> Iterator[RunningDoor]:
    yield from run_door(tmp_path_factory.mktemp("door"), internet=internet)


@pytest.fixture(autouse=True)
def _forget(internet: FakeInternet) -> None:
    internet.secure.seen.clear()
    internet.plain.seen.clear()
    internet.asked.clear()


def get(
    door: RunningDoor, host: str, target: str, *, method: str = "GET", real: FakeInternet | None = None,
    headers: dict[str, str] | None = None, body: bytes | None = None, agent: str = "",
) -> tuple[int, dict[str, str], bytes]:  # fmt: skip
    """Ask through CONNECT, trusting the real AWS's authority or ours."""
    authority = real.secure.authority.certificate_path if real else door.door.ca_certificate_path
    context = ssl.create_default_context(cafile=str(authority))
    connection = http.client.HTTPSConnection("127.0.0.1", door.port, timeout=60, context=context)
    connection.set_tunnel(host, 443, {"User-Agent": agent} if agent else {})
    with closing(connection):
        connection.request(method, target, body, headers or {})
        with connection.getresponse() as answer:
            named = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, named, answer.read()


@pytest.mark.parametrize("host", VIRTUAL)
def test_virtual_hosts_are_passed_on(door: RunningDoor, internet: FakeInternet, host: str) -> None:
    status, _, body = get(door, host, "/k?x=1", headers={"Cookie": "c=1"})
    assert (status, body) == (200, internet.secure.content)
    assert internet.secure.seen[-1][:3] == ("GET", host, "/k?x=1")
    assert "cookie" not in {name.lower() for name in internet.secure.seen[-1][3]}


def test_who_cannot_trust_us_is_tunnelled_to_aws(door: RunningDoor, internet: FakeInternet) -> None:
    """Debian's wget says nothing when it refuses a certificate, so it is known by name."""
    status, _, body = get(door, VIRTUAL[0], "/k", real=internet, agent="Wget/1.21.3")
    assert (status, body) == (200, internet.secure.content)
    with pytest.raises(ssl.SSLCertVerificationError):
        get(door, "public.s3.amazonaws.com", "/k", real=internet, agent="Wget/1.21.3")  # a bucket of ours


def test_who_refused_our_certificate_reaches_aws_the_next_time(
    door: RunningDoor, internet: FakeInternet, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = "elsewhere.s3.eu-west-3.amazonaws.com"

    def real_bytes() -> bool:
        try:
            return get(door, host, "/k", real=internet)[::2] == (200, internet.secure.content)
        except ssl.SSLCertVerificationError:
            return False

    assert not real_bytes()
    assert eventually(real_bytes)  # the refusal comes after the client has heard of it itself
    assert get(door, VIRTUAL[0], "/k")[0] == 200, "others are still looked at"
    monkeypatch.setattr(distrust, "_REMEMBERED_S", -1.0)
    assert not real_bytes()


def test_what_is_remembered_of_refusals_is_bounded() -> None:
    seconds = 0.0
    refused = distrust.Distrust(lambda: seconds)
    for number in range(1000):
        refused.remember(f"b{number}.s3.amazonaws.com", from_sandbox=False)
    assert len(refused._refused) == distrust._MOST_REMEMBERED
    last = "b999.s3.amazonaws.com"
    assert refused.applies(last, "", from_sandbox=False) and not refused.applies(last, "", from_sandbox=True)
    seconds = 61.0
    assert not refused.applies(last, "", from_sandbox=False)


@pytest.mark.parametrize("host", PATH_STYLE)
def test_paths_are_passed_on(door: RunningDoor, internet: FakeInternet, host: str) -> None:
    status, headers, body = get(
        door, host, "/elsewhere/a%20b", headers={"Range": "bytes=0-", "Cookie": "c=1"}
    )
    assert (status, headers["etag"], body) == (200, '"real"', internet.secure.content)
    method, asked, path, sent = internet.secure.seen[-1]
    assert (method, asked, path, sent["range"]) == ("GET", host, "/elsewhere/a%20b", "bytes=0-")
    assert "cookie" not in {name.lower() for name in sent}


def test_what_comes_back(door: RunningDoor, internet: FakeInternet) -> None:
    assert get(door, "s3.amazonaws.com", "/elsewhere/missing")[::2] == (
        404, b"<Error><Code>NoSuchKey</Code></Error>",
    )  # fmt: skip
    assert get(door, "s3.amazonaws.com", "/elsewhere?list-type=2")[::2] == (200, LISTING)
    status, headers, body = get(door, "s3.amazonaws.com", "/elsewhere/k", method="HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(internet.secure.content)), b"")
    # An answer that ends early must not look whole.
    with pytest.raises((http.client.IncompleteRead, ConnectionError, ssl.SSLError)):
        get(door, "s3.amazonaws.com", "/elsewhere/short")


def test_plain_http(door: RunningDoor, internet: FakeInternet) -> None:
    for url in ("http://elsewhere.s3.amazonaws.com/k", "http://s3-us-west-1.amazonaws.com/elsewhere/k"):
        connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=60)
        connection.request("GET", url)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, internet.plain.content)
        connection.close()
    assert [seen[1] for seen in internet.plain.seen] == [
        "elsewhere.s3.amazonaws.com", "s3-us-west-1.amazonaws.com",
    ]  # fmt: skip


def test_buckets_of_this_platform_stay_here(door: RunningDoor, internet: FakeInternet) -> None:
    door.objects.stored["public", "k"] = b"ours"
    for host, path in (("public.s3.amazonaws.com", "/k"), ("s3.amazonaws.com", "/public/k")):
        assert get(door, host, path)[::2] == (200, b"ours")
    assert get(door, "s3.amazonaws.com", "/")[0] == 403  # ListBuckets: nobody's bucket
    assert internet.asked == []


@pytest.mark.parametrize(
    ("method", "target", "headers", "body"),
    [
        ("GET", "/elsewhere/k", {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, None),
        ("GET", "/elsewhere/k", {"Authorization": "Basic eDp5"}, None),
        ("GET", "/elsewhere/k", {"X-Amz-Security-Token": "t"}, None),
        ("GET", "/elsewhere/k?X-Amz-Signature=1", {}, None),
        ("GET", "/elsewhere/k?x-amz-credential=1", {}, None),
        ("GET", "/elsewhere/k?a=b&X%2DAmz-Security-Token=1", {}, None),
        ("GET", "/elsewhere/k?a=b;Signature=1", {}, None),
        ("GET", "/elsewhere/k?AWSAccessKeyId=AKIA&Signature=x&Expires=1", {}, None),
        ("GET", "/elsewhere/k", {}, b"body"),
        ("PUT", "/elsewhere/k", {}, b"body"),
        ("DELETE", "/elsewhere/k", {}, None),
        ("POST", "/elsewhere", {"Content-Type": "multipart/form-data; boundary=b"},
         b'--b\r\nContent-Disposition: form-data; name="x-amz-signature"\r\n\r\nz\r\n--b--\r\n'),
        ("GET", "/sm-pysdk-t-us-east-1/telemetry?x=1", {}, None),
        ("GET", "/ab/k", {}, None),  # no name of a bucket
    ],
)  # fmt: skip
def test_what_never_leaves(
    door: RunningDoor, internet: FakeInternet, method: str, target: str, headers: dict[str, str], body: bytes
) -> None:
    bucket, _, key = target[1:].partition("/")
    hosts = [("s3.us-east-1.amazonaws.com", target)]
    if "?" not in bucket:
        hosts.append((f"{bucket}.s3.us-east-1.amazonaws.com", f"/{key}"))
    for host, asked in hosts:
        assert get(door, host, asked, method=method, headers=headers, body=body)[0] >= 400
    assert (internet.asked, internet.secure.seen, internet.plain.seen) == ([], [], [])


def test_boto3_unsigned_reads_and_signed_stays(door: RunningDoor, internet: FakeInternet) -> None:
    proxy = {"https": door.url}
    options: dict[str, Any] = {
        "endpoint_url": "https://s3.us-east-1.amazonaws.com", "region_name": "us-east-1",
        "verify": str(door.door.ca_certificate_path),
    }  # fmt: skip
    path = {"addressing_style": "path"}
    anonymous = boto3.client(
        "s3", **options, config=Config(signature_version=UNSIGNED, proxies=proxy, s3=path)
    )
    assert anonymous.get_object(Bucket="elsewhere", Key="k")["Body"].read() == internet.secure.content
    internet.secure.seen.clear()
    signed = boto3.client(
        "s3", **options, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
        config=Config(proxies=proxy, s3=path, retries={"max_attempts": 0}),
    )  # fmt: skip
    with pytest.raises(ClientError) as missing:
        signed.get_object(Bucket="elsewhere", Key="k")
    assert missing.value.response["Error"]["Code"] == "NoSuchKey"  # the test's small S3
    assert internet.secure.seen == []


def test_samples_of_aws_are_read_without_the_signature(door: RunningDoor, internet: FakeInternet) -> None:
    """As SDKs read them, which sign all that they ask, at the endpoint."""
    s3 = door.client("s3")
    for name in ("sagemaker-sample-files", "sagemaker-example-files-prod-us-east-1"):
        answer = s3.get_object(Bucket=name, Key="datasets/a b.csv", Range="bytes=0-9")
        assert answer["Body"].read() == internet.secure.content
        method, host, path, headers = internet.secure.seen.pop()
        assert (method, host, path) == ("GET", f"{name}.s3.amazonaws.com", "/datasets/a%20b.csv")
        sent = {name.lower(): value for name, value in headers.items()}
        assert sent["range"] == "bytes=0-9"
        assert not {"authorization", "x-amz-date", "x-amz-content-sha256"} & sent.keys()


def test_of_samples_nothing_else_leaves(door: RunningDoor, internet: FakeInternet) -> None:
    s3, name = door.client("s3"), "sagemaker-sample-files"
    link = s3.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(link, timeout=60)
    with pytest.raises(ClientError) as unknown:
        s3.get_object(Bucket="sagemaker-of-somebody", Key="k")
    assert unknown.value.response["Error"]["Code"] == "NoSuchBucket"
    with pytest.raises(ClientError):
        door.client("s3", secret="wrong").get_object(Bucket=name, Key="k")
    door.authorizer.denied.add("s3:GetObject")
    try:
        with pytest.raises(ClientError) as denied:
            s3.get_object(Bucket=name, Key="k")
    finally:
        door.authorizer.denied.clear()
    assert denied.value.response["Error"]["Code"] == "AccessDenied"
    assert internet.secure.seen == [] and internet.asked == []


def test_only_through_the_proxy(door: RunningDoor, internet: FakeInternet) -> None:
    """A Host header alone, such as test suites send, leads nowhere else."""
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=60)
    connection.request("GET", "/elsewhere/k", headers={"Host": "s3.amazonaws.com"})
    assert connection.getresponse().status == 403
    connection.close()
    assert internet.asked == []


def test_isolated_sandboxes_have_no_way_out(door: RunningDoor, internet: FakeInternet) -> None:
    for isolated, status in ((True, b"403"), (False, b"200")):
        listener = socket.create_server(("127.0.0.1", 0))
        server = door.call(door.door.serve_socket, listener, from_sandbox=True, network_isolated=isolated)
        for line in (b"CONNECT elsewhere.s3.amazonaws.com:443", b"GET http://s3.amazonaws.com/elsewhere/k"):
            with socket.create_connection(listener.getsockname(), timeout=60) as client:
                client.sendall(line + b" HTTP/1.1\r\nHost: s3.amazonaws.com\r\nUser-Agent: Wget/1\r\n\r\n")
                assert client.recv(100).split()[1] == status, (line, isolated)
        inside = replace(door, port=listener.getsockname()[1])
        assert get(inside, "elsewhere.s3.amazonaws.com", "/k")[0] == int(status)
        door.loop.call_soon_threadsafe(server.close)
        assert bool(internet.asked) is not isolated


def test_a_door_by_tls_has_no_way_out(door: RunningDoor, internet: FakeInternet) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    address = listener.getsockname()
    entrance = door.call(door.door.serve_tls_socket, listener, "s3.amazonaws.com")
    trusting = ssl.create_default_context(cafile=str(door.door.ca_certificate_path))
    plain = socket.create_connection(address, timeout=60)
    with trusting.wrap_socket(plain, server_hostname="s3.amazonaws.com") as client:
        client.sendall(b"GET /elsewhere/k HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n")
        assert client.recv(100).split()[1] == b"403"
    door.loop.call_soon_threadsafe(entrance.close)
    assert internet.asked == []


def test_switched_off(tmp_path: Path, internet: FakeInternet) -> None:
    for door in run_door(tmp_path, internet=internet, public_s3=False):
        assert get(door, "elsewhere.s3.amazonaws.com", "/k")[0] == 403
        assert get(door, "s3.amazonaws.com", "/elsewhere/k")[0] == 403
    assert internet.asked == []


def test_aws_out_of_reach(tmp_path: Path) -> None:
    """Without a network, the answer says what was tried."""

    class Nowhere(FakeInternet):
        def __init__(self) -> None:
            pass

        async def addresses(self, host: str, port: int) -> list[tuple[int, str]]:
            raise OSError("Temporary failure in name resolution")

    for door in run_door(tmp_path, internet=Nowhere()):
        status, _, body = get(door, "s3.amazonaws.com", "/elsewhere/k")
        assert status == 502
        assert b"The bucket elsewhere does not exist here" in body
        assert b"Temporary failure in name resolution" in body


def test_headers_beyond_ascii_are_passed_on(door: RunningDoor, internet: FakeInternet) -> None:
    agent = "Käfer".encode().decode("latin-1")
    assert get(door, "s3.amazonaws.com", "/elsewhere/%C3%A4", headers={"User-Agent": agent})[0] == 200
    assert internet.secure.seen[-1][3]["user-agent"] == agent


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def far_end(serve: Serve) -> AsyncIterator[Callable[[], Awaitable[reading.Reading]]]:
    """Serve, and yield what connects; wait for every connection to be over."""
    served: list[asyncio.Task[None]] = []

    async def whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.create_task(whole(reader, writer)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:

        async def connect() -> reading.Reading:
            return reading.Reading(*await asyncio.open_connection(*server.sockets[0].getsockname()))

        yield connect
        await asyncio.wait_for(asyncio.gather(*served), 60)


@pytest.mark.parametrize(
    ("first", "piece"), [(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), (b"HTTP/1.1 200 OK\r\n", b"X")]
)
async def test_an_answer_that_never_begins_is_given_up(
    first: bytes, piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_HEAD_S", 0.3)

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)

    async with far_end(serve) as connect:
        asked = (await connect()).send("GET", "/b/k", "s3.amazonaws.com", [])
        with pytest.raises(reading.BadAnswer, match="did not begin"):
            await asyncio.wait_for(asked, 60)


async def test_time_that_ends_while_something_arrives_has_ended() -> None:
    """`asyncio.wait_for` of Python 3.11 would hand over what arrived, and forget that it was cancelled."""

    class Reader(asyncio.StreamReader):
        async def read(self, n: int = -1) -> bytes:
            if asked.cancelling():
                await asyncio.sleep(0)
                return b""
            asked.cancel()
            return b"HTTP/1.1 200 OK\r\n"

    async def serve(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with far_end(serve) as connect:
        connected = await connect()
        connected._reader = Reader()
        asked = asyncio.create_task(connected.send("GET", "/b/k", "s3.amazonaws.com", []))
        done, _ = await asyncio.wait([asked], timeout=60)
        assert done and asked.cancelled()


async def test_no_request_is_two() -> None:
    """What a header or a target cannot hold is not sent, whoever let it through to here."""
    lines: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])

    async with far_end(serve) as connect:
        for headers in ([("range", "a\r\nHost: x")], [("range", "a\0")], [("a b", "c")], [("é", "c")]):
            with pytest.raises(reading.BadAnswer, match="cannot be asked"):
                await (await connect()).send("GET", "/k", "s3.amazonaws.com", headers)
        with pytest.raises(reading.BadAnswer):  # nothing is answered
            await (await connect()).send("GET", "/k HTTP/1.1\r\nX: y\r\n\r\n", "s3.amazonaws.com", [])
    assert lines == [b"GET /k%20HTTP/1.1%0D%0AX:%20y%0D%0A%0D%0A HTTP/1.1"]
