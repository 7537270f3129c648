"""Contents under their digests: uploads that go on after a restart, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagehen.domain.ids import Ids
from sagehen.images.contents import BlobTooLarge, ContentStore, DigestMismatch, UploadBusy, UploadUnknown
from sagehen.images.digests import digest_of


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def opened(folder: Path, max_bytes: int = 1 << 30) -> ContentStore:
    store = ContentStore(folder / "images", Ids(), max_bytes)
    store.prepare()
    return store


async def test_an_upload_goes_on_in_the_next_life(tmp_path: Path) -> None:
    first = opened(tmp_path)
    upload = await first.begin()
    assert await first.append(upload, chunks(b"one", b"two")) == 6
    first.close()
    store = opened(tmp_path)
    assert await store.size(upload) == 6
    assert await store.append(upload, chunks(b"three")) == 11
    whole = digest_of(b"onetwothree")
    assert await store.complete(upload, whole) == 11
    assert await store.read(whole, 11) == b"onetwothree"
    with pytest.raises(BlobTooLarge):
        await store.read(whole, 10)
    with pytest.raises(UploadUnknown):
        await store.size(upload)
    store.close()


async def test_what_came_before_a_client_broke_off_stays(tmp_path: Path) -> None:
    store = opened(tmp_path)
    upload = await store.begin()

    async def broken() -> AsyncIterator[bytes]:
        yield b"here"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await store.append(upload, broken())
    assert await store.size(upload) == 4
    await store.append(upload, chunks(b" and there"))
    assert await store.complete(upload, digest_of(b"here and there")) == 14
    store.close()


async def test_what_is_not_what_was_announced_is_gone(tmp_path: Path) -> None:
    store = opened(tmp_path, max_bytes=10)
    upload = await store.begin()
    await store.append(upload, chunks(b"other"))
    with pytest.raises(DigestMismatch):
        await store.complete(upload, digest_of(b"this"))
    assert not store.has(digest_of(b"other"))
    with pytest.raises(UploadUnknown):
        await store.append(upload, chunks(b"more"))
    large = await store.begin()
    with pytest.raises(BlobTooLarge):
        await store.append(large, chunks(b"x" * 11))
    with pytest.raises(UploadUnknown):
        await store.size("../blobs")
    store.close()


async def test_two_writers_of_one_upload(tmp_path: Path) -> None:
    store = opened(tmp_path)
    upload = await store.begin()

    async def other() -> AsyncIterator[bytes]:
        with pytest.raises(UploadBusy):
            await store.append(upload, chunks(b"second"))
        yield b"first"

    assert await store.append(upload, other()) == 5
    store.close()


async def test_a_sweep_takes_what_no_row_names(tmp_path: Path) -> None:
    store = opened(tmp_path)
    kept, gone = await store.put(b"kept"), await store.put(b"gone")
    upload = await store.begin()
    assert await store.sweep(lambda names: {kept} & set(names), lambda names: set()) == 2
    assert store.has(kept) and not store.has(gone)
    with pytest.raises(UploadUnknown):
        await store.size(upload)
    store.close()
