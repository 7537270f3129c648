"""What instances write on a node goes to S3 from there: with a role's rights, by the platform's own code."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import socket
import tarfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sagehen.archives.bounds import TooMuch
from sagehen.cluster.executor.data import RemoteData
from sagehen.cluster.porters.objects import uploads
from sagehen.cluster.porters.objects.fetching import ObjectRefused
from sagehen.cluster.porters.objects.s3 import S3
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.node_data import NodeGone, Wanted
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.domain.ports.storage.outgoing import ArtifactsTarget, Target
from sagehen.executors.base import ExitStatus, Mount, SandboxSpec
from sagehen.executors.folders.job import HostFolder
from tests.unit.executors.conftest import Bench
from tests.waiting import eventually

from .bench import NODE, Cluster, porters_of
from .loopback import SocketStream
from .stores import REGION, Door, Store

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(400)]

LARGE_BYTES = 24 * 2**20
CHECKPOINTS = Target("data", "out/ckpt", 2**30, "checkpoints")
MODEL = ArtifactsTarget("data", "out/job/output", True, 2**30)
# Prints what it finds, changes one of it, and leaves a model and a word on why it ends.
TRAIN = f"""
import os, pathlib, random
ml = pathlib.Path("/opt/ml")
for file in sorted((ml / "checkpoints").rglob("*")):
    if file.is_file(): print(file.relative_to(ml), file.stat().st_size)
(ml / "checkpoints" / "deep" / "two").write_text("now")
(ml / "checkpoints" / "new").write_bytes(random.Random(1).randbytes({LARGE_BYTES}))
(ml / "model" / "weights").write_bytes(random.Random(2).randbytes({LARGE_BYTES}))
os.symlink("/etc/passwd", ml / "model" / "out")
(ml / "output" / "failure").write_text("as planned")
"""


@pytest.fixture
def host(tmp_path: Path) -> HostFolder:
    made = HostFolder(tmp_path / "job" / "hosts" / "algo-1")
    made.create()
    return made


@pytest.fixture
def link_bytes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of what came over the link."""
    receive, sizes = SocketStream.receive, list[int]()

    async def counted(stream: SocketStream) -> bytes:
        got = await receive(stream)
        sizes.append(len(got))
        return got

    monkeypatch.setattr(SocketStream, "receive", counted)
    return sizes


def spec_of(bench: Bench, host: HostFolder, script: str = TRAIN) -> SandboxSpec:
    spec = bench.spec(script, mounts=(Mount(host.opt_ml, "/opt/ml", writable=True),))
    return replace(spec, left=(host.opt_ml, host.checkpoints), wanted=(host.failure,))


async def restore(data: RemoteData, host: HostFolder, store: Store, keys: list[str]) -> None:
    async def wanted() -> AsyncIterator[Wanted]:
        for key in keys:
            yield Wanted("data", key, key.removeprefix("ok/"))

    await data.fetch(NODE, host.checkpoints, wanted(), store.role, REGION, own=True)


async def changes(
    data: RemoteData, host: HostFolder, store: Store, target: Target = CHECKPOINTS, *, settled: bool = False
) -> int:
    stored = data.store_changes("algo-1", host.checkpoints, target, store.role, REGION, settled=settled)
    return await asyncio.wait_for(stored, 120)


def body_of(store: Store, key: str) -> bytes:
    body: bytes = store.clients("s3").get_object(Bucket="data", Key=key)["Body"].read()
    return body


async def test_what_an_instance_writes_is_stored_from_its_node(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path, host: HostFolder, link_bytes: list[int]
) -> None:
    cluster, door = near
    bench, data = Bench(cluster.executor, tmp_path, None, NODE), cluster.executor.data
    await restore(data, host, store, ["ok/deep/er/one", "ok/empty"])
    spec = spec_of(bench, host)
    sandbox = await bench.start(spec)
    assert await asyncio.wait_for(sandbox.wait(), 60) == ExitStatus(0), bench.lines[spec.name]
    assert bench.lines[spec.name] == ["stdout: checkpoints/deep/er/one 100000", "stdout: checkpoints/empty 0"]
    assert host.failure_text() == "as planned"

    # What came from S3 is there already; what changed is stored, and once.
    assert await changes(data, host, store) == 2 and await changes(data, host, store) == 0
    assert body_of(store, "out/ckpt/deep/two") == b"now"
    assert len(body_of(store, "out/ckpt/new")) == LARGE_BYTES
    notes = await data.store_artifacts({"algo-1": host.opt_ml}, MODEL, store.role, REGION)
    assert notes == ["algo-1: out is a link that leads outside, to /etc/passwd; left out"]
    with tarfile.open(fileobj=io.BytesIO(body_of(store, "out/job/output/model.tar.gz"))) as tar:
        assert tar.getnames() == ["weights"]
        weights = tar.extractfile("weights")
        assert weights is not None
        digest = hashlib.sha256(weights.read()).hexdigest()
    await data.store_artifacts({"algo-1": host.opt_ml}, replace(MODEL, packed=False), store.role, REGION)
    assert hashlib.sha256(body_of(store, "out/job/output/model/weights")).hexdigest() == digest

    # None of it lay here, or came over the link.
    assert door.sent > 3 * LARGE_BYTES and sum(link_bytes) < 2**16
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size > 2**16]
    assert files == [] and list((cluster.node_folder / "boxes").iterdir())
    await data.let_go(tmp_path / "job")
    await asyncio.to_thread(eventually, lambda: not list((cluster.node_folder / "boxes").iterdir()))


