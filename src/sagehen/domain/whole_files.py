"""Files that exist whole or not at all, with their mode from the first byte on."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file at once; after a power cut it is the old one or the new one.

    Args:
        path: In a folder that nobody else writes in: the temporary name beside it is a fixed one.
        mode: Of the file, less the umask.

    Raises:
        OSError: The disk is full, or the folder is not ours.
    """
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
