"""Images: brought to an engine once, and gone from there when they are gone here."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
from pathlib import Path

import pytest

from sagehen.executors.base import ImageRoot, SandboxUnavailable
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.images import Images
from tests.unit.executors.containers.fake_engine import FakeEngine, answer_of


class _Registry:
    """The images of a fake engine, which takes what it is sent."""

    def __init__(self) -> None:
        self.layers: dict[str, list[str]] = {}
        self.error = b""
        self.used: set[str] = set()

    def __call__(self, asked: str, body: bytes) -> bytes:
        method, _, path = asked.partition(" ")
        name = path.removeprefix("/images/").removesuffix("/json")
        if method == "POST":
            if self.error:
                return answer_of("200 OK", self.error)
            with tarfile.open(fileobj=io.BytesIO(body)) as tar:
                files = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
            [image] = json.loads(files["manifest.json"])
            config = json.loads(files[image["Config"]])
            assert [files[layer] for layer in image["Layers"]] and config["config"] == {}
            self.layers[image["RepoTags"][0]] = config["rootfs"]["diff_ids"]
            return answer_of("200 OK", b'{"stream":"Loaded"}')
        if path == "/images/json":
            return answer_of("200 OK", json.dumps([{"RepoTags": [name]} for name in self.layers]).encode())
        if name not in self.layers:
            return answer_of("404 Not Found", b'{"message":"no such image"}')
        if method == "DELETE" and name in self.used:
            return answer_of("409 Conflict", b'{"message":"image is in use by a container"}')
        if method == "DELETE":
            del self.layers[name]
            return answer_of("200 OK", b"[]")
        return answer_of("200 OK", json.dumps({"RootFS": {"Layers": self.layers[name]}}).encode())


async def test_an_image_is_brought_once_and_goes_with_its_root(tmp_path: Path) -> None:
    registry = _Registry()
    (tmp_path / "layer").write_bytes(b"x" * 3000)
    root = tmp_path / "root"
    root.mkdir()
    image = ImageRoot(root, tmp_path / "place", layers=((tmp_path / "layer", "sha256:1"),))
    async with FakeEngine(tmp_path / "s", registry) as engine:
        images = Images(EngineClient(engine.path), tmp_path / "own", "p1")
        name = await images.bring(image)
        assert name == await images.bring(image) and name.startswith("sagehen.invalid/p1:")
        assert sum(asked.startswith("POST") for asked in engine.asked) == 1
        registry.layers[name] = ["sha256:another"]  # somebody gave the name to something else
        assert await images.bring(image) == name
        assert registry.layers == {name: ["sha256:1"]}
        root.rmdir()
        registry.used = {name}  # its last container is on its way out
        await images.sweep()
        assert list(registry.layers) == [name]
        registry.used = set()
        await asyncio.gather(images.sweep(), images.sweep())  # two images were brought at once
    assert registry.layers == {} and list((tmp_path / "own/images").iterdir()) == []


async def test_images_of_a_data_folder_that_was_deleted_go_at_the_next_start(tmp_path: Path) -> None:
    registry = _Registry()
    (tmp_path / "layer").write_bytes(b"x")
    image = ImageRoot(tmp_path, tmp_path / "place", layers=((tmp_path / "layer", "sha256:1"),))
    async with FakeEngine(tmp_path / "s", registry) as engine:
        images = Images(EngineClient(engine.path), tmp_path / "own", "p1")
        kept = {await images.bring(image), await images.empty(), "sagehen.invalid/p12:1", "own:1"}
        kept.add("sagehen.invalid/p1:used")  # what an engine refuses does not keep it from the next one
        registry.used = {"sagehen.invalid/p1:used"}
        for name in (*sorted(kept - set(registry.layers)), "sagehen.invalid/p1:gone"):
            registry.layers[name] = ["x"]
        await images.recover()
    assert set(registry.layers) == kept


@pytest.mark.parametrize(
    ("layers", "error", "why"),
    [
        ((), b"", "layers are not known"),
        (("absent",), b"", "deleted before"),
        (("layer",), b'{"error":"no space left on device"}', "no space left on device"),
    ],
)
async def test_an_image_that_cannot_be_brought(
    tmp_path: Path, layers: tuple[str, ...], error: bytes, why: str
) -> None:
    registry = _Registry()
    registry.error = error
    (tmp_path / "layer").write_bytes(b"x")
    named = tuple((tmp_path / layer, "sha256:1") for layer in layers)
    image = ImageRoot(tmp_path, tmp_path / "place", layers=named)
    async with FakeEngine(tmp_path / "s", registry) as engine:
        with pytest.raises(SandboxUnavailable, match=why):
            await Images(EngineClient(engine.path), tmp_path / "own", "p1").bring(image)
