"""look(...): what must be known of a model before it is known on which machine it is going to be.

Its size decides where there is room for it, and its code which environment it needs. Of an archive the code
alone is written here, of other models the code's objects; the rest is brought to where it is used.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from sagehen.archives.arriving import Arriving
from sagehen.archives.bounds import Patience, in_thread
from sagehen.archives.looking import Room, look_into, make_name
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import Objects
from sagehen.services.sagemaker.models import uncompressed
from sagehen.services.sagemaker.transfers import uris

# Documented: SageMaker Python SDK, "Model Directory Structure": where a model's code is.
CODE = "code"


async def look_at_archive(objects: Objects, principal: Principal, uri: str, folder: Path) -> int:
    """Write the code of a model into a folder; return what all of its files come to.

    Raises:
        UnusableArchive, NoSuchObject, AccessDenied, OSError
    """
    bucket, key = uris.split(uri)
    _, pieces = await objects.read(principal, bucket, key)
    loop = asyncio.get_running_loop()

    def work(patience: Patience) -> int:
        return look_into(Arriving(pieces, loop, patience), folder, CODE, patience)

    return await in_thread(work)


async def look_at_files(
    objects: Objects, principal: Principal, uri: str, folder: Path, *, is_prefix: bool
) -> int:
    """Likewise, of a model that is no archive.

    Raises:
        UnusableFiles, NoSuchObject, AccessDenied, OSError
    """
    files = await uncompressed.listed(objects, principal, uri, is_prefix=is_prefix)
    code = [key for key, path in files.paths.items() if path.is_relative_to(CODE) and path.parts != (CODE,)]
    room = Room()
    read = [key for key in code if room.takes(files.sizes[key])]
    await uncompressed.download(objects, principal, files, read, folder)
    names = [folder / files.paths[key] for key in set(code) - set(read)]

    def name_others() -> None:
        for place in names:
            make_name(place)

    await asyncio.to_thread(name_others)
    return sum(files.sizes.values())
