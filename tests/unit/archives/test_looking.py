"""What is in an archive that is unpacked elsewhere: its code here, the rest read past."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagehen.archives import looking
from sagehen.archives.arriving import Arriving
from sagehen.archives.bounds import Abandoned, Bounds, Patience
from sagehen.archives.looking import look_into
from sagehen.archives.tar import UnusableArchive

from .test_tar import Member, archive, file, hard_link, link


async def _pieces(path: Path, size: int = 777) -> AsyncIterator[bytes]:
    content = path.read_bytes()
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def _look(
    tmp_path: Path, *members: Member, mode: str = "w:gz", bounds: Bounds | None = None
) -> tuple[int, Path]:
    packed = archive(tmp_path / "a.tar", *members, mode=mode)
    folder, loop, patience = tmp_path / "looked", asyncio.get_running_loop(), Patience()
    folder.mkdir()
    coming = Arriving(_pieces(packed), loop, patience)
    size = await asyncio.to_thread(look_into, coming, folder, "code", patience, bounds)
    return size, folder


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
async def test_the_code_is_here_and_the_rest_is_counted(tmp_path: Path, mode: str) -> None:
    size, folder = await _look(
        tmp_path,
        file("weights", b"w" * 300_000),
        file("./code/inference.py", b"import torch"),
        file("codes", b"no"),
        link("code/other.py", "inference.py"),
        hard_link("code/same.py", "code/inference.py"),
        file("more", b"m" * 100_000),
        mode=mode,
    )
    assert size == 400_014
    assert {str(path.relative_to(folder)) for path in folder.rglob("*")} == {
        "code", "code/inference.py", "code/other.py", "code/same.py"
    }  # fmt: skip
    assert (folder / "code" / "other.py").read_text() == (folder / "code" / "same.py").read_text()


async def test_what_nobody_reads_has_a_name_and_takes_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_MOST_BYTES", 10)
    size, folder = await _look(
        tmp_path,
        file("code/large.so", b"l" * 2_000_000),
        file("code/first.py", b"1234567"),
        file("code/second.py", b"1234567"),
        file("elsewhere.py"),
        hard_link("code/linked.py", "elsewhere.py"),
    )
    code = folder / "code"
    sizes = {path.name: path.stat().st_size for path in code.iterdir()}
    unread = 2**20 + 1
    assert sizes == {"large.so": unread, "first.py": 7, "second.py": unread, "linked.py": unread}
    assert (code / "first.py").read_bytes() == b"1234567" and size == 2_000_015
    assert all((code / name).stat().st_blocks == 0 for name in sizes if name != "first.py")


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (file("../out"), "would be unpacked outside"),
        (link("code/out", "../../out"), "leads outside"),
        (file("large", b"l" * 5000), "more than the 4000 bytes"),
    ],
)
async def test_hostile_ones_are_refused_in_the_same_words(tmp_path: Path, member: Member, words: str) -> None:
    with pytest.raises(UnusableArchive, match=words):
        await _look(tmp_path, file("code/a.py"), member, bounds=Bounds(4000))


async def test_one_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    whole = archive(tmp_path / "whole", file("weights", b"w" * 100_000), mode="w")
    (tmp_path / "cut").write_bytes(whole.read_bytes()[:50_000])
    loop, patience = asyncio.get_running_loop(), Patience()
    coming = Arriving(_pieces(tmp_path / "cut"), loop, patience)
    with pytest.raises(UnusableArchive):
        await asyncio.to_thread(look_into, coming, tmp_path, "code", patience)


async def test_it_ends_where_nobody_waits_any_more(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar", file("weights", b"w" * 100_000))
    loop, patience = asyncio.get_running_loop(), Patience()
    patience.end()
    with pytest.raises(Abandoned):
        coming = Arriving(_pieces(packed), loop, patience)
        await asyncio.to_thread(look_into, coming, tmp_path, "code", patience)
