"""A front door on a free port in a thread of its own, before a service or two of a few lines."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.api.operation import Request, Service, operation
from sagehen.api.streams import FileSlice, Streamed
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind, SigningKey
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.gateway.door.assembly import DoorNeeds
from sagehen.gateway.door.front_door import FrontDoor
from sagehen.gateway.outside.internet import Internet
from sagehen.gateway.settings import FrontDoorSettings
from sagehen.protocol.models.catalog import Catalog

ACCOUNT = "123456789012"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SESSION_KEY, TOKEN = "ASIAIOSFODNN7EXAMPLE", "a//session+token=="


class ShiftedClock(SystemClock):
    """The machine's clock, moved by what a test says."""

    shift = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift


class TestIdentities:
    __test__ = False

    def __init__(self) -> None:
        root = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
        role = Principal(PrincipalKind.ASSUMED_ROLE, f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", ACCOUNT)
        self.keys = {
            KEY: SigningKey(Credentials(KEY, SECRET), root),
            SESSION_KEY: SigningKey(Credentials(SESSION_KEY, SECRET, TOKEN), role),
            "AKIAOFF": SigningKey(Credentials("AKIAOFF", SECRET), root, active=False),
            "ASIAEXPIRED": SigningKey(
                Credentials("ASIAEXPIRED", SECRET, TOKEN, datetime(2020, 1, 1, tzinfo=UTC)), role
            ),
        }

    def signing_key(self, access_key_id: str) -> SigningKey | None:
        return self.keys.get(access_key_id)


class TestAuthorizer:
    """Allows everything but what is in `denied`; anonymous callers read the bucket `public` only."""

    __test__ = False

    def __init__(self) -> None:
        self.denied: set[str] = set()
        self.seen: list[tuple[Access, Mapping[str, Any]]] = []

    def authorize(self, principal: Principal, access: Access, environment: Mapping[str, Any]) -> None:
        self.seen.append((access, environment))
        anonymous = principal.kind is PrincipalKind.ANONYMOUS
        if access.action in self.denied or (anonymous and ":::public" not in access.resource):
            raise AccessDenied(f"User: {principal.arn} is not authorized to perform: {access.action}")

    def is_allowed(self, principal: Principal, access: Access, environment: Mapping[str, Any]) -> bool:
        return access.action not in self.denied


class TestBuckets:
    __test__ = False

    def owner(self, bucket: str) -> str | None:
        return None if bucket.startswith(("elsewhere", "sagemaker-")) else ACCOUNT

    def region(self, bucket: str) -> str | None:
        return "us-east-1"

    def cors_rules(self, bucket: str) -> Sequence[Mapping[str, Any]] | None:
        if bucket != "public":
            return None
        return [
            {
                "AllowedOrigins": ["https://*.example.com"],
                "AllowedMethods": ["GET", "POST", "PUT"],
                "AllowedHeaders": ["x-amz-*", "content-type"],
                "ExposeHeaders": ["ETag"],
                "MaxAgeSeconds": 600,
            }
        ]


def _object_access(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    key = request.get("Key", "")
    yield Access(f"s3:{context.operation}", f"arn:aws:s3:::{request['Bucket']}/{key}")


class NoSuchKey(ServiceError):
    status = 404


class NoSuchBucket(ServiceError):
    status = 404


@dataclass
class Objects:
    """As much of S3 as the door needs to be seen through."""

    folder: Path
    stored: dict[tuple[str, str], bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    contexts: list[RequestContext] = field(default_factory=list)
    trailers: dict[str, str] = field(default_factory=dict)
    largest: int = 0
    slow: asyncio.Event | None = None

    @operation("PutObject", access=_object_access, anonymous=True)
    async def put_object(self, context: RequestContext, request: Request) -> dict[str, Any]:
        self.contexts.append(context)
        body, pieces = request.get("Body"), []
        if body is not None:
            async for piece in body:
                self.largest = max(self.largest, len(piece))
                pieces.append(piece)
            self.trailers = body.trailers()
        content = b"".join(pieces)
        self.requests.append({k: v for k, v in request.items() if k != "Body"})
        self.stored[request["Bucket"], request["Key"]] = content
        return {"ETag": f'"{hashlib.md5(content).hexdigest()}"'}

    @operation("GetObject", access=_object_access, anonymous=True)
    async def get_object(self, context: RequestContext, request: Request) -> dict[str, Any]:
        self.contexts.append(context)
        key = request["Key"]
        if request["Bucket"].startswith("sagemaker-"):
            raise NoSuchBucket("The specified bucket does not exist", BucketName=request["Bucket"])
        if key == "crash":
            raise RuntimeError("a secret detail")
        if key.startswith("file"):
            path = self.folder / key
            first, last = 1, path.stat().st_size - 1
            if "Range" in request:
                first, last = map(int, request["Range"].removeprefix("bytes=").split("-"))
            size = last + 1 - first
            return {"Body": FileSlice(path, first, size), "ContentLength": size}
        if key == "stream":
            return {"Body": Streamed(self._numbers())}
        content = self.stored.get((request["Bucket"], key))
        if content is None:
            raise NoSuchKey("The specified key does not exist.", Key=key)
        return {"Body": content, "ContentLength": len(content)}

    @operation("PutBucketPolicy", access=_object_access)
    async def put_bucket_policy(self, context: RequestContext, request: Request) -> None:
        self.requests.append(request)

    async def _numbers(self) -> AsyncIterator[bytes]:
        for number in range(100):
            yield b"%06d" % number


class Identity:
    @operation("GetCallerIdentity", access=lambda owner, context, request: ())
    async def get_caller_identity(self, context: RequestContext, request: Request) -> dict[str, str]:
        return {"Account": context.scope.account_id, "Arn": context.principal.arn, "UserId": "me"}


class Groups:
    @operation("DescribeLogGroups")
    async def describe(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return {"logGroups": [{"logGroupName": context.scope.region}]}

    @operation("DeleteLogGroup")
    async def delete(self, context: RequestContext, request: Request) -> None:
        raise AccessDenied("from within")


@dataclass
class RunningDoor:
    door: FrontDoor
    port: int
    objects: Objects
    authorizer: TestAuthorizer
    wall_clock: ShiftedClock
    loop: asyncio.AbstractEventLoop

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, *, key: str = KEY, secret: str = SECRET, **options: Any) -> Any:
        region = options.pop("region", "us-east-1")
        token = options.pop("token", None)
        config = Config(retries={"max_attempts": 0}, read_timeout=60, **options.pop("config", {}))
        session = boto3.Session(key, secret, token, region_name=region)
        return session.client(
            service, endpoint_url=options.pop("endpoint", self.url), config=config, **options
        )

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Run a coroutine function on the door's loop."""

        async def run() -> Any:
            return await function(*arguments, **named)

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(20)


def make_door(
    folder: Path,
    *,
    internet: Internet | None = None,
    notebooks: Any = None,
    console: Any = None,
    console_sessions: Any = None,
    documents: Any = None,
    terminals: Any = None,
    certificate: Any = None,
    **settings: Any,
) -> tuple[FrontDoor, Objects, TestAuthorizer, ShiftedClock]:
    objects, authorizer, clock = Objects(folder), TestAuthorizer(), ShiftedClock()

    async def reset(incoming: Any) -> dict[str, Any]:
        objects.stored.clear()
        return {"reset": True}

    async def tell(scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
        if "wrong" in request:
            raise NoSuchKey("no such thing")
        return {"told": request, "scope": [scope.account_id, scope.region]}

    needs = DoorNeeds(
        services=[Service("s3", (objects,)), Service("sts", (Identity(),)), Service("logs", (Groups(),))],
        catalog=Catalog(("s3", "sts", "logs", "sagemaker", "iam", "lambda")),
        identities=TestIdentities(),
        authorizer=authorizer,
        buckets=TestBuckets(),
        clock=SystemClock(),
        ids=Ids(),
        wall_clock=clock,
        pages={"POST /_sagehen/reset": reset},
        operator_acts={"tell": tell},
        notebooks=notebooks,
        console=console,
        console_sessions=console_sessions,
        documents=documents or {},
        terminals=terminals,
    )
    chosen = {"port": 0, "version": "0.1", "allow_reset": True, **settings}
    door = FrontDoor(
        needs,
        FrontDoorSettings(data_folder=folder, **chosen),
        internet=internet,
        certificate=certificate,
    )
    return door, objects, authorizer, clock


def run_door(folder: Path, *, uv: bool = True, **settings: Any) -> Iterator[RunningDoor]:
    loop = pytest.importorskip("uvloop").new_event_loop() if uv else asyncio.new_event_loop()
    door, objects, authorizer, clock = make_door(folder, **settings)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(door.start(), loop).result(10)
        yield RunningDoor(door, port, objects, authorizer, clock, loop)
        asyncio.run_coroutine_threadsafe(door.stop(0.5), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="module")
def module_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    yield from run_door(tmp_path_factory.mktemp("door"))


@pytest.fixture
def running(module_door: RunningDoor) -> RunningDoor:
    module_door.objects.stored.clear()
    module_door.objects.requests.clear()
    module_door.objects.contexts.clear()
    module_door.objects.trailers = {}
    module_door.authorizer.denied.clear()
    module_door.authorizer.seen.clear()
    module_door.wall_clock.shift = timedelta(0)
    return module_door


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[RunningDoor]:
    """A door with little patience."""
    yield from run_door(
        tmp_path,
        header_timeout_s=0.5,
        idle_timeout_s=1.0,
        body_grace_s=0.5,
        write_stall_s=0.5,
    )


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[RunningDoor]:
    """A door with little room, and all patience."""
    yield from run_door(tmp_path, max_connections=8, max_body_bytes=100_000, max_header_bytes=8192)
