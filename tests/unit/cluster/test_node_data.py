"""Nodes get objects from S3 by themselves: with a role's rights, whole, once, and as S3 refuses them."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError

from sagehen.cluster.executor.data import RemoteData
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.compute.node_data import Fetched, NodeGone, Wanted
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.executors.base import ExitStatus, Mount, SandboxSpec
from sagehen.executors.folders.job import HostFolder
from sagehen.incoming import recordio
from sagehen.incoming.order import Share, order
from tests.unit.executors.conftest import Bench
from tests.waiting import eventually

from .bench import NODE, Cluster, porters_of
from .stores import REGION, Door, Store

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(240)]


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


# Reads two epochs, the second with a pause in its middle, and leaves the third at once.
_EPOCHS = """
import hashlib, pathlib, time
data = pathlib.Path("/opt/ml/input/data")

def pipe(name):
    while not (data / name).exists():
        time.sleep(0.01)
    return (data / name).open("rb")

for epoch in range(2):
    digest = hashlib.sha256()
    with pipe(f"train_{epoch}") as file:
        while piece := file.read(2**20):
            digest.update(piece)
            if epoch and not (data / "go").exists():
                print("halfway", flush=True)
                while not (data / "go").exists():
                    time.sleep(0.01)
    print(digest.hexdigest(), flush=True)
with pipe("train_2") as file:
    file.read(1)
with pipe("train_3"), pipe("denied_0") as file:
    print("denied", len(file.read()))
"""


def _piping(
    data: RemoteData, store: Store, host: HostFolder, piped: Piped, objects: Sequence[tuple[str, str]]
) -> tuple[asyncio.Task[None], asyncio.Event]:
    entries, ended = host.root / piped.name, asyncio.Event()
    entries.write_text("".join(json.dumps([bucket, key, key]) + "\n" for bucket, key in objects))

    async def keys() -> Credentials:
        return store.role

    return asyncio.create_task(data.pipe(host.data, piped, entries, keys, REGION, ended)), ended


def _with_pipes(bench: Bench, host: HostFolder, *names: str) -> SandboxSpec:
    host.create()
    spec = bench.spec(_EPOCHS, mounts=(Mount(host.opt_ml, "/opt/ml", writable=True),))
    pipes = tuple(host.data / name for name in names)
    return replace(spec, left=(host.opt_ml,), wanted=(), pipes=pipes)


async def test_pipes_are_written_by_the_node(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path
) -> None:
    cluster, data = near[0], near[0].executor.data
    bench, host = Bench(cluster.executor, tmp_path, None, NODE), HostFolder(tmp_path / "job" / "algo-1")
    spec = _with_pipes(bench, host, "train", "denied")
    sandbox = await bench.start(spec)
    objects = [*(("data", key) for key in store.content), ("far", "ok/there")]
    train = Piped("train", "s3://data/ok/", wraps_records=True, seed=7)
    writing, ended = _piping(data, store, host, train, objects)
    refused, _ = _piping(data, store, host, Piped("denied", "s3://data/secret"), [("data", "secret")])
    await bench.line(spec.name, "halfway", 120)
    assert cluster.link is not None
    cluster.link.cut()  # the node goes on, as the job does
    await cluster.relink()
    (tree,) = cluster.node_folder.glob("boxes/*/trees/*/input/data")
    (tree / "go").touch()
    assert await asyncio.wait_for(sandbox.wait(), 120) == ExitStatus(0), bench.lines[spec.name]
    ended.set()
    await asyncio.wait_for(writing, 60)
    with pytest.raises(AccessDenied, match="s3:GetObject"):
        await asyncio.wait_for(refused, 60)

    bodies = [*store.content.values(), b"in another region"]
    records = [recordio.header(len(each)) + each + recordio.padding(len(each)) for each in bodies]
    digests = [
        hashlib.sha256(
            b"".join(records[number] for number in order(len(bodies), 7, epoch, Share()))
        ).hexdigest()
        for epoch in range(2)
    ]
    assert bench.lines[spec.name] == [
        f"stdout: {line}" for line in (digests[0], "halfway", digests[1], "denied 0")
    ]
    assert list(host.data.iterdir()) == []  # nothing of it came here

    # A writer that is killed ends the pipe, as if that were the end of an epoch; nobody can say otherwise.
    other = HostFolder(tmp_path / "job" / "algo-2")
    spec = _with_pipes(bench, other, "train")
    await bench.start(spec)
    writing, ended = _piping(data, store, other, train, objects)
    await bench.line(spec.name, "halfway", 120)
    (porter,) = porters_of(cluster.process)
    porter.kill()
    with pytest.raises(NodeGone):
        await asyncio.wait_for(writing, 60)
    await data.let_go(tmp_path / "job")
    await asyncio.to_thread(eventually, lambda: not list((cluster.node_folder / "boxes").iterdir()))
