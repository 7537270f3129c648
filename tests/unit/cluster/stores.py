"""A platform with buckets and a role for nodes that ask S3 by themselves, and the door by which they do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from sagehen.domain.identity import Credentials
from sagehen.executors.network.networks import CloseDoor
from tests.running import ACCOUNTS, RunningSagehen
from tests.unit.executors.conftest import PLATFORM_PORT, MakeExecutor, open_door
from tests.waiting import sandboxes_have_ended

from .bench import Cluster

REGION = "us-east-1"
ELSEWHERE = "eu-west-1"
# Three ranges of a node's; in parts, so that S3 sends several files.
LARGE_BYTES = 40 * 2**20


@dataclass
class Door:
    """What leads to the platform's port, and counts what comes from there, and what goes."""

    port: int
    bytes: int = 0
    sent: int = 0

    passing: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self, listener: socket.socket) -> CloseDoor:
        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.passing.add(asyncio.ensure_future(self._pass(reader, writer)))

        server = await asyncio.start_unix_server(serve, sock=listener)

        async def close() -> None:
            server.close()
            for each in self.passing:
                each.cancel()
            await asyncio.gather(*self.passing, return_exceptions=True)

        return close

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await asyncio.gather(self._copy(reader, ours, False), self._copy(theirs, writer, True))
        finally:
            for each in (ours, writer):
                each.transport.abort()
                with contextlib.suppress(OSError):
                    await each.wait_closed()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counts: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(2**18):
                if counts:
                    self.bytes += len(data)
                else:
                    self.sent += len(data)
                writer.write(data)
                await writer.drain()
        writer.close()


@dataclass
class Store:
    """A bucket, another one in another region, and a role that may read some of what is there."""

    clients: Any
    port: int
    content: dict[str, bytes] = field(default_factory=dict)
    role: Credentials = field(default_factory=lambda: Credentials("", ""))

    def fill(self) -> None:
        s3 = self.clients("s3")
        s3.create_bucket(Bucket="data")
        s3.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": ELSEWHERE})
        self.content = {
            "ok/a file + ü ~.txt": b"named oddly",
            "ok/empty": b"",
            "ok/deep/er/one": os.urandom(100_000),
            "ok/large": os.urandom(LARGE_BYTES),
        }
        for key, body in self.content.items():
            if key != "ok/large":
                s3.put_object(Bucket="data", Key=key, Body=body)
        upload = s3.create_multipart_upload(Bucket="data", Key="ok/large")["UploadId"]
        parts, half = [], LARGE_BYTES // 2 + 17
        for number, body in enumerate((self.content["ok/large"][:half], self.content["ok/large"][half:]), 1):
            told = s3.upload_part(
                Bucket="data", Key="ok/large", UploadId=upload, PartNumber=number, Body=body
            )
            parts.append({"PartNumber": number, "ETag": told["ETag"]})
        s3.complete_multipart_upload(
            Bucket="data", Key="ok/large", UploadId=upload, MultipartUpload={"Parts": parts}
        )
        s3.put_object(Bucket="data", Key="secret", Body=b"no")
        s3.put_object(Bucket="far", Key="ok/there", Body=b"in another region")
        self.role = self._role()

    def _role(self) -> Credentials:
        iam = self.clients("iam")
        user = iam.create_user(UserName="caller")["User"]["Arn"]
        trust = {"Effect": "Allow", "Principal": {"AWS": user}}
        rights: list[dict[str, object]] = [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{each}/ok/*"}
            for each in ("data", "far", "gone")
        ]
        rights += [
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{each}/out/*"}
            for each in ("data", "far", "gone")
        ]
        rights.append({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"})
        arn = iam.create_role(
            RoleName="reader", AssumeRolePolicyDocument=_policy([{**trust, "Action": "sts:AssumeRole"}])
        )["Role"]["Arn"]
        iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=_policy(rights))
        own = iam.create_access_key(UserName="caller")["AccessKey"]
        caller = self.clients("sts", Credentials(own["AccessKeyId"], own["SecretAccessKey"]))
        keys = caller.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
        return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def _policy(statements: Sequence[dict[str, object]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    running = RunningSagehen(tmp_path_factory.mktemp("sagehen") / "data")
    running.start(timeout_s=180)
    key, secret = next(iter(ACCOUNTS.values())).split(":")

    def clients(service: str, role: Credentials | None = None) -> Any:
        keys = role or Credentials(key, secret)
        return boto3.client(
            service, REGION, endpoint_url=running.url, aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key, aws_session_token=keys.session_token,
        )  # fmt: skip

    made = Store(clients, running.facts["port"])
    try:
        made.fill()
        yield made
    finally:
        running.stop()


@pytest.fixture
async def near(
    make_executor: MakeExecutor, tmp_path: Path, store: Store
) -> AsyncIterator[tuple[Cluster, Door]]:
    door = Door(store.port)
    cluster = Cluster(make_executor(), tmp_path, PLATFORM_PORT, open_door, isolated_door=door.open)
    await cluster.start()
    yield cluster, door
    await cluster.close()
    await sandboxes_have_ended()
