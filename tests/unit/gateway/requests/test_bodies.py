"""Bodies: aws-chunked with chunk signatures and trailers, browser forms, limits, files that go out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagehen.api.bounded import budget

from ..conftest import KEY, SECRET, SESSION_KEY, TOKEN, RunningDoor
from ..signatures.test_signatures import send

EMPTY = hashlib.sha256(b"").hexdigest()


class ChunkSigner:
    """Signs as the AWS SDK for Java does: an independent writing-down of AWS's documented algorithm."""

    def __init__(self, word: str, length: int, trailer: str = "") -> None:
        now = datetime.now(UTC)
        self.timestamp = f"{now:%Y%m%dT%H%M%SZ}"
        self.scope = f"{now:%Y%m%d}/us-east-1/s3/aws4_request"
        key = b"AWS4" + SECRET.encode()
        for part in self.scope.split("/"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        self.key = key
        self.headers = {
            "host": "h",
            "x-amz-content-sha256": word,
            "x-amz-date": self.timestamp,
            "x-amz-decoded-content-length": str(length),
            "content-encoding": "aws-chunked",
        }
        if trailer:
            self.headers["x-amz-trailer"] = trailer
        names = sorted(self.headers)
        canonical = "\n".join(
            ["PUT", "/b/k", "", *(f"{n}:{self.headers[n]}" for n in names), "", ";".join(names), word]
        )
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        self.signature = self._sign(f"AWS4-HMAC-SHA256\n{self.timestamp}\n{self.scope}\n{digest}")
        self.headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={KEY}/{self.scope},SignedHeaders={';'.join(names)},"
            f"Signature={self.signature}"
        )

    def chunk(self, data: bytes) -> bytes:
        digest = hashlib.sha256(data).hexdigest()
        self.signature = self._sign(
            f"AWS4-HMAC-SHA256-PAYLOAD\n{self.timestamp}\n{self.scope}\n{self.signature}\n{EMPTY}\n{digest}"
        )
        head = b"%x;chunk-signature=%s\r\n" % (len(data), self.signature.encode())
        return head + data + (b"\r\n" if data else b"")

    def trailer(self, line: str) -> bytes:
        digest = hashlib.sha256((line + "\n").encode()).hexdigest()
        self.signature = self._sign(
            f"AWS4-HMAC-SHA256-TRAILER\n{self.timestamp}\n{self.scope}\n{self.signature}\n{digest}"
        )
        return f"{line}\r\nx-amz-trailer-signature:{self.signature}\r\n\r\n".encode()

    def _sign(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), "sha256").hexdigest()


SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
DATA = [b"a" * 70_000, b"b" * 65_536, b"end"]


def test_signed_chunks(running: RunningDoor) -> None:
    content = b"".join(DATA)
    signer = ChunkSigner(SIGNED, len(content))
    body = b"".join(signer.chunk(piece) for piece in [*DATA, b""]) + b"\r\n"
    status, text = send(running, "PUT", "/b/k", signer.headers, body)
    assert status == 200, text
    assert running.objects.stored["b", "k"] == content
    assert "ContentEncoding" not in running.objects.requests[-1]
    assert running.objects.requests[-1].get("ContentLength", len(content)) == len(content)


@pytest.mark.parametrize("damage", ["data", "signature", "order", "cut", "short"])
def test_signed_chunks_changed(running: RunningDoor, damage: str) -> None:
    content = b"".join(DATA)
    signer = ChunkSigner(SIGNED, len(content) + (damage == "short"))
    chunks = [signer.chunk(piece) for piece in [*DATA, b""]]
    if damage == "data":
        chunks[1] = chunks[1].replace(b"b\r\n", b"B\r\n")
    elif damage == "signature":
        chunks[2] = chunks[2].replace(b"signature=", b"signature=0")
    elif damage == "order":
        chunks[0], chunks[1] = chunks[1], chunks[0]
    elif damage == "cut":
        chunks = chunks[:-1]
    status, text = send(running, "PUT", "/b/k", signer.headers, b"".join(chunks) + b"\r\n")
    assert status == (400 if damage in ("cut", "short") else 403), text
    assert not running.objects.stored


