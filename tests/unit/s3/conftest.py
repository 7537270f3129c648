"""S3's handlers called directly: every operation by its AWS name."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.operation import BoundOperation, Reply
from sagehen.api.streams import FileSlice, Streamed
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.encryption_keys import DataKey, KeyUse
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.s3.records.buckets import Bucket, BucketRecords
from sagehen.services.s3.records.schema import MIGRATIONS
from sagehen.services.s3.service import S3Service
from sagehen.store.database import Database
from tests.unit.policy_documents import policy_documents

OWNER, OTHER = "111111111111", "222222222222"


class Rights:
    """An authorizer that refuses the (action, resource) pairs that it is told to."""

    def __init__(self) -> None:
        self.refused: set[tuple[str, str]] = set()
        self.asked: list[Access] = []

    def authorize(self, principal: Principal, access: Access, environment: Mapping[str, Any]) -> None:
        self.asked.append(access)
        if not self.is_allowed(principal, access, environment):
            raise AccessDenied(f"no {access.action}")

    def is_allowed(self, principal: Principal, access: Access, environment: Mapping[str, Any]) -> bool:
        return (access.action, access.resource) not in self.refused


class Keys:
    """KMS with one key, which says no to whom `rights` refuses it."""

    ARN = f"arn:aws:kms:us-east-1:{OWNER}:key/1"

    def __init__(self, rights: Rights) -> None:
        self.rights = rights
        self.made: dict[bytes, tuple[bytes, Mapping[str, str]]] = {}

    async def managed_key(self, scope: Scope, service: str) -> str:
        return self.ARN

    def new_data_key(self, use: KeyUse, key_id: str) -> DataKey:
        self.rights.authorize(use.principal, Access("kms:GenerateDataKey", self.ARN), use.environment)
        name = b"%d" % len(self.made)
        self.made[name] = (hashlib.sha256(name).digest(), use.context)
        return DataKey(self.made[name][0], name, self.ARN)

    def open_data_key(self, use: KeyUse, key_arn: str, ciphertext: bytes) -> bytes:
        assert key_arn == self.ARN
        self.rights.authorize(use.principal, Access("kms:Decrypt", self.ARN), use.environment)
        plaintext, made_for = self.made[ciphertext]
        assert made_for == use.context
        return plaintext


class Chunks:
    """A BodyStream over given chunks."""

    def __init__(
        self, *chunks: bytes, length: int | None = None, trailers: dict[str, str] | None = None
    ) -> None:
        self._chunks = chunks
        self.length = length
        self._trailers = trailers or {}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk

    async def read(self, limit: int) -> bytes:
        return b"".join(self._chunks)

    def trailers(self) -> dict[str, str]:
        return self._trailers


class S3:
    """Calls operations as an account's root."""

    def __init__(self, service: S3Service, clock: ManualClock, rights: Rights) -> None:
        self.service = service
        self.clock = clock
        self.rights = rights
        self.operations: dict[str, BoundOperation] = {
            operation.name: operation for part in service.services for operation in part.operations()
        }

    def context(
        self,
        name: str,
        account: str = OWNER,
        region: str = "us-east-1",
        headers: Mapping[str, str] | None = None,
    ) -> RequestContext:
        principal = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{account}:root", account)
        return RequestContext(
            "r", "s3", name, Scope(account, region), principal, self.clock.now(), headers=headers or {}
        )

    async def reply(self, name: str, **request: Any) -> Reply:
        options = {
            option: request.pop(option) for option in ("account", "region", "headers") if option in request
        }
        context = self.context(name, **options)
        operation = self.operations[name]
        assert operation.accesses(context, request) is not None
        answer = await operation.handler(context, request)
        return answer if isinstance(answer, Reply) else Reply(answer or {})

    async def __call__(self, name: str, **request: Any) -> dict[str, Any]:
        return dict((await self.reply(name, **request)).result)

    async def read(self, bucket: str, key: str, **request: Any) -> bytes:
        return await body_bytes((await self("GetObject", Bucket=bucket, Key=key, **request))["Body"])


async def body_bytes(body: Any) -> bytes:
    if isinstance(body, FileSlice):
        with body.path.open("rb") as file:
            file.seek(body.offset)
            return file.read(body.length)
    if isinstance(body, Streamed):
        return b"".join([chunk async for chunk in body.chunks])
    assert isinstance(body, bytes)
    return body


Configured = Callable[..., Awaitable[tuple[BucketRecords, Bucket]]]


@pytest.fixture
def configured(database: Database) -> Configured:
    """Makes the bucket `birds` with configurations as they are stored, by kind."""

    async def make(**configurations: Any) -> tuple[BucketRecords, Bucket]:
        database.migrate("s3", MIGRATIONS)
        buckets = BucketRecords(database)
        bucket = Bucket("birds", OWNER, "us-east-1", datetime(2026, 1, 1, tzinfo=UTC))
        await buckets.create(
            bucket, {kind: document for kind, document in configurations.items() if document}
        )
        return buckets, bucket

    return make


@pytest.fixture
def rights() -> Rights:
    return Rights()


@pytest.fixture
def make_service(
    database: Database, tmp_path: Path, clock: ManualClock, ids: Ids, rights: Rights
) -> Callable[[], S3Service]:
    return lambda: S3Service(
        database=database,
        folder=tmp_path / "objects",
        clock=clock,
        ids=ids,
        authorizer=rights,
        documents=policy_documents(database),
        keys=Keys(rights),
    )


@pytest.fixture
async def s3(make_service: Callable[[], S3Service], clock: ManualClock, rights: Rights) -> AsyncIterator[S3]:
    service = make_service()
    await service.start()
    caller = S3(service, clock, rights)
    await caller("CreateBucket", Bucket="birds")
    yield caller
    await service.stop()


Call = Callable[..., Awaitable[dict[str, Any]]]
