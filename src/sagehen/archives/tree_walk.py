"""What a job has left in a folder, however odd: every entry once, nothing followed, nothing raised.

By descriptors, not by paths: folders in folders may have paths that no call takes. The job has ended; so
what is looked at does not change meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sagehen.archives.bounds import MAX_DEPTH, MAX_PATH_BYTES

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# A FIFO must not keep us waiting for its writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, folder or link.

    Args:
        name: Relative to the top; bytes that are no UTF-8 as surrogates.
        found: Of `lstat`.
        link: Where a symbolic link leads, else None.
        left_out: Why it cannot be stored, or None.
        parent: The descriptor of its folder; open only until the next entry is asked for.
    """

    name: str
    found: os.stat_result | None
    link: str | None
    left_out: str | None
    parent: int

    @property
    def is_folder(self) -> bool:
        return self.found is not None and stat.S_ISDIR(self.found.st_mode)

    def open(self) -> int:
        """Open a regular file for reading, one that the job has closed to us included.

        Raises:
            OSError: It cannot be read.
        """
        base = self.name.rpartition("/")[2]
        with _made_readable(base, self.parent, 0o400):
            return os.open(base, _FILE, dir_fd=self.parent)


def size_of(top: Path) -> int:
    """Return the bytes of all files below `top`. Blocking.

    By walking, as links may lead anywhere, or to names that no call takes.
    """
    found = (entry.found for entry in entries(top) if entry.link is None and not entry.is_folder)
    return sum(state.st_size for state in found if state is not None)


def entries(top: Path) -> Iterator[Entry]:
    """Yield all that is below `top`, folders before their content, sorted by name."""
    try:
        folder = os.open(top, _FOLDER)
    except OSError:
        return
    try:
        yield from _below(folder, "", 1)
    finally:
        os.close(folder)


def shown(name: str) -> str:
    """Return a name for a log: in one line, not longer than one can read."""
    text = name.encode("unicode_escape", "surrogatepass").decode()
    return text if len(text) <= 200 else f"{text[:200]}..."


def _below(folder: int, prefix: str, depth: int) -> Iterator[Entry]:
    for base in sorted(os.listdir(folder)):
        entry = _entry(folder, prefix + base, base, depth)
        yield entry
        if entry.is_folder and entry.left_out is None:
            try:
                with _made_readable(base, folder, 0o500):
                    inner = os.open(base, _FOLDER, dir_fd=folder)
            except OSError as error:
                yield Entry(entry.name, None, None, f"cannot be opened ({error.strerror})", folder)
                continue
            try:
                yield from _below(inner, f"{entry.name}/", depth + 1)
            finally:
                os.close(inner)


def _entry(folder: int, name: str, base: str, depth: int) -> Entry:
    if depth > MAX_DEPTH:
        return Entry(name, None, None, f"lies {depth} folders deep", folder)
    if len(os.fsencode(name)) > MAX_PATH_BYTES:
        return Entry(name, None, None, f"has a path of more than {MAX_PATH_BYTES} bytes", folder)
    try:
        found = os.lstat(base, dir_fd=folder)
        link = os.readlink(base, dir_fd=folder) if stat.S_ISLNK(found.st_mode) else None
    except OSError as error:
        return Entry(name, None, None, f"cannot be looked at ({error.strerror})", folder)
    usual = link is not None or stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)
    return Entry(name, found, link, None if usual else "is not a file, folder or link", folder)


@contextlib.contextmanager
def _made_readable(base: str, folder: int, needed: int) -> Iterator[None]:
    """Give ourselves the rights that the job has taken from its own file: AWS's uploader is root."""
    with contextlib.suppress(OSError):
        mode = os.lstat(base, dir_fd=folder).st_mode
        if mode & needed != needed and not stat.S_ISLNK(mode):
            os.chmod(base, stat.S_IMODE(mode) | needed, dir_fd=folder)
    yield