@pytest.mark.parametrize("damage", ["", "value", "missing"])
def test_signed_trailer(running: RunningDoor, damage: str) -> None:
    crc = base64.b64encode(zlib.crc32(DATA[0]).to_bytes(4, "big")).decode()
    signer = ChunkSigner(SIGNED + "-TRAILER", len(DATA[0]), "x-amz-checksum-crc32")
    body = signer.chunk(DATA[0]) + signer.chunk(b"")
    end = signer.trailer(f"x-amz-checksum-crc32:{crc}")
    if damage == "value":
        end = end.replace(crc.encode(), b"AAAAAA==")
    status, text = send(
        running, "PUT", "/b/k", signer.headers, body + (b"\r\n" if damage == "missing" else end)
    )
    if damage:
        assert status == 403, text
        assert not running.objects.stored
    else:
        assert status == 200, text
        assert running.objects.trailers == {"x-amz-checksum-crc32": crc}


def test_unsigned_trailer(running: RunningDoor) -> None:
    signer = ChunkSigner("STREAMING-UNSIGNED-PAYLOAD-TRAILER", 6, "x-amz-checksum-crc32")
    body = b"6\r\nabcdef\r\n0\r\nx-amz-checksum-crc32:S0sg9Q==\r\n\r\n"
    status, text = send(running, "PUT", "/b/k", signer.headers, body)
    assert status == 200, text
    assert running.objects.stored["b", "k"] == b"abcdef"
    assert running.objects.trailers == {"x-amz-checksum-crc32": "S0sg9Q=="}
    status, text = send(running, "PUT", "/b/k", signer.headers, body.replace(b"0\r\nx-amz", b"0\r\nx-oops"))
    assert (status, "MalformedTrailerError" in text) == (400, True)


@pytest.mark.parametrize("word", [SIGNED, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
@pytest.mark.parametrize(("sizes", "refused"), [((8192, 8192, 1), False), ((8192, 8191, 1), True)])
def test_only_the_last_chunk_may_be_small(
    running: RunningDoor, word: str, sizes: tuple[int, ...], refused: bool
) -> None:
    signer = ChunkSigner(word, sum(sizes))
    pieces = [b"a" * size for size in (*sizes, 0)]
    if word == SIGNED:
        body = b"".join(map(signer.chunk, pieces)) + b"\r\n"
    else:
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    status, text = send(running, "PUT", "/b/k", signer.headers, body)
    assert status == (403 if refused else 200), text
    assert bool(running.objects.stored) != refused
    if refused:
        assert (
            "<Code>InvalidChunkSizeError</Code><Message>Only the last chunk is allowed to have a size less "
            "than 8192 bytes</Message><Chunk>3</Chunk><BadChunkSize>8191</BadChunkSize>"
        ) in text


def test_trailers_without_end(running: RunningDoor) -> None:
    signer = ChunkSigner("STREAMING-UNSIGNED-PAYLOAD-TRAILER", 1, "x-amz-checksum-crc32")
    body = b"1\r\na\r\n0\r\n" + b"x-amz-checksum-crc32:S0sg9Q==\r\n" * 1_000 + b"\r\n"
    status, text = send(running, "PUT", "/b/k", signer.headers, body)
    assert (status, "<Code>InvalidRequest</Code>" in text) == (400, True)


def test_pieces_stay_small(running: RunningDoor) -> None:
    content = os.urandom(5_000_000)
    running.objects.largest = 0
    running.client("s3").put_object(Bucket="b", Key="k", Body=content)
    assert running.objects.stored["b", "k"] == content
    assert running.objects.largest <= 512 * 1024


def test_wrong_hash_is_told_after_the_last_piece(running: RunningDoor) -> None:
    signer = ChunkSigner(hashlib.sha256(b"x" * 300_000).hexdigest(), 0)
    status, text = send(running, "PUT", "/b/k", signer.headers, b"y" * 300_000)
    assert (status, "XAmzContentSHA256Mismatch" in text) == (400, True)
    assert not running.objects.stored


# --- forms ----------------------------------------------------------------------------------


def form(
    fields: dict[str, str], content: bytes = b"the file", name: str = "a.txt"
) -> tuple[dict[str, str], bytes]:
    parts = [
        f'--XX\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    parts.append(f'--XX\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n')
    body = "".join(parts).encode() + content + b"\r\n--XX--\r\n"
    return {"content-type": "multipart/form-data; boundary=XX"}, body


def presigned(
    running: RunningDoor, key: str = "up/${filename}", token: str | None = None, **options: Any
) -> Any:
    version = options.pop("version", "s3v4")
    s3 = running.client(
        "s3", key=SESSION_KEY if token else KEY, token=token, config={"signature_version": version}
    )
    return s3.generate_presigned_post("b", key, **options)["fields"]


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize("token", [None, TOKEN])
def test_form_upload(running: RunningDoor, version: str, token: str | None) -> None:
    fields = presigned(running, token=token, version=version)
    headers, body = form(fields)
    status, text = send(running, "POST", "/b", headers, body)
    assert (status, text) == (204, "")
    assert running.objects.stored["b", "up/a.txt"] == b"the file"


@pytest.mark.parametrize(
    "before",
    [
        b"--XX\r\n" + (b"X-Long: " + b"a" * 3_000 + b"\r\n") * 7 + b"\r\n\r\n",
        b'--XX\r\nContent-Disposition: form-data; name=""\r\n\r\n\r\n' * 500,
        b"--XX\r\n\r\n\r\n" * 5_000,
    ],
    ids=["long headers", "many empty fields", "parts without headers"],
)
def test_a_form_may_not_grow_before_its_file(running: RunningDoor, before: bytes) -> None:
    headers, body = form(presigned(running))
    status, text = send(running, "POST", "/b", headers, before + body)
    assert status == 400 and "MaxPostPreDataLengthExceededError" in text, text
    assert not running.objects.stored


def test_form_upload_of_a_large_file_with_metadata(running: RunningDoor) -> None:
    content = os.urandom(2_000_000)
    extra = {"x-amz-meta-who": "me", "success_action_status": "201", "Content-Type": "a/b"}
    conditions: list[Any] = [{name: value} for name, value in extra.items()]
    fields = presigned(
        running, "k", Fields=dict(extra), Conditions=[*conditions, ["content-length-range", 1, 3_000_000]]
    )
    headers, body = form(fields, content)
    status, text = send(running, "POST", "/b/", headers, body)
    assert status == 201, text
    assert "<Key>k</Key>" in text
    assert running.objects.stored["b", "k"] == content
    assert running.objects.requests[-1]["Metadata"] == {"who": "me"}
    assert running.objects.requests[-1]["ContentType"] == "a/b"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "elsewhere/x"}, "Policy Condition failed"),
        ({"extra": "1"}, "Extra input fields: extra"),
        ({"policy": base64.b64encode(b"{}").decode()}, "SignatureDoesNotMatch"),
        ({"x-amz-signature": "0" * 64}, "SignatureDoesNotMatch"),
        ({"x-amz-credential": "AKIANOBODY/20260101/us-east-1/s3/aws4_request"}, "InvalidAccessKeyId"),
        ({"bucket": "other"}, None),
    ],
)
def test_form_upload_changed(running: RunningDoor, change: dict[str, str], code: str | None) -> None:
    fields = presigned(running) | change
    headers, body = form(fields)
    bucket = change.get("bucket", "b")
    status, text = send(running, "POST", f"/{bucket}", headers, body)
    assert status == 403, text
    assert (code or "Policy Condition failed") in text
    assert not running.objects.stored