async def test_a_porter_that_is_killed_meanwhile_costs_no_artifact(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path, host: HostFolder
) -> None:
    cluster, door = near
    bench, data = Bench(cluster.executor, tmp_path, None, NODE), cluster.executor.data
    (host.checkpoints / "deep").mkdir()
    assert await (await bench.start(spec_of(bench, host))).wait() == ExitStatus(0)
    for whose, process in (("ours", psutil.Process()), ("theirs", cluster.process)):
        target, before = replace(MODEL, prefix=f"out/{whose}/output"), door.sent
        storing = asyncio.create_task(
            data.store_artifacts({"algo-1": host.opt_ml}, target, store.role, REGION)
        )
        await asyncio.to_thread(eventually, lambda before=before: door.sent > before + 2**20)
        (porter,) = porters_of(process)
        assert not storing.done()
        porter.kill()
        await asyncio.wait_for(storing, 120)
        assert len(body_of(store, f"out/{whose}/output/model.tar.gz")) > LARGE_BYTES
    # A node that dies has lost what it had; nobody waits for it.
    await cluster.kill_node()
    cluster.executor.nodes[NODE].lose()
    with pytest.raises(NodeGone):
        await changes(data, host, store)


async def test_refusals_are_those_of_the_platform(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path, host: HostFolder
) -> None:
    cluster, _ = near
    bench, data = Bench(cluster.executor, tmp_path, None, NODE), cluster.executor.data
    assert await changes(data, host, store) == 0  # nothing has been started
    (host.checkpoints / "deep").mkdir()
    assert await (await bench.start(spec_of(bench, host))).wait() == ExitStatus(0)
    for target, error, said in (
        (replace(CHECKPOINTS, prefix="secret"), AccessDenied, "s3:PutObject"),
        (replace(CHECKPOINTS, bucket="gone"), NoSuchObject, "The bucket s3://gone does not exist"),
        (replace(CHECKPOINTS, room=2**20), TooMuch, "the checkpoints of algo-1 are more than the 0 GB"),
        (replace(CHECKPOINTS, kms_key_id="alias/none"), AccessDenied, "KMS.NotFoundException"),
    ):
        with pytest.raises(error, match=said):
            await changes(data, host, store, target)
    with pytest.raises(TooMuch):
        small = replace(MODEL, room=2**20)
        await data.store_artifacts({"algo-1": host.opt_ml}, small, store.role, REGION)
    # A folder in one that is left is left too; what is no file stays out.
    model = Target("data", "out/files", 2**30, "files")
    for target, count in ((model, 1), (replace(model, prefix="out/too"), 1), (model, 0)):
        stored = data.store_changes("algo-1", host.model, target, store.role, REGION, settled=False)
        assert await asyncio.wait_for(stored, 120) == count
    # A bucket in another region says so, and is asked there.
    assert await changes(data, host, store, replace(CHECKPOINTS, bucket="far")) == 2


async def test_what_is_too_large_for_one_piece_goes_in_parts(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_PART_BYTES", 5 * 2**20)  # S3's own least
    source = tmp_path / "large"
    content = bytes(range(256)) * (6 * 2**12)
    source.write_bytes(content + b"and what somebody writes behind it")
    s3 = S3(lambda: socket.create_connection(("127.0.0.1", store.port)), store.role, REGION)
    with ThreadPoolExecutor(1) as threads:
        there = uploads.ObjectUploads(threads, s3, most_put_bytes=2**20)
        await there.upload("data", "out/a b+ü", source, "text/plain", size=len(content))
        with pytest.raises(ObjectRefused) as refused:
            await there.upload("data", "ok/parts", source)
        await there.upload("data", "out/empty", Path(os.devnull))
    s3.close()
    found = store.clients("s3").get_object(Bucket="data", Key="out/a b+ü")
    assert found["Body"].read() == content and found["ContentType"] == "text/plain"
    assert found["ETag"].endswith('-2"') and refused.value.refused.status == 403
    assert body_of(store, "out/empty") == b""
    assert "Uploads" not in store.clients("s3").list_multipart_uploads(Bucket="data")
