"""Images of one's own on a node: each layer sent once and checked, unpacked, bounded, held while used."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sagehen.cluster.agent.images import NodeImages
from sagehen.cluster.agent.last_used import LastUsed
from sagehen.cluster.images import Layer, WantedImage, order_of_image, wanted_of
from sagehen.cluster.streams import StreamRefused
from sagehen.domain.ports.compute.places import Needs
from sagehen.executors.base import ImageRoot, Mount, Network, SandboxUnavailable
from sagehen.executors.machines.roots.choice import RootKind, root_kind
from tests.rootfs import files_of
from tests.unit.executors.conftest import Bench

from .bench import NODE, Cluster

_SCRIPT = """
read line </opt/ml/in; echo "$line" "$(cat /etc/release)"; echo mine >/opt/ml/out; echo over >/etc/release
[ -e /usr/bin/env ] || echo "nothing of the host"; exit 7
"""


def blob_of(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, str]:
    """Write a layer, named by its digest; return it with its digest unpacked, which is the same."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o777
            tar.addfile(info, io.BytesIO(content))
    digest = hashlib.sha256(made.getvalue()).hexdigest()
    folder.mkdir(exist_ok=True)
    (folder / digest).write_bytes(made.getvalue())
    return folder / digest, f"sha256:{digest}"


def config_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@pytest.mark.sandbox
async def test_an_image_runs_on_a_node_and_its_layers_come_once(
    bench: Bench, cluster: Cluster, tmp_path: Path
) -> None:
    if root_kind() is RootKind.NONE:
        pytest.skip("the kernel lets no overlay be mounted here")
    assert await cluster.executor.fits(NODE, Needs(image=True, files=(tmp_path,)))
    assert not await cluster.executor.fits(NODE, Needs(files=(tmp_path, tmp_path / "none")))
    base = blob_of(tmp_path / "blobs", files_of(["sh", "cat"]))
    ml = tmp_path / "ml"
    ml.mkdir()
    (ml / "in").write_text("data\n")

    async def run(name: str, *layers: tuple[Path, str]) -> list[str]:
        image = ImageRoot(
            tmp_path / "root", tmp_path / "place", 33, 33, config=config_of(name), layers=layers
        )
        spec = bench.spec("", name=name, command=("/bin/sh", "-c", _SCRIPT), working_directory="/")
        spec = replace(
            spec, image=image, mounts=(Mount(ml, "/opt/ml", writable=True),), network=Network(name)
        )
        status = await (await bench.start(spec)).wait()
        assert status.code == 7, bench.lines
        return bench.lines[name]

    one = blob_of(tmp_path / "blobs", {"etc/release": b"one"})
    for name in ("first", "again"):  # what the first has written over the image is its own
        assert await run(name, base, one) == ["stdout: data one", "stdout: nothing of the host"]
    assert (ml / "out").read_text() == "mine\n"
    base[0].write_bytes(bytes(base[0].stat().st_size))  # were it sent again, it would be another one
    assert (await run("two", base, blob_of(tmp_path / "blobs", {"etc/release": b"two"})))[0].endswith("two")
    layers = cluster.node_folder / "images" / "layers"
    assert len(list(layers.iterdir())) == 3
    bad = blob_of(tmp_path / "blobs", {"etc/release": b"bad"})
    bad[0].write_bytes(bytes(bad[0].stat().st_size))
    with pytest.raises(SandboxUnavailable, match="came as another one"):
        await run("bad", base, bad)
    wrong = (blob_of(tmp_path / "blobs", {"etc/release": b"wrong"})[0], config_of("no such content"))
    with pytest.raises(SandboxUnavailable, match="layer 2 of 2: it unpacks to sha256"):
        await run("wrong", base, wrong)
    wrong[0].unlink()
    with pytest.raises(SandboxUnavailable, match="deleted before the node had it"):
        await run("gone", base, wrong)
    assert len(list(layers.iterdir())) == 4  # no part of one


ORDERS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"architecture": "pdp11"}, SandboxUnavailable, "for linux/pdp11"),
    ({"config": "../etc"}, ValueError, "layers"),
    ({"layers": [["sha256:../x", 1, config_of("a")]]}, ValueError, "layers"),
    ({"layers": [[config_of("a"), -1, config_of("a")]]}, ValueError, "size"),
    ({"layers": [[config_of("a"), 2**60, config_of("a")]]}, ValueError, "size"),
    ({"layers": [[config_of("a"), 1, config_of("a")]] * 5000}, ValueError, "layers"),
]


