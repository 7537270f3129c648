"""BlobFolder: large bodies as immutable files, complete before they have their name.

A blob is written under `incoming/`, synced, then renamed to its id; only then may a row name it.
What a crash leaves without a row is swept at the next start. A blob is never changed; deleting
waits a grace period, so that an answer that is just being made still finds its file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from sagehen.domain.ids import Ids

P = ParamSpec("P")
T = TypeVar("T")

# Bytes handed to the writing thread at a time; at most two such batches are in memory per upload.
_BATCH_BYTES = 1024 * 1024
# Between the deletion of a row and of its file: far longer than an answer needs to open it.
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Received:
    """A body that arrived: `data` where it was small, else the blob that holds it."""

    size: int
    data: bytes | None = None
    blob_id: str | None = None


class BlobFolder:
    """Blobs of one data folder.

    Args:
        folder: Where they lie; made by `prepare`.
        ids: Names of blobs.
        sync: Whether a blob is on the disk (fdatasync) before it has its name.
    """

    def __init__(self, folder: Path, ids: Ids, sync: bool = True) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._ids = ids
        self._sync = sync
        # Blobs of this life begin with it: the sweep of earlier lives' leftovers runs beside uploads.
        self._life = ids.hex(8)
        self._pool = _threads()
        self._pins: Counter[str] = Counter()
        self._doomed: set[str] = set()
        self._condemned: dict[asyncio.TimerHandle, tuple[str, ...]] = {}
        self._tasks: set[asyncio.Future[None]] = set()

    def prepare(self) -> None:
        """Make the folder and empty `incoming/`: nothing there was ever acknowledged."""
        shutil.rmtree(self._incoming, ignore_errors=True)
        self._incoming.mkdir(parents=True)

    def path(self, blob_id: str) -> Path:
        """Return where a blob lies, or would."""
        return self._folder / blob_id

    async def share(self, blob_id: str, size: int, target: Path) -> bool:
        """Give a blob a name outside, which outlives it; return False where that cannot be.

        Every user who finds that name can read it then, and nobody can write to it who could not before:
        whoever shows it must do so read-only.

        Args:
            size: Of the whole blob; one of another size is not shared.
        """

        def work() -> bool:
            path = self.path(blob_id)
            if path.stat().st_size != size:
                return False
            try:
                os.link(path, target)
            except FileExistsError:
                raise
            except OSError:  # another file system, or one without hard links
                return False
            target.chmod(0o644)
            return True

        return await self.run(work)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work in this folder's own threads, eight at the most.

        Raises:
            RuntimeError: The folder is closing.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: function(*args, **kwargs))

    # --- writing ---------------------------------------------------------------------------

    async def receive(
        self,
        chunks: AsyncIterator[bytes],
        observers: Sequence[Callable[[bytes], None]],
        inline_limit: int,
        turn: Callable[[bytes], bytes] | None = None,
    ) -> Received:
        """Take a body in: write it, and hash it beside that, in threads while the next batch arrives.

        Args:
            chunks: The body; an exception from it leaves nothing behind.
            observers: Each sees every byte once, in order, in a thread of its own; for hashing.
            inline_limit: Up to so many bytes stay in memory and get no file.
            turn: What is stored of consecutive bytes, as many of them, in the writing thread; for
                encryption.

        Raises:
            OSError: It cannot be written (a full disk); nothing is left of it.
        """
        batch: list[bytes] = []
        waiting, size = 0, 0
        writer: _Writer | None = None
        pending: asyncio.Future[list[None]] | None = None
        loop = asyncio.get_running_loop()
        try:
            async for chunk in chunks:
                batch.append(chunk)
                waiting += len(chunk)
                size += len(chunk)
                if waiting > (inline_limit if writer is None else _BATCH_BYTES):
                    writer = writer or self._writer(turn)
                    if pending is not None:
                        await pending
                    pending = self._take(writer.append, batch, observers)
                    batch, waiting = [], 0
            if writer is None:
                data = b"".join(batch)
                for observe in observers:
                    observe(data)
                return Received(size, data=data if turn is None else turn(data))
            if pending is not None:
                await pending
            await self._take(writer.finish, batch, observers)
        except BaseException:
            if pending is not None:
                # Its own error, if any, is that of the body; retrieved so that asyncio does not log it.
                pending.add_done_callback(lambda done: done.cancelled() or done.exception())
            if writer is not None:
                self._detach(loop.run_in_executor(self._pool, writer.discard))
            raise
        return Received(size, blob_id=writer.blob_id)

    def _take(
        self,
        write: Callable[[bytes], None],
        batch: list[bytes],
        observers: Sequence[Callable[[bytes], None]],
    ) -> asyncio.Future[list[None]]:
        loop = asyncio.get_running_loop()
        data = b"".join(batch)  # one long piece: each call of a hash takes the interpreter's lock back
        return asyncio.gather(*(loop.run_in_executor(self._pool, take, data) for take in (write, *observers)))

    def _new_id(self) -> str:
        return self._life + self._ids.hex(24)

    def _writer(self, turn: Callable[[bytes], bytes] | None) -> _Writer:
        blob_id = self._new_id()
        return _Writer(blob_id, self._incoming / blob_id, self._folder / blob_id, self._sync, turn)

    async def duplicate(self, blob_id: str) -> str:
        """Give an existing blob a second name, with a life of its own; with hard links it costs no bytes.

        Raises:
            FileNotFoundError: There is none of that id.
        """
        copy = self._new_id()
        await self.run(_link, self.path(blob_id), self.path(copy))
        return copy

    # --- deleting --------------------------------------------------------------------------

    def pin(self, blob_ids: Iterable[str]) -> Callable[[], None]:
        """Keep blobs on disk until the returned function is called (once; from any thread)."""
        held = tuple(set(blob_ids))
        self._pins.update(held)
        loop = asyncio.get_running_loop()

        def release() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the next start sweeps
                loop.call_soon_threadsafe(self._unpin, held)

        return release

    def _unpin(self, blob_ids: tuple[str, ...]) -> None:
        self._pins.subtract(blob_ids)
        freed = [blob_id for blob_id in blob_ids if self._pins[blob_id] <= 0]
        for blob_id in freed:
            del self._pins[blob_id]
        self._unlink_soon(self._doomed.intersection(freed))

    def remove(self, blob_ids: Iterable[str]) -> None:
        """Delete blobs after the grace period of 5 s, pinned ones when they are free; rows went before."""
        doomed = tuple(blob_ids)
        if not doomed:
            return

        def expire() -> None:
            del self._condemned[handle]
            self._doomed.update(doomed)
            self._unlink_soon([blob_id for blob_id in doomed if not self._pins[blob_id]])

        handle = asyncio.get_running_loop().call_later(_GRACE_S, expire)
        self._condemned[handle] = doomed

    def _unlink_soon(self, blob_ids: Iterable[str]) -> None:
        paths = [self.path(blob_id) for blob_id in blob_ids]
        self._doomed.difference_update(path.name for path in paths)
        if paths:
            self._detach(asyncio.get_running_loop().run_in_executor(self._pool, _unlink, paths))

    async def sweep(self, is_known: Callable[[list[str]], set[str]]) -> int:
        """Delete blobs of earlier lives that no row names; return how many.

        Args:
            is_known: Returns which of some ids are named by rows; called in a thread.
        """

        def work() -> int:
            stale = [
                entry.name
                for entry in os.scandir(self._folder)
                if entry.is_file() and not entry.name.startswith(self._life)
            ]
            removed = 0
            for first in range(0, len(stale), 500):
                names = stale[first : first + 500]
                orphans = set(names) - is_known(names)
                _unlink([self._folder / name for name in orphans])
                removed += len(orphans)
            for aside in self._folder.parent.glob(f"{self._folder.name}.discarded-*"):
                _discard(aside)
            return removed

        return await self.run(work)

    async def discard_all(self) -> None:
        """Empty the folder: renamed aside at once, deleted in the background."""
        for handle in self._condemned:
            handle.cancel()
        self._condemned.clear()
        self._doomed.clear()
        aside = self._folder.with_name(f"{self._folder.name}.discarded-{self._ids.hex(12)}")
        self._folder.rename(aside)  # a rename is a microsecond's work: no thread needed
        self.prepare()
        self._detach(asyncio.get_running_loop().run_in_executor(self._pool, _discard, aside))

    def _detach(self, future: asyncio.Future[None]) -> None:
        self._tasks.add(future)
        future.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Delete what waits for it and end the threads."""
        condemned = [blob_id for ids in self._condemned.values() for blob_id in ids]
        for handle in self._condemned:
            handle.cancel()
        self._condemned.clear()
        self._doomed.update(condemned)
        self._unlink_soon(set(self._doomed))
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pool.shutdown(wait=True)
        self._pool = _threads()  # starts none until it is used again