@pytest.mark.parametrize(("size", "code"), [(2, "EntityTooSmall"), (9, "EntityTooLarge")])
def test_form_upload_size(running: RunningDoor, size: int, code: str) -> None:
    fields = presigned(running, Conditions=[["content-length-range", 3, 8]])
    status, text = send(running, "POST", "/b", *form(fields, b"x" * size))
    assert (status, code in text) == (400, True)
    assert not running.objects.stored


@pytest.mark.parametrize(
    "field", ["x-amz-signature", "x-amz-credential", "x-amz-date", "x-amz-security-token", "policy"]
)
def test_a_form_signed_beyond_ascii(running: RunningDoor, field: str) -> None:
    fields = presigned(running)
    fields[field] = f"{fields.get(field, '')}\u2603"
    status, text = send(running, "POST", "/b", *form(fields))
    assert status in (400, 403), text
    assert not running.objects.stored


@pytest.mark.parametrize(
    "policy",
    [[1, "$key", "k"], ["content-length-range", None, 1], ["eq"], "eq", 7, [["eq", "$key", "k"]]],
    ids=range(6),
)
def test_a_condition_that_is_none(running: RunningDoor, policy: Any) -> None:
    fields = presigned(running)
    document = {"expiration": "2100-01-01T00:00:00Z", "conditions": [policy]}
    fields["policy"] = base64.b64encode(json.dumps(document).encode()).decode()
    now = fields["x-amz-credential"].split("/")
    key = b"AWS4" + SECRET.encode()
    for part in now[1:]:
        key = hmac.new(key, part.encode(), "sha256").digest()
    fields["x-amz-signature"] = hmac.new(key, fields["policy"].encode(), "sha256").hexdigest()
    status, text = send(running, "POST", "/b", *form(fields))
    assert (status, "<Code>InvalidPolicyDocument</Code>" in text) == (400, True), text


