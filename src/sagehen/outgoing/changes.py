"""Outgoing: a folder that instances write to, and the S3 prefix that its files go to as they change."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from sagehen.archives.bounds import MAX_ENTRIES, TooMuch
from sagehen.domain.ports.storage.outgoing import Target, Uploads
from sagehen.domain.s3_uris import join
from sagehen.executors.folders.job import HostFolder
from sagehen.outgoing.together import together

# AWS copies as files change, and says no interval.
EVERY_S = 5.0
# Files come from this machine and go to it; more at once would only queue for its disk.
_PARALLEL_UPLOADS = 16
# A file that changed less than this ago may still be half written.
_SETTLED_NS = 1_000_000_000

# A file's size and the time of its last change, in ns.
State = tuple[int, int]


class Outgoing:
    """Stores what changes in one folder of each of a job's instances, under one prefix.

    Args:
        hosts: The instances; all of them share the prefix.
        folder: Relative to /opt/ml.
    """

    def __init__(
        self, hosts: Sequence[HostFolder], folder: PurePosixPath, target: Target, uploads: Uploads
    ) -> None:
        self._hosts = hosts
        self._folder = folder
        self._target = target
        self._uploads = uploads
        # As they were stored, of each instance; what it has deleted is forgotten.
        self._kept: dict[Path, dict[Path, State]] = {host.root: {} for host in hosts}
        self._stored = 0
        # Of each instance: by how much its files may still grow between the look at them and their upload.
        self._spare: dict[Path, int] = {}

    def scan(self, host: HostFolder) -> list[tuple[Path, State]]:
        """Return what `scan` finds of an instance. Blocking.

        Raises:
            TooMuch
        """
        return scan(host, self._folder, self._target.what, self._target.ignored)

    def has_stored(self, host: HostFolder, files: Iterable[tuple[Path, State]]) -> None:
        """Note files that came from S3: they are there as they are."""
        self._kept[host.root].update(files)

    @property
    def stored(self) -> int:
        """How many files were stored, each as often as it changed."""
        return self._stored

    async def store(self, settled_only: bool = False) -> None:
        """Store every file that changed since it was last stored.

        Raises:
            TooMuch: More than there is room for.
            AccessDenied, NoSuchObject: The role may not write there, or there is no such bucket.
        """
        for host in self._hosts:
            size, kept, changed = await asyncio.to_thread(self._look, host, settled_only)
            if size > self._target.room:
                raise TooMuch(
                    f"{_whose(self._target.what, host)} are more than the {self._target.room // 1024**3} GB "
                    "(holes of files counted) that its volume has room for"
                )
            self._kept[host.root] = kept
            self._spare[host.root] = self._target.room - size
            works = (self._keep(host, path, state) for path, state in changed)
            await together(works, _PARALLEL_UPLOADS)

    async def _keep(self, host: HostFolder, path: Path, state: State) -> None:
        if await self._upload(host, path, state[0]):
            self._kept[host.root][path] = state
            self._stored += 1

    def _look(
        self, host: HostFolder, settled_only: bool
    ) -> tuple[int, dict[Path, State], list[tuple[Path, State]]]:
        """Return what an instance has: bytes in all, how its files were stored, and how they are where that
        is not the same. Blocking."""
        found, before = self.scan(host), self._kept[host.root]
        kept = {path: before[path] for path, _ in found if path in before}
        now_ns = time.time_ns()  # the file system's time, not the platform's
        changed = [
            (path, state)
            for path, state in found
            if kept.get(path) != state and not (settled_only and now_ns - state[1] <= _SETTLED_NS)
        ]
        return sum(size for _, (size, _) in found), kept, changed

    async def _upload(self, host: HostFolder, path: Path, size: int) -> bool:
        """Store one file; return False where it is gone, or a file no more, or has become too large."""
        file = await asyncio.to_thread(host.open_file, path)
        if file is None:
            return False
        key = join(self._target.prefix, path.relative_to(host.opt_ml / self._folder).as_posix())
        try:
            now = os.fstat(file).st_size
            growth = max(0, now - size)
            if growth > self._spare[host.root]:  # the next look says so
                return False
            self._spare[host.root] -= growth
            # The open file itself: by now another may have its name, or a link to one of the host's.
            content = Path(f"/proc/self/fd/{file}")
            target = self._target
            await self._uploads.upload(target.bucket, key, content, kms_key_id=target.kms_key_id, size=now)
        finally:
            os.close(file)
        return True


def scan(
    host: HostFolder, folder: PurePosixPath, what: str, ignored: tuple[str, ...] = ()
) -> list[tuple[Path, State]]:
    """Return the regular files of a folder and their states; links are not followed. Blocking.

    Names that are no UTF-8 cannot be keys.

    Raises:
        TooMuch: More files than anybody looks at.
    """
    found: list[tuple[Path, State]] = []
    for path, state in host.files_below(host.opt_ml / folder):
        is_key = "\ufffd" not in os.fsencode(path).decode("utf-8", "replace")
        if not is_key or path.name.endswith(ignored):
            continue
        if len(found) >= MAX_ENTRIES:
            raise TooMuch(f"{_whose(what, host)} are more than {MAX_ENTRIES} files")
        found.append((path, (state.st_size, state.st_mtime_ns)))
    return found


def _whose(what: str, host: HostFolder) -> str:
    return f"the {what} of {host.root.name}"
