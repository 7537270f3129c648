"""Leavings: what instances on this node write, stored in S3 from here, by the code that the platform runs for
its own machine."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path, PurePosixPath
from typing import Any

from sagehen.cluster.porters.objects.s3 import S3
from sagehen.cluster.porters.objects.uploads import ObjectUploads
from sagehen.cluster.porters.wanting import while_wanted
from sagehen.domain.ports.storage.outgoing import ArtifactsTarget, Target
from sagehen.executors.folders.job import HostFolder, JobFolder
from sagehen.outgoing import artifacts
from sagehen.outgoing.changes import Outgoing, State, scan

# Where an instance's /opt/ml lies, and a folder in it.
_Place = tuple[str, str]


class Leavings:
    """Those of one node.

    Args:
        threads: Where it waits for S3 and for the disk.
        s3_of: Makes a client of what the platform says of one order.
    """

    def __init__(self, threads: Executor, s3_of: Callable[[Mapping[str, Any]], S3]) -> None:
        self._threads = threads
        self._s3_of = s3_of
        # A folder may have several targets.
        self._storing: dict[tuple[_Place, Target], _Storing] = {}
        # What came from S3, until something is to be stored.
        self._restored: dict[_Place, list[tuple[Path, State]]] = {}

    async def restored(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Note that what is in a folder is in S3 as it is."""
        self._forget_gone()
        place = order["root"], order["below"]
        host, below = _host("restored", place), PurePosixPath(place[1])
        self._restored[place] = await asyncio.to_thread(scan, host, below, "files")
        return {}

    async def changes(self, order: Mapping[str, Any], told: AsyncIterator[Any]) -> dict[str, Any]:
        """Store what has changed in a folder; tell how many files that were."""
        wanted = await anext(told)
        ((host, root),) = order["roots"].items()
        s3 = self._s3_of(wanted)
        try:
            storing = self._of((root, str(wanted["below"])), host, _target(wanted["target"]), s3)
            stored = await while_wanted(told, storing.store(s3, settled_only=wanted["settled_only"] is True))
        finally:
            s3.close()
        return {"stored": stored}

    async def artifacts(self, order: Mapping[str, Any], told: AsyncIterator[Any]) -> dict[str, Any]:
        """Store what a training job's instances have left; tell what was left out."""
        wanted = await anext(told)
        roots = {host: Path(root) for host, root in order["roots"].items()}
        # Of its own: an order that nobody waits for any more may still be clearing up.
        scratch = Path(order["scratch"], secrets.token_hex(8))
        folder, target = JobFolder(scratch, roots), ArtifactsTarget(**wanted["target"])
        s3, notes = self._s3_of(wanted), list[str]()
        try:
            uploads = ObjectUploads(self._threads, s3)
            work = artifacts.store(folder, list(roots), target, uploads, notes.append)
            await while_wanted(told, work)
        finally:
            s3.close()
            await asyncio.to_thread(folder.remove)
        return {"notes": notes}

    def _of(self, place: _Place, host: str, target: Target, s3: S3) -> _Storing:
        found = self._storing.get((place, target))
        if found is None:
            self._forget_gone()
            found = self._storing[place, target] = _Storing(
                _host(host, place), place[1], target, self._threads, s3
            )
            found.outgoing.has_stored(found.host, self._restored.pop(place, ()))
        return found

    def _forget_gone(self) -> None:
        for place, target in [key for key in self._storing if not Path(key[0][0]).exists()]:
            del self._storing[place, target]
        for place in [place for place in self._restored if not Path(place[0]).exists()]:
            del self._restored[place]


class _Storing:
    """One folder, and how its files were stored."""

    def __init__(self, host: HostFolder, below: str, target: Target, threads: Executor, s3: S3) -> None:
        self.host = host
        self._uploads = ObjectUploads(threads, s3)
        self.outgoing = Outgoing([host], PurePosixPath(below), target, self._uploads)
        self._lock = asyncio.Lock()

    async def store(self, s3: S3, *, settled_only: bool) -> int:
        async with self._lock:  # the platform may ask again while an order whose link was lost ends here
            before, self._uploads.s3 = self.outgoing.stored, s3
            await self.outgoing.store(settled_only)
            return self.outgoing.stored - before


def _host(name: str, place: _Place) -> HostFolder:
    return HostFolder(Path(name), Path(place[0]))


def _target(told: Mapping[str, Any]) -> Target:
    return Target(**{**told, "ignored": tuple(told["ignored"])})
