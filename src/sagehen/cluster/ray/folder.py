"""The folder of Ray's head: a temporary one, gone with the life that made it or at the start of the next."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from sagehen.domain.whole_files import write_whole

_PREFIX = "sagehen-ray-"


def make_folder(note: Path) -> Path:
    """Make a folder for Unix sockets of Ray's, whose names have 107 characters, and for its keys.

    Args:
        note: Names the folder; what an earlier life noted there and was killed with is removed. Blocking.
    """
    _remove_earlier(note)
    made = Path(tempfile.mkdtemp(prefix=_PREFIX))
    write_whole(note, str(made).encode())
    return made


def remove_folder(folder: Path, note: Path) -> None:
    """Remove it, and the note last. Blocking."""
    shutil.rmtree(folder, ignore_errors=True)
    note.unlink(missing_ok=True)


def _remove_earlier(note: Path) -> None:
    try:
        earlier = Path(note.read_text())
        mine = earlier.lstat().st_uid == os.getuid() and not earlier.is_symlink()
    except (OSError, ValueError):
        return
    if mine and earlier.name.startswith(_PREFIX) and ".." not in earlier.parts:
        shutil.rmtree(earlier, ignore_errors=True)
