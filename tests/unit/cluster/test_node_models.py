"""Models on nodes: got from S3 and unpacked there, while the platform sees their code alone."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import os
import tarfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagehen.archives.tar import UnusableArchive
from sagehen.cluster.porters import archives
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.compute.node_data import Wanted
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.storage.objects import NoSuchObject, ObjectSummary
from sagehen.executors.base import ExitStatus, Mount
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.services.sagemaker.models.wanted import ModelDataUnavailable, WantedModel
from tests.unit.executors.conftest import Bench
from tests.waiting import eventually

from . import loopback
from .bench import NODE, Cluster, porters_of
from .stores import REGION, Door, Store

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(240)]

CODE = b"import torch\n"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Objects:
    """The platform's own way to S3: here, the bucket of another process, with the rights of the role."""

    def __init__(self, store: Store) -> None:
        self._s3 = store.clients("s3", store.role)

    async def list_objects(
        self, principal: Principal, bucket: str, prefix: str = ""
    ) -> AsyncIterator[ObjectSummary]:
        for found in self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
            yield ObjectSummary(found["Key"], found["Size"], found["ETag"], _NOW)

    async def read(
        self, principal: Principal, bucket: str, key: str
    ) -> tuple[ObjectSummary, AsyncIterator[bytes]]:
        try:
            told = await asyncio.to_thread(self._s3.get_object, Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDenied":
                raise AccessDenied(error.response["Error"]["Message"]) from None
            raise NoSuchObject(key) from None

        async def pieces() -> AsyncIterator[bytes]:
            for piece in told["Body"].iter_chunks(100_000):
                yield piece

        return ObjectSummary(key, told["ContentLength"], told["ETag"], _NOW), pieces()

    async def download(self, principal: Principal, bucket: str, key: str, to: Path) -> None:
        _, pieces = await self.read(principal, bucket, key)
        to.write_bytes(b"".join([piece async for piece in pieces]))


def _packed(content: dict[str, bytes], link: tuple[str, str] | None = None) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, body in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
        if link is not None:
            info = tarfile.TarInfo(link[0])
            info.type, info.linkname = tarfile.SYMTYPE, link[1]
            tar.addfile(info)
    return packed.getvalue()


def _wanted(key: str, layout: str = "archive") -> WantedModel:
    return WantedModel("one", f"s3://data/{key}", layout, "arn:aws:iam::1:role/r", 120, REGION)


def _session(store: Store) -> RoleSession:
    nobody: Any = None
    return RoleSession(store.role, nobody)


_LIST = """
import hashlib, pathlib
for file in sorted(pathlib.Path("/in").rglob("*")):
    if file.is_file():
        print(file.relative_to("/in"), hashlib.sha256(file.read_bytes()).hexdigest(), flush=True)
"""


async def _seen(bench: Bench, place: Path) -> dict[str, str]:
    """Return the digests of what a sandbox on the node sees."""
    spec = bench.spec(_LIST, mounts=(Mount(place, "/in"),))
    sandbox = await bench.start(spec)
    assert await asyncio.wait_for(sandbox.wait(), 60) == ExitStatus(0), bench.lines[spec.name]
    told = [line.removeprefix("stdout: ").rpartition(" ") for line in bench.lines[spec.name]]
    return {name: digest for name, _, digest in told}


def _digests(content: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(body).hexdigest() for name, body in content.items()}


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes over the link."""
    sizes, send = list[int](), loopback.SocketStream.send

    async def counted(self: loopback.SocketStream, data: bytes) -> None:
        sizes.append(len(data))
        await send(self, data)

    monkeypatch.setattr(loopback.SocketStream, "send", counted)
    return sizes


@pytest.mark.parametrize("layout", ["archive", "prefix"])
async def test_a_model_is_on_the_node_alone(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path, passed: list[int], layout: str
) -> None:
    cluster, door = near
    bench, data, session = (
        Bench(cluster.executor, tmp_path, None, NODE),
        cluster.executor.data,
        _session(store),
    )
    objects: Any = Objects(store)
    models = ModelData(objects, data)
    content = {"weights": os.urandom(3 * 2**20), "code/inference.py": CODE}
    s3 = store.clients("s3")
    if layout == "archive":
        wanted = _wanted("ok/model.tar.gz")
        s3.put_object(Bucket="data", Key="ok/model.tar.gz", Body=_packed(content))
    else:
        wanted = _wanted("ok/plain/", "prefix")
        for name, body in content.items():
            s3.put_object(Bucket="data", Key=f"ok/plain/{name}", Body=body)
    folder = tmp_path / "endpoint" / "models" / "1-one"
    size = sum(map(len, content.values()))

    looked = await models.look(wanted, session, folder)
    assert looked.size == size and (looked.code / "inference.py").read_bytes() == CODE
    assert await models.bring(wanted, session, folder, NODE) == size
    assert door.bytes > 3 * 2**20
    assert await _seen(bench, folder) == _digests(content)

    # Another replica there costs nothing.
    before = door.bytes
    assert await models.bring(wanted, session, folder, NODE) == size
    assert door.bytes == before and await _seen(bench, folder) == _digests(content)

    # No byte of it is here, nor went over the link.
    part = content["weights"][1000:1064]
    here = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert here and not any(part in path.read_bytes() for path in here) and not folder.exists()
    assert passed and sum(passed) < 200_000

    # Another life of the platform's finds nothing of this one's, but the objects that S3 says are the same.
    cluster.executor.nodes[NODE]._life = "the next"
    await cluster.relink()
    assert await models.bring(wanted, session, folder, NODE) == size
    assert door.bytes - before < 2**20 and await _seen(bench, folder) == _digests(content)
    await models.remove(folder.with_name("1-one.looked"))
    assert await data.held(NODE, folder) is None and not looked.code.parent.exists()
    held = cluster.node_folder / "objects"
    await asyncio.to_thread(eventually, lambda: not list(held.iterdir()))


async def test_what_is_refused_has_the_words_that_it_has_here(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path
) -> None:
    cluster, _ = near
    objects: Any = Objects(store)
    here, there, session = ModelData(objects), ModelData(objects, cluster.executor.data), _session(store)
    bodies = {
        "ok/out": _packed({"../out": b"x"}),
        "ok/link": _packed({"a": b"x"}, ("b", "/etc")),
        "ok/garbage": b"no archive at all" * 100,
        "ok/cut": _packed({"weights": os.urandom(100_000)})[:60_000],
    }
    for key, body in bodies.items():
        store.clients("s3").put_object(Bucket="data", Key=key, Body=body)
    for key in (*bodies, "secret", "ok/absent"):
        said = []
        for models, node in ((here, None), (there, NODE)):
            with pytest.raises(ModelDataUnavailable) as refused:
                await models.bring(_wanted(key), session, tmp_path / key / str(node), node)
            said.append(str(refused.value))
        assert said[0] == said[1] and key in said[0]
    await cluster.executor.data.let_go(tmp_path)
    held = cluster.node_folder / "objects"
    await asyncio.to_thread(eventually, lambda: not list(held.iterdir()))


async def test_a_porter_that_is_killed_meanwhile_leaves_nothing(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path
) -> None:
    cluster, door = near
    data, place = cluster.executor.data, tmp_path / "killed"
    wanted = Wanted("data", "ok/large", "archive")
    work = asyncio.create_task(data.unpack(NODE, place, wanted, store.role, REGION))
    await asyncio.to_thread(eventually, lambda: door.bytes > 2**20)
    (porter,) = porters_of(cluster.process)
    porter.kill()
    with pytest.raises(UnusableArchive):  # it is asked again, and ends as it would have
        await asyncio.wait_for(work, 120)
    await data.let_go(place)
    held = cluster.node_folder / "objects"
    await asyncio.to_thread(eventually, lambda: not list(held.iterdir()))


async def test_a_disk_that_is_full_while_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpack_tar(archive: Path, folder: Path, *_: object) -> None:
        (folder / "some").write_bytes(b"x")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "more"))

    class Fetching:
        async def begin(self, group: asyncio.TaskGroup, wanted: Wanted) -> None:
            pass

    monkeypatch.setattr(archives, "unpack_tar", unpack_tar)
    fetching: Any = Fetching()
    with pytest.raises(UnusableArchive, match=r"^\[Errno 28\] No space left on device$"):
        await archives.unpacked(fetching, Wanted("b", "k", "archive"), tmp_path / "a", tmp_path / "made")
    await asyncio.to_thread(eventually, lambda: not list(tmp_path.iterdir()))  # it frees what it filled


_LOOK = """
import pathlib, time
def wait(text):
    while (path.read_text() if path.exists() else None) != text: time.sleep(0.01)
path = pathlib.Path("/models/one/model/weights")
for text in ("first", "second", None):
    wait(text); print(text, flush=True)
"""


async def test_a_model_that_is_asked_for_while_an_instance_runs(
    near: tuple[Cluster, Door], store: Store, tmp_path: Path
) -> None:
    cluster, _ = near
    bench, data, node = (
        Bench(cluster.executor, tmp_path, None, NODE),
        cluster.executor.data,
        cluster.executor.nodes[NODE],
    )
    models = tmp_path / "models"
    models.mkdir()
    spec = bench.spec(_LOOK, mounts=(Mount(models, "/models"),))
    sandbox = await bench.start(spec)
    place = models / "one" / "model"
    for text in ("first", "second"):
        store.clients("s3").put_object(Bucket="data", Key="ok/m", Body=_packed({"weights": text.encode()}))
        await data.unpack(NODE, place, Wanted("data", "ok/m", "archive"), store.role, REGION)
        await bench.executor.show(spec.name, place)
        await bench.line(spec.name, text)
        assert not data.holds(NODE, place)
    order = {"name": spec.name, "tree": 1, "below": "one/model", "held": str(place)}
    await node.call("place", order)  # told again, its answer being lost
    for below, error in (("one/other", FileNotFoundError), ("..", ValueError), ("one/../..", ValueError)):
        with pytest.raises(error):
            await node.call("place", {**order, "below": below})
    await bench.executor.show(spec.name, models / "one")
    assert (await asyncio.wait_for(sandbox.wait(), 60)).code == 0
    assert not list(models.iterdir())
