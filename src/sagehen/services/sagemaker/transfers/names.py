"""Names of objects as names of files: where an object lands below a channel's folder."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

from sagehen.archives.bounds import MAX_NAME_BYTES


def relative_path(prefix: str, key: str) -> str:
    """Return the path of an object within its channel.

    `a/train` and `a/train/` both bring `a/train/x.jpg` as `x.jpg`; `a/tr` brings it as `train/x.jpg`,
    and an object of exactly the prefix's name keeps its last component.
    """
    if not prefix or prefix.endswith("/"):
        return key[len(prefix) :]
    if key.startswith(prefix + "/"):
        return key[len(prefix) + 1 :]
    return key[prefix.rfind("/") + 1 :]


def file_path(relative: str) -> PurePosixPath:
    """Return where an object of that name lands: below the channel's folder, whatever the key says.

    Raises:
        ValueError: No file can have that name.
    """
    path = PurePosixPath(relative.lstrip("/"))
    too_long = any(len(os.fsencode(part)) > MAX_NAME_BYTES for part in path.parts)
    if not path.parts or ".." in path.parts or "\0" in relative or too_long:
        raise ValueError(f"the key {relative!r} is not a file name")
    return path
