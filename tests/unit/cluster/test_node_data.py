"""Nodes get objects from S3 by themselves: with a role's rights, whole, once, and as S3 refuses them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError

from sagehen.cluster.executor.data import RemoteData
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.compute.node_data import Fetched, NodeGone, Wanted
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.executors.base import ExitStatus, Mount
from sagehen.executors.network.networks import CloseDoor
from tests.running import ACCOUNTS, RunningSagehen
from tests.unit.executors.conftest import PLATFORM_PORT, Bench, MakeExecutor, open_door
from tests.waiting import eventually, sandboxes_have_ended

from .bench import NODE, Cluster, porters_of

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(240)]

REGION = "us-east-1"
ELSEWHERE = "eu-west-1"
# Three ranges of a node's; in parts, so that S3 sends several files.
LARGE_BYTES = 40 * 2**20


@dataclass
class Door:
    """What leads to the platform's port, and counts what comes from there."""

    port: int
    bytes: int = 0

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
                self.bytes += len(data) if counts else 0
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
        rights = [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{each}/ok/*"}
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
    running.start()
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


async def _fetch(data: RemoteData, place: Path, objects: Sequence[tuple[str, str]], store: Store) -> Fetched:
    async def wanted() -> AsyncIterator[Wanted]:
        for bucket, key in objects:
            yield Wanted(bucket, key, key.removeprefix("ok/"))

    return await asyncio.wait_for(data.fetch(NODE, place, wanted(), store.role, REGION), 120)


_LIST = """
import hashlib, pathlib
for file in sorted(pathlib.Path("/in").rglob("*")):
    if not file.is_file(): continue
    print(file.relative_to("/in"), hashlib.sha256(file.read_bytes()).hexdigest(), flush=True)
"""


async def _seen(bench: Bench, mount: Mount) -> dict[str, str]:
    """Return the digests of what a sandbox on the node sees."""
    spec = bench.spec(_LIST, mounts=(mount,))
    sandbox = await bench.start(spec)
    assert await asyncio.wait_for(sandbox.wait(), 60) == ExitStatus(0), bench.lines[spec.name]
    told = [line.removeprefix("stdout: ").rpartition(" ") for line in bench.lines[spec.name]]
    return {name: digest for name, _, digest in told}


def _digests(content: dict[str, bytes]) -> dict[str, str]:
    return {key.removeprefix("ok/"): hashlib.sha256(body).hexdigest() for key, body in content.items()}


async def test_a_node_gets_objects_by_itself(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path
) -> None:
    cluster, door = near
    bench, data = Bench(cluster.executor, tmp_path, None, NODE), cluster.executor.data
    objects = [("data", key) for key in store.content]
    place = tmp_path / "job" / "channels" / "train"
    size = sum(map(len, store.content.values()))
    assert await _fetch(data, place, objects, store) == Fetched(len(objects), size)
    assert await _seen(bench, Mount(place, "/in")) == _digests(store.content)
    assert not place.exists()  # nothing of it came here

    # The second time, S3 says that they are the same: only small ones are sent, and what has changed.
    store.content["ok/deep/er/one"] = os.urandom(90_000)
    store.clients("s3").put_object(Bucket="data", Key="ok/deep/er/one", Body=store.content["ok/deep/er/one"])
    before, again = door.bytes, tmp_path / "again"
    await _fetch(data, again, [*objects, ("far", "ok/there")], store)
    assert door.bytes - before < 2**20
    expected = _digests({**store.content, "ok/there": b"in another region"})
    # A copy of its own that it may write to; whoever comes next sees what was got.
    written = bench.spec("open('/in/empty', 'w').write('x')", mounts=(Mount(again, "/in", True, False),))
    assert (await (await bench.start(written)).wait()) == ExitStatus(0)
    assert await _seen(bench, Mount(again, "/in")) == expected

    held = cluster.node_folder / "objects"
    assert len(list(held.iterdir())) == 2
    await data.let_go(tmp_path / "job")
    assert not data.holds(NODE, place) and data.holds(NODE, again)
    # Another life of the platform's finds nothing of this one's.
    cluster.executor.nodes[NODE]._life = "the next"
    await cluster.relink()
    await asyncio.to_thread(eventually, lambda: not list(held.iterdir()))
    lost = await bench.start(bench.spec(_LIST, mounts=(Mount(again, "/in"),)))
    assert (await lost.wait()).is_lost


async def test_a_link_that_is_cut_meanwhile_costs_no_object(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path
) -> None:
    cluster, door = near
    objects = [("data", key) for key in store.content]
    fetching = asyncio.create_task(_fetch(cluster.executor.data, tmp_path / "cut", objects, store))
    await asyncio.to_thread(eventually, lambda: door.bytes > 2**20)
    assert cluster.link is not None and not fetching.done()
    cluster.link.cut()
    await cluster.relink()
    assert (await fetching).files == len(objects)
    bench = Bench(cluster.executor, tmp_path, None, NODE)
    assert await _seen(bench, Mount(tmp_path / "cut", "/in")) == _digests(store.content)
    # One that is dead has lost what it had; nobody waits for it.
    await cluster.kill_node()
    cluster.executor.nodes[NODE].lose()
    with pytest.raises(NodeGone):
        await _fetch(cluster.executor.data, tmp_path / "dead", objects, store)


@pytest.mark.parametrize("whose", ["ours", "theirs"])
async def test_a_porter_that_is_killed_meanwhile_costs_no_object(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path, whose: str
) -> None:
    cluster, door = near
    objects = [("data", key) for key in store.content]
    fetching = asyncio.create_task(_fetch(cluster.executor.data, tmp_path / "killed", objects, store))
    await asyncio.to_thread(eventually, lambda: door.bytes > 2**20)
    (porter,) = porters_of(psutil.Process() if whose == "ours" else cluster.process)
    assert not fetching.done()
    porter.kill()
    assert (await fetching).files == len(objects)
    bench = Bench(cluster.executor, tmp_path, None, NODE)
    assert await _seen(bench, Mount(tmp_path / "killed", "/in")) == _digests(store.content)


async def test_refusals_are_s3s_own(near: tuple[Cluster, Door], store: Store, tmp_path: Path) -> None:
    data = near[0].executor.data
    with pytest.raises(ClientError) as refused:
        store.clients("s3", store.role).get_object(Bucket="data", Key="secret")
    with pytest.raises(AccessDenied) as denied:
        await _fetch(data, tmp_path / "a", [("data", "ok/empty"), ("data", "secret")], store)
    assert denied.value.message == refused.value.response["Error"]["Message"]
    assert "s3:GetObject" in denied.value.message
    with pytest.raises(NoSuchObject, match="The object s3://data/ok/absent does not exist"):
        await _fetch(data, tmp_path / "a", [("data", "ok/absent")], store)
    with pytest.raises(NoSuchObject, match="The bucket s3://gone does not exist"):
        await _fetch(data, tmp_path / "a", [("gone", "ok/x")], store)
    with pytest.raises(OSError) as clash:
        await _fetch(data, tmp_path / "a", [("far", "ok/there")] * 2, store)
    assert clash.value.errno == errno.EEXIST and clash.value.filename == "there"
    assert not data.holds(NODE, tmp_path / "a")
    await data.let_go(tmp_path)
    await asyncio.to_thread(eventually, lambda: not list((near[0].node_folder / "objects").iterdir()))
