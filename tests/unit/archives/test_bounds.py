"""Bombs: what is packed and unpacked is bounded, and given up when nobody waits."""

from __future__ import annotations

import asyncio
import bz2
import gzip
import io
import lzma
import os
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sagehen.archives import artifacts, members, tar
from sagehen.archives.bounds import Abandoned, Bounds, Patience, TooMuch, in_thread
from sagehen.archives.tar import UnusableArchive, unpack_tar
from sagehen.archives.tree_walk import size_of
from sagehen.archives.xz_stream import XzStream
from sagehen.executors.folders.job import JobFolder

from .test_tar import archive, file, link

SMALL = Bounds(1024 * 1024, 20)


def test_a_bomb_is_given_up_before_it_has_filled_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    bomb = archive(tmp_path / "a.tar.gz", *(file(f"f{number}", bytes(300_000)) for number in range(8)))
    assert bomb.stat().st_size < 20_000
    with pytest.raises(UnusableArchive, match="more than the 1048576 bytes"):
        unpack_tar(bomb, folder, SMALL)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= SMALL.size


def test_a_member_that_only_claims_to_be_large_is_refused_unread(tmp_path: Path) -> None:
    info = tarfile.TarInfo("sparse")
    info.size = 1 << 40
    (tmp_path / "a.tar").write_bytes(info.tobuf() + bytes(2048))
    with pytest.raises(UnusableArchive, match="more than"):
        unpack_tar(tmp_path / "a.tar", tmp_path)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE])
