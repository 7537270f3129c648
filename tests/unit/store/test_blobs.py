"""BlobFolder: complete before named, pinned while read, swept after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagehen.domain.ids import Ids
from sagehen.store import blobs as blobs_module
from sagehen.store.blobs import BlobFolder

LIMIT = 1000


@pytest.fixture
async def blobs(tmp_path: Path, ids: Ids) -> AsyncIterator[BlobFolder]:
    folder = BlobFolder(tmp_path / "objects", ids)
    folder.prepare()
    yield folder
    await folder.close()


async def chunks(*parts: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if error is not None:
        raise error


def files(blobs: BlobFolder, tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "objects").rglob("*") if path.is_file())


async def test_small_bodies_stay_in_memory(blobs: BlobFolder, tmp_path: Path) -> None:
    got = await blobs.receive(chunks(b"a" * 600, b"b" * 400), [], LIMIT)
    assert got.data == b"a" * 600 + b"b" * 400 and got.blob_id is None
    assert files(blobs, tmp_path) == []


async def test_large_bodies_are_seen_once_and_in_order(blobs: BlobFolder) -> None:
    seen = bytearray()
    parts = [bytes([number]) * 300_000 for number in range(12)]
    got = await blobs.receive(chunks(*parts), [seen.extend], LIMIT)
    assert got.blob_id is not None and got.size == 3_600_000
    assert blobs.path(got.blob_id).read_bytes() == b"".join(parts) == bytes(seen)


async def test_a_broken_body_leaves_nothing(blobs: BlobFolder, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await blobs.receive(chunks(b"x" * 5_000_000, b"y" * 2_000_000, error=ConnectionError()), [], LIMIT)
    await blobs.close()
    assert files(blobs, tmp_path) == []


async def test_a_refusal_while_hashing_leaves_nothing(blobs: BlobFolder, tmp_path: Path) -> None:
    def refuse(data: bytes) -> None:
        raise ValueError("too large")

    with pytest.raises(ValueError, match="too large"):
        await blobs.receive(chunks(*[b"x" * 2_000_000] * 3), [refuse], LIMIT)
    await blobs.close()
    assert files(blobs, tmp_path) == []


async def test_a_cancelled_upload_leaves_nothing(blobs: BlobFolder, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 700_000
            await asyncio.sleep(0)

    upload = asyncio.create_task(blobs.receive(endless(), [], LIMIT))
    async with asyncio.timeout(30):
        while not files(blobs, tmp_path):
            await asyncio.sleep(0.005)
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    await blobs.close()
    assert files(blobs, tmp_path) == []


async def test_a_pinned_blob_waits_for_its_reader(
    blobs: BlobFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs_module, "_GRACE_S", 0.0)
    got = await blobs.receive(chunks(b"x" * 2000), [], LIMIT)
    assert got.blob_id is not None
    release = blobs.pin([got.blob_id])
    blobs.remove([got.blob_id])
    await asyncio.sleep(0.05)
    assert files(blobs, tmp_path) == [got.blob_id]
    release()
    async with asyncio.timeout(30):
        while files(blobs, tmp_path):
            await asyncio.sleep(0.005)


async def test_a_duplicate_has_a_life_of_its_own(blobs: BlobFolder, tmp_path: Path) -> None:
    got = await blobs.receive(chunks(b"x" * 2000), [], LIMIT)
    assert got.blob_id is not None
    copy = await blobs.duplicate(got.blob_id)
    blobs.remove([got.blob_id])
    await blobs.close()
    assert files(blobs, tmp_path) == [copy]
    assert blobs.path(copy).read_bytes() == b"x" * 2000


async def test_the_sweep_spares_named_blobs_and_this_life(
    blobs: BlobFolder, tmp_path: Path, ids: Ids
) -> None:
    kept = (await blobs.receive(chunks(b"x" * 2000), [], LIMIT)).blob_id
    lost = (await blobs.receive(chunks(b"x" * 2000), [], LIMIT)).blob_id
    assert kept and lost
    later = BlobFolder(tmp_path / "objects", ids)
    later.prepare()
    new = (await later.receive(chunks(b"x" * 2000), [], LIMIT)).blob_id
    assert await later.sweep({kept}.intersection) == 1
    assert files(later, tmp_path) == sorted([kept, str(new)])
    await later.close()
