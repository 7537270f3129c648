"""Contents: the bytes of objects and parts, inline in SQLite or in blobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

from sagehen.api.streams import BodyStream, FileSlice, ResponseBody, Streamed
from sagehen.domain.ids import Ids
from sagehen.services.s3.contents.checksums import MAX_PUT_BYTES, Digest, Expectation
from sagehen.services.s3.contents.ciphers import ContentCipher, new_iv
from sagehen.services.s3.contents.readers import FileChunks, SegmentStream, copy_range
from sagehen.services.s3.contents.segments import (
    Draft,
    Segment,
    clip,
    inline_bytes,
)
from sagehen.services.s3.errors.bodies import EntityTooLarge, IncompleteBody
from sagehen.store import content_marks
from sagehen.store.blobs import BlobFolder
from sagehen.store.small_files import SmallFiles

T = TypeVar("T")

# 10 kB out of SQLite costs 15 us against 25 us out of a file, and a file costs several times as much
# to make (STACK.md, G); past this a file's sequential write wins.
INLINE_BYTES = 64 * 1024
# Of large contents, at once: uploads want threads too.
_COPIES = 4


class Contents:
    """Takes bodies in and gives them out."""

    def __init__(self, blobs: BlobFolder, ids: Ids) -> None:
        self._blobs = blobs
        self._ids = ids
        self._small_files = SmallFiles(blobs.run)
        self._copies = asyncio.Semaphore(_COPIES)

    # --- taking in -------------------------------------------------------------------------

    async def receive(
        self,
        body: BodyStream | bytes | None,
        expected: Expectation,
        digest: Digest,
        cipher: ContentCipher | None = None,
    ) -> Draft:
        """Store a request's body and compare it with what the client claimed.

        Args:
            cipher: What encrypts it on its way to the disk.

        Raises:
            EntityTooLarge, IncompleteBody, BadDigest: Nothing is left behind.
        """
        length = len(body or b"") if body is None or isinstance(body, bytes) else body.length
        if length is not None and length > MAX_PUT_BYTES:
            raise EntityTooLarge(length, MAX_PUT_BYTES)
        draft = await self._draft(body, length, digest, cipher)
        try:
            if length is not None and digest.size != length:
                raise IncompleteBody(length, digest.size)
            trailers: Mapping[str, str] = {}
            if body is not None and not isinstance(body, bytes):
                trailers = body.trailers()
            expected.verify(digest, trailers)
        except BaseException:
            self.abandon(draft)
            raise
        return draft

    async def _draft(
        self,
        body: BodyStream | bytes | None,
        length: int | None,
        digest: Digest,
        cipher: ContentCipher | None,
    ) -> Draft:
        if body is None or isinstance(body, bytes):
            return await self.receive_chunks(_once(body or b""), digest, cipher)
        if length is None or length > INLINE_BYTES or cipher is not None:
            return await self.receive_chunks(aiter(body), digest, cipher)
        data = await body.read(INLINE_BYTES)
        digest.update(data)
        return Draft(self._ids.hex(32), [Segment(len(data), data=data)] if data else [])

    async def receive_chunks(
        self, chunks: AsyncIterator[bytes], digest: Digest | None, cipher: ContentCipher | None = None
    ) -> Draft:
        """Store a body of unknown length as it comes; up to `INLINE_BYTES` of it stay in memory.

        Args:
            digest: Sees every byte as it came; None where digests are known already.
            cipher: What encrypts it on its way to the disk.

        Raises:
            EntityTooLarge: It exceeds 5 GiB, and `digest` counts.
        """
        iv = None if cipher is None else new_iv()
        turn = None if cipher is None or iv is None else cipher.turner(iv)
        observers = () if digest is None else digest.observers
        got = await self._blobs.receive(chunks, observers, INLINE_BYTES, turn)
        segments = [Segment(got.size, data=got.data, blob_id=got.blob_id, iv=iv)] if got.size else []
        return Draft(self._ids.hex(32), segments)

    async def copy(self, segments: Sequence[Segment], cipher: ContentCipher | None = None) -> Draft:
        """Give the same bytes a second life: blobs are linked, not copied.

        Args:
            cipher: Of the copy. From or to what is encrypted every byte is read, and written anew.
        """
        if cipher is not None or any(part.iv is not None for part in segments):
            return await self.receive_chunks(SegmentStream(self._blobs, segments), None, cipher)
        made: list[Segment] = []
        try:
            for part in segments:
                blob_id = None if part.blob_id is None else await self._blobs.duplicate(part.blob_id)
                made.append(Segment(part.length, part.start, part.data, blob_id))
        except BaseException:
            self._blobs.remove(part.blob_id for part in made if part.blob_id)
            raise
        return Draft(self._ids.hex(32), made)

    async def digest(self, segments: Sequence[Segment], algorithm: str) -> Digest:
        """Read a content in a thread and compute its MD5 and checksum."""

        def work() -> Digest:
            digest = Digest(algorithm)
            for part in segments:
                for chunk in self._chunks(part):
                    digest.update(chunk)
            return digest

        return await self._blobs.run(work)

    async def keep(self, draft: Draft, write: Coroutine[Any, Any, tuple[T, list[str]]]) -> T:
        """Wait for the write that gives a draft its row.

        Args:
            write: Returns its result and the blobs that are nobody's any more. A caller who is
                cancelled does not stop it: only once it has failed the draft may go.
        """
        if not draft.blob_ids:
            result, blob_ids = await write
            self.remove(blob_ids)
            return result
        task = asyncio.ensure_future(write)
        task.add_done_callback(lambda done: self._settle(draft, done))
        result, _ = await asyncio.shield(task)
        return result

    def _settle(self, draft: Draft, done: asyncio.Future[tuple[Any, list[str]]]) -> None:
        if done.cancelled():  # nobody knows how it ended; the next start's sweep will see
            return
        if done.exception() is not None:
            self.abandon(draft)
        else:
            self.remove(done.result()[1])

    def abandon(self, draft: Draft) -> None:
        """Remove the blobs of a draft that no row will name."""
        self._blobs.remove(draft.blob_ids)

    def remove(self, blob_ids: Sequence[str]) -> None:
        """Remove blobs once nobody reads them any more; returns at once."""
        self._blobs.remove(blob_ids)

    # --- giving out ------------------------------------------------------------------------

    def body(self, segments: Sequence[Segment], start: int, length: int) -> ResponseBody:
        """Return a range of a content: bytes, one slice of a file, or a stream over several."""
        pieces = clip(segments, start, length)
        if all(piece.data is not None for piece in pieces):
            return b"".join(inline_bytes(piece) for piece in pieces)
        if len(pieces) == 1 and pieces[0].blob_id is not None and pieces[0].iv is None:
            return FileSlice(self._blobs.path(pieces[0].blob_id), pieces[0].start, pieces[0].length)
        stream = SegmentStream(self._blobs, pieces)
        return Streamed(stream, length)

    def stream(self, segments: Sequence[Segment]) -> AsyncIterator[bytes]:
        """Return a content piece by piece; its blobs stay on disk for as long as the stream lives."""
        return SegmentStream(self._blobs, segments)

    async def link_to(self, segments: Sequence[Segment], target: Path) -> bool:
        """Give a content that is one plain blob another name; return False where it is not, or cannot be.

        Whoever sees `target` must see it read-only: it is the store's own file.
        """
        if len(segments) != 1:
            return False
        only = segments[0]
        if only.blob_id is None or only.iv is not None or only.start:
            return False
        return await self._blobs.share(only.blob_id, only.length, target)

    async def write_to(self, segments: Sequence[Segment], target: Path) -> None:
        """Write a content to a new file, complete before it has its name.

        Blobs are cloned where the file system can (or copied inside the kernel), never linked: who
        may write to `target` must not reach the store through it.
        """
        partial = target.with_name(f".{target.name}.{self._ids.hex(8)}")
        if all(part.blob_id is None for part in segments):
            data = b"".join(inline_bytes(part) for part in segments)
            if len(data) <= INLINE_BYTES:
                await self._small_files.write(target, partial, data)
                return

        def work() -> None:
            try:
                with partial.open("xb") as file:
                    self._write_all(segments, file)
                    if parts := _in_blobs(segments):
                        file.flush()
                        content_marks.mark(file.fileno(), content_marks.identity_of(parts))
                partial.rename(target)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise

        async with self._copies:
            await self._blobs.run(work)

    async def write_into(self, segments: Sequence[Segment], target: Path) -> None:
        """Write a content into a file that is there, of its size, and that others may see meanwhile."""

        def work() -> None:
            with target.open("r+b") as file:
                self._write_all(segments, file)

        async with self._copies:
            await self._blobs.run(work)

    def _write_all(self, segments: Sequence[Segment], file: IO[bytes]) -> None:
        at = 0
        for part in segments:
            if part.blob_id is None or part.iv is not None:
                file.writelines(self._chunks(part))
            else:
                file.flush()
                copy_range(self._blobs.path(part.blob_id), part, file.fileno())
            at += part.length
            file.seek(at)

    def _chunks(self, part: Segment) -> Sequence[bytes] | FileChunks:
        if part.blob_id is None:
            return [inline_bytes(part)]
        return FileChunks(self._blobs.path(part.blob_id), part)


def _in_blobs(segments: Sequence[Segment]) -> list[tuple[str, int, int]]:
    """Return where a content lies; nothing where some of it does in the database."""
    found = [(part.blob_id, part.start, part.length) for part in segments if part.blob_id is not None]
    return found if len(found) == len(segments) else []


async def _once(data: bytes) -> AsyncIterator[bytes]:
    if data:
        yield data
