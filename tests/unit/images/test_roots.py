"""Layers are unpacked as the specification says, and nothing of them gets out of the root."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from sagehen.images.digests import digest_of
from sagehen.images.roots import store
from sagehen.images.roots.bounds import Budget, UnusableLayer
from sagehen.images.roots.layer import unpack
from sagehen.images.roots.store import RootStore
from sagehen.images.roots.stream import LayerStream
from sagehen.images.roots.tree import Tree

F, D, S, L = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
Entry = tuple[str, bytes, str]
Pack = Callable[[bytes], bytes]


def tar_of(*entries: Entry, mode: int = 0o755) -> bytes:
    """Return an archive of (name, kind, content or link)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, text in entries:
            member = tarfile.TarInfo(name)
            member.type, member.mode, member.mtime = kind, mode, 1_000_000_000
            if kind == F:
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text.encode()))
            else:
                member.linkname = text
                tar.addfile(member)
    return buffer.getvalue()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").write_text("untouched")
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def put(root: Path, layer: bytes, budget: Budget | None = None, packed: Pack = bytes) -> None:
    blob = root.parent / "blob"
    blob.write_bytes(packed(layer))
    tree = Tree(root, keeps_owners=os.geteuid() == 0)
    unpack(blob, tree, budget or Budget(10_000, 100), digest_of(layer), lambda: None)


def seen(root: Path) -> dict[str, str]:
    found = {}
    for path in sorted(root.rglob("*")):
        text = f"-> {path.readlink()}" if path.is_symlink() else "/" if path.is_dir() else path.read_text()
        found[str(path.relative_to(root))] = text
    return found


@pytest.mark.parametrize("packed", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
def test_of_any_compression(root: Path, packed: Pack) -> None:
    put(root, tar_of(("./", D, ""), ("a/b", F, "1"), ("/c", S, "/a/b"), ("d", L, "a/b")), packed=packed)
    assert seen(root) == {"a": "/", "a/b": "1", "c": "-> /a/b", "d": "1"}
    assert (root / "d").samefile(root / "a/b") and (root / "a/b").stat().st_mtime == 1_000_000_000


@pytest.mark.parametrize(
    ("above", "after"),
    [
        ([("x/.wh.a", F, "")], {"x": "/", "x/b": "b", "y": "y"}),
        ([(".wh.x", F, "")], {"y": "y"}),
        ([("x/.wh..wh..opq", F, ""), ("x/c", F, "c")], {"x": "/", "x/c": "c", "y": "y"}),
        # Wherever the marker stands: what is of the same layer stays.
        ([("x/c", F, "c"), ("x/.wh..wh..opq", F, "")], {"x": "/", "x/c": "c", "y": "y"}),
        ([("x/a", F, "new"), ("x/.wh.a", F, "")], {"x": "/", "x/a": "new", "x/b": "b", "y": "y"}),
        ([("x", F, "file")], {"x": "file", "y": "y"}),
        ([("y", D, ""), ("y/z", F, "z")], {"x": "/", "x/a": "a", "x/b": "b", "y": "/", "y/z": "z"}),
        ([("l", S, "x"), ("l/c", F, "c")],
         {"l": "-> x", "x": "/", "x/a": "a", "x/b": "b", "x/c": "c", "y": "y"}),
        ([("dev", tarfile.CHRTYPE, "")], {"x": "/", "x/a": "a", "x/b": "b", "y": "y"}),
        ([("x/.wh..wh.plnk", F, "")], {"x": "/", "x/a": "a", "x/b": "b", "y": "y"}),
    ],
)  # fmt: skip
def test_a_layer_upon_another(root: Path, above: list[Entry], after: dict[str, str]) -> None:
    put(root, tar_of(("x/a", F, "a"), ("x/b", F, "b"), ("y", F, "y")))
    put(root, tar_of(*above))
    assert seen(root) == after


@pytest.mark.parametrize(
    "entries",
    [
        [("../outside", F, "x")],
        [("a/../../outside", F, "x")],
        [("l", S, "../.."), ("l/outside", F, "x")],
        [("l", S, "/"), ("l/outside", F, "x")],
        [("l", S, "../outside"), ("l", F, "x")],
        [("l", S, ".."), (".wh.l/outside", F, "")],
        [("l", S, ".."), ("l/.wh.outside", F, "")],
        [("l", S, ".."), ("l/.wh..wh..opq", F, "")],
        [(".wh...", F, "")],
        [("h", L, "../outside"), ("h", F, "x")],
        [("l", S, "../outside"), ("h", L, "l"), ("h", F, "x")],
        [("l", S, ".."), ("h", L, "l/outside")],
        [("a", S, "b"), ("b", S, "a"), ("a/c", F, "x")],
        [("x" * 300, F, "x")],
        [("d/" * 150 + "f", F, "x")],
        [("big", F, "x" * 20_000)],
        [(f"f{number}", F, "") for number in range(200)],
        [("sock", b"Z", "")],
    ],
)
def test_what_would_get_out_stays_in_or_is_refused(root: Path, entries: list[Entry]) -> None:
    try:
        put(root, tar_of(*entries))
    except UnusableLayer:
        pass
    else:
        assert all(root in path.parents for path in root.rglob("*"))
    assert (root.parent / "outside").read_text() == "untouched"
    assert {path.name for path in root.parent.iterdir()} == {"root", "outside", "blob"}


def test_what_is_larger_than_it_looks_is_refused(root: Path) -> None:
    for broken in (gzip.compress(b"\0" * 5_000_000), b"\x1f\x8bxxxx", b"\x28\xb5\x2f\xfdxxxx", b"x" * 600):
        with pytest.raises(UnusableLayer):
            put(root, b"what it should be", packed=lambda _, broken=broken: broken)
    sparse = tarfile.TarInfo("sparse")
    sparse.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.realsize": str(1 << 50),
    }
    sparse.size = 512
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(sparse, io.BytesIO(b"0\n".ljust(512, b"\0")))
    with pytest.raises(UnusableLayer):
        put(root, buffer.getvalue())
    whole = tar_of(("a", F, "text"))
    with pytest.raises(UnusableLayer):
        put(root, whole, packed=lambda tar: gzip.compress(tar)[:-30])


