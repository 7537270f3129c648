"""The console at the door: its files beside a bucket of its name, and its sessions for nobody else's page."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from sagehen.console.built import Build
from sagehen.console.serving import Serving
from sagehen.console.sessions.sessions import ConsoleSessions
from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from tests.unit.console.test_sessions import Keys

from ..conftest import KEY, SECRET, SESSION_KEY, TOKEN, RunningDoor, run_door
from .test_operator import ask

INDEX = b"<!doctype html><title>console</title>"


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


@pytest.fixture(scope="module")
def with_console(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[RunningDoor]:
    folder = tmp_path_factory.mktemp("door")
    (folder / "files").mkdir()
    (folder / "files/index.html").write_bytes(INDEX)
    sessions = ConsoleSessions(keys, SystemClock(), Ids())
    yield from run_door(folder, console=Serving(Build(folder / "files")), console_sessions=sessions)


def send(
    running: RunningDoor, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:4566", 200),
        ("[::1]:4566", 200),
        ("192.168.1.7", 200),
        ("workstation", 200),
        (
            "evil.example",
            403,
        ),  # a name that a stranger can lead here: no page, and S3's refusal of the unsigned
        ("127.0.0.1.evil.example", 403),
        ("pictures.localhost", 403),  # a bucket's own host, where every path is a key
        ("pictures.s3.amazonaws.com", 403),
    ],
)
def test_by_which_names(with_console: RunningDoor, host: str, status: int) -> None:
    found, headers, body = send(with_console, "GET", "/console/s3", {"Host": host})
    assert (found == 200) is (status == 200), body
    assert (body == INDEX) is (status == 200)
    assert ("content-security-policy" in headers) is (status == 200)


@pytest.mark.parametrize(
    ("host", "open_"),
    [
        ("127.0.0.1", True),
        ("h", True),
        (
            "lambda.us-east-1.amazonaws.com",
            True,
        ),  # a package's address, as GetFunction answers through the proxy
        ("localhost.localstack.cloud:4566", True),
        ("evil.example", False),
        ("evil.example:4566", False),
    ],
)
def test_the_platforms_pages_are_not_rebound(with_console: RunningDoor, host: str, open_: bool) -> None:
    assert send(with_console, "GET", "/_sagehen/health", {"Host": host})[0] == (200 if open_ else 403)


def test_a_bucket_of_that_name_is_s3s(with_console: RunningDoor) -> None:
    s3 = with_console.client("s3", config={"s3": {"addressing_style": "path"}})
    s3.put_object(Bucket="console", Key="index.html", Body=b"an object")
    assert s3.get_object(Bucket="console", Key="index.html")["Body"].read() == b"an object"
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "console", "Key": "index.html"})
    path = url.removeprefix(with_console.url)
    assert send(with_console, "GET", path)[2] == b"an object"
    # But none of its objects becomes a service worker, which would stand before the console.
    assert send(with_console, "GET", path, {"Service-Worker": "script"})[0] == 403
    assert send(with_console, "HEAD", "/console/")[0] == 200
    assert send(with_console, "PUT", "/console/x")[0] == 403  # S3's, unsigned


def test_a_browser_is_sent_there(with_console: RunningDoor, running: RunningDoor) -> None:
    page = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
    status, headers, _ = send(with_console, "GET", "/", page)
    assert (status, headers["location"]) == (307, "/console/")
    assert b"What runs here" in send(with_console, "GET", "/", {**page, "Host": "evil.example"})[2]
    assert b"What runs here" in send(with_console, "GET", "/_sagehen/")[2]
    assert b"What runs here" in send(running, "GET", "/", page)[2]  # a platform without a console
    with pytest.raises(ClientError, match="ListBuckets of s3"):  # which this door has not, but knows for S3's
        with_console.client("s3").list_buckets()


def exchange(
    running: RunningDoor, name: str, document: Any, **changed: str | None
) -> tuple[int, dict[str, str], Any]:
    headers: dict[str, str | None] = {
        "Host": f"127.0.0.1:{running.port}",
        "Origin": running.url,
        "Content-Type": "application/json",
        "X-Sagehen-Console": "1",
        "Sec-Fetch-Site": "same-origin",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    sent = {name: value for name, value in headers.items() if value is not None}
    status, answered, content = send(running, "POST", f"/_sagehen/console/{name}", sent, body)
    is_json = answered.get("content-type") == "application/json"  # not where S3 answers for a bucket's host
    return status, answered, json.loads(content) if is_json else {}


def token(running: RunningDoor, **document: Any) -> str:
    status, answer = ask(running, body=json.dumps(document).encode(), act="console")
    assert status == 200, answer
    return str(answer["token"])


def test_from_a_token_to_the_end(with_console: RunningDoor, keys: Keys) -> None:
    once = token(with_console, role="reader")
    status, headers, opened = exchange(with_console, "session", {"token": once})
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert opened["arn"].endswith(":reader") and opened["region"] == "eu-west-1"
    assert opened["credentials"]["accessKeyId"] in keys.living
    assert exchange(with_console, "session", {"token": once})[0] == 403
    renewed = exchange(with_console, "renewal", {"renewal": opened["renewal"]})[2]
    assert renewed["renewal"] == opened["renewal"] and renewed["credentials"] != opened["credentials"]
    assert exchange(with_console, "sign-out", {"renewal": opened["renewal"]})[2] == {}
    assert not keys.living
    assert exchange(with_console, "renewal", {"renewal": opened["renewal"]})[2]["code"] == "InvalidToken"


@pytest.mark.parametrize(
    "changed",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": None},
        {"Origin": "http://127.0.0.1"},  # another port of this machine: somebody else's program
        {"X_Sagehen_Console": None},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "x.localhost", "Origin": "http://x.localhost"},
    ],
)
def test_pages_of_others(with_console: RunningDoor, changed: dict[str, str | None]) -> None:
    once = token(with_console)
    status, _, answer = exchange(with_console, "session", {"token": once}, **changed)
    assert status == 403 and "credentials" not in answer
    # A wrong page has not used it up.
    assert exchange(with_console, "session", {"token": once})[0] == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{}", 400),
        (b"[]", 400),
        (b'{"token": 1}', 400),
        (b'{"token": ""}', 400),
        (b'{"token": "\\u0000"}', 403),
        (b'{"token": "\\ud800"}', 400),
        (b'{"token": "' + b"x" * 300 + b'"}', 400),
        (b"[" * 3000, 400),
        (b"x" * 5000, 413),
    ],
)
def test_what_is_no_token(with_console: RunningDoor, body: bytes, status: int) -> None:
    found, _, answer = exchange(with_console, "session", body)
    assert found == status, answer


def test_no_other_way_to_a_session(with_console: RunningDoor) -> None:
    for way in ("session", "renewal", "sign-out"):
        assert send(with_console, "GET", f"/_sagehen/console/{way}")[0] == 404
    for keys in (None, Credentials(SESSION_KEY, SECRET, TOKEN), Credentials(KEY, "wrong")):
        assert ask(with_console, keys=keys, body=b"{}", act="console")[0] == 403
    for role in (1, ["x"], "x" * 3000, "a\x00b", "\ud800", "ö"):
        assert ask(with_console, body=json.dumps({"role": role}).encode(), act="console")[0] == 400
