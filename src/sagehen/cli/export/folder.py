"""The folder of an export: whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path


def require_new(folder: Path) -> None:
    """Refuse a folder with something in it: somebody may have changed an earlier export.

    Raises:
        ValueError: It is not empty, or is none, or has nowhere to be.
    """
    if folder.is_dir():
        if any(folder.iterdir()):
            raise ValueError(f"{folder} is not empty: name another one with --to")
    elif folder.exists() or not folder.absolute().parent.is_dir():
        raise ValueError(f"{folder}: no folder can be made there")


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, which appears when all of them are there.

    Raises:
        OSError: It cannot be written.
    """
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
    try:
        for name, content in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        made.chmod(0o755 & ~_umask())
        made.rename(folder.absolute())  # an empty folder may be there
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