def _block(kind: bytes, size: int, body: bytes = b"") -> bytes:
    member = tarfile.TarInfo("x")
    member.type, member.size = kind, size
    return member.tobuf(tarfile.USTAR_FORMAT) + body.ljust(-(-size // 512) * 512, b"\0")


@pytest.mark.parametrize(
    "archive",
    [
        # A pair of bytes is a record whose name is all that follows: the square of the header's length.
        _block(tarfile.XHDTYPE, 100_000, b"2 " * 49_999 + b"=") + _block(F, 0),
        b"".join(_block(tarfile.XGLTYPE, 5_000, b"5000 a%d=" % n + b"x" * 4_991 + b"\n") for n in range(4))
        + _block(F, 0),
        # Few enough in front of each entry, and all of them kept.
        b"".join(
            _block(tarfile.XGLTYPE, 5_000, b"5000 a%d=" % n + b"x" * 4_991 + b"\n") + _block(F, 0)
            for n in range(4)
        ),
    ],
)
def test_headers_are_no_longer_than_names_and_attributes_need(root: Path, archive: bytes) -> None:
    with pytest.raises(UnusableLayer, match=r"headers|too long"):
        put(root, archive + bytes(1024))


def test_names_are_bounded(root: Path) -> None:
    with pytest.raises(UnusableLayer, match="more files"):
        put(root, tar_of(*((f"{number:0>100}", F, "") for number in range(10))), Budget(0, 100, names=900))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives owners")
def test_owners_of_the_image(root: Path) -> None:
    member = tarfile.TarInfo("a")
    member.uid, member.gid, member.mode = 33, 1 << 20, 0o4755
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(member)
    put(root, buffer.getvalue())
    found = (root / "a").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (33, 65_534, 0o4755)


async def test_a_root_is_made_once_and_goes_with_its_image(tmp_path: Path) -> None:
    layer = tar_of(("a", F, "1"))
    blob = tmp_path / "blob"
    blob.write_bytes(gzip.compress(layer))
    roots, config = RootStore(tmp_path / "roots"), digest_of(b"config")
    made = await roots.bring(config, [(blob, digest_of(layer))])
    assert (made / "a").read_text() == "1"
    blob.unlink()
    assert await roots.bring(config, [(blob, digest_of(layer))]) == made
    # Whoever has its configuration, and layers of his own, has not its layers.
    other = tmp_path / "other"
    other.write_bytes(b"?" * 600)
    with pytest.raises(UnusableLayer):
        await roots.bring(config, [(other, digest_of(layer))])
    await roots.keep(lambda digests: set(digests))
    assert made.is_dir()
    await roots.keep(lambda digests: set())
    assert list((tmp_path / "roots").iterdir()) == []
    with pytest.raises(UnusableLayer, match="layer 1 of 1"):
        bad = tmp_path / "bad"
        bad.write_bytes(b"?" * 600)
        await roots.bring(config, [(bad, digest_of(layer))])
    assert list((tmp_path / "roots").iterdir()) == []


async def test_two_images_at_once_do_not_both_take_what_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([10_000, 9000, 8000, *[-1] * 100])
    monkeypatch.setattr(store, "_free_bytes", lambda folder: next(free))
    layer = tar_of(*((f"{number}", F, "x" * 1000) for number in range(5)))
    blob = tmp_path / "blob"
    blob.write_bytes(layer)
    roots = RootStore(tmp_path / "roots")
    with pytest.raises(UnusableLayer, match="than there is room for"):
        await roots.bring(digest_of(b"config"), [(blob, digest_of(layer))])
    assert list((tmp_path / "roots").iterdir()) == []


@pytest.mark.parametrize(
    ("packed", "many"), [(gzip.compress, 3000), (zstandard.ZstdCompressor().compress, 20_000)]
)
def test_whether_somebody_waits_is_asked_among_empty_streams_too(
    tmp_path: Path, packed: Pack, many: int
) -> None:
    blob = tmp_path / "blob"
    blob.write_bytes(packed(b"") * many)
    asked: list[int] = []
    stream = LayerStream(blob, 1000, lambda: asked.append(1))
    assert stream.read(512) == b""
    stream.close()
    assert len(asked) > 2