def test_a_form_of_another_region(running: RunningDoor) -> None:
    s3 = running.client("s3", region="eu-west-1", config={"signature_version": "s3v4"})
    fields = s3.generate_presigned_post("b", "k")["fields"]
    status, text = send(running, "POST", "/b", *form(fields))
    assert status == 400, text
    assert (
        "<Code>InvalidArgument</Code><Message>the region &apos;eu-west-1&apos; is wrong; expecting "
        "&apos;us-east-1&apos;</Message><ArgumentName>X-Amz-Credential</ArgumentName>"
        f"<ArgumentValue>{fields['x-amz-credential']}</ArgumentValue><Region>us-east-1</Region>"
    ) in text.replace("'", "&apos;")
    assert not running.objects.stored


@pytest.mark.parametrize("broken", [False, True])
def test_a_form_of_another_origin(running: RunningDoor, broken: bool) -> None:
    headers, body = form({"key": "" if broken else "k"})
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.request("POST", "/public", body, headers | {"Origin": "https://a.example.com"})
    with connection.getresponse() as answer:
        assert answer.status == (400 if broken else 204)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example.com"
    connection.close()


@pytest.mark.parametrize("parameters", [";" * 5_000, 'x="' + ";" * 5_000])
def test_a_type_that_is_long(running: RunningDoor, parameters: str) -> None:
    headers, body = form(presigned(running))
    headers["content-type"] += f";{parameters}"
    status, text = send(running, "POST", "/b", headers, body)
    assert (status, "<Code>MalformedPOSTRequest</Code>" in text) == (400, True)


def test_form_upload_expired_and_anonymous(running: RunningDoor) -> None:
    fields = presigned(running, ExpiresIn=-5)
    assert "Policy expired" in send(running, "POST", "/b", *form(fields))[1]
    assert send(running, "POST", "/b", *form({"key": "k"}))[0] == 403
    assert send(running, "POST", "/public", *form({"key": "k"}))[0] == 204


# --- answers --------------------------------------------------------------------------------


def test_files_and_streams_go_out(running: RunningDoor) -> None:
    s3 = running.client("s3")
    for name, size in [("file-small", 1000), ("file-large", 3_000_001)]:
        content = os.urandom(size)
        (running.objects.folder / name).write_bytes(content)
        assert s3.get_object(Bucket="b", Key=name)["Body"].read() == content[1:]
    expected = b"".join(b"%06d" % number for number in range(100))
    assert s3.get_object(Bucket="b", Key="stream")["Body"].read() == expected


def test_failures_are_dressed(running: RunningDoor, caplog: pytest.LogCaptureFixture) -> None:
    s3 = running.client("s3")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="b", Key="crash")
    assert caught.value.response["Error"]["Code"] == "InternalError"
    assert "secret" not in str(caught.value.response)
    assert "a secret detail" in caplog.text
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="b", Key="file-that-is-not-there")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    running.authorizer.denied.add("s3:GetObject")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="b", Key="k")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    for client, call, options, code, status in [
        (running.client("logs"), "delete_log_group", {"logGroupName": "x"}, "AccessDeniedException", 400),
        (running.client("logs"), "describe_log_streams", {"logGroupName": "x"}, "NotImplemented", 501),
        (running.client("sts"), "get_session_token", {}, "NotImplemented", 501),
        (s3, "list_buckets", {}, "NotImplemented", 501),
        (running.client("lambda"), "list_functions", {}, "NotImplemented", 501),
        (running.client("dynamodb"), "list_tables", {}, "NotImplemented", 501),
        (running.client("sqs"), "list_queues", {}, "NotImplemented", 501),
        (running.client("ec2"), "describe_instances", {}, "NotImplemented", 501),
        (running.client("eks"), "list_clusters", {}, "NotImplemented", 501),
    ]:
        with pytest.raises(ClientError) as caught:
            getattr(client, call)(**options)
        response = caught.value.response
        assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (
            code,
            status,
        ), call


