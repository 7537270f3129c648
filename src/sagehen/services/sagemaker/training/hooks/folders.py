"""HookFolders: what the hook in a script wrote, into S3 while the job runs and once more at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import Objects
from sagehen.domain.ports.storage.outgoing import Target
from sagehen.domain.timeouts import timeout
from sagehen.executors.folders.job import JobFolder
from sagehen.outgoing.changes import EVERY_S, Outgoing
from sagehen.services.sagemaker.training.hooks import files
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.uploads import RoleUploads

# smdebug writes under such a name before it gives a file its own (SMDEBUG_TEMP_PATH_SUFFIX).
_UNFINISHED = (".tmp",)
_END_OF_TRAINING = "training_job_end.ts"
_LAST_STORING_S = 120.0


class HookFolders:
    """The folders of one attempt that Debugger collects.

    Args:
        request: CreateTrainingJob's.
        hosts: Of the job's instances.
        principal: The session of the job's role.
        room: Bytes that one instance may store of each folder.
        note: Takes a line for the job's log.
    """

    def __init__(
        self,
        request: Mapping[str, Any],
        job_name: str,
        folder: JobFolder,
        hosts: tuple[str, ...],
        objects: Objects,
        principal: Principal,
        room: int,
        note: Callable[[str], None],
    ) -> None:
        self._hosts = own = [folder.host(host) for host in hosts]
        self._uploads = RoleUploads(objects, principal)
        self._all = [
            (what, Outgoing(own, local, Target(*prefix, room, what, _UNFINISHED), self._uploads))
            for local, prefix, what in files.folders(request, job_name)
        ]
        self._refused: set[str] = set()
        self._note = note
        self._scratch = folder.root
        self._end = None
        if hook := request.get("DebugHookConfig"):
            bucket, prefix = uris.split(hook["S3OutputPath"])
            self._end = bucket, uris.join(prefix, f"{job_name}/debug-output/{_END_OF_TRAINING}")

    @property
    def tensors(self) -> int:
        """How many files of tensors are in S3."""
        return sum(files.stored for what, files in self._all if what == "tensors")

    def tensor_files(self) -> list[tuple[Path, int]]:
        """Return (path, size) of what the hook saved on all instances. Blocking.

        Raises:
            TooMuch: More files than anybody looks at.
        """
        return [
            (path, size)
            for what, files in self._all
            if what == "tensors"
            for host in self._hosts
            for path, (size, _) in files.scan(host)
        ]

    async def keep_storing(self) -> None:
        """Store what changes, until cancelled. Nothing is raised: the log says what could not be stored."""
        while self._all:
            await asyncio.sleep(EVERY_S)
            await self._store(settled_only=True)

    async def end(self) -> None:
        """Store what is left, and that training has ended. For two minutes at most."""
        try:
            async with timeout(_LAST_STORING_S):
                await self._store(settled_only=False)
                if self._end is not None and "tensors" not in self._refused:
                    await self._store_end(*self._end)
        except TimeoutError:
            self._note("sagehen: what the hook wrote last could not be stored in time")

    async def _store(self, *, settled_only: bool) -> None:
        for what, outgoing in self._all:
            if what not in self._refused:
                try:
                    await outgoing.store(settled_only)
                except Exception as error:  # also what else S3 may have against it; the job goes on
                    self._refuse(what, error)

    async def _store_end(self, bucket: str, key: str) -> None:
        """Store what `smdebug.trials.create_trial` looks for: without it, it waits for tensors for ever."""
        empty = Path(self._scratch) / _END_OF_TRAINING
        try:
            await asyncio.to_thread(empty.touch)
            await self._uploads.upload(bucket, key, empty)
        except Exception as error:
            self._refuse("tensors", error)

    def _refuse(self, what: str, error: Exception) -> None:
        self._refused.add(what)
        self._note(f"sagehen: {what} cannot be stored: {error}")
