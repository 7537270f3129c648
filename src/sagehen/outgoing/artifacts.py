"""What a training job's instances have left, into S3: archives of all of them, or single files."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from sagehen.archives import artifacts, loose
from sagehen.archives.bounds import Bounds, in_thread
from sagehen.domain.ports.storage.outgoing import ArtifactsTarget, Uploads
from sagehen.executors.folders.job import JobFolder
from sagehen.outgoing.together import together

# Files come from this machine and go to it; more at once would only queue for its disk.
_PARALLEL_UPLOADS = 16
# Documented: S3's User Guide.
_KEY_BYTES = 1024

Note = Callable[[str], None]


async def store(
    folder: JobFolder, hosts: Sequence[str], target: ArtifactsTarget, uploads: Uploads, note: Note
) -> None:
    """Store what lies in the hosts' model and output folders.

    Args:
        note: Takes a line for the job's log: what was left out.

    Raises:
        AccessDenied, NoSuchObject: The role may not write there, or there is no such bucket.
        TooMuch: There is more than the target has room for.
        OSError: The disk is full, say.
    """
    by = _store_archives if target.packed else _store_files
    await by(folder, hosts, target, uploads, note)


async def _store_archives(
    folder: JobFolder, hosts: Sequence[str], target: ArtifactsTarget, uploads: Uploads, note: Note
) -> None:
    bounds = Bounds(target.room)
    for line in await in_thread(lambda patience: artifacts.build(folder, hosts, bounds, patience)):
        note(line)
    for archive in (folder.model_archive, folder.output_archive):
        if archive.exists():
            key = f"{target.prefix}/{archive.name}"
            await uploads.upload(target.bucket, key, archive, "application/x-tar", target.kms_key_id)


async def _store_files(
    folder: JobFolder, hosts: Sequence[str], target: ArtifactsTarget, uploads: Uploads, note: Note
) -> None:
    """Store every file by itself, below `model/` and `data/`, some at once."""
    bounds = Bounds(target.room)
    room = _KEY_BYTES - len(f"{target.prefix}/".encode())
    found, notes = await in_thread(lambda patience: loose.files(folder, hosts, room, bounds, patience))
    for line in notes:
        note(line)

    async def upload(file: loose.LooseFile) -> None:
        opened = await asyncio.to_thread(file.host.open_file, file.path)
        if opened is None:
            note(f"{file.host.root.name}: {file.name!r} is no file any more; left out")
            return
        try:
            content = Path(f"/proc/self/fd/{opened}")
            key = f"{target.prefix}/{file.name}"
            await uploads.upload(target.bucket, key, content, kms_key_id=target.kms_key_id)
        finally:
            os.close(opened)

    await together((upload(file) for file in found), _PARALLEL_UPLOADS)
