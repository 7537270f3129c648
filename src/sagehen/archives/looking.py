"""look_into(...): what is in an archive that is to be unpacked elsewhere, without the archive and its files.

What one folder of it holds is written, as far as somebody is going to read it: a file that is too large for
that has its name, a size by which a reader sees that it is too large, and no content on the disk. All else is
read past. What is refused of the rest, who unpacks it refuses.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from sagehen.archives.bounds import Bounds, Patience
from sagehen.archives.members import bounded, opened, refusals
from sagehen.archives.tar import inner_path, make_link, unpacked

_BUFFER_BYTES = 1024 * 1024
# Whose content is written: more than this of a file, or of all of them, nobody reads who looks through code
# (`executors/environments/reading.py`).
_MOST_FILE_BYTES = 1024 * 1024
_MOST_BYTES = 64 * 1024 * 1024


class Room:
    """What is left for the content of files that are looked at."""

    def __init__(self) -> None:
        self._left = _MOST_BYTES

    def takes(self, size: int) -> bool:
        """Take a file in, where that fits; return whether it does."""
        if size > min(self._left, _MOST_FILE_BYTES):
            return False
        self._left -= size
        return True


def look_into(
    archive: io.RawIOBase, folder: Path, below: str, patience: Patience, bounds: Bounds | None = None
) -> int:
    """Read an archive to its end; return how many bytes its files have together. Blocking.

    Args:
        archive: Is read forwards only.
        folder: Exists, and is nobody else's.
        below: The folder of the archive of which there is to be something.
        bounds: What it may unpack to.

    Raises:
        UnusableArchive: As `unpack_tar` would.
        OSError: The machine's.
        Abandoned: Nobody waits for it any more.
    """
    bounds = bounds or Bounds()
    buffered = io.BufferedReader(archive, _BUFFER_BYTES)
    size, room, links = 0, Room(), list[tarfile.TarInfo]()
    with refusals(), opened(buffered, buffered.peek(2)[:2], folder, bounds, patience) as (tar, reader):
        for member in bounded(tar, reader, bounds):
            size += member.size if member.isreg() else 0
            name = inner_path(member.name)
            if not name.is_relative_to(below):
                continue
            if not _has_content(member, folder, room):
                make_name(folder / name)
            elif not unpacked(tar, member, folder):
                links.append(member)
        for member in links:
            make_link(member, folder)
    return size


def make_name(place: Path) -> None:
    """Make a file that is larger than anybody reads, and takes no room. Blocking.

    Raises:
        OSError: Also where the name is a folder's.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_dir():
        place.unlink(missing_ok=True)
    with place.open("xb") as file:
        file.truncate(_MOST_FILE_BYTES + 1)


def _has_content(member: tarfile.TarInfo, folder: Path, room: Room) -> bool:
    """Tell whether a member is unpacked as it is; else it gets a name."""
    if member.islnk():
        return (folder / inner_path(member.linkname)).is_file()
    return not member.isreg() or room.takes(member.size)