class _Writer:
    """One blob in the making; its methods run in threads, one after the other."""

    def __init__(
        self,
        blob_id: str,
        incoming: Path,
        final: Path,
        sync: bool,
        turn: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self._turn = turn
        self.blob_id = blob_id
        self._incoming = incoming
        self._final = final
        self._sync = sync
        self._file: int | None = None
        self._discarded = False
        # A cancelled upload is discarded while its last batch may still be in another thread.
        self._lock = threading.Lock()

    def append(self, data: bytes) -> None:
        with self._lock:
            if self._discarded:
                return
            if self._file is None:
                self._file = os.open(self._incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            view = memoryview(data if self._turn is None else self._turn(data))
            while view:
                view = view[os.write(self._file, view) :]

    def finish(self, data: bytes) -> None:
        if data:
            self.append(data)
        with self._lock:
            if self._file is None:
                return
            if self._sync:
                os.fsync(self._file) if not hasattr(os, "fdatasync") else os.fdatasync(self._file)
            os.close(self._file)
            self._file = None
            if not self._discarded:
                self._incoming.rename(self._final)

    def discard(self) -> None:
        with self._lock:
            self._discarded = True
            if self._file is not None:
                os.close(self._file)
                self._file = None
            self._incoming.unlink(missing_ok=True)
            self._final.unlink(missing_ok=True)


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="blobs")


def _link(source: Path, copy: Path) -> None:
    try:
        os.link(source, copy)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without hard links
        shutil.copyfile(source, copy)


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _discard(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
