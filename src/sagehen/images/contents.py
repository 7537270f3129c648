"""ContentStore: blobs by their digests, and uploads on the way to them.

blobs/<64 hexadecimal digits>    complete, read-only, checked: a blob has its name after its last byte
uploads/<id>                     what has come of one; survives the platform

A blob is stored once, however many repositories have it. Who knows which are still wanted deletes the others
under `naming`, so that no upload brings a row for a file that is just being deleted.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sagehen.domain.ids import Ids
from sagehen.images.digests import digest_of

P = ParamSpec("P")
T = TypeVar("T")

# Bytes handed to the writing thread at a time.
_BATCH_BYTES = 1024 * 1024
_READ_BYTES = 4 * 1024 * 1024
# Documented: Amazon ECR quotas, maximum layer size, in MiB.
MAX_BLOB_BYTES = 52_000 * 1024 * 1024
# Left to the platform's own files.
_DISK_RESERVE_BYTES = 512 * 1024**2
# Uploads whose hash is kept while they wait for their next piece; others are hashed anew at their end.
_MOST_HASHES = 1_000
_THREADS = 4


class DigestMismatch(Exception):
    """What came is not what was announced; `digest` is what came."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


class UploadUnknown(Exception):
    """There is no such upload."""


class UploadBusy(Exception):
    """Another request is writing to it."""


class BlobTooLarge(Exception):
    """More than a blob may be, or than there is room for."""


@dataclass(slots=True)
class _Running:
    """What is known in memory of an upload: the hash of its first `size` bytes."""

    size: int = 0
    hash: Any = field(default_factory=hashlib.sha256)