def test_a_header_does_not_fill_the_memory(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("header")
    info.type, info.size = kind, 1 << 30
    (tmp_path / "a.tar").write_bytes(info.tobuf() + bytes(1024))
    with pytest.raises(UnusableArchive, match="a header of"):
        unpack_tar(tmp_path / "a.tar", tmp_path)


def _block(kind: bytes, size: int, body: bytes = b"") -> bytes:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT) + body.ljust(-(-len(body) // 512) * 512, b"\0")


_X, _G, _F = tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.REGTYPE


@pytest.mark.parametrize(
    "content",
    [
        # A pair of bytes is a record whose name is all that follows: the square of the header's length.
        _block(_X, 100_000, b"2 " * 49_999 + b"=") + _block(_F, 0),
        b"".join(_block(_X, 9_000, b"9000 a=" + b"x" * 8_993) for _ in range(2)) + _block(_F, 0),
        b"".join(
            _block(_G, 5_000, b"5000 a%d=" % number + b"x" * 4_992) + _block(_F, 0) for number in range(4)
        ),
        _block(_X, -512) + _block(_F, 0),
    ],
)
def test_headers_are_no_longer_than_names_and_attributes_need(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(content + bytes(1024))
    (tmp_path / "in").mkdir()
    with pytest.raises(UnusableArchive, match=r"header|too long"):
        unpack_tar(tmp_path / "a.tar", tmp_path / "in")


def test_headers_that_announce_headers_end(tmp_path: Path) -> None:
    long_name = tarfile.TarInfo("header")
    long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, 1
    (tmp_path / "a.tar").write_bytes((long_name.tobuf() + b"x".ljust(512, b"\0")) * 3000)
    with pytest.raises(UnusableArchive):
        unpack_tar(tmp_path / "a.tar", tmp_path)


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (file("a/" * 50 + "b" * 256), "a name of more"),
        (file("/".join(["d" * 200] * 20)), "a path of more"),
        (file("d/" * 150 + "f"), "folders deep"),
    ],
)
def test_names_that_no_file_system_takes(tmp_path: Path, member: tuple[str, bytes, bytes], why: str) -> None:
    with pytest.raises(UnusableArchive, match=why):
        unpack_tar(archive(tmp_path / "a.tar", member), tmp_path)


def test_more_files_than_allowed(tmp_path: Path) -> None:
    many = [link(f"l{number}", "x") for number in range(21)]
    with pytest.raises(UnusableArchive, match="more than 20 files"):
        unpack_tar(archive(tmp_path / "a.tar", *many), tmp_path, SMALL)


async def test_work_that_nobody_waits_for_ends(tmp_path: Path) -> None:
    began, ended = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def work(patience: Patience) -> None:
        loop.call_soon_threadsafe(began.set)
        try:
            while True:
                patience.check()
        except Abandoned:
            ended.append(True)
            raise

    task = asyncio.create_task(in_thread(work))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    folder = JobFolder(tmp_path / "job")
    folder.create(("algo-1", "algo-2"))
    return folder


def names(job: JobFolder) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(job.model_archive) as tar:
        return {member.name: member for member in tar}


def test_holes_count_as_what_a_reader_sees(job: JobFolder) -> None:
    with (job.host("algo-1").model / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 40)
    with pytest.raises(TooMuch, match="holes of files counted"):
        artifacts.build(job, ["algo-1"], Bounds(1 << 30))


def test_packing_ends_when_nobody_waits(job: JobFolder) -> None:
    (job.host("algo-1").model / "weights").write_bytes(b"x")
    patience = Patience()
    patience.end()
    with pytest.raises(Abandoned):
        artifacts.build(job, ["algo-1"], None, patience)


def test_whatever_lies_in_the_model_folder_the_rest_is_stored(job: JobFolder) -> None:
    model = job.host("algo-1").model
    (model / "weights.pt").write_bytes(b"weights")
    os.link(model / "weights.pt", model / "z-same.pt")
    (model / "hidden").mkdir()
    (model / "hidden" / "inner").write_text("x")
    (model / "to-hidden").symlink_to("hidden/inner")
    (model / "dangling").symlink_to("nowhere")
    (model / "absolute").symlink_to("/root/.ssh/id")
    (model / "loop").symlink_to("loop")
    (model / "huge").symlink_to("t" * 4090)
    (model / "hugest").symlink_to("/".join(["t" * 250] * 16))
    os.mkfifo(model / "fifo")
    (model / os.fsdecode(b"caf\xe9")).write_text("latin")
    (model / "new\nline\x1b[2J").write_text("x")
    (model / ("n" * 255)).write_text("long")
    os.mkfifo(model / "fifo\n2026 forged")
    for closed in (model / "weights.pt", model / "hidden"):
        closed.chmod(0)
    deep = os.open(model, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 255, dir_fd=deep)
        deep, above = os.open("d" * 255, os.O_RDONLY, dir_fd=deep), deep
        os.close(above)
    os.close(deep)
    (model / "/".join("s" * 120)).mkdir(parents=True)
    lost = artifacts.build(job, ["algo-1", "algo-2"])
    found = names(job)
    assert {"weights.pt", "hidden/inner", "to-hidden", "dangling", "loop", "huge"} <= set(found)
    assert {"hugest", "caf\udce9", "new\nline\x1b[2J", "n" * 255} <= set(found)
    assert found["huge"].linkname == "t" * 4090
    assert found["z-same.pt"].islnk() and found["z-same.pt"].linkname == "weights.pt"
    assert [line for line in lost if "fifo" in line] == [
        "algo-1: fifo is not a file, folder or link; left out",
        "algo-1: fifo\\n2026 forged is not a file, folder or link; left out",
    ]
    assert sum("has a path of more than" in line for line in lost) == 1
    assert "algo-1: absolute is a link that leads outside, to /root/.ssh/id; left out" in lost
    assert sum("lies 101 folders deep" in line for line in lost) == 1 and "/".join("s" * 100) in found
    assert len(lost) == 5
    job.remove()
    assert not job.root.exists()


def test_what_is_packed_can_be_unpacked(job: JobFolder, tmp_path: Path) -> None:
    """Links out, and names that are a file on one instance and a folder on another, cost only themselves."""
    one, two = job.host("algo-1").model, job.host("algo-2").model
    for model in (one, two):
        (model / "d" / "e").mkdir(parents=True)
        (model / "d" / "w.pt").write_bytes(b"weights")
    (one / "best.pt").symlink_to("/opt/ml/model/d/w.pt")
    (one / "d" / "e" / "up.pt").symlink_to("/opt/ml/model/d/../d/w.pt")
    (one / "d" / "e" / "plain.pt").symlink_to("../w.pt")
    (one / "d" / "e" / "top").symlink_to("/opt/ml/model")
    outside = ("/etc/passwd", "../output/data", "/opt/ml/model/../code", "d/../../x", "/opt/ml/models/x", "/")
    for number, target in enumerate(outside):
        (one / f"out{number}").symlink_to(target)
    (one / "file").write_text("x")
    (one / "link").symlink_to("d")
    for name in ("file", "link"):
        (two / name / "deeper").mkdir(parents=True)
        (two / name / "deeper" / "w.pt").write_text("y")
    lost = artifacts.build(job, ["algo-1", "algo-2"])
    (tmp_path / "back").mkdir()
    unpack_tar(job.model_archive, tmp_path / "back")
    back = tmp_path / "back"
    for name in ("best.pt", "d/e/up.pt", "d/e/plain.pt", "link/w.pt", "d/e/top/d/w.pt"):
        assert (back / name).read_bytes() == b"weights", name
    assert os.readlink(back / "best.pt") == "d/w.pt"
    assert not any(path.name.startswith("out") for path in back.iterdir())
    assert sum("leads outside" in line for line in lost) == len(outside)
    assert sum("lies below what is no folder" in line for line in lost) == 4
    assert "algo-2: file/deeper/w.pt lies below what is no folder on the first instance; left out" in lost


@pytest.mark.parametrize("compression", ["xz", "lzma"])
def test_a_dictionary_does_not_fill_the_memory(tmp_path: Path, compression: str) -> None:
    plain = archive(tmp_path / "a.tar", file("a", b"x" * 100_000), mode="w:").read_bytes()
    form = {"xz": lzma.FORMAT_XZ, "lzma": lzma.FORMAT_ALONE}[compression]
    for size, fits in ((64 << 20, True), (1 << 30, False)):
        kind = lzma.FILTER_LZMA2 if compression == "xz" else lzma.FILTER_LZMA1
        packed = bytearray(lzma.compress(plain, form, filters=[{"id": kind, "dict_size": 1 << 20}]))
        if compression == "xz":  # the header's flags: 2 bits of mantissa, then the exponent
            packed[16] = {64 << 20: 28, 1 << 30: 36}[size]
            packed[20:24] = zlib.crc32(packed[12:20]).to_bytes(4, "little")
        else:
            packed[1:5] = size.to_bytes(4, "little")
        (tmp_path / "packed").write_bytes(packed)
        folder = tmp_path / f"in-{size}"
        folder.mkdir()
        with XzStream((tmp_path / "packed").open("rb")) as stream:
            if fits:
                assert stream.read(len(plain) + 1) == plain
            else:
                with pytest.raises(lzma.LZMAError, match=r"[Mm]emory"):
                    stream.read(1)
        if compression == "xz" and not fits:
            with pytest.raises(UnusableArchive, match=r"[Mm]emory"):
                unpack_tar(tmp_path / "packed", folder)
        elif compression == "xz":
            unpack_tar(tmp_path / "packed", folder)
            assert (folder / "a").stat().st_size == 100_000


def test_streams_of_xz_follow_one_another(tmp_path: Path) -> None:
    plain = archive(tmp_path / "a.tar", file("a", os.urandom(70_000)), file("b"), mode="w:").read_bytes()
    half = len(plain) // 2
    whole = (
        lzma.compress(plain[:half]) + bytes(8) + lzma.compress(b"") + lzma.compress(plain[half:]) + bytes(4)
    )
    (tmp_path / "a.tar.xz").write_bytes(whole)
    unpack_tar(tmp_path / "a.tar.xz", tmp_path)
    assert (tmp_path / "a").stat().st_size == 70_000 and (tmp_path / "b").read_bytes() == b"x"
    (tmp_path / "a.tar.xz").write_bytes(whole[:-30_000])
    with pytest.raises(UnusableArchive):
        unpack_tar(tmp_path / "a.tar.xz", tmp_path)


def test_parts_that_overlap_are_not_unpacked_again_and_again(tmp_path: Path) -> None:
    """A sparse file's map may name more than the file holds; going back starts the decompression anew."""
    content = b"z" * 1024
    sparse = tarfile.TarInfo("sparse")
    sparse.size = 512
    sparse.pax_headers = {
        "GNU.sparse.size": "512",
        "GNU.sparse.map": "0,512,512,1024",
        "GNU.sparse.major": "0",
    }
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(sparse, io.BytesIO(content))
        for name in ("b", "c"):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    (tmp_path / "in").mkdir()
    with pytest.raises(UnusableArchive, match="overlap"):
        unpack_tar(tmp_path / "a.tar.gz", tmp_path / "in")


def test_a_log_names_no_more_than_one_can_read(job: JobFolder) -> None:
    for number in range(130):
        os.mkfifo(job.host("algo-1").model / f"f{number}")
    lost = artifacts.build(job, ["algo-1"])
    assert len(lost) == 101 and lost[-1] == "30 more are left out"


def test_one_content_under_two_names_comes_back_as_two_files(job: JobFolder, tmp_path: Path) -> None:
    (job.host("algo-1").model / "a").write_bytes(b"same")
    os.link(job.host("algo-1").model / "a", job.host("algo-1").model / "b")
    artifacts.build(job, ["algo-1"], Bounds(5))
    (tmp_path / "back").mkdir()
    unpack_tar(job.model_archive, tmp_path / "back")
    assert (tmp_path / "back" / "b").read_bytes() == b"same"
    assert io.BytesIO(job.model_archive.read_bytes()).read(2) == b"\x1f\x8b"


def test_a_models_size_is_told_whatever_its_links_say(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"12345")
    (tmp_path / "huge").symlink_to("t" * 4090)
    (tmp_path / "loop").symlink_to("loop")
    assert size_of(tmp_path) == 5


@pytest.mark.parametrize(
    ("packed", "many"), [(gzip.compress, 5000), (bz2.compress, 5000), (lzma.compress, 12_000)]
)
def test_whether_somebody_waits_is_asked_among_empty_streams_too(
    tmp_path: Path, packed: Callable[[bytes], bytes], many: int
) -> None:
    asked: list[int] = []

    class Asked(Patience):
        def check(self) -> None:
            asked.append(1)

    (tmp_path / "a").write_bytes(packed(b"") * many)
    with pytest.raises(UnusableArchive):
        unpack_tar(tmp_path / "a", tmp_path, patience=Asked())
    assert len(asked) > 5


def test_an_archive_does_not_take_what_another_one_has_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = archive(tmp_path / "a.tar.gz", *(file(f"f{number}", bytes(30_000)) for number in range(8)))
    free = iter([1_000_000] * 3 + [-1] * 100)
    for where in (tar, members):
        monkeypatch.setattr(where, "free_bytes", lambda folder: next(free))
    (tmp_path / "to").mkdir()
    with pytest.raises(UnusableArchive, match="room for"):
        unpack_tar(packed, tmp_path / "to")
