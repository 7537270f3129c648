"""CodeStore: deployment packages by their SHA-256, and what they unpack to, once each and read-only.

`packages/<sha>.zip` is the archive as uploaded; `unpacked/<sha>/` what environments mount. Both are
made under `incoming/` and renamed when complete, so that a crash leaves nothing half-made in sight.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sagehen.domain.ids import Ids
from sagehen.executors.folders.removal import discard, sweep_discarded
from sagehen.services.lambda_.code.archives import examine, extract

# A package without a row may belong to a request whose row is just being written.
_SWEEP_GRACE_S = 600.0


@dataclass(frozen=True, slots=True)
class Package:
    """A stored archive. `sha` is hexadecimal; sizes in bytes."""

    sha: str
    size: int
    unzipped_size: int


class CodeStore:
    """Packages of all functions and layers.

    Args:
        folder: This store's own.
        ids: Names of what is being made.
    """

    def __init__(self, folder: Path, ids: Ids) -> None:
        self._incoming = folder / "incoming"
        self._packages = folder / "packages"
        self._unpacked = folder / "unpacked"
        self._ids = ids
        # Two functions of one package unpack it once.
        self._unpacking: dict[str, asyncio.Future[Path]] = {}

    def prepare(self) -> None:
        """Make the folders and drop what an earlier life did not finish. Blocks."""
        _remove(self._incoming)
        for folder in (self._incoming, self._packages, self._unpacked):
            folder.mkdir(parents=True, exist_ok=True)
            sweep_discarded(folder)

    def new_file(self) -> Path:
        """Return a path under `incoming/` for a package that is still to be fetched."""
        return self._incoming / self._ids.hex(32)

    def package_file(self, sha: str) -> Path:
        """Return where an archive lies, there or not."""
        return self._packages / f"{sha}.zip"

    def folder(self, sha: str) -> Path:
        """Return where a package is, or will be, unpacked."""
        return self._unpacked / sha

    async def add_bytes(self, content: bytes) -> Package:
        """Store an uploaded archive.

        Raises:
            InvalidParameterValueException: It is no archive, or unpacks to too much.
        """
        file = self.new_file()
        await asyncio.to_thread(_write, file, content)
        return await self.add_file(file)

    async def add_file(self, file: Path) -> Package:
        """Take over an archive that lies under `incoming/`; it is gone afterwards, one way or the other."""
        return await asyncio.to_thread(self._add, file)

    def _add(self, file: Path) -> Package:
        try:
            unzipped = examine(file)
            sha = _sha256(file)
            size = file.stat().st_size
            file.replace(self.package_file(sha))
            # What is there already counts as new: the sweep must not take it.
            for path in (self.package_file(sha), self.folder(sha)):
                with contextlib.suppress(FileNotFoundError):
                    os.utime(path)
            return Package(sha, size, unzipped)
        finally:
            file.unlink(missing_ok=True)

    async def unpack(self, sha: str) -> Path:
        """Return the folder of an unpacked package, unpacking it if that was not done yet.

        Raises:
            InvalidParameterValueException: The archive is damaged.
        """
        target = self.folder(sha)
        if target.is_dir():
            return target
        under_way = self._unpacking.get(sha)
        if under_way is None:
            under_way = asyncio.ensure_future(asyncio.to_thread(self._unpack, sha, target))
            self._unpacking[sha] = under_way
            under_way.add_done_callback(lambda _: self._unpacking.pop(sha, None))
        return await asyncio.shield(under_way)

    def _unpack(self, sha: str, target: Path) -> Path:
        scratch = self._incoming / self._ids.hex(32)
        try:
            extract(self.package_file(sha), scratch)
            with contextlib.suppress(OSError):  # somebody was faster: the same files lie there
                scratch.replace(target)
            return target
        finally:
            _remove(scratch)

    async def sweep(self, needed: set[str], in_use: Iterable[str]) -> None:
        """Remove packages that no row and no environment needs any more."""
        await asyncio.to_thread(self._sweep, needed | set(in_use))

    def _sweep(self, needed: set[str]) -> None:
        for path in (*self._packages.glob("*.zip"), *self._unpacked.iterdir()):
            with contextlib.suppress(FileNotFoundError):
                if path.stem not in needed and time.time() - path.stat().st_mtime > _SWEEP_GRACE_S:
                    _remove(path)

    async def discard_all(self) -> None:
        """Forget everything, in a time that does not depend on how much it is."""
        discard(self._packages)
        discard(self._unpacked)
        await asyncio.to_thread(self.prepare)


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