class ContentStore:
    """Blobs of one data folder.

    Args:
        folder: Where they lie; made by `prepare`.
        ids: Names of uploads.
        max_bytes: Of a blob.
    """

    def __init__(self, folder: Path, ids: Ids, max_bytes: int = MAX_BLOB_BYTES) -> None:
        self._root = folder
        self._blobs = folder / "blobs"
        self._uploads = folder / "uploads"
        self._ids = ids
        self._max_bytes = max_bytes
        self._hashes: dict[str, _Running] = {}
        self._busy: set[str] = set()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="images")
        # Held from the moment a blob gets its name until its row is there, and while one is deleted.
        self.naming = asyncio.Lock()

    def prepare(self) -> None:
        """Make the folders. Blocking for a moment."""
        for folder in (self._root, self._blobs, self._uploads):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        """Return where a blob lies, or would; `digest` was checked by `is_digest`."""
        return self._blobs / digest.removeprefix("sha256:")

    def has(self, digest: str) -> bool:
        """Tell whether a blob is there."""
        return self.path(digest).is_file()

    # --- uploads ---------------------------------------------------------------------------

    async def begin(self) -> str:
        """Return the id of a new, empty upload."""
        upload = self._ids.uuid()
        await self._run(self._make, upload)
        self._remember(upload, _Running())
        return upload

    async def size(self, upload: str) -> int:
        """Return how many bytes of an upload are there.

        Raises:
            UploadUnknown.
        """
        return await self._run(self._size, upload)

    async def append(self, upload: str, chunks: AsyncIterator[bytes]) -> int:
        """Add to an upload; return its size. What came before a client broke off stays.

        Raises:
            UploadUnknown, UploadBusy, BlobTooLarge.
            OSError: It cannot be written.
        """
        with self._claimed(upload):
            size = await self._run(self._size, upload)
            running = self._hashes.get(upload)
            if running is not None and running.size != size:  # another life wrote to it
                self._hashes.pop(upload, None)
                running = None
            batch: list[bytes] = []
            waiting = 0
            file = await self._run(lambda: self._file(upload).open("ab", buffering=0))
            try:
                async for chunk in chunks:
                    batch.append(chunk)
                    waiting += len(chunk)
                    if waiting >= _BATCH_BYTES:
                        data, batch, waiting = b"".join(batch), [], 0
                        size = await self._run(self._write, file, data, running)
                data, batch = b"".join(batch), []
                size = await self._run(self._write, file, data, running)
            except BaseException:
                if batch:
                    await self._run(self._write, file, b"".join(batch), running)
                raise
            finally:
                await self._run(file.close)
            return size

    async def complete(self, upload: str, digest: str) -> int:
        """Make an upload the blob of its digest; return its size. Hold `naming` meanwhile.

        Raises:
            DigestMismatch: The upload is gone with it.
            UploadUnknown, UploadBusy.
        """
        with self._claimed(upload):
            found, size = await self._run(self._finished, upload)
            if found != digest:
                await self._run(self._forget, upload)
                raise DigestMismatch(found)
            await self._run(self._publish, upload, digest)
            self._hashes.pop(upload, None)
            return size

    async def digest(self, upload: str) -> tuple[str, int]:
        """Return the digest and the size of what has come of an upload.

        Raises:
            UploadUnknown, UploadBusy.
        """
        with self._claimed(upload):
            return await self._run(self._finished, upload)

    async def discard(self, upload: str) -> None:
        """Forget an upload; none is fine.

        Raises:
            UploadBusy.
        """
        with self._claimed(upload):
            await self._run(self._forget, upload)

    async def put(self, content: bytes) -> str:
        """Store some bytes; return their digest. Hold `naming` meanwhile."""
        digest = digest_of(content)

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        if not self.has(digest):
            upload = await self.begin()
            await self.append(upload, chunks())
            await self.complete(upload, digest)
        return digest

    async def read(self, digest: str, most: int) -> bytes:
        """Return a small blob whole.

        Raises:
            FileNotFoundError: There is none of that digest.
            BlobTooLarge: It is larger than `most` bytes.
        """

        def work() -> bytes:
            with self.path(digest).open("rb") as file:
                content = file.read(most + 1)
            if len(content) > most:
                raise BlobTooLarge(digest)
            return content

        return await self._run(work)

    # --- deleting --------------------------------------------------------------------------

    async def remove(self, digests: Iterable[str]) -> None:
        """Delete blobs. Hold `naming`: no row names them. An answer that is being sent has it open."""
        paths = [self.path(digest) for digest in digests]
        if paths:
            await self._run(_unlink, paths)

    async def sweep(
        self, is_blob: Callable[[list[str]], set[str]], is_upload: Callable[[list[str]], set[str]]
    ) -> int:
        """Delete what an earlier life left without a row; return how many files.

        Args:
            is_blob: Returns which of some digests are named by rows; called in a thread.
            is_upload: Returns which of some uploads are.
        """

        def work() -> int:
            removed = 0
            for folder, prefix, known in ((self._blobs, "sha256:", is_blob), (self._uploads, "", is_upload)):
                names = [entry.name for entry in os.scandir(folder)]
                for first in range(0, len(names), 500):
                    some = [prefix + name for name in names[first : first + 500]]
                    for name in set(some) - known(some):
                        (folder / name.removeprefix(prefix)).unlink(missing_ok=True)
                        removed += 1
            return removed

        return await self._run(work)

    async def discard_all(self) -> None:
        """Empty the store."""
        self._hashes.clear()

        def work() -> None:
            for folder in (self._blobs, self._uploads):
                shutil.rmtree(folder, ignore_errors=True)
            self.prepare()

        await self._run(work)

    def close(self) -> None:
        """End the threads; they start again with the next use."""
        self._pool.shutdown(wait=True)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="images")

    # --- in threads ------------------------------------------------------------------------

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: function(*args, **kwargs))

    def _claimed(self, upload: str) -> _Claim:
        return _Claim(self._busy, upload)

    def _file(self, upload: str) -> Path:
        # Ids are ours (a row names each), but nothing that a client sent is to become a path.
        if "/" in upload or upload.startswith("."):
            raise UploadUnknown
        return self._uploads / upload

    def _make(self, upload: str) -> None:
        os.close(os.open(self._file(upload), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def _size(self, upload: str) -> int:
        try:
            return self._file(upload).stat().st_size
        except FileNotFoundError:
            raise UploadUnknown from None

    def _write(self, file: Any, data: bytes, running: _Running | None) -> int:
        size = os.fstat(file.fileno()).st_size
        room = os.statvfs(self._uploads)
        if size + len(data) > self._max_bytes or (
            data and room.f_bavail * room.f_frsize < len(data) + _DISK_RESERVE_BYTES
        ):
            raise BlobTooLarge
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        if running is not None:
            running.hash.update(data)
            running.size += len(data)
        return size + len(data)

    def _finished(self, upload: str) -> tuple[str, int]:
        size = self._size(upload)
        running = self._hashes.get(upload)
        if running is None or running.size != size:
            running = _Running()
            with self._file(upload).open("rb") as file:
                while piece := file.read(_READ_BYTES):
                    running.hash.update(piece)
                    running.size += len(piece)
        return f"sha256:{running.hash.hexdigest()}", size

    def _publish(self, upload: str, digest: str) -> None:
        with self._file(upload).open("rb") as file:
            os.fdatasync(file.fileno())
        self._file(upload).chmod(0o400)
        self._file(upload).rename(self.path(digest))

    def _forget(self, upload: str) -> None:
        self._hashes.pop(upload, None)
        self._file(upload).unlink(missing_ok=True)

    def _remember(self, upload: str, running: _Running) -> None:
        while len(self._hashes) >= _MOST_HASHES:
            self._hashes.pop(next(iter(self._hashes)))
        self._hashes[upload] = running


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


class _Claim:
    """One request's hold of an upload."""

    def __init__(self, busy: set[str], upload: str) -> None:
        self._busy = busy
        self._upload = upload

    def __enter__(self) -> None:
        if self._upload in self._busy:
            raise UploadBusy
        self._busy.add(self._upload)

    def __exit__(self, *_: object) -> None:
        self._busy.discard(self._upload)