def test_buffered_body_limit(narrow: RunningDoor) -> None:
    with pytest.raises(ClientError) as caught:
        narrow.client("logs").describe_log_groups(logGroupNamePrefix="x" * 200_000)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    narrow.client("s3").put_object(Bucket="b", Key="k", Body=b"x" * 200_000)


def test_too_many_large_bodies_at_once(running: RunningDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    large = "x" * 20_000
    asked = [
        ("s3", "put_bucket_policy", {"Bucket": "b", "Policy": large}, "SlowDown"),
        ("logs", "describe_log_groups", {"logGroupNamePrefix": large}, "ServiceUnavailable"),
    ]
    monkeypatch.setattr(budget, "_MOST_WAITING", 0)
    for service, call, arguments, code in asked:
        with pytest.raises(ClientError) as caught:
            getattr(running.client(service), call)(**arguments)
        response = caught.value.response
        assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, 503)
    monkeypatch.undo()
    running.client("s3").put_bucket_policy(Bucket="b", Policy=large)


def test_cors(running: RunningDoor) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    ask = {
        "Origin": "https://app.example.com",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "Content-Type, X-Amz-Meta-A",
    }

    def answer(method: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status, response.headers

    status, headers = answer("OPTIONS", "/public/k", ask)
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert headers["Access-Control-Allow-Headers"] == "content-type, x-amz-meta-a"
    assert headers["Access-Control-Max-Age"] == "600"
    for change in ({"Origin": "https://evil.com"}, {"Access-Control-Request-Method": "DELETE"},
                   {"Access-Control-Request-Headers": "x-other"}):  # fmt: skip
        assert answer("OPTIONS", "/public/k", ask | change)[0] == 403
    for count, status in ((100, 200), (101, 403)):
        many = {"Access-Control-Request-Headers": ",".join(f"x-amz-{number}" for number in range(count))}
        assert answer("OPTIONS", "/public/k", ask | many)[0] == status
    assert answer("OPTIONS", "/b/k", ask)[0] == 403
    running.objects.stored["public", "k"] = b"x"
    status, headers = answer("GET", "/public/k", {"Origin": "https://a.example.com"})
    assert (status, headers["Access-Control-Expose-Headers"]) == (200, "ETag")
    assert "Access-Control-Allow-Origin" not in answer("GET", "/public/k", {"Origin": "https://evil.com"})[1]
    # A browser that is refused must be able to read why.
    status, headers = answer("GET", "/public/missing", {"Origin": "https://a.example.com"})
    assert (status, headers["Access-Control-Allow-Origin"]) == (404, "https://a.example.com")
    connection.close()


def test_virtual_hosts(running: RunningDoor) -> None:
    running.objects.stored["public", "k"] = b"hello"
    for host in ("public.s3.us-east-1.amazonaws.com", "public.s3.amazonaws.com", "public.localhost:4566",
                 "public.s3.localhost:4566"):  # fmt: skip
        assert send(running, "GET", "/k", {"host": host}) == (200, "hello"), host
    s3 = running.client(
        "s3", endpoint=f"http://localhost:{running.port}", config={"s3": {"addressing_style": "virtual"}}
    )
    url = s3.generate_presigned_url("get_object", {"Bucket": "public", "Key": "k"})
    assert url.startswith("http://public.localhost")
    host = url.split("/")[2]
    assert send(running, "GET", url, {"host": host}) == (200, "hello")
    v4 = running.client(
        "s3",
        endpoint=f"http://localhost:{running.port}",
        config={"s3": {"addressing_style": "virtual"}, "signature_version": "s3v4"},
    )
    url = v4.generate_presigned_url("get_object", {"Bucket": "public", "Key": "k"})
    assert send(running, "GET", url, {"host": host}) == (200, "hello")


def test_pages(running: RunningDoor) -> None:
    status, text = send(running, "GET", "/_sagehen/health", {})
    assert status == 200
    assert json.loads(text)["services"] == {"logs": 2, "s3": 3, "sts": 1}
    running.objects.stored["b", "k"] = b"x"
    for headers in ({"Origin": "http://evil.com"}, {"Sec-Fetch-Site": "cross-site"}):
        assert send(running, "POST", "/_sagehen/reset", headers)[0] == 403
    assert running.objects.stored
    assert send(running, "POST", "/_sagehen/reset", {})[0] == 200
    assert not running.objects.stored
    assert send(running, "GET", "/_sagehen/reset", {})[0] == 404
    status, text = send(running, "GET", "/", {"accept": "text/html"})
    assert (status, "sagehen env" in text) == (200, True)