@pytest.mark.parametrize(("changes", "error", "words"), ORDERS)
def test_what_an_order_may_say(tmp_path: Path, changes: Any, error: type[Exception], words: str) -> None:
    layer = blob_of(tmp_path, {"a": b"A"})
    order = order_of_image(ImageRoot(tmp_path, tmp_path, config=config_of("c"), layers=(layer,)))
    size = layer[0].stat().st_size
    assert wanted_of(order) == WantedImage(config_of("c"), (Layer(layer[1], size, layer[1]),))
    with pytest.raises(error, match=words):
        wanted_of(order | changes)


DISCARDS: list[tuple[list[str], list[str], int, list[str]]] = [
    ([], [], 0, []),
    ([], [], 4, ["a"]),
    ([], [], 9, ["a", "b"]),
    (["a"], [], 4, ["b"]),  # used again
    ([], ["a", "b"], 4, ["c"]),  # something runs on them
    ([], ["a", "b", "c"], 4, []),
]


@pytest.mark.parametrize(("used", "held", "coming", "gone"), DISCARDS)
def test_what_was_not_used_for_the_longest_goes(
    used: Iterable[str], held: list[str], coming: int, gone: list[str]
) -> None:
    kept = LastUsed(12, [("a", 5), ("b", 3), ("c", 3)])
    for name in used:
        kept.used(name)
    assert kept.to_discard(held, coming) == gone
    assert not {name for name, _ in kept.all()} & set(gone)


class Pieces:
    """A stream of a layer."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self.reason = ""

    async def receive(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def reset(self, reason: str) -> None:
        self.reason = reason


async def test_a_node_keeps_images_within_a_bound_over_its_restarts(tmp_path: Path) -> None:
    made = [blob_of(tmp_path / "blobs", {"f": bytes([number]) * 100_000}) for number in range(3)]
    size = made[0][0].stat().st_size
    wanted = [WantedImage(config_of(blob[1]), (Layer(blob[1], size, blob[1]),)) for blob in made]
    images = NodeImages(tmp_path / "node", 5 * size)

    async def bring(of: NodeImages, number: int) -> Path:
        release = of.hold(wanted[number])
        if of.lacking(wanted[number]):
            await of.receive(Pieces(made[number][0].read_bytes()), made[number][1], size)  # type: ignore[arg-type]
        assert of.lacking(wanted[number]) == []
        try:
            return await of.unpacked(wanted[number])
        finally:
            release()

    await images.start()
    release = images.hold(wanted[0])
    roots = [await bring(images, number) for number in range(3)]
    # Layer and root of each are 2 of 5: the second made room for the third, the first is held.
    assert [root.is_dir() for root in roots] == [True, False, True]
    release()
    await images.stop()
    (tmp_path / "node" / "layers" / ".coming-x").touch()
    (tmp_path / "node" / "roots" / f"{'0' * 64}-x").mkdir()
    again = NodeImages(tmp_path / "node", 5 * size)
    await again.start()
    assert not (tmp_path / "node" / "layers" / ".coming-x").exists()
    assert {path.name for path in (tmp_path / "node" / "roots").iterdir()} == {roots[0].name, roots[2].name}
    assert again.lacking(wanted[0]) == again.lacking(wanted[2]) == [] != again.lacking(wanted[1])
    await bring(again, 1)
    assert not roots[0].is_dir()
    used = json.loads((tmp_path / "node" / "used.json").read_text())
    assert sum(each for _, each in used) <= 5 * size
    for name, pieces, words in (
        (made[0][1], (b"x",), "another"),
        (made[0][1], (b"x" * size, b"y"), "longer"),
    ):
        stream = Pieces(*pieces)
        with pytest.raises(StreamRefused, match=words):
            await again.receive(stream, name, size)  # type: ignore[arg-type]
        assert words in stream.reason
    with pytest.raises(StreamRefused):
        await again.receive(Pieces(), "../up", 0)  # type: ignore[arg-type]
    await again.stop()
