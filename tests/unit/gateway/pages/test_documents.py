"""Documents at the door: signed, allowed, and with no more to see than who asks may see."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sagehen.api.errors import ValidationException
from sagehen.console.documents.asking import Ask, Seen
from sagehen.gateway.pages.console.documents import Document

from ..conftest import ACCOUNT, KEY, SECRET, SESSION_KEY, TOKEN, RunningDoor, run_door

ROOT = Credentials(KEY, SECRET)


async def tell(ask: Ask, query: Mapping[str, str]) -> dict[str, Any]:
    if "wrong" in query:
        raise ValidationException("Wrong.")
    seen = Seen(ask)
    groups = await seen.all("logs", "DescribeLogGroups", "logGroups")
    return {"query": query, "account": ask.scope.account_id, "groups": groups, **seen.lacks()}


BEGUN, ENDED = threading.Event(), threading.Event()


async def slow(ask: Ask, query: Mapping[str, str]) -> dict[str, Any]:
    BEGUN.set()
    try:
        return await asyncio.get_running_loop().create_future()
    finally:
        ENDED.set()


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    documents = {"told": Document("GetTold", tell), "slow": Document("GetSlow", slow, is_long=True)}
    yield from run_door(tmp_path_factory.mktemp("door"), documents=documents)


def ask(
    running: RunningDoor,
    keys: Credentials | None = ROOT,
    query: str = "",
    service: str = "sagehen",
    method: str = "GET",
    body: bytes | None = None,
    **headers: str,
) -> tuple[int, Any]:
    request = AWSRequest(method, f"{running.url}/_sagehen/told{query}", data=body, headers=headers)
    if keys is not None:
        SigV4Auth(keys, service, "eu-west-1").add_auth(request)
    asked = urllib.request.Request(request.url, body, dict(request.headers), method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert answer.headers["Cache-Control"] == "no-store"
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_what_is_told(telling: RunningDoor) -> None:
    status, told = ask(telling, query="?a=1&b=%20")
    assert (status, told["query"], told["account"]) == (200, {"a": "1", "b": " "}, ACCOUNT)
    assert told["groups"] == [{"logGroupName": "eu-west-1"}] and told["hidden"] == []
    access, environment = telling.authorizer.seen[-1]
    assert (access.action, access.resource) == ("sagehen:GetTold", "*")
    assert environment["aws:RequestedRegion"] == "eu-west-1"
    # A browser's page of this origin asks, too.
    assert ask(telling, **{"Sec-Fetch-Site": "same-origin"})[0] == 200
    assert ask(telling, query="?wrong=1") == (400, {"code": "ValidationException", "message": "Wrong."})


def test_with_whose_rights(telling: RunningDoor) -> None:
    session = Credentials(SESSION_KEY, SECRET, TOKEN)
    telling.authorizer.denied.add("logs:DescribeLogGroups")
    try:
        told = ask(telling, session)[1]
        assert (told["groups"], told["hidden"]) == ([], ["logs:DescribeLogGroups"])
        telling.authorizer.denied.add("sagehen:GetTold")
        status, refused = ask(telling, session)
        assert status == 403 and refused["code"] == "AccessDenied"
        assert "sagehen:GetTold" in refused["message"]
    finally:
        telling.authorizer.denied.clear()


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"keys": None}, 403),
        ({"keys": Credentials("AKIAOFF", SECRET)}, 403),
        ({"keys": Credentials("ASIAEXPIRED", SECRET, TOKEN)}, 403),
        ({"keys": Credentials(KEY, "wrong")}, 403),
        ({"service": "sagemaker"}, 403),
        ({"body": b"x" * 10}, 403),
        ({"method": "POST"}, 404),
        ({"method": "DELETE"}, 404),
        ({"Host": "evil.example"}, 403),
    ],
)
def test_nobody_else(telling: RunningDoor, how: dict[str, Any], status: int) -> None:
    assert ask(telling, **how)[0] == status


def test_what_takes_long_ends_with_its_reader(telling: RunningDoor) -> None:
    request = AWSRequest("GET", f"{telling.url}/_sagehen/slow")
    SigV4Auth(ROOT, "sagehen", "eu-west-1").add_auth(request)
    address = urllib.parse.urlsplit(telling.url)
    lines = [f"{name}: {value}" for name, value in {**request.headers, "Host": address.netloc}.items()]
    with socket.create_connection((address.hostname or "", address.port or 0)) as reader:
        reader.sendall("\r\n".join(["GET /_sagehen/slow HTTP/1.1", *lines, "", ""]).encode())
        assert BEGUN.wait(10) and not ENDED.is_set()
    assert ENDED.wait(10)
