"""What MLflow registers is registered in SageMaker: names, requests, the order of things, who may not."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.tracking_servers.registration import packages
from sagehen.services.sagemaker.tracking_servers.registration.packages import ModelVersion, NoGroupName
from sagehen.services.sagemaker.tracking_servers.registration.registering import Registering
from sagehen.services.sagemaker.tracking_servers.registration.registrar import Registrar
from tests.unit.sagemaker.conftest import SESSION, FakeObjects, FakeRoles
from tests.unit.sagemaker.tracking_servers.test_decisions import SERVER

SINCE_MS = 1_000_000
REGISTERS = replace(SERVER, registers_since=SINCE_MS / 1000)
SUFFIX = sha256(b"Owls").hexdigest()[:6]
FILES = "s3://owls/runs/1/models/m-1/artifacts"
SPECIFICATION = {"Containers": [{"Image": "i"}]}
ALIAS = {"name": "Birds", "version": "1", "alias": "sagemakerlifecycle-production-active"}


class Mlflow:
    """A tracking server's registry, as it answers over its socket."""

    def __init__(self) -> None:
        self.models: list[dict[str, Any]] = []
        self.versions: list[dict[str, Any]] = []
        self.serving: list[asyncio.Task[None]] = []

    def add(self, name: str, created: int, version: str = "1", **more: Any) -> dict[str, Any]:
        made = {"name": name, "creation_timestamp": created, "last_updated_timestamp": created}
        self.models.insert(0, made)
        self.versions.insert(0, {**made, "version": version, "run_id": "r-1", **more})
        return self.versions[0]

    async def connect(self) -> socket.socket:
        near, far = socket.socketpair()
        near.setblocking(False)
        self.serving.append(asyncio.create_task(self._serve(far)))
        return near

    async def _serve(self, far: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=far)
        try:
            await self._exchange(reader, writer)
        finally:
            writer.close()
            await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.decode().split(" ", 2)
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        asked = json.loads(await reader.readexactly(length)) if length else {}
        asked = asked or {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        call = urlsplit(target).path.removeprefix("/api/2.0/mlflow/")
        told = json.dumps(self._answer(method, call, asked)).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told))

    def _answer(self, method: str, call: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        match call:
            case "registered-models/search":
                return {"registered_models": self.models}
            case "model-versions/search":
                half = (len(self.versions) + 1) // 2
                if "page_token" in asked:
                    return {"model_versions": self.versions[half:]}
                return {"model_versions": self.versions[:half], "next_page_token": "more"}
            case "model-versions/get-download-uri":
                return {"artifact_uri": FILES}
        [version] = [each for each in self.versions if each["name"] == asked["name"]]
        if method == "POST":
            version["tags"] = [{"key": asked["key"], "value": asked["value"]}]
        return {"model_version": version}


class Calls:
    """SageMaker's operations: they keep what they were asked."""

    def __init__(self) -> None:
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.denied = ""

    async def call(
        self, principal: Principal, scope: Scope, service: str, operation: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        assert (principal, scope, service) == (SESSION, SERVER.scope, "sagemaker")
        if operation == self.denied:
            raise AccessDenied(f"no {operation}")
        if operation == "DescribeModelPackageGroup" and ("CreateModelPackageGroup", request) not in self.made:
            raise ValidationException("There is none.")
        self.made.append((operation, dict(request)))
        return (
            {"ModelPackageArn": f"arn:{request['ModelPackageGroupName']}/1"}
            if "Group" in str(request)
            else {}
        )

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [request for name, request in self.made if name == operation]


class Room:
    def __init__(self) -> None:
        self.mlflow, self.calls, self.objects = Mlflow(), Calls(), FakeObjects()
        self.logged: list[Any] = []
        logs = SimpleNamespace(write=lambda *event: self.logged.append(event))
        means: Any = SimpleNamespace(roles=FakeRoles(), objects=self.objects, logs=logs, clock=ManualClock())
        self.registrar = Registrar(means, self.calls)
        self.running: Any = self.mlflow

    def registering(self, action: str) -> Registering:
        made = Registering.of(self.registrar, REGISTERS, self.running, action)
        assert made is not None
        return made

    async def register(self) -> None:
        await self.registering("CreateModelVersion").follow()


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    made = Room()
    yield made
    await made.registrar.close()
    await asyncio.gather(*made.mlflow.serving, return_exceptions=True)
    await asyncio.sleep(0)  # connections that were closed are gone in the loop's next turn


async def test_what_is_new_becomes_a_group_and_a_package_that_its_tag_names(room: Room) -> None:
    room.objects.put(f"{FILES}/{packages.SPECIFICATION}", json.dumps(SPECIFICATION).encode())
    room.mlflow.add("Old", SINCE_MS - 1)
    version = room.mlflow.add("Birds", SINCE_MS + 5, description="of\nprey")
    await room.register()
    group = f"Birds-{SUFFIX}"
    assert room.calls.of("CreateModelPackageGroup") == [{"ModelPackageGroupName": group}]
    [package] = room.calls.of("CreateModelPackage")
    assert package["ModelPackageGroupName"] == group and package["SourceUri"] == FILES
    assert package["InferenceSpecification"] == SPECIFICATION
    assert package["ModelPackageDescription"] == "ofprey"
    assert package["CustomerMetadataProperties"]["mlflow.uri"] == "models:/Birds/1"
    assert version["tags"] == [{"key": "sagemaker.model_package_arn", "value": f"arn:{group}/1"}]
    await room.register()
    assert len(room.calls.of("CreateModelPackage")) == 1


async def test_what_a_killed_platform_did_not_come_to_has_the_same_token_later(room: Room) -> None:
    version = room.mlflow.add("Birds", SINCE_MS)
    await room.register()
    del version["tags"]
    room.registrar.catch_up(REGISTERS, room.running)
    async with asyncio.timeout(30):
        while "tags" not in version:
            await asyncio.sleep(0.005)
    first, again = room.calls.of("CreateModelPackage")
    assert first == again and len(first["ClientToken"]) == 36


async def test_what_cannot_be_registered_is_in_the_log_and_holds_up_nothing_else(room: Room) -> None:
    room.mlflow.add("with space", SINCE_MS)
    room.mlflow.add("Birds", SINCE_MS)
    room.objects.unreadable.add(FILES.removeprefix("s3://owls/") + f"/{packages.SPECIFICATION}")
    await room.register()
    assert "with space" in str(room.logged)
    assert "InferenceSpecification" not in room.calls.of("CreateModelPackage")[0]
    room.mlflow.add("Bees", SINCE_MS)
    room.calls.denied = "CreateModelPackage"
    await room.register()
    assert "no CreateModelPackage" in str(room.logged) and "tags" not in room.mlflow.versions[0]


async def test_an_alias_changes_a_version_s_life_or_is_refused(room: Room) -> None:
    version = room.mlflow.add("Birds", SINCE_MS)
    setting = room.registering("SetRegisteredModelAlias")
    body = json.dumps(ALIAS).encode()
    assert "no model package" in str(await setting.refusal(body))
    version["tags"] = [{"key": packages.ARN_TAG, "value": "arn:1"}]
    assert await setting.refusal(body) is None
    life = {"Stage": "production", "StageStatus": "active"}
    assert room.calls.made == [("UpdateModelPackage", {"ModelPackageArn": "arn:1", "ModelLifeCycle": life})]
    room.calls.denied = "UpdateModelPackage"
    assert await setting.refusal(body) == "no UpdateModelPackage"
    for other in (b"{", b"[]", json.dumps({**ALIAS, "alias": "champion"}).encode()):
        assert await setting.refusal(other) is None


@pytest.mark.parametrize("action", ["CreateRun", "AccessUI"])
def test_most_requests_are_nothing_to_the_registry(action: str) -> None:
    nobody: Any = None
    assert Registering.of(nobody, REGISTERS, nobody, action) is None
    assert Registering.of(nobody, SERVER, nobody, "CreateModelVersion") is None


@pytest.mark.parametrize("model", ["with space", "under_score", "", "-a", "ä", "a" * 57, "a\n"])
def test_names_that_no_group_can_have(model: str) -> None:
    with pytest.raises(NoGroupName):
        packages.group_name(SERVER, model)
    assert packages.group_name(SERVER, "a" * 56) == f"{'a' * 56}-{SUFFIX}"


@pytest.mark.parametrize(
    ("alias", "life"),
    [
        ("sagemakerlifecycle-staging-pending", {"Stage": "staging", "StageStatus": "pending"}),
        ("sagemakerlifecycle-Production-active", None),
        ("sagemakerlifecycle-production-active\n", None),
        ("champion", None),
    ],
)
def test_aliases_that_say_a_stage(alias: str, life: dict[str, str] | None) -> None:
    assert packages.lifecycle(alias) == life


@pytest.mark.parametrize(
    "told", [{}, {"tags": 1}, {"tags": ["x", {"key": "a"}]}, {"name": None, "version": 3}]
)
def test_a_server_may_tell_anything(told: dict[str, Any]) -> None:
    assert ModelVersion.read(told).package_arn == ""
